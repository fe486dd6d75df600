"""`yaoxun geo`: figures in the form that other programs rely on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from .conftest import Yaoxun

PIXEL_KEYS = {
    "u", "v", "status", "reason", "lon", "lat", "elevation_m", "sigma_major_m", "sigma_minor_m", "sigma_azimuth_deg",
}  # fmt: skip


@pytest.mark.given
def test_convert_agrees_with_the_published_vectors(yaoxun: Yaoxun, shared: Path) -> None:
    for row in json.loads((shared / "standards/misc_vectors.json").read_text())["coordinates"]:
        lon, lat = row["wgs84"]
        for crs, key, within in (("GCJ-02", "gcj02", 1e-6), ("BD-09", "bd09", 1e-6), ("EPSG:4549", "epsg4549", 0.01)):
            said = yaoxun("geo", "convert", lon, lat, "--from", "EPSG:4326", "--to", crs, "--json")
            assert [said.document["x"], said.document["y"]] == pytest.approx(row[key], abs=within)


def test_western_longitudes_are_numbers_and_not_options(yaoxun: Yaoxun) -> None:
    said = yaoxun("geo", "convert", "-91.9943", "46.8428", "--from", "EPSG:4326", "--to", "EPSG:32615", "--json")
    assert said.code == 0
    assert 570_000 < said.document["x"] < 580_000


@pytest.mark.given
def test_two_pixels_of_a_real_picture_get_two_places(yaoxun: Yaoxun, shared: Path) -> None:
    picture = shared / "data/flights/brighton/DJI_0020.JPG"
    said = yaoxun("geo", "pixel", picture, 2000, 1125, 10, 10, "--json")
    assert said.code == 0
    middle, corner = said.document
    assert set(middle) == PIXEL_KEYS
    east_m = (corner["lon"] - middle["lon"]) * 111_320 * np.cos(np.radians(middle["lat"]))
    north_m = (corner["lat"] - middle["lat"]) * 111_132
    assert 35 < np.hypot(east_m, north_m) < 42, "half the diagonal at 40 m with about 2,300 px focal length"
    assert corner["sigma_major_m"] > middle["sigma_major_m"] > 0.5


@pytest.mark.given
@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        ("flights/nogps/H20N_DJI_0002_R.JPG", "no_position"),
        ("flights/caliterra/IMG_9384.jpg", "no_attitude"),
        ("srt/mavic_air.SRT", "not_an_image"),
    ],
)
def test_every_pixel_refused_is_exit_2_with_its_rows(yaoxun: Yaoxun, shared: Path, picture: str, reason: str) -> None:
    said = yaoxun("geo", "pixel", shared / "data" / picture, 100, 100, "--json")
    assert said.code == 2
    assert said.document == [
        dict.fromkeys(PIXEL_KEYS) | {"u": 100.0, "v": 100.0, "status": "refused", "reason": reason}
    ]


@pytest.mark.given
def test_a_pixel_above_the_horizon_is_refused_and_the_other_is_not(yaoxun: Yaoxun, shared: Path) -> None:
    said = yaoxun("geo", "pixel", shared / "data/thermal/DJI_H20T.jpg", 320, 5, 320, 510, "--json")
    assert said.document[0]["status"] == "refused"


@pytest.mark.given
def test_a_track_without_positions_says_so(yaoxun: Yaoxun, shared: Path) -> None:
    said = yaoxun("geo", "track", shared / "data/srt/mavic_air.SRT", "--json")
    assert said.code == 2
    assert said.document["first"] is None and said.document["last"] is None


@pytest.mark.given
def test_a_video_whose_track_holds_no_angles_is_refused(yaoxun: Yaoxun, shared: Path) -> None:
    clip = shared / "data/detection/real_eval/outfall_clip.mp4"
    track = shared / "data/srt/mavic_air2.srt"
    said = yaoxun("geo", "pixel", clip, "--time", "0.2", "--track", track, 10, 10, "--json")
    assert said.code == 2
    assert said.document[0]["reason"] == "no_attitude"


@pytest.mark.given
def test_footprints_are_geojson_and_a_refused_one_keeps_its_reason(yaoxun: Yaoxun, shared: Path) -> None:
    good, bad = shared / "data/flights/brighton/DJI_0020.JPG", shared / "data/flights/caliterra/IMG_9384.jpg"
    said = yaoxun("geo", "footprint", good, bad, "--json")
    assert said.code == 0
    first, second = said.document["features"]
    assert first["geometry"]["type"] == "Polygon"
    assert 0.01 < first["properties"]["gsd_m"] < 0.03
    assert second["geometry"] is None and second["properties"]["reason"] == "no_attitude"


@pytest.mark.given
def test_a_camera_file_of_the_full_sensor_counts_for_the_reduced_picture(
    yaoxun: Yaoxun, shared: Path, tmp_path: Path
) -> None:
    """The same lens, written for twice the size and for the picture's own; for another shape it is refused."""
    picture = shared / "data/flights/brighton/DJI_0020.JPG"
    found = {}
    for name, (width, height, focal) in {"own": (4000, 2250, 2344), "full": (8000, 4500, 4688)}.items():
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"width_px": width, "height_px": height, "fx_px": focal}))
        [found[name]] = yaoxun("geo", "pixel", picture, 3900, 2200, "--camera", file, "--json").document
    assert found["full"]["lon"] == pytest.approx(found["own"]["lon"], abs=1e-9)
    assert found["full"]["sigma_major_m"] == pytest.approx(found["own"]["sigma_major_m"])
    (tmp_path / "other.json").write_text(json.dumps({"width_px": 4000, "height_px": 3000, "fx_px": 2344}))
    said = yaoxun("geo", "pixel", picture, 3900, 2200, "--camera", tmp_path / "other.json", "--json")
    assert (said.code, said.document[0]["reason"]) == (2, "bad_camera")


@pytest.mark.given
def test_the_track_beside_a_video_is_found_in_small_letters_too(yaoxun: Yaoxun, shared: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes((shared / "data/detection/real_eval/outfall_clip.mp4").read_bytes())
    assert yaoxun("geo", "pixel", clip, "--time", "0.2", 10, 10, "--json").document[0]["reason"] == "no_track"
    (tmp_path / "clip.srt").write_bytes((shared / "data/srt/mavic_air2.srt").read_bytes())
    assert yaoxun("geo", "pixel", clip, "--time", "0.2", 10, 10, "--json").document[0]["reason"] == "no_attitude"
