"""What a picture file is before its tags are read: its kind, its size, whether it is whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from geo.errors import EmptyFile, NotAnImage, Truncated

_PNG = b"\x89PNG\r\n\x1a\n"
_OTHER_PICTURES = (b"II*\x00", b"MM\x00*", b"RIFF", b"BM")
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_START_OF_SCAN = 0xDA


@dataclass(frozen=True)
class PictureFile:
    """Kind and size of a picture. `thermal` where the file carries a plane of raw heat beside the visible pixels."""

    kind: str
    width_px: int
    height_px: int
    thermal: bool = False


def look_at(data: bytes, where: str) -> PictureFile:
    """Find out what a file's bytes are, and refuse what is no whole picture.

    Args:
        data: the whole file.
        where: its name, for the refusal.

    Returns:
        kind ('jpeg', 'png', 'other') and size in pixels as stored.

    Raises:
        EmptyFile: no bytes.
        NotAnImage: not a picture.
        Truncated: a picture that ends in the middle. In a JPEG the compressed rows must be followed by an
            end-of-image marker: inside them 0xFF is always followed by 0x00 or a restart marker, so the first
            0xFFD9 is the end.
    """
    if not data:
        raise EmptyFile(where)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data, where)
    if data.startswith(_PNG):
        return _png(data, where)
    if data.startswith(_OTHER_PICTURES):
        return _other(data, where)
    raise NotAnImage(where, f"begins with {data[:8].hex(' ')}")


@dataclass(frozen=True)
class _Segment:
    marker: int
    payload: bytes
    end: int


def _segments(data: bytes, where: str) -> Iterator[_Segment]:
    """The marker segments before the compressed rows."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise NotAnImage(where, f"no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE_MARKERS:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if end > len(data):
            break
        yield _Segment(marker, data[at + 4 : end], end)
        if marker == _START_OF_SCAN:
            return
        at = end
    raise Truncated(where, f"ends in its header at byte {len(data)}")


def _jpeg(data: bytes, where: str) -> PictureFile:
    size: tuple[int, int] | None = None
    raw_bytes, flir, scan_at = 0, False, len(data)
    for segment in _segments(data, where):
        if segment.marker in _FRAME_HEADERS and len(segment.payload) >= 5:
            height, width = struct.unpack(">HH", segment.payload[1:5])
            size = (width, height)
        elif segment.marker in (0xE3, 0xE4):
            raw_bytes += len(segment.payload)
        elif segment.marker == 0xE1 and segment.payload.startswith(b"FLIR\x00"):
            flir = True
        scan_at = segment.end
    if size is None or 0 in size:
        raise NotAnImage(where, "JPEG without a frame header")
    if data.find(b"\xff\xd9", scan_at) < 0:
        raise Truncated(where, f"no end-of-image marker in {len(data)} bytes")
    # An R-JPEG holds two bytes of heat for each pixel in application segments 3 and 4 (FLIR's in segment 1).
    return PictureFile("jpeg", *size, thermal=flir or raw_bytes >= 1.5 * size[0] * size[1])


def _png(data: bytes, where: str) -> PictureFile:
    if len(data) < 24 or b"IEND" not in data[-16:]:
        raise Truncated(where, f"PNG without its end in {len(data)} bytes")
    width, height = struct.unpack(">II", data[16:24])
    return PictureFile("png", width, height)


def _other(data: bytes, where: str) -> PictureFile:
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise NotAnImage(where, "looks like TIFF, WebP or BMP, cannot be decoded")
    return PictureFile("other", int(pixels.shape[1]), int(pixels.shape[0]))
