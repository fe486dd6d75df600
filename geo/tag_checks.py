"""Where tags are impossible or contradict each other: said as stable words, never repaired in silence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

GREATEST_ANGLE_DEG = 540.0  # a gimbal turns a little beyond a full turn
RTK_FIXED = 50
OLD_CORRECTIONS_S = 10.0  # ours: a fixed solution without fresh corrections drifts by centimetres to decimetres
POSITION_AGREES_M = 10.0  # EXIF keeps 1e-4", XMP eight decimals; a re-tagged file differs by more
OTHER_DATUM_M = 500.0  # ours: Tokyo lies 450 m off, Beijing 1954 some 100, the web maps' shift 500
_METRES_PER_DEGREE = 111_195.0
_EDITORS = (
    "photoshop", "lightroom", "gimp", "snapseed", "picasa", "photos", "paint", "acdsee", "capture one", "darktable",
    "imagemagick", "irfanview", "xnview", "pixelmator", "affinity", "meitu", "wechat", "windows photo editor",
    "microsoft windows photo viewer", "faststone", "digikam", "shotwell", "preview",
)  # fmt: skip

Pair = tuple[float | None, float | None]


@dataclass(frozen=True)
class Position:
    """Longitude and latitude on WGS 84 where both are believable, and what was odd on the way.

    `sigma_m`: what that adds to the doubt of the place, 1 σ.
    """

    lon: float | None
    lat: float | None
    doubts: tuple[str, ...]
    sigma_m: float = 0.0


def checked_position(
    *, exif_place: Pair, exif_written: bool, xmp_place: Pair, void: bool, exif_broken: bool = False
) -> Position:
    """Choose a position from EXIF and XMP.

    Args:
        exif_place: longitude, latitude of EXIF, each None where unreadable or without its hemisphere.
        exif_written: EXIF holds a latitude at all.
        xmp_place: longitude, latitude of the maker's XMP.
        exif_broken: it holds numbers that are none.
        void: the receiver itself said that it had no fix.

    Returns:
        XMP's (more decimals) where both agree to 10 m; EXIF's where they do not (tools that re-tag a flight write
        EXIF), with a doubt as large as the way between them. (0, 0) and values off the globe are no position.
    """
    doubts: list[str] = []
    if exif_written and None in exif_place:
        doubts.append("gps_unreadable" if exif_broken else "gps_hemisphere_missing")
    exif, xmp = _believable(exif_place, doubts), _believable(xmp_place, doubts)
    if void:
        return Position(None, None, (*doubts, "gps_void"))
    if exif and xmp and distance_m(exif, xmp) > POSITION_AGREES_M:
        return Position(*exif, (*doubts, "position_contradicts"), distance_m(exif, xmp))
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


def is_wgs84(datum: str | None) -> bool:
    """Whether EXIF's GPSMapDatum names WGS 84, or a frame within a metre or two of it; nothing said counts as it."""
    name = "".join(letter for letter in (datum or "wgs84").lower() if letter.isalnum())
    return not name or any(frame in name for frame in ("wgs84", "wgs1984", "cgcs2000", "etrs89", "nad83", "jgd20"))


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two near places given in degrees, longitude first; good to a percent."""
    east = (a[0] - b[0]) * math.cos(math.radians(a[1]))
    return math.hypot(east, a[1] - b[1]) * _METRES_PER_DEGREE


def attitude_doubts(numbers: Mapping[str, float | None]) -> list[str]:
    """What is odd about the angles and heights that a maker wrote.

    Args:
        numbers: field of `Tags` → what was written.

    Returns:
        `gimbal_all_zero`: 0/0/0 is what cameras write that do not know. `angles_perhaps_radians`: straight down and
        level are π/2 and 0 there, and no angle is larger than 2π; not used. `angle_out_of_range`,
        `relative_altitude_negative`, `above_horizon_view`, `rtk_corrections_old`.
    """
    gimbal = [numbers.get(f"gimbal_{axis}_deg") for axis in ("yaw", "pitch", "roll")]
    relative, age = numbers.get("relative_altitude_m"), numbers.get("rtk_age_s")
    angles = [value for name, value in numbers.items() if name.endswith("_deg") and value is not None]
    found = {
        "gimbal_all_zero": all(angle == 0 for angle in gimbal),
        "angles_perhaps_radians": perhaps_radians(numbers),
        "angle_out_of_range": any(abs(angle) > GREATEST_ANGLE_DEG for angle in angles),
        "above_horizon_view": gimbal[1] is not None and 0 < gimbal[1] <= 90,
        "relative_altitude_negative": relative is not None and relative < 0,
        "rtk_corrections_old": numbers.get("rtk_flag") == RTK_FIXED and age is not None and age > OLD_CORRECTIONS_S,
    }
    return [word for word, is_so in found.items() if is_so]


def perhaps_radians(numbers: Mapping[str, float | None]) -> bool:
    """Gimbal angles of which the pitch is ±π/2 to three decimals and none exceeds 2π: they are not used."""
    yaw, pitch, roll = (numbers.get(f"gimbal_{axis}_deg") for axis in ("yaw", "pitch", "roll"))
    if yaw is None or pitch is None or roll is None or max(abs(yaw), abs(roll)) > 2 * math.pi:
        return False
    return abs(abs(pitch) - math.pi / 2) < 0.0008  # as near as three decimals write it


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
