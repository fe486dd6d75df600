"""The CRS of a file: told by the district where it can be, never told wrong."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.crs import convert
from geo.errors import UnknownCrs
from tests.pipelines.registry_files import (
    enterprise,
    read,
    read_rows,
    write_geojson,
)


@pytest.fixture(scope="module")
def district():
    """A made-up district: a rough circle of 3 km around a place in Putuo."""
    turns = np.linspace(0, 2 * np.pi, 60)
    return shapely.Polygon(np.column_stack([121.40 + 0.030 * np.cos(turns), 31.25 + 0.026 * np.sin(turns)]))


def firms_within(outline, count, *, crs, edge=True):
    """Firms in the district, as a file in `crs` would write them; along the edge, or in its middle only."""
    chance = np.random.default_rng(7)
    reach = outline.buffer(-0.0003) if edge else outline.centroid.buffer(0.004)
    ring = reach.exterior
    places = [ring.interpolate(share, normalized=True).coords[0] for share in chance.random(count)]
    return [
        enterprise(0, code=f"{n}", x=x, y=y) for n, (x, y) in enumerate(convert(np.array(places), "EPSG:4326", crs))
    ]


HEADINGS = ("排污口编码", "排污口名称", "排污口类型", "受纳水体", "排污许可证编号", "经度", "纬度")


def as_outfalls(rows):
    return [(row[0], row[1], "", "", "", row[-2], row[-1]) for row in rows]


@pytest.mark.parametrize("crs", ["EPSG:4326", "GCJ-02", "BD-09", "EPSG:4549"])
def test_a_file_that_does_not_say_its_crs_is_told_by_the_district(tmp_path, district, crs):
    rows = as_outfalls(firms_within(district, 40, crs=crs))
    found = read_rows(tmp_path, HEADINGS, rows, outline=district)
    assert found.crs == crs
    assert found.crs_evidence["method"] == "share_inside_district"
    assert found.crs_evidence["inside"][crs] == 40
    assert all(district.buffer(1e-6).contains(shapely.Point(o.place.lon, o.place.lat)) for o in found.rows)


def test_a_file_whose_places_lie_in_the_middle_cannot_be_told(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="GCJ-02", edge=False))
    found = read_rows(tmp_path, HEADINGS, rows, outline=district)
    assert found.crs == "cannot_tell"
    assert all(o.place is None and o.place_given and o.crs_given == "cannot_tell" for o in found.rows)
    assert found.warnings[-1][:2] == ("places", "registry_crs_cannot_tell")


def test_a_file_of_another_district_cannot_be_told(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="EPSG:4326"))
    far = [(*row[:-2], row[-2] + 0.5, row[-1]) for row in rows]
    assert read_rows(tmp_path, HEADINGS, far, outline=district).crs == "cannot_tell"


def test_a_file_most_of_which_lies_elsewhere_cannot_be_told(tmp_path, district):
    rows = as_outfalls(firms_within(district, 20, crs="GCJ-02"))
    strays = [(f"S{n}", "", "", "", "", 121.6, 31.1) for n in range(20)]
    found = read_rows(tmp_path, HEADINGS, rows + strays, outline=district)
    assert found.crs_evidence["inside"]["GCJ-02"] == 20
    assert found.crs == "cannot_tell"


def test_few_strays_do_not_hide_the_crs(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="GCJ-02"))
    strays = [(f"S{n}", "", "", "", "", 121.6123 + n / 1000, 31.1077) for n in range(3)]
    found = read_rows(tmp_path, HEADINGS, rows + strays, outline=district)
    assert found.crs == "GCJ-02"
    assert [item[:2] for item in found.warnings] == [
        ("places", "registry_crs_rests_on_few"),
        *((f"row {n}", "place_outside_district") for n in (41, 42, 43)),
    ]


def test_what_is_said_wins_and_what_is_no_crs_is_refused(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="GCJ-02"))
    found = read_rows(tmp_path, HEADINGS, rows, outline=district, crs="EPSG:4326")
    assert (found.crs, found.crs_evidence) == ("EPSG:4326", {"method": "given"})
    with pytest.raises(UnknownCrs):
        read_rows(tmp_path, HEADINGS, rows, crs="EPSG:1")


def test_the_local_grid_of_the_city_is_refused_row_by_row_and_metres_of_a_named_crs_are_not(tmp_path):
    rows = [("P1", "", "", "", "", "-8542.31", "4210.7"), ("P2", "", "", "", "", "633048.373", "3459478.156")]
    found = read_rows(tmp_path, HEADINGS, rows, crs="EPSG:4549")
    assert [item[:2] for item in found.refused] == [("row 1", "city_local_grid")]
    place = found.rows[0].place
    assert (place.lon, place.lat) == pytest.approx((121.3967, 31.2495), abs=1e-7)


def test_a_projected_crs_that_a_geojson_declares_is_believed_and_its_degrees_are_not(tmp_path):
    features = [
        ({"排污口编码": "P1", "排污口类型": "其他"}, {"type": "Point", "coordinates": [633048.373, 3459478.156]})
    ]
    declared = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    found = read(write_geojson(tmp_path / "a.geojson", features, crs=declared))
    assert (found.crs, found.crs_evidence["method"]) == ("EPSG:4549", "declared_in_file")
    features[0][1]["coordinates"] = [121.4, 31.25]
    declared["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert read(write_geojson(tmp_path / "b.geojson", features, crs=declared)).crs == "cannot_tell"


def test_degrees_under_a_crs_of_metres_are_refused_and_metres_under_one_of_degrees(tmp_path, district):
    rows = [("P1", "", "", "", "", "121.3967", "31.2495"), ("P2", "", "", "", "", "633048.373", "3459478.156")]
    for crs, good, bad in (("EPSG:4549", "P2", "row 1"), ("EPSG:4490", "P1", "row 2"), ("GCJ-02", "P1", "row 2")):
        for outline in (None, district):
            alone = [row for row in rows if row[0] != good]
            found = read_rows(tmp_path, HEADINGS, alone, crs=crs, outline=outline)
            assert ([item[1] for item in found.refused], found.rows) == (["place_not_in_this_crs"], ()), (crs, bad)
            assert [o.code for o in read_rows(tmp_path, HEADINGS, rows[:1] * (good == "P1") + rows[1:] * (good == "P2"),
                                              crs=crs, outline=outline).rows] == [good]  # fmt: skip


def test_a_file_of_two_origins_is_not_told_without_a_word(tmp_path, district):
    """Some firms along the border tell the datum; of ten that are in another it says nothing."""
    mine = as_outfalls(firms_within(district, 40, crs="EPSG:4326"))
    other = as_outfalls(firms_within(district, 10, crs="GCJ-02", edge=False))
    rows = [(f"P{n}", *row[1:]) for n, row in enumerate(mine + other)]
    found = read_rows(tmp_path, HEADINGS, rows, outline=district)
    assert found.crs == "cannot_tell" or "registry_crs_rests_on_few" in [item[1] for item in found.warnings]
    assert found.crs == "EPSG:4326", "else the file is no test"
