"""EXIF that GDAL carried over into a TIFF: text items 'EXIF_…' of tag 42112, as photogrammetry tools leave it behind.

GDAL writes ratios as '(8.8)', one pair of brackets a number, and everything else as it stands.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_ITEM = re.compile(rb'<Item name="EXIF_(\w+)"[^>]*>([^<]*)</Item>')
_BRACKETED = re.compile(r"\(\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*\)")
_BARE = re.compile(r"\s*[+-]?\d+(?:\.\d+)?(?:\s+[+-]?\d+(?:\.\d+)?)*\s*")
_HEX_BYTES = re.compile(r"\s*0x[0-9a-fA-F]{2}(?:\s+0x[0-9a-fA-F]{2})*\s*")
# Names that GDAL spells otherwise than ExifRead → ExifRead's.
_OF_IMAGE = frozenset({"Make", "Model", "Software", "Orientation", "DateTime"})
_TEXTS = re.compile(r"Make|Model|Software|DateTime\w*|OffsetTime\w*|SubSecTime\w*|GPSDateStamp|GPS\w+itudeRef")
_RENAMED = {
    "PixelXDimension": "EXIF ExifImageWidth",
    "PixelYDimension": "EXIF ExifImageLength",
    "GPSDateStamp": "GPS GPSDate",
}


@dataclass(frozen=True)
class KeptTag:
    """One tag's values in the form that ExifRead gives them."""

    values: list[float] | str


def kept_by_gdal(data: bytes) -> dict[str, KeptTag]:
    """The EXIF items of a TIFF's GDAL metadata, under ExifRead's names. Empty where there are none.

    Args:
        data: the whole file.
    """
    found = {}
    for item in _ITEM.finditer(data):
        name, text = item.group(1).decode("ascii"), html.unescape(item.group(2).decode("utf-8", "replace"))
        is_text = _TEXTS.fullmatch(name) and not _HEX_BYTES.fullmatch(text)
        found[_name(name)] = KeptTag(text if is_text else _values(text))
    return found


def _name(gdal: str) -> str:
    if gdal in _RENAMED:
        return _RENAMED[gdal]
    group = "GPS" if gdal.startswith("GPS") else "Image" if gdal in _OF_IMAGE else "EXIF"
    return f"{group} {gdal}"


def _values(text: str) -> list[float] | str:
    if _BRACKETED.search(text):
        return [float(number) for number in _BRACKETED.findall(text)]
    if _HEX_BYTES.fullmatch(text):
        return [float(int(byte, 16)) for byte in text.split()]
    return [float(number) for number in text.split()] if _BARE.fullmatch(text) else text
