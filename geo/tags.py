"""What the camera wrote into a picture: EXIF and the makers' XMP, in one flat frozen record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from geo import exif as ex
from geo.errors import UnreadableFile
from geo.picture_file import look_at
from geo.tag_checks import GREATEST_ANGLE_DEG, Position, attitude_doubts, checked_position, editing_doubts
from geo.xmp import number as xmp_number
from geo.xmp import read_xmp

# Old and new names of one thing, the newest firmware first. `GpsLongtitude` is the maker's own spelling.
LATITUDE = ("drone-dji:GpsLatitude", "drone-dji:Latitude")
LONGITUDE = ("drone-dji:GpsLongitude", "drone-dji:GpsLongtitude", "drone-dji:Longitude")
# XMP numbers that are taken over as they stand: field of Tags → names.
XMP_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "absolute_altitude_m": ("drone-dji:AbsoluteAltitude",),
    "relative_altitude_m": ("drone-dji:RelativeAltitude",),
    "gimbal_yaw_deg": ("drone-dji:GimbalYawDegree",),
    "gimbal_pitch_deg": ("drone-dji:GimbalPitchDegree",),
    "gimbal_roll_deg": ("drone-dji:GimbalRollDegree",),
    "flight_yaw_deg": ("drone-dji:FlightYawDegree",),
    "flight_pitch_deg": ("drone-dji:FlightPitchDegree",),
    "flight_roll_deg": ("drone-dji:FlightRollDegree",),
    "calibrated_focal_px": ("drone-dji:CalibratedFocalLength",),
    "calibrated_cx_px": ("drone-dji:CalibratedOpticalCenterX",),
    "calibrated_cy_px": ("drone-dji:CalibratedOpticalCenterY",),
    "rtk_std_lon_m": ("drone-dji:RtkStdLon",),
    "rtk_std_lat_m": ("drone-dji:RtkStdLat",),
    "rtk_std_height_m": ("drone-dji:RtkStdHgt",),
}
_INCHES, _CENTIMETRES, _MILLIMETRES, _MICROMETRES = 2, 3, 4, 5
_MM_PER_UNIT = {_INCHES: 25.4, _CENTIMETRES: 10.0, _MILLIMETRES: 1.0, _MICROMETRES: 0.001}


@dataclass(frozen=True)
class Tags:
    """What a picture says of itself. None means: not said, or said so that it cannot be true (see `warnings`).

    Angles in degrees as the maker writes them (standards of the frame: docs/ideas/coordinates.md): yaw clockwise
    from **true** north, pitch 0 level and −90 straight down. `gimbal_*` is the camera, `flight_*` the aircraft.
    `gps_altitude_m` and `absolute_altitude_m` are heights of an undeclared datum, `relative_altitude_m` is above the
    take-off point. `calibrated_*` and `dewarp` are in pixels of the full sensor.
    """

    width_px: int
    height_px: int
    make: str | None = None
    model: str | None = None
    software: str | None = None
    orientation: int | None = None  # EXIF 1 … 8
    exif_width_px: int | None = None
    exif_height_px: int | None = None
    taken_at: str | None = None  # by the camera's clock, ISO without a zone
    utc_offset: str | None = None  # '+08:00'
    gps_time_utc: str | None = None  # ISO with Z
    lon: float | None = None  # WGS 84
    lat: float | None = None
    gps_altitude_m: float | None = None
    absolute_altitude_m: float | None = None
    relative_altitude_m: float | None = None
    gimbal_yaw_deg: float | None = None
    gimbal_pitch_deg: float | None = None
    gimbal_roll_deg: float | None = None
    flight_yaw_deg: float | None = None
    flight_pitch_deg: float | None = None
    flight_roll_deg: float | None = None
    focal_mm: float | None = None
    focal_35mm: float | None = None
    pixel_pitch_mm: float | None = None  # EXIF FocalPlaneXResolution, of the picture as it left the camera
    digital_zoom: float | None = None
    calibrated_focal_px: float | None = None
    calibrated_cx_px: float | None = None
    calibrated_cy_px: float | None = None
    dewarp: tuple[float, ...] = ()  # fx, fy, cx, cy from the centre, k1, k2, p1, p2, k3
    dewarped: bool | None = None  # the camera itself took the distortion out
    rtk_flag: int | None = None  # 0 none, 16 single, 34 float, 50 fixed
    rtk_std_lon_m: float | None = None
    rtk_std_lat_m: float | None = None
    rtk_std_height_m: float | None = None
    thermal: bool = False
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields that say something, ready for JSON."""
        plain = {name: value for name, value in asdict(self).items() if value is not None and value != ()}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tags:
        """Back from `to_json`. Fields that this version does not know are left out."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        columns: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return cls(**columns)


def read_tags(path: Path) -> Tags:
    """Read what a picture says of itself.

    Args:
        path: JPEG, PNG, TIFF, WebP or BMP.

    Returns:
        Tags; `warnings` holds stable words for what is odd, absent or contradictory in them.

    Raises:
        UnreadableFile: the file is not there or may not be read.
        EmptyFile: it has no bytes.
        NotAnImage: it is not a picture.
        Truncated: it ends in the middle.

    Source: EXIF 2.32 (CIPA DC-008); the makers' XMP as found in docs/formats/exif_xmp.md.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or "") from error
    return tags_of(data, path.name)


def tags_of(data: bytes, where: str) -> Tags:
    """`read_tags` for a file's bytes, named `where` in refusals."""
    picture = look_at(data, where)
    exif, whole = ex.read_exif(data)
    xmp = read_xmp(data)
    position = _position(exif, xmp)
    said = {**_maker(exif, xmp), **_times(exif), **_optics(exif, xmp), **_angles_and_heights(xmp)}
    warnings = [] if whole else ["exif_unreadable"]
    warnings += position.doubts
    warnings += attitude_doubts({name: xmp_number(xmp, *names) for name, names in XMP_NUMBERS.items()}, xmp)
    written = (said["exif_width_px"], said["exif_height_px"])
    stored = (picture.width_px, picture.height_px)
    warnings += editing_doubts(said["orientation"], said["software"], stored, written)
    rest: Any = said
    return Tags(
        width_px=picture.width_px,
        height_px=picture.height_px,
        lon=position.lon,
        lat=position.lat,
        gps_altitude_m=_gps_altitude(exif),
        thermal=picture.thermal or "infrared" in xmp.get("drone-dji:ImageSource", "").lower(),
        warnings=tuple(dict.fromkeys(warnings)),
        **rest,
    )


def _maker(exif: ex.Exif, xmp: Mapping[str, str]) -> dict[str, Any]:
    return {
        "make": ex.text(exif, "Image Make") or xmp.get("tiff:Make"),
        "model": ex.text(exif, "Image Model") or xmp.get("tiff:Model"),
        "software": ex.text(exif, "Image Software"),
        "orientation": _whole(ex.number(exif, "Image Orientation")),
        "exif_width_px": _whole(ex.positive(exif, "EXIF ExifImageWidth")),
        "exif_height_px": _whole(ex.positive(exif, "EXIF ExifImageLength")),
    }


def _position(exif: ex.Exif, xmp: Mapping[str, str]) -> Position:
    return checked_position(
        exif_place=(ex.degrees(exif, "GPS GPSLongitude"), ex.degrees(exif, "GPS GPSLatitude")),
        exif_written=bool(ex.numbers(exif, "GPS GPSLatitude")),
        xmp_place=(xmp_number(xmp, *LONGITUDE), xmp_number(xmp, *LATITUDE)),
        void=xmp.get("drone-dji:GpsStatus", "").lower() in ("invalid", "unknown"),
    )


def _gps_altitude(exif: ex.Exif) -> float | None:
    altitude = ex.number(exif, "GPS GPSAltitude")
    reference = ex.number(exif, "GPS GPSAltitudeRef")
    return -altitude if altitude is not None and reference == 1 else altitude


def _times(exif: ex.Exif) -> dict[str, Any]:
    taken = ex.text(exif, "EXIF DateTimeOriginal") or ex.text(exif, "Image DateTime")
    return {
        "taken_at": ex.iso_instant(taken, ex.text(exif, "EXIF SubSecTimeOriginal")),
        "utc_offset": ex.text(exif, "EXIF OffsetTimeOriginal") or ex.text(exif, "EXIF OffsetTime"),
        "gps_time_utc": ex.utc_instant(exif),
    }


def _optics(exif: ex.Exif, xmp: Mapping[str, str]) -> dict[str, Any]:
    resolution = ex.positive(exif, "EXIF FocalPlaneXResolution")
    unit = _MM_PER_UNIT.get(int(ex.number(exif, "EXIF FocalPlaneResolutionUnit") or _INCHES))
    return {
        "focal_mm": ex.positive(exif, "EXIF FocalLength"),
        "focal_35mm": ex.positive(exif, "EXIF FocalLengthIn35mmFilm"),
        "pixel_pitch_mm": unit / resolution if resolution and unit else None,
        "digital_zoom": ex.positive(exif, "EXIF DigitalZoomRatio"),
        "dewarp": _dewarp(xmp.get("drone-dji:DewarpData", "")),
        "dewarped": {"0": False, "1": True}.get(xmp.get("drone-dji:DewarpFlag", "").strip()),
    }


def _dewarp(written: str) -> tuple[float, ...]:
    """'2022-03-02;fx,fy,cx,cy,k1,k2,p1,p2,k3' → the nine numbers; () for anything else."""
    parts = written.rpartition(";")[2].split(",")
    try:
        values = tuple(float(part) for part in parts)
    except ValueError:
        return ()
    return values if len(values) == 9 and all(math.isfinite(v) for v in values) and min(values[:2]) > 0 else ()


def _angles_and_heights(xmp: Mapping[str, str]) -> dict[str, Any]:
    """Angles beyond a turn and a half are no angles; a focal length or deviation of 0 is 'unknown'."""
    kept: dict[str, Any] = {"rtk_flag": _whole(xmp_number(xmp, "drone-dji:RtkFlag"))}
    for name, names in XMP_NUMBERS.items():
        value = xmp_number(xmp, *names)
        if value is not None and name.endswith("_deg") and abs(value) > GREATEST_ANGLE_DEG:
            value = None
        if value is not None and name.startswith(("calibrated_focal", "rtk_std")) and value <= 0:
            value = None
        kept[name] = value
    return kept


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
