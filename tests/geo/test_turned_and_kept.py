"""Pictures that were turned or re-saved after the shot: what their own bytes still say."""

from __future__ import annotations

import io

import numpy as np
import pytest
import rasterio
from PIL import Image

from geo.errors import PictureCut, PictureTurned
from geo.focal import focal_of
from geo.pose import pose_of
from geo.tags import Tags, read_tags, tags_of
from geo.terrain import flat
from tests.geo.pictures import BRIGHTON_LIKE, gps_at, xmp_packet


def with_preview(turns, *, software="v01.23.4920", bars=0, mirrored=False, cut=None):
    """A JPEG whose pixels were turned clockwise by quarter turns, its EXIF preview left as it was shot.

    `mirrored` left to right before, or `cut` to a box (left, top, right, bottom).
    """
    rng = np.random.default_rng(3)
    shot = Image.fromarray(rng.integers(0, 255, (9, 16, 3), dtype=np.uint8)).resize(
        (640, 360), Image.Resampling.BICUBIC
    )
    small = Image.new("RGB", (160, 90 + 2 * bars))
    small.paste(shot.resize((160, 90)), (0, bars))
    preview = io.BytesIO()
    small.save(preview, "JPEG")
    tags = Image.Exif()
    tags[0x0131] = software
    tags.get_ifd(0x8825).update(gps_at(121.4, 31.25))
    exif = tags.tobytes()
    exif = _with_ifd1(exif, preview.getvalue())
    out = io.BytesIO()
    shot = shot.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else shot
    shot = shot.crop(cut) if cut else shot
    shot.rotate(-90 * turns, expand=True).save(out, "JPEG", exif=exif)
    data = out.getvalue()
    payload = b"http://ns.adobe.com/xap/1.0/\x00" + xmp_packet(BRIGHTON_LIKE)
    return data[:2] + b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload + data[2:]


def _with_ifd1(exif, preview):
    """Hang an IFD1 with a preview behind IFD0, byte by byte."""
    tiff = bytearray(exif.removeprefix(b"Exif\x00\x00"))
    order = "little" if tiff[:2] == b"II" else "big"
    ifd0 = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[ifd0 : ifd0 + 2], order)
    link = ifd0 + 2 + 12 * count
    at = len(tiff)
    tiff[link : link + 4] = at.to_bytes(4, order)
    entries = [(0x0103, 3, 1, 6), (0x0201, 4, 1, at + 2 + 36 + 4), (0x0202, 4, 1, len(preview))]
    tiff += len(entries).to_bytes(2, order)
    for tag, kind, number, value in entries:
        tiff += tag.to_bytes(2, order) + kind.to_bytes(2, order) + number.to_bytes(4, order)
        tiff += value.to_bytes(2, order) + b"\x00\x00" if kind == 3 else value.to_bytes(4, order)
    return b"Exif\x00\x00" + bytes(tiff + bytes(4) + preview)


@pytest.mark.parametrize(("turns", "degrees"), [(1, 90), (2, 180), (3, 270)])
@pytest.mark.parametrize("bars", [0, 15])
def test_turned_pixels_are_seen_in_the_files_own_preview_and_refused(turns, degrees, bars):
    tags = tags_of(with_preview(turns, bars=bars), "x.jpg")
    assert (tags.turned_deg, "turned_against_preview" in tags.warnings) == (degrees, True)
    with pytest.raises(PictureTurned) as refused:
        pose_of(tags, flat())
    assert str(degrees) in refused.value.detail


def test_a_picture_as_it_was_shot_is_not_turned():
    tags = tags_of(with_preview(0, bars=15), "x.jpg")
    assert (tags.turned_deg, tags.warnings) == (0, ())
    assert pose_of(tags, flat()).pitch_deg == -89.9


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_mirrored_pixels_are_seen_in_the_files_own_preview_and_refused(turns):
    tags = tags_of(with_preview(turns, mirrored=True), "x.jpg")
    assert (tags.altered, tags.turned_deg, "mirrored_against_preview" in tags.warnings) == (
        "mirrored",
        90 * turns,
        True,
    )
    with pytest.raises(PictureTurned, match="mirrored"):
        pose_of(tags, flat())


@pytest.mark.parametrize("cut", [(0, 0, 320, 180), (64, 36, 640, 360), (160, 0, 640, 360), (0, 90, 400, 360)])
def test_a_part_of_a_picture_is_seen_in_its_preview_and_refused(cut):
    tags = tags_of(with_preview(0, cut=cut), "x.jpg")
    assert (tags.altered, "cut_against_preview" in tags.warnings) == ("cut", True)
    with pytest.raises(PictureCut):
        pose_of(tags, flat())


@pytest.mark.given
def test_no_given_picture_is_called_cut_or_mirrored_and_one_that_was_is(shared):
    files = sorted((shared / "data/flights").glob("*/*.[Jj][Pp][Gg]")) + sorted((shared / "data/thermal").glob("*.jpg"))
    assert {read_tags(path).altered for path in files} == {None}
    for name in ("brighton/DJI_0031.JPG", "isfm/DJI_0010.JPG", "weedon/DJI_0523.JPG"):
        original = (shared / "data/flights" / name).read_bytes()
        picture = Image.open(io.BytesIO(original))
        wide, high = picture.size
        upside = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        assert tags_of(_again(upside, original), name).altered == "mirrored"
        assert tags_of(_again(picture.crop((0, 0, wide // 2, high // 2)), original), name).altered == "cut"


def _again(picture, original):
    """New pixels under an original's own EXIF and XMP."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    kept, at = b"", 2
    while original[at] == 0xFF and original[at + 1] != 0xDA:
        length = int.from_bytes(original[at + 2 : at + 4], "big")
        kept += original[at : at + 2 + length] if original[at + 1] == 0xE1 else b""
        at += 2 + length
    return out.getvalue()[:2] + kept + out.getvalue()[2:]


@pytest.mark.given
def test_no_given_picture_was_turned_and_a_turned_one_would_be_seen(shared, tmp_path):
    files = sorted((shared / "data/flights").glob("*/*.[Jj][Pp][Gg]"))
    assert {read_tags(path).turned_deg for path in files} == {0}
    original = shared / "data/flights/isfm/DJI_0010.JPG"
    picture = Image.open(original)
    picture.rotate(180).save(tmp_path / "x.jpg", exif=picture.info["exif"])
    assert read_tags(tmp_path / "x.jpg").turned_deg == 180


def test_an_upright_picture_of_a_level_gimbal_is_refused():
    upright = Tags(
        60, 80, lon=121.4, lat=31.25, relative_altitude_m=50.0, gimbal_yaw_deg=1.0, gimbal_pitch_deg=-60.0,
        gimbal_roll_deg=0.0, angles_from="gimbal",
    )  # fmt: skip
    with pytest.raises(PictureTurned):
        pose_of(upright, flat())


# ---- EXIF that GDAL kept --------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_tiff_of_a_photogrammetry_tool_keeps_its_tags(tmp_path):
    """Written by rasterio; GDAL's own way of carrying EXIF over."""
    pixels = np.random.default_rng(5).integers(0, 255, (3, 91, 137), dtype=np.uint8).repeat(4, 1).repeat(4, 2)
    path = tmp_path / "x.tif"
    with rasterio.open(path, "w", driver="GTiff", width=547, height=364, count=3, dtype="uint8") as file:
        file.write(pixels[:, :364, :547])
        file.update_tags(
            EXIF_Make="DJI", EXIF_Model="FC6310R", EXIF_FocalLength="(8.8)", EXIF_FocalLengthIn35mmFilm="24",
            EXIF_GPSLatitude="(31) (15) (0.36)", EXIF_GPSLatitudeRef="S", EXIF_GPSLongitude="(121) (24) (0)",
            EXIF_GPSLongitudeRef="W", EXIF_GPSAltitudeRef="0x01", EXIF_GPSAltitude="(100.5)",
            EXIF_PixelXDimension="5472", EXIF_PixelYDimension="3648", EXIF_DateTimeOriginal="2026:11:24 08:15:00",
        )  # fmt: skip
        file.update_tags(ns="xml:XMP", **{"xml:XMP": xmp_packet(BRIGHTON_LIKE).decode()})
    tags = read_tags(path)
    assert (tags.lon, tags.lat, tags.gps_altitude_m) == (-121.4, pytest.approx(-31.2501), -100.5)
    assert (tags.make, tags.model, tags.focal_mm, tags.gimbal_yaw_deg) == ("DJI", "FC6310R", 8.8, 44.2)
    assert tags.taken_at == "2026-11-24T08:15:00"
    focal = focal_of(tags)
    assert (focal.source, focal.fx_px * focal.scale_to(547, 364)) == (
        "sensor",
        pytest.approx(8.8 / 13.2 * 547, rel=0.01),
    )


# ---- calibrations for another size ----------------------------------------------------------------------------------

DEWARP = (3666.67, 3666.67, -12.0, 8.0, -0.27, 0.11, 0.001, -0.0001, -0.03)


def calibrated(width, height, **more):
    return Tags(width, height, model="FC6310R", focal_mm=8.8, focal_35mm=24.0, dewarp=DEWARP, **more)


@pytest.mark.parametrize(
    "tags",
    [
        calibrated(2736, 1824, exif_width_px=5472, exif_height_px=3648),
        calibrated(2736, 1824, calibrated_cx_px=2736.0, calibrated_cy_px=1824.0),
        calibrated(2736, 1824, exif_width_px=2736, exif_height_px=1824),  # rewritten by whoever reduced it
        calibrated(2736, 1824),
    ],
)
def test_dewarp_data_of_the_full_sensor_are_halved_with_the_picture(tags):
    focal = focal_of(tags)
    assert focal.fx_px * focal.scale_to(2736, 1824) == pytest.approx(3666.67 / 2, rel=0.05)
    assert focal.distortion == (-0.27, 0.11, 0.001, -0.0001, -0.03)


def test_a_calibration_that_contradicts_known_sizes_is_doubted_by_the_difference():
    zoomed = calibrated(5472, 3648, exif_width_px=5472, exif_height_px=3648, calibrated_cx_px=2736.0,
                        calibrated_cy_px=1824.0)  # fmt: skip
    assert focal_of(zoomed).sigma_fraction == 0.003
    tele = Tags(**{**zoomed.to_json(), "focal_35mm": 48.0, "dewarp": DEWARP, "warnings": ()})
    assert focal_of(tele).sigma_fraction > 0.4
