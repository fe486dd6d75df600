"""The plan of the district: all that it must hold, and that it contradicts neither itself nor the block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from shapely.geometry import LineString, Point, Polygon, box

from data_samples import FOLDER
from data_samples.district import maps, relief
from data_samples.district.block import BLOCK_OUTFALLS, BLOCK_SITES, SITE
from data_samples.district.drains import drains
from data_samples.district.monitors import monitors
from data_samples.district.permits import permits
from data_samples.district.place import ORIGIN_XY_M, lonlat_of
from data_samples.district.plan import district
from data_samples.district.streets import BLOCK_HALF_M, lots
from data_samples.renderer import creekside, layout, worksite

PLAN = district()
BLOCK = box(-BLOCK_HALF_M[0], -BLOCK_HALF_M[1], *BLOCK_HALF_M)
SQUARE = box(-1000, -1000, 1000, 1000)


def test_it_is_four_square_kilometres_with_all_that_a_district_needs() -> None:
    (feature,) = maps.outline()["features"]
    ring = np.array(feature["geometry"]["coordinates"][0])
    metres = (ring - ring.mean(axis=0)) * [111_320 * np.cos(np.radians(31.25)), 110_870]
    assert Polygon(metres).area == pytest.approx(4e6, rel=0.005)
    assert len(PLAN.sites) >= 12
    assert len(PLAN.firms) >= 40
    assert sum(mouth.registered for mouth in PLAN.mouths) >= 25
    assert sum(not mouth.registered for mouth in PLAN.mouths) >= 5
    assert len(monitors()) >= 20
    assert {one.kind for one in monitors()} == {"扬尘", "废水", "废气", "地表水"}
    assert len(permits()) >= 25
    assert len({receptor.kind for receptor in PLAN.receptors}) >= 5


def test_no_two_things_stand_on_one_lot_and_none_in_the_water_or_the_street() -> None:
    shapes = [Polygon(site.outline) for site in PLAN.sites]
    shapes += [Polygon(lot.shrunk(2.0).outline) for lot in PLAN.plots.values()]
    shapes += [Polygon(lot.shrunk(2.0).outline) for lot in PLAN.free]
    for k, shape in enumerate(shapes):
        assert all(shape.intersection(other).area < 1e-6 for other in shapes[k + 1 :])
    wet = [Polygon(water.outline) for water in PLAN.waters]
    paved = [Polygon(street.outline) for street in PLAN.streets]
    outside = [shape for shape in shapes if not shape.intersects(BLOCK)]
    assert len(outside) == len(shapes) - len(BLOCK_SITES)
    assert all(not shape.intersects(body) for shape in outside for body in (*wet, *paved))
    assert all(SQUARE.contains(shape) for shape in shapes)


def test_what_is_drawn_in_the_block_is_what_is_registered_there() -> None:
    assert np.array_equal(SITE, worksite.SITE)
    assert worksite.SITE_NAME == BLOCK_SITES[0][1]
    drawn = {(name, width) for name, _, at, width, _ in layout.STREETS}
    assert drawn <= {(street.name, street.width_m) for street in PLAN.streets}
    creek, _ = PLAN.waters
    here = creekside.invented_creek(350.0)
    assert (here.half_width_m, here.water_z_m, here.name) == (creek.half_width_m, creek.water_z_m, creek.name)
    inside = np.abs(creek.line[:, 0]) <= 350
    assert np.interp(creek.line[inside, 0], *here.centre_line.T) == pytest.approx(creek.line[inside, 1], abs=0.02)
    assert not any(BLOCK.intersects(box(lot.west, lot.south, lot.east, lot.north)) for lot in lots())


def test_an_outfall_stands_on_a_wall_and_no_two_are_one() -> None:
    walls = {water.name: LineString(water.outline).boundary.envelope for water in PLAN.waters}
    assert set(walls) == {mouth.water for mouth in PLAN.mouths}
    for mouth in PLAN.mouths[len(BLOCK_OUTFALLS) :]:
        (body,) = [water for water in PLAN.waters if water.name == mouth.water]
        assert Polygon(body.outline).exterior.distance(Point(mouth.xy)) < 0.3, mouth.name
    places = np.array([mouth.xy for mouth in PLAN.mouths])
    apart = np.hypot(*(places[:, None] - places[None]).T) + 1e9 * np.eye(len(places))
    assert apart.min() > 35


def test_a_firm_that_discharges_has_one_outfall_not_far_from_it() -> None:
    held = [mouth for mouth in PLAN.mouths if mouth.firm]
    assert len({mouth.firm for mouth in held}) == len(held)
    assert {firm.key for firm in PLAN.firms if "water" in firm.media} == {mouth.firm for mouth in held}
    far = [float(np.hypot(*np.subtract(mouth.xy, PLAN.firm(mouth.firm or "").xy))) for mouth in held]
    assert max(far) < 300


def test_an_outfall_nobody_registered_is_far_enough_from_others_to_be_told_apart() -> None:
    registered = np.array([mouth.xy for mouth in PLAN.mouths if mouth.registered])
    for mouth in PLAN.mouths:
        if not mouth.registered:
            assert np.hypot(*(registered - mouth.xy).T).min() > 35, mouth.name
    assert all(one.registered == (not one.code.startswith("YS-u")) for one in drains(PLAN))


def test_every_monitor_stands_by_what_it_measures() -> None:
    assert len({one.mn for one in monitors()}) == len(monitors()) == len({one.code for one in monitors()})
    sites = {site.code: Polygon(site.outline) for site in PLAN.sites}
    for one in monitors():
        assert len(one.mn) == 24
        assert one.control == (one.site is None and one.firm is None)
        if one.site:
            assert sites[one.site].distance(Point(one.xy)) < 15, one.code
        elif one.firm:
            assert np.hypot(*np.subtract(one.xy, PLAN.firm(one.firm).xy)) < 300, one.code


def test_the_relief_is_flat_in_the_block_low_in_the_water_and_high_on_the_mound() -> None:
    x, y = np.meshgrid(np.linspace(-350, 350, 80), np.linspace(-280, 280, 80))
    inside = relief.height_m(x, y)
    assert set(np.unique(inside)) == {0.0, -1.8}
    park = next(receptor for receptor in PLAN.receptors if receptor.kind == "公园")
    assert float(relief.height_m(*np.array(park.xy)[:, None])[0]) > 8
    assert float(relief.height_m(np.array([0.0]), np.array([-905.0]))[0]) > 4.5


def test_the_committed_relief_is_a_cog_of_the_same_heights_where_the_district_lies(tmp_path: Path) -> None:
    relief.write_cog(tmp_path / "relief.tif")
    with rasterio.open(tmp_path / "relief.tif") as made, rasterio.open(FOLDER / "relief.tif") as held:
        assert held.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (held.crs, held.transform) == (made.crs, made.transform)
        assert np.allclose(held.read(1), made.read(1), atol=0.011)
        lon, lat = lonlat_of([[600.0, -905.0]])[0]
        assert 121 < lon < 122 < lat + 91
        ((height,),) = held.sample([(ORIGIN_XY_M[0] + 600.0, ORIGIN_XY_M[1] - 905.0)])
        assert height == pytest.approx(9.5, abs=1.2)
