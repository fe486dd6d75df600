"""Where tags are impossible or contradict each other: said as stable words, never repaired in silence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

GREATEST_ANGLE_DEG = 540.0  # a gimbal turns a little beyond a full turn
POSITION_AGREES_M = 10.0  # EXIF keeps 1e-4", XMP eight decimals; a re-tagged file differs by more
_METRES_PER_DEGREE = 111_195.0
_EDITORS = (
    "photoshop", "lightroom", "gimp", "snapseed", "picasa", "photos", "paint", "acdsee", "capture one", "darktable",
    "imagemagick", "irfanview", "xnview", "pixelmator", "affinity", "meitu", "wechat", "windows photo editor",
    "microsoft windows photo viewer", "faststone", "digikam", "shotwell", "preview",
)  # fmt: skip
_PIX4D_ANGLES = ("Camera:Yaw", "Camera:Pitch", "Camera:Roll")

Pair = tuple[float | None, float | None]


@dataclass(frozen=True)
class Position:
    """Longitude and latitude on WGS 84 where both are believable, and what was odd on the way."""

    lon: float | None
    lat: float | None
    doubts: tuple[str, ...]


def checked_position(*, exif_place: Pair, exif_written: bool, xmp_place: Pair, void: bool) -> Position:
    """Choose a position from EXIF and XMP.

    Args:
        exif_place: longitude, latitude of EXIF, each None where unreadable or without its hemisphere.
        exif_written: EXIF holds a latitude at all.
        xmp_place: longitude, latitude of the maker's XMP.
        void: the receiver itself said that it had no fix.

    Returns:
        XMP's (more decimals) where both agree to 10 m; EXIF's where they do not (tools that re-tag a flight write
        EXIF), with a doubt. (0, 0) and values off the globe are no position.
    """
    doubts: list[str] = []
    if exif_written and None in exif_place:
        doubts.append("gps_hemisphere_missing")
    exif, xmp = _believable(exif_place, doubts), _believable(xmp_place, doubts)
    if void:
        return Position(None, None, (*doubts, "gps_void"))
    if exif and xmp and distance_m(exif, xmp) > POSITION_AGREES_M:
        return Position(*exif, (*doubts, "position_contradicts"))
    chosen = xmp or exif
    return Position(*chosen, tuple(doubts)) if chosen else Position(None, None, tuple(doubts))


def _believable(place: Pair, doubts: list[str]) -> tuple[float, float] | None:
    lon, lat = place
    if lon is None or lat is None:
        return None
    if abs(lon) < 1e-6 and abs(lat) < 1e-6:
        doubts.append("position_zero")
        return None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        doubts.append("position_out_of_range")
        return None
    return lon, lat


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two near places given in degrees, longitude first; good to a percent."""
    east = (a[0] - b[0]) * math.cos(math.radians(a[1]))
    return math.hypot(east, a[1] - b[1]) * _METRES_PER_DEGREE


def attitude_doubts(angles: Mapping[str, float | None], xmp: Mapping[str, str]) -> list[str]:
    """What is odd about the camera's angles.

    `gimbal_all_zero`: 0/0/0 is what cameras write that do not know (a level view due north is possible, so the
    angles stay, in doubt). `angles_of_unknown_frame`: Pix4D-style angles whose zero and sense the file does not say;
    they are not used.
    """
    gimbal = [angles.get(f"gimbal_{axis}_deg") for axis in ("yaw", "pitch", "roll")]
    doubts = []
    if all(angle == 0 for angle in gimbal):
        doubts.append("gimbal_all_zero")
    if None in gimbal and any(name in xmp for name in _PIX4D_ANGLES):
        doubts.append("angles_of_unknown_frame")
    if any(
        name.endswith("_deg") and angle is not None and abs(angle) > GREATEST_ANGLE_DEG
        for name, angle in angles.items()
    ):
        doubts.append("angle_out_of_range")
    relative = angles.get("relative_altitude_m")
    if relative is not None and relative < 0:
        doubts.append("relative_altitude_negative")
    return doubts


def editing_doubts(
    orientation: int | None, software: str | None, stored: tuple[int, int], written: tuple[int | None, int | None]
) -> list[str]:
    """What says that somebody worked on the picture after the shot.

    Args:
        orientation: EXIF 1 … 8.
        software: EXIF Software; a camera writes its firmware there.
        stored: width, height of the pixels.
        written: width, height by EXIF.
    """
    doubts = []
    if orientation not in (None, 0, 1):
        doubts.append("orientation_set")
    if software and any(editor in software.lower() for editor in _EDITORS):
        doubts.append("edited_by_software")
    width, height = written
    if width and height and (width, height) != stored:
        doubts.append("size_contradicts")
    return doubts
