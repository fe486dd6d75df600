"""`flights report`, `mosaic`, `about`, `basemap set`: figures worked out by hand, twice is once, refusals by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rio_cogeo.cogeo import cog_validate

from .conftest import Yaoxun
from .small_flight import HEIGHT_M, write_flight


@pytest.fixture()
def flight(yaoxun: Yaoxun, tmp_path: Path) -> str:
    write_flight(tmp_path / "flight", blurred=5)
    return yaoxun("flights", "add", tmp_path / "flight", "--pilot", "陈飞", "--json").document["flight"]


def test_the_report_tells_what_the_flight_was_planned_as(yaoxun: Yaoxun, flight: str) -> None:
    report = yaoxun("flights", "report", flight, "--json").document
    assert (report["frames"], report["placed"], report["overlap"]["lines"]) == (8, 8, 2)
    assert report["overlap"]["forward"]["median"] == pytest.approx(0.7, abs=0.01)
    assert report["overlap"]["side"]["median"] == pytest.approx(0.5, abs=0.01)
    assert report["gsd_m"]["median"] == pytest.approx(HEIGHT_M / 600, rel=0.01)
    width, height = 640 / 600 * HEIGHT_M * 1.5, 480 / 600 * HEIGHT_M * 1.9
    assert report["coverage"]["area_m2"] == pytest.approx(width * height, rel=0.02)
    assert report["sharpness"]["blurred"] == ["DJI_0005.JPG"]
    assert report["sanity"]["by_night"] == 0
    assert report["papers"]["pilot"] == "陈飞"
    assert {note["code"] for note in report["notes"]} == {"pictures_blurred", "district_not_set"}


def test_what_it_can_carry_follows_from_resolution_and_ellipse(yaoxun: Yaoxun, flight: str) -> None:
    found = {f["label"]: f for f in yaoxun("flights", "report", flight, "--json").document["findings"]}
    assert found["vehicle"]["smallest_m"] == pytest.approx(16 * HEIGHT_M / 600, rel=0.01), (
        "only haze is looked for here"
    )
    assert found["outfall"]["answer"] == "only_larger", "16 px of 8 cm are more than a pipe of 30 cm"
    assert found["dust_plume"]["allowed_m"] == 150.0, "half of the radius of the rule row"
    assert found["dust_plume"]["smallest_m"] == pytest.approx((0.006 * 640 * 480) ** 0.5 * HEIGHT_M / 600, rel=0.01)
    assert (found["bare_soil"]["detector"], found["dust_plume"]["detector"]) == (False, True)


def test_a_report_again_is_unchanged_and_the_text_says_the_same(yaoxun: Yaoxun, flight: str, home: Path) -> None:
    assert yaoxun("flights", "report", flight, "--json").document["unchanged"] is False
    entries = yaoxun("evidence", "verify", "--json").document["entries"]
    assert yaoxun("flights", "report", flight, "--json").document["unchanged"] is True
    assert yaoxun("evidence", "verify", "--json").document["entries"] == entries
    said = yaoxun("flights", "report", flight)
    assert "Only what is larger than" in said.out and "陈飞" in said.out
    next((home / "derived" / "flight_report").iterdir()).unlink()
    assert yaoxun("flights", "report", flight, "--json").document["unchanged"] is False, "what is lost is made again"


def test_a_clock_twelve_hours_off_is_seen_by_the_light(yaoxun: Yaoxun, tmp_path: Path) -> None:
    write_flight(tmp_path / "night", hours=-12.0)
    flight = yaoxun("flights", "add", tmp_path / "night", "--json").document["flight"]
    report = yaoxun("flights", "report", flight, "--json").document
    assert report["sanity"]["bright_by_night"] == 8
    assert "bright_by_night" in {note["code"] for note in report["notes"]}


def test_a_flight_outside_the_district_is_told(yaoxun: Yaoxun, flight: str, tmp_path: Path) -> None:
    ring = [[121.0, 31.0], [121.01, 31.0], [121.01, 31.01], [121.0, 31.01], [121.0, 31.0]]
    outline = tmp_path / "district.geojson"
    outline.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "x"},'
        f' "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}]}}'
    )
    assert yaoxun("registry", "district", outline, "--crs", "EPSG:4326").code == 0
    assert yaoxun("flights", "report", flight, "--json").document["sanity"]["outside_district"] == 8


def test_a_mosaic_is_a_cog_in_the_metric_crs_and_twice_is_once(yaoxun: Yaoxun, flight: str, tmp_path: Path) -> None:
    target = tmp_path / "out.tif"
    said = yaoxun("flights", "mosaic", flight, "-o", target, "--gsd", "0.25", "--json").document
    assert (said["crs"], said["gsd_m"], said["pictures_used"], said["unchanged"]) == ("EPSG:4549", 0.25, 8, False)
    assert cog_validate(str(target))[0]
    with rasterio.open(target) as dataset:
        assert (dataset.width, dataset.height) == (said["width"], said["height"])
        assert (dataset.dataset_mask() > 0).mean() == pytest.approx(said["covered_fraction"], abs=0.01)
    assert yaoxun("flights", "mosaic", flight, "--gsd", "0.25", "--json").document["unchanged"] is True
    assert yaoxun("flights", "mosaic", flight, "--gsd", "0.5", "--json").document["unchanged"] is False


def test_without_a_place_there_is_a_report_and_no_mosaic(yaoxun: Yaoxun, tmp_path: Path) -> None:
    from .test_flights import picture

    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.jpg").write_bytes(picture(1))
    flight = yaoxun("flights", "add", tmp_path / "plain", "--json").document["flight"]
    report = yaoxun("flights", "report", flight, "--json").document
    assert sum(report["without_place"].values()) == 1
    assert {found["answer"] for found in report["findings"]} == {"no"}
    assert report["map"] == {"seen": [], "twice": [], "holes": []}
    for _ in range(2):
        said = yaoxun("flights", "mosaic", flight)
        assert (said.code, len(said.err)) == (2, 1)
        assert "nothing_to_mosaic" in said.err[0]


def test_papers_are_dated_and_never_overwritten(yaoxun: Yaoxun, flight: str) -> None:
    first = yaoxun("flights", "about", flight, "--airspace-approval", "沪空批-118", "--json").document
    assert (first["papers"]["pilot"], first["papers"]["airspace_approval"]) == ("陈飞", "沪空批-118")
    again = yaoxun("flights", "about", flight, "--airspace-approval", "沪空批-118", "--json").document
    assert again["journal_entry"] == first["journal_entry"]
    assert yaoxun("flights", "about", flight, "--json").document["papers"]["airspace_approval"] == "沪空批-118"
    assert yaoxun("evidence", "verify").code == 0


@pytest.mark.parametrize("command", ["report", "mosaic", "about"])
def test_an_unknown_flight_is_refused(yaoxun: Yaoxun, flight: str, command: str) -> None:
    said = yaoxun("flights", command, "F-2000-0101-01")
    assert said.code == 2
    assert "unknown_flight" in said.err[0]


def test_a_geotiff_becomes_the_basemap_and_heights_do_not(yaoxun: Yaoxun, home: Path, tmp_path: Path) -> None:
    transform = rasterio.Affine(1, 0, 640_000, 0, -1, 3_459_000)
    profile = {"driver": "GTiff", "width": 700, "height": 600, "crs": "EPSG:4549", "transform": transform}
    with rasterio.open(tmp_path / "map.tif", "w", count=3, dtype="uint8", **profile) as dataset:
        dataset.write(np.full((3, 600, 700), 90, np.uint8))
    with rasterio.open(tmp_path / "dem.tif", "w", count=1, dtype="float32", **profile) as dataset:
        dataset.write(np.ones((1, 600, 700), np.float32))
    first = yaoxun("basemap", "set", tmp_path / "map.tif", "--json").document
    assert yaoxun("basemap", "set", tmp_path / "map.tif", "--json").document == first
    (copy,) = (home / "derived" / "basemap").iterdir()
    assert cog_validate(str(copy))[0]
    said = yaoxun("basemap", "set", tmp_path / "dem.tif")
    assert (said.code, "not_a_map_raster" in said.err[0]) == (2, True)
