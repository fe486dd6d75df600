"""`yaoxun flights match` and `geo pixel --ortho`: a picture without angles is placed by what it shows, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.store import Store
from pipelines.store.read import derived, frames

from .conftest import Yaoxun

pytestmark = pytest.mark.given
FOLDER = "data/flights/isfm"


def without_angles(source: Path, target: Path) -> Path:
    """The same JPEG with the names of its gimbal angles made unknown: position and height stay."""
    data = source.read_bytes()
    assert b"GimbalPitchDegree" in data
    target.write_bytes(data.replace(b"GimbalPitchDegree", b"GimbalXxxxxDegree"))
    return target


@pytest.fixture()
def chart(yaoxun: Yaoxun, shared: Path, home: Path) -> Path:
    """An orthophoto of two frames."""
    folder = shared / FOLDER
    flight = yaoxun("flights", "add", folder / "DJI_0010.JPG", folder / "DJI_0030.JPG", "--json").document["flight"]
    assert yaoxun("flights", "mosaic", flight).code == 0
    with Store.open(home) as store:
        (made,) = derived.all_current(store, "mosaic")
    return home / made.path


def test_a_picture_without_angles_is_placed_by_the_orthophoto_and_only_then(
    yaoxun: Yaoxun, shared: Path, chart: Path, home: Path, tmp_path: Path
) -> None:
    source = shared / FOLDER / "DJI_0020.JPG"
    bare = without_angles(source, tmp_path / "bare.JPG")
    flight = yaoxun("flights", "add", bare, "--json").document["flight"]
    refused = yaoxun("run", "--stage", "locate", "--json").document["stages"][0]
    assert refused["refused_count"] == 1
    assert yaoxun("flights", "match", flight).code == 2  # no basemap is set and no orthophoto given
    done = yaoxun("flights", "match", flight, "--ortho", chart, "--json").document
    assert (done["state"], done["frames"], done["not_matched"]) == ("adjusted", 1, 0)
    assert done["matched"]["bare.JPG"]["pitch_deg"] < -80
    again = yaoxun("flights", "match", flight, "--ortho", chart, "--json").document
    assert again["unchanged"] is True and again["journal_entry"] == done["journal_entry"]
    assert yaoxun("run", "--stage", "locate", "--json").document["stages"][0]["done"] == 1
    with Store.open(home) as store:
        assert len(frames.footprints(store, flight_id=flight)) == 1
    assert yaoxun("evidence", "verify").code == 0
    assert yaoxun("flights", "adjust", flight, "--undo").code == 0


def test_geo_pixel_places_it_near_where_its_own_angles_would(
    yaoxun: Yaoxun, shared: Path, chart: Path, tmp_path: Path
) -> None:
    source = shared / FOLDER / "DJI_0020.JPG"
    bare = without_angles(source, tmp_path / "bare.JPG")
    assert yaoxun("geo", "pixel", bare, 800, 650, "--json").document[0]["reason"] == "no_attitude"
    (told,) = yaoxun("geo", "pixel", source, 800, 650, "--json").document
    said = yaoxun("geo", "pixel", bare, 800, 650, "--ortho", chart, "--json")
    (found,) = said.document
    assert abs(found["lat"] - told["lat"]) * 111_000 < 6 and abs(found["lon"] - told["lon"]) * 111_000 < 6
    assert 1 < found["sigma_major_m"] < 10 and any("matched to" in line for line in said.err)


def test_a_flight_that_knows_its_angles_has_nothing_to_match(yaoxun: Yaoxun, shared: Path, chart: Path) -> None:
    flight = yaoxun("flights", "add", shared / FOLDER / "DJI_0020.JPG", "--json").document["flight"]
    assert yaoxun("flights", "match", flight, "--ortho", chart).code == 2
    assert yaoxun("flights", "match", flight, "--ortho", chart.with_name("none.tif")).code == 2
