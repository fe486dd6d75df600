"""EXIF as numbers and text, by exifread. Fields that hold nonsense (0/0, empty, wrong type) are absent, never zero."""

from __future__ import annotations

import io
import math
import re
import struct
from collections.abc import Mapping
from datetime import date
from typing import Any

import exifread
from exifread.core.exceptions import ExifError

from geo.gdal_metadata import kept_by_gdal

Exif = Mapping[str, Any]
_BROKEN = (
    ExifError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    struct.error,
    OverflowError,
    RecursionError,
)


def read_exif(data: bytes) -> tuple[dict[str, Any], bool]:
    """Read EXIF from a file's bytes.

    Returns:
        Tags by exifread's names ('GPS GPSLatitude', …), and whether they could be read to the end.
    """
    try:
        found = dict(exifread.process_file(io.BytesIO(data), details=False))
    except _BROKEN:
        return {}, False
    if data[:4] in (b"II*\x00", b"MM\x00*"):
        for name, value in kept_by_gdal(data).items():
            found.setdefault(name, value)
    return found, True


def numbers(exif: Exif, name: str) -> list[float]:
    """The finite numbers of a tag; a ratio over zero is left out. Empty where the tag is absent."""
    return [value for value in _values(exif, name) if value is not None]


def _values(exif: Exif, name: str) -> list[float | None]:
    """All values of a tag in their places, None for what is no finite number. Empty where the tag is absent."""
    values = getattr(exif.get(name), "values", [])
    if isinstance(values, str | bytes):
        return []
    ratios = [_ratio(value) for value in values]
    return [ratio if ratio is not None and math.isfinite(ratio) else None for ratio in ratios]


def _ratio(value: Any) -> float | None:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]  # ExifRead's way with the types FLOAT and DOUBLE
    numerator, denominator = getattr(value, "num", value), getattr(value, "den", 1)
    if not isinstance(numerator, int | float) or not isinstance(denominator, int | float) or denominator == 0:
        return None
    return float(numerator) / float(denominator)


def number(exif: Exif, name: str) -> float | None:
    """The first number of a tag, or None."""
    found = numbers(exif, name)
    return found[0] if found else None


def positive(exif: Exif, name: str) -> float | None:
    """The first number of a tag where it is above zero: makers write 0 for 'unknown'."""
    found = number(exif, name)
    return found if found is not None and found > 0 else None


def text(exif: Exif, name: str) -> str | None:
    """A tag's text without padding, or None where empty."""
    value = getattr(exif.get(name), "values", None)
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").strip() or None


def degrees(exif: Exif, name: str) -> float | None:
    """Degrees from degrees, minutes, seconds with the hemisphere of `name` + 'Ref'; None without a hemisphere.

    None as well where one of the three is no number, or minutes or seconds come to 60: what is left would be another
    place.
    """
    hemisphere = (text(exif, name + "Ref") or "").upper()[:1]
    parts = [abs(part) for part in _values(exif, name) if part is not None]
    if not parts or broken(exif, name) or hemisphere not in ("N", "S", "E", "W"):
        return None
    size = float(sum(part / 60.0**place for place, part in enumerate(parts)))
    return -size if hemisphere in ("S", "W") else size


def broken(exif: Exif, name: str) -> bool:
    """Whether a tag of degrees, minutes and seconds is there and cannot be what it says."""
    parts = _values(exif, name)
    return len(parts) > 3 or None in parts or any(part is not None and not 0 <= abs(part) < 60 for part in parts[1:])


_DATE_TIME = re.compile(r"(\d{4})[:.-](\d{1,2})[:.-](\d{1,2})[ T](\d{1,2}):(\d{2}):(\d{2})")


def iso_instant(written: str | None, subseconds: str | None = None) -> str | None:
    """'2016:06:23 16:32:13' → '2016-06-23T16:32:13', without a zone, as the camera's clock stood; None for nonsense."""
    match = _DATE_TIME.match(written or "")
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(group) for group in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    digits = (subseconds or "").strip()
    fraction = f".{digits[:6]}" if digits.isdigit() and digits.strip("0") else ""
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{fraction}"


def utc_instant(exif: Exif) -> str | None:
    """The GPS clock, 'YYYY-MM-DDTHH:MM:SSZ', or None."""
    day, clock = text(exif, "GPS GPSDate") or text(exif, "GPS GPSDateStamp"), numbers(exif, "GPS GPSTimeStamp")
    if day is None or len(clock) != 3:
        return None
    instant = iso_instant(f"{day} {int(clock[0]):02d}:{int(clock[1]):02d}:{int(clock[2]):02d}")
    return f"{instant}Z" if instant else None
