"""Bytes to packets: what is taken, what is rejected and why, with offset and raw bytes for both."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from hj212.crc import CrcMode
from hj212.errors import CrcDialect, CrcWrong, Hj212Error
from hj212.fields import Fields, fields_of, read_fields
from hj212.frame import PIECE_BYTES, Broken, Frame, Framer

NUMBER = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
TEXT_SUFFIXES = ("Flag", "EFlag", "SampleTime", "Info")


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet that is taken. `raw` runs from `##` to the check sum; `offset` is its place in the stream."""

    offset: int
    raw: bytes
    crc_mode: CrcMode
    fields: Fields


@dataclass(frozen=True, slots=True)
class Rejected:
    """Bytes that are not taken, and why. `fields` is what could be read of them all the same, for people to look at."""

    offset: int
    raw: bytes
    crc_mode: CrcMode
    reason: str
    detail: str
    fields: Fields | None


class Decoder:
    """A stream as it comes.

    Args:
        accept: CRC dialects that are taken beside the standard's own: words of `CrcMode`. What is registered with the
            device decides; `none` takes a packet whatever its check sum.
    """

    def __init__(self, *, accept: Container[str] = ()) -> None:
        self._framer, self._accept = Framer(), accept

    @property
    def bytes_skipped(self) -> int:
        """Bytes that belong to nothing, line ends not counted."""
        return self._framer.bytes_skipped

    @property
    def bytes_between(self) -> int:
        """Line ends outside packets."""
        return self._framer.bytes_between

    @property
    def decided(self) -> int:
        """Bytes from the stream's start of which all is said; what lies behind them waits for more."""
        return self._framer.offset

    def feed(self, data: bytes) -> list[Packet | Rejected]:
        """What these bytes complete."""
        return [judged(frame, self._accept) for frame in self._framer.feed(data)]

    def close(self) -> list[Packet | Rejected]:
        """What is left when no more bytes will come."""
        return [judged(frame, self._accept) for frame in self._framer.close()]


def judged(frame: Frame | Broken, accept: Container[str] = ()) -> Packet | Rejected:
    """Whether a frame is taken; `accept` as for `Decoder`."""
    if isinstance(frame, Broken):
        fields = read_fields(frame.raw.lstrip(b"#0123456789")) if b"=" in frame.raw else None
        return Rejected(frame.offset, frame.raw, CrcMode.NONE, frame.reason, frame.detail, fields)
    where = f"offset {frame.offset}"
    try:
        _refuse_dialect(frame, accept, where)
        return Packet(frame.offset, frame.raw, frame.crc_mode, fields_of(frame.segment, where=where))
    except Hj212Error as error:
        fields = read_fields(frame.segment)
        return Rejected(frame.offset, frame.raw, frame.crc_mode, error.reason, error.detail, fields)


def judged_again(found: Rejected, accept: Container[str]) -> Packet | Rejected:
    """What is said of a packet that was refused for its check sum once its device, and so its dialect, is known."""
    if found.reason not in (CrcWrong.reason, CrcDialect.reason):
        return found
    return judged(Frame(found.offset, found.raw, found.crc_mode), accept)


def decode(data: bytes, *, accept: Container[str] = ()) -> Iterator[Packet | Rejected]:
    """Every packet and every rejected piece of some bytes, in order. Never raises, whatever the bytes are.

    Args:
        data: a stream or file.
        accept: as for `Decoder`.
    """
    yield from _through(Decoder(accept=accept), data)


def lines(data: bytes, *, accept: Container[str] = ()) -> Iterator[dict[str, Any]]:
    """What `yaoxun monitor decode` prints: a dict a packet, and last the summary. The password is left out."""
    decoder = Decoder(accept=accept)
    counts = {"packets": 0, "valid": 0, "rejected": 0}
    for found in _through(decoder, data):
        counts["packets"] += 1
        counts["valid" if isinstance(found, Packet) else "rejected"] += 1
        yield line_of(found)
    yield {"summary": {**counts, "bytes_skipped": decoder.bytes_skipped}}


def line_of(found: Packet | Rejected) -> dict[str, Any]:
    """One packet as `yaoxun monitor decode` prints it: numbers as numbers, flags and times as text."""
    fields = found.fields
    at = fields.data_time if fields else None
    return {
        "offset": found.offset,
        "status": "ok" if isinstance(found, Packet) else "refused",
        "reason": found.reason if isinstance(found, Rejected) else None,
        "detail": found.detail if isinstance(found, Rejected) else None,
        "qn": fields.qn or None if fields else None,
        "st": fields.st or None if fields else None,
        "cn": fields.cn or None if fields else None,
        "mn": fields.mn or None if fields else None,
        "time": at.isoformat() if at else None,
        "values": _figures(fields) if fields else {},
        "params": dict(fields.params) if fields else {},
        "pnum": fields.pnum if fields else None,
        "pno": fields.pno if fields else None,
        "warnings": list(fields.warnings) if fields else [],
        "crc_mode": found.crc_mode.value,
    }


def _through(decoder: Decoder, data: bytes) -> Iterator[Packet | Rejected]:
    """All of it, piece by piece, so that a large file is not held as packets."""
    for start in range(0, len(data), PIECE_BYTES):
        yield from decoder.feed(data[start : start + PIECE_BYTES])
    yield from decoder.close()


def _refuse_dialect(frame: Frame, accept: Container[str], where: str) -> None:
    mode = frame.crc_mode
    if mode is CrcMode.HJ212 or mode.value in accept:
        return
    if mode is CrcMode.NONE:
        raise CrcWrong(where, f"{frame.raw[-4:].decode('ascii', 'replace')} is no known check sum of these bytes")
    raise CrcDialect(where, f"the check sum is {mode}; --accept {mode} takes it")


def _figures(fields: Fields) -> dict[str, dict[str, float | str]]:
    return {
        code: {suffix: _figure(suffix, text) for suffix, text in by_suffix.items()}
        for code, by_suffix in fields.values.items()
    }


def _figure(suffix: str, text: str) -> float | str:
    if suffix in TEXT_SUFFIXES or not NUMBER.match(text):
        return text
    number = float(text)
    return number if math.isfinite(number) else text  # four hundred digits are text
