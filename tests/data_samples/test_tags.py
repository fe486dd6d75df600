"""Written pictures hold what a DJI file holds, read back by libraries that others wrote."""

from __future__ import annotations

from pathlib import Path

import exifread
import numpy as np
import pytest
from PIL import Image

from data_samples.renderer.flight import LENS, exact_claim, noisy_claims, shots
from data_samples.renderer.tags import SOFTWARE, XMP_HEADER, write_picture


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tags") / "DJI_0008.JPG"
    write_picture(path, np.full((LENS.height_px, LENS.width_px, 3), 90, np.uint8), exact_claim(shots()[7]), LENS)
    return path


def test_pillow_reads_the_picture_and_its_exif(written: Path) -> None:
    with Image.open(written) as picture:
        picture.load()
        exif = picture.getexif()
        assert picture.size == (LENS.width_px, LENS.height_px)
    assert (exif[0x010F], exif[0x0131]) == ("DJI", SOFTWARE)
    inner = exif.get_ifd(0x8769)
    assert (inner[0x9003], inner[0x9011]) == ("2026:11:23 13:05:55", "+08:00")
    assert float(inner[0x920A]) == pytest.approx(LENS.focal_px * LENS.pixel_pitch_mm, abs=1e-3)


def test_exifread_finds_the_position_to_a_centimetre(written: Path) -> None:
    with written.open("rb") as file:
        tags = exifread.process_file(file, details=False)
    degrees = [
        [float(v.num) / float(v.den) for v in tags[f"GPS GPS{axis}"].values] for axis in ("Longitude", "Latitude")
    ]
    lon, lat = (d + m / 60 + s / 3600 for d, m, s in degrees)
    claim = exact_claim(shots()[7])
    assert lon == pytest.approx(claim.lon, abs=1e-9)
    assert lat == pytest.approx(claim.lat, abs=1e-9)


def test_the_xmp_packet_is_a_segment_of_its_own_behind_exif(written: Path) -> None:
    data = written.read_bytes()
    at, names = 2, []
    while data[at + 1] in (0xE0, 0xE1):
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        names.append(data[at + 4 : at + 8 + 24])
        at += 2 + length
    assert [n[:4] for n in names][-2:] == [b"Exif", XMP_HEADER[:4]]
    assert b'drone-dji:GimbalPitchDegree="-49.800000000"' in data
    assert b'drone-dji:GimbalYawDegree="-8.500000000"' in data


def test_noisy_tags_are_off_by_what_an_ordinary_aircraft_is_off_by() -> None:
    flight = shots()
    errors = []
    for seed in range(40):
        for shot, claim in zip(flight, noisy_claims(flight, np.random.default_rng(seed)), strict=True):
            true = exact_claim(shot)
            yaw = (claim.gimbal_yaw_deg - true.gimbal_yaw_deg + 180) % 360 - 180
            metres = np.hypot((claim.lon - true.lon) * 95_200, (claim.lat - true.lat) * 110_900)
            errors.append(
                [
                    metres,
                    claim.relative_altitude_m / true.relative_altitude_m - 1,
                    yaw,
                    claim.gimbal_pitch_deg - shot.pitch_deg,
                ]
            )
    metres, height, yaw, pitch = np.array(errors).T
    assert 1.2 < np.sqrt(np.mean(metres**2)) < 1.9
    assert 0.04 < height.mean() < 0.06
    assert 0.6 < yaw.std() < 1.2
    assert pitch.std() == pytest.approx(0.3, abs=0.04)


def test_the_position_error_of_neighbouring_pictures_is_nearly_the_same() -> None:
    flight = shots()
    steps, offsets = [], []
    for seed in range(40):
        claims = noisy_claims(flight, np.random.default_rng(seed))
        error = np.array(
            [
                [(c.lon - exact_claim(s).lon) * 95_200, (c.lat - exact_claim(s).lat) * 110_900]
                for s, c in zip(flight, claims, strict=True)
            ]
        )
        steps.append(np.hypot(*np.diff(error, axis=0).T).mean())
        offsets.append(np.hypot(*error.T).mean())
    assert np.mean(steps) < 0.7 * np.mean(offsets)
