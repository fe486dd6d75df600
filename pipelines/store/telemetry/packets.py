"""What the index knows: packets, requests for missing periods, messages that lack parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FROM_A_FILE = 1 << 62
"""Streams of files have numbers from here on: when their bytes came here says nothing of the device's clock."""


@dataclass(frozen=True, slots=True)
class PacketRow:
    """A packet that was kept, taken or not.

    Attributes:
        seq: in order of arrival; 0 before it is entered.
        received_at: when its last bytes came.
        connection: over which; a number that no other has.
        at_byte: where in that connection's stream it begins.
        length: its bytes.
        segment: file in which it begins.
        place: byte of that file at which the record begins that its beginning lies in.
        mn: the device's number, as far as it could be read; like `st`, `cn`, `qn`, `pnum`, `pno`.
        data_at: its `DataTime`.
        status: `ok` or `refused`.
        reason: why it was refused.
        detail: what exactly was seen.
        warnings: words of `hj212.fields`, and `unregistered_device`.
        crc_mode: which check sum it has.
        registered: whether the registry knew the device when it came.
        answer: command of the answer that was sent (9014, 9013), None where none was owed.
        clock_s: by how much the device's clock was ahead of ours, as its QN shows.
        delay_s: how long after `data_at` it came.
        out_of_order: later data of the same command had come before.
        sha256: of its bytes.
        repeats: `seq` of the first packet of the device with the same bytes.
    """

    seq: int
    received_at: datetime
    connection: int
    at_byte: int
    length: int
    segment: str
    place: int
    mn: str | None
    st: str | None
    cn: str | None
    qn: str | None
    pnum: int | None
    pno: int | None
    data_at: datetime | None
    status: str
    reason: str | None
    detail: str | None
    warnings: tuple[str, ...]
    crc_mode: str
    registered: bool
    answer: str | None
    clock_s: float | None
    delay_s: float | None
    out_of_order: bool
    sha256: str
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to which byte a segment is indexed, and whether that is all of it for good."""

    segment: str
    place: int
    done: bool = False


@dataclass(frozen=True, slots=True)
class Lately:
    """Of a device's packets in a stretch of time: how many, repeats among them, how far its clock is ahead."""

    packets: int
    repeats: int
    clock_s: float | None
    registered: int


@dataclass(frozen=True, slots=True)
class Asking:
    """A request for missing periods, or to set the clock (1012; `begin` and `end` are then the time it was set to).

    `state` is `sent`, `taken`, `done`, `refused` or `unanswered`.
    """

    qn: str
    mn: str
    cn: str
    begin: datetime
    end: datetime
    asked_at: datetime
    state: str = "sent"
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LostMessage:
    """A message of which parts are missing; the parts that came are in the index."""

    mn: str
    qn: str
    cn: str
    parts: tuple[int, ...]
    of: int
    reason: str
    at: datetime
