"""Finding packets in a stream of bytes: by their length, and by the next header where the length cannot be right.

`##`, four digits (length of the data segment), the segment, four hexadecimal digits, CR LF. In the field any of this
may be missing, cut, or false. Every byte ends up in one place: in a frame, in a line end between frames, or skipped.
What is found does not depend on how the stream was cut into pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hj212.crc import CrcMode, is_hex, mode_of

HEADER = re.compile(rb"##[0-9]{4}")
HEADER_BYTES, CRC_BYTES = 6, 4
LONGEST = HEADER_BYTES + 9999 + CRC_BYTES
PIECE_BYTES = 16384  # taken in at once, so that a large file is not copied once a packet
HEADERS_LOOKED_AT = 8  # within one packet, for a whole one that shows the outer one to be cut; bounds the work
ENDS_LIKE_A_PACKET = re.compile(rb"&&[0-9A-Fa-f]{4}\Z")
LINE_END = re.compile(rb"[\r\n]")
NEXT_MARK = re.compile(rb"##")


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes that stand like a packet, with a check sum that may or may not agree.

    `raw` runs from `##` to the check sum, without the line end; `offset` is its place in the stream.
    """

    offset: int
    raw: bytes
    crc_mode: CrcMode

    @property
    def segment(self) -> bytes:
        """The data segment."""
        return self.raw[HEADER_BYTES:-CRC_BYTES]


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that begin like a packet and are none: `reason` is `length` or `incomplete`."""

    offset: int
    raw: bytes
    reason: str
    detail: str


class Framer:
    """Takes bytes as they come, gives frames as soon as they are whole. Holds at most one packet's length of bytes."""

    def __init__(self) -> None:
        self._held = b""
        self._offset = 0
        self.bytes_skipped = 0
        self.bytes_between = 0  # line ends outside frames

    @property
    def offset(self) -> int:
        """Where the bytes begin that nothing is said of yet."""
        return self._offset

    def feed(self, data: bytes) -> list[Frame | Broken]:
        """The frames that these bytes complete."""
        found: list[Frame | Broken] = []
        for start in range(0, len(data), PIECE_BYTES):
            self._held += data[start : start + PIECE_BYTES]
            found.extend(self._drain(final=False))
        return found

    def close(self) -> list[Frame | Broken]:
        """What is left when no more bytes will come."""
        return list(self._drain(final=True))

    def _drain(self, *, final: bool) -> Iterator[Frame | Broken]:
        while self._held:
            self._skip_to_header(final=final)
            found = _first(self._held, final=final) if self._held else None
            if found is None:
                return
            yield self._taken(found)

    def _skip_to_header(self, *, final: bool) -> None:
        start = self._held.find(b"##")
        if start < 0:
            start = len(self._held) - (0 if final or not self._held.endswith(b"#") else 1)
        while self._held[start : start + 3] == b"###":
            start += 1
        junk, self._held = self._held[:start], self._held[start:]
        line_ends = junk.count(b"\r") + junk.count(b"\n")
        self.bytes_between += line_ends
        self.bytes_skipped += len(junk) - line_ends
        self._offset += start

    def _taken(self, found: _Found) -> Frame | Broken:
        raw, self._held = self._held[: found.length], self._held[found.length :]
        offset, self._offset = self._offset, self._offset + found.length
        if found.crc_mode is not None:
            return Frame(offset, raw, found.crc_mode)
        return Broken(offset, raw, found.reason, found.detail)


@dataclass(frozen=True, slots=True)
class _Found:
    length: int
    crc_mode: CrcMode | None
    reason: str = ""
    detail: str = ""


def _first(held: bytes, *, final: bool) -> _Found | None:
    """What the bytes that begin with `##` begin with; None: cannot be said before more bytes come.

    A decision taken on some bytes is never another one on more bytes: it rests on what comes first in them.
    """
    if not HEADER.match(held):
        return _without_length(held, final=final)
    announced = int(held[2:HEADER_BYTES])
    end = HEADER_BYTES + announced + CRC_BYTES
    inner = _whole_frame_within(held, min(end, len(held)))
    if inner is None and len(held) < end and not final:
        return None
    if inner is None and len(held) >= end:
        crc_mode = mode_of(held[HEADER_BYTES : end - CRC_BYTES], held[end - CRC_BYTES : end])
        if crc_mode is not CrcMode.NONE and ENDS_LIKE_A_PACKET.search(held[:end]):
            return _Found(end, crc_mode)
    return _misfit(held, announced, min(end, len(held)), whole=len(held) >= end, final=final)


def _misfit(held: bytes, announced: int, end: int, *, whole: bool, final: bool) -> _Found | None:
    """The announced length leads nowhere good: a wrong check sum, a wrong length, or a packet that was cut."""
    following = HEADER.search(held, 2, end)
    if whole and following is None and ENDS_LIKE_A_PACKET.search(held[:end]):
        return _Found(end, CrcMode.NONE)
    if following is not None:
        stop: int | None = following.start()
    else:
        stop = _next_stop(held, end - HEADER_BYTES + 1) if whole else len(held)
    line_end = LINE_END.search(held, HEADER_BYTES, len(held) if stop is None else stop)
    stop = line_end.start() if line_end else stop
    if stop is None and not final and len(held) < LONGEST:
        return None
    stop = min(len(held) if stop is None else stop, LONGEST)
    return _broken(held[:stop], announced)


def _broken(raw: bytes, announced: int) -> _Found:
    if ENDS_LIKE_A_PACKET.search(raw):
        segment = raw[HEADER_BYTES:-CRC_BYTES]
        mode = mode_of(segment, raw[-CRC_BYTES:])
        detail = f"announces {announced} bytes, holds {len(segment)}; check sum of what it holds: {mode}"
        return _Found(len(raw), None, "length", detail)
    return _Found(len(raw), None, "incomplete", f"announces {announced} bytes, {len(raw) - HEADER_BYTES} came")


def _next_stop(held: bytes, start: int) -> int | None:
    """The first line end, or `##` at or after `start`; None where neither has come yet."""
    found = [hit.start() for hit in (LINE_END.search(held, 2), NEXT_MARK.search(held, max(2, start))) if hit]
    return min(found, default=None)


def _without_length(held: bytes, *, final: bool) -> _Found | None:
    if len(held) < HEADER_BYTES and not final and re.fullmatch(rb"##[0-9]*", held):
        return None
    stop = _next_stop(held, 2)
    if stop is None and not final and len(held) < LONGEST:
        return None
    stop = min(len(held) if stop is None else stop, LONGEST)
    detail = f"no four digits after ##, but {held[2:HEADER_BYTES].decode('ascii', 'replace')}"
    return _Found(stop, None, "length", detail)


def _whole_frame_within(held: bytes, end: int) -> int | None:
    """Where a frame with a good check sum begins that lies wholly within, so that the outer one cannot be one."""
    for header in islice(HEADER.finditer(held, 2, end), HEADERS_LOOKED_AT):
        start = header.start()
        stop = start + HEADER_BYTES + int(header.group()[2:]) + CRC_BYTES
        if stop > end or not is_hex(held[stop - CRC_BYTES : stop]):
            continue
        segment, digits = held[start + HEADER_BYTES : stop - CRC_BYTES], held[stop - CRC_BYTES : stop]
        if segment.endswith(b"&&") and mode_of(segment, digits) is not CrcMode.NONE:
            return start
    return None
