"""From kept chunks to packets and their rows in the index: the same for bytes that come now and for a replay."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from hj212.answers import answer_to
from hj212.crc import CrcMode
from hj212.fields import Fields, instant_of
from hj212.stream import Decoder, Packet, Rejected, judged_again
from hj212.words import ANSWERS_OF_A_DEVICE
from pipelines.gateway.entering import DEFECT, MOST_DETAIL
from pipelines.gateway.registered import NOBODY, Registered
from pipelines.store.telemetry.packets import FROM_A_FILE, PacketRow, Reached
from pipelines.store.telemetry.segments import RECORD, Chunk, Kept

MOST_REMEMBERED = 200_000
"""(MN, CN) of which the last `DataTime` is remembered; beyond it the one heard longest ago is forgotten."""
CLOCK_SPAN = timedelta(days=400)
"""A QN farther from now than this is no clock but a number."""
UTC_BEHIND_S = 8 * 3600.0
MOST_PIECES = 64
"""Of a connection; beyond it the last ones are held as one, so that a packet that comes byte by byte costs no more."""
log = logging.getLogger("yaoxun.gateway")


@dataclass(frozen=True, slots=True)
class Taken:
    """A packet, its row, and the answer it is owed."""

    row: PacketRow
    packet: Packet | None
    answer: bytes | None


class _Piece(NamedTuple):
    """A chunk of which something is not decided: first and last byte in the stream, and where it lies."""

    first: int
    end: int
    segment: str
    place: int


@dataclass(slots=True)
class _Stream:
    """A connection. `base` is the byte its decoder began at, `next` the byte that should come."""

    base: int
    next: int
    decoder: Decoder = field(default_factory=Decoder)
    pieces: deque[_Piece] = field(default_factory=deque)

    def spend(self) -> None:
        """Let go of pieces all of which is decided."""
        decided = self.base + self.decoder.decided
        while self.pieces and self.pieces[0].end <= decided:
            self.pieces.popleft()

    def piece_of(self, at_byte: int) -> _Piece:
        """The piece that a byte lies in, or one before it from which on it is found."""
        return next(p for p in reversed(self.pieces) if p.first <= at_byte)


class Taking:
    """Takes chunks of all connections in the order they were kept.

    Args:
        registered: gives the devices by MN, as they are registered now.
        begin_at: the byte at which a connection's stream is begun: behind what was indexed before.
        latest: last `DataTime` of each (MN, CN) known so far.
        answer_always: answer data also where a packet has no Flag, as some devices of 2005 expect.
    """

    def __init__(
        self,
        registered: Callable[[], Mapping[str, Registered]],
        *,
        begin_at: Callable[[int], int] = lambda connection: 0,
        latest: Mapping[tuple[str, str], datetime] | None = None,
        answer_always: bool = False,
    ) -> None:
        self._registered, self._begin_at, self._answer_always = registered, begin_at, answer_always
        self._streams: dict[int, _Stream] = {}
        self._latest: OrderedDict[tuple[str, str], datetime] = OrderedDict(latest or {})
        self._ends: dict[str, int] = {}

    def take(self, kept: Kept) -> list[Taken]:
        """The packets that a chunk completes, and what it shows to be none.

        A defect of ours stops nobody and loses nothing: the bytes are kept, the chunk stands in the index as refused
        with `defect`, and its connection's stream begins anew behind it.
        """
        try:
            return self._take(kept)
        except Exception as error:  # the one place of the gateway that may
            log.exception("a defect; the bytes are kept in %s", kept.segment)
            return [self._defect(kept, error)]

    def _take(self, kept: Kept) -> list[Taken]:
        chunk = kept.chunk
        self._ends[kept.segment] = kept.place + RECORD.size + len(chunk.data)
        stream = self._streams.get(chunk.connection) or self._opened(chunk)
        taken: list[Taken] = []
        if chunk.at_byte > stream.next:  # bytes between are damaged: what waited for them will not become whole
            taken += self.close(chunk.connection, chunk.received_at)
            stream = self._streams[chunk.connection] = _Stream(chunk.at_byte, chunk.at_byte)
        data = chunk.data[stream.next - chunk.at_byte :]
        if not data:
            return taken
        stream.next += len(data)
        if len(stream.pieces) < MOST_PIECES:
            stream.pieces.append(_Piece(chunk.at_byte, stream.next, kept.segment, kept.place))
        else:
            stream.pieces[-1] = stream.pieces[-1]._replace(end=stream.next)
        found = stream.decoder.feed(data)
        taken += [self._taken(one, chunk.connection, stream, chunk.received_at) for one in found]
        stream.spend()
        return taken

    def close(self, connection: int, at: datetime) -> list[Taken]:
        """What is left of a connection that is gone."""
        stream = self._streams.pop(connection, None)
        if stream is None:
            return []
        return [self._taken(one, connection, stream, at) for one in stream.decoder.close()]

    def next_of(self, connection: int) -> int | None:
        """The byte of a connection that should come next; None where nothing waits of it."""
        stream = self._streams.get(connection)
        return None if stream is None else stream.next

    def connections(self) -> list[int]:
        """Those that are not closed."""
        return list(self._streams)

    def reached(self) -> list[Reached]:
        """How far each segment is done with: up to the first chunk in which something waits for more bytes."""
        waiting: dict[str, int] = {}
        for stream in self._streams.values():
            if stream.pieces:
                first = stream.pieces[0]
                waiting[first.segment] = min(first.place, waiting.get(first.segment, first.place))
        return [Reached(segment, waiting.get(segment, end)) for segment, end in self._ends.items()]

    def finished(self, current: str) -> list[str]:
        """Segments other than the one being written of which nothing waits any more; they are forgotten here."""
        held = {piece.segment for stream in self._streams.values() for piece in stream.pieces} | {current}
        over = [segment for segment in self._ends if segment not in held]
        for segment in over:
            del self._ends[segment]
        return over

    def _opened(self, chunk: Chunk) -> _Stream:
        begin = max(self._begin_at(chunk.connection), chunk.at_byte)
        stream = self._streams[chunk.connection] = _Stream(begin, begin)
        return stream

    def _defect(self, kept: Kept, error: Exception) -> Taken:
        chunk, end = kept.chunk, kept.chunk.at_byte + len(kept.chunk.data)
        self._streams[chunk.connection] = _Stream(end, end)
        found = _defective(chunk.data, error)
        piece = _Piece(chunk.at_byte, end, kept.segment, kept.place)
        return Taken(
            _row(found, NOBODY, None, chunk.received_at, chunk.connection, chunk.at_byte, piece, False), None, None
        )

    def _taken(self, found: Packet | Rejected, connection: int, stream: _Stream, at: datetime) -> Taken:
        """A packet's row and answer; a defect of ours costs this one packet its answer, and no other anything."""
        try:
            return self._rowed(found, connection, stream, at)
        except Exception as error:  # beside `take` the one place of the gateway that may
            log.exception("a defect; the packet's bytes are kept")
            at_byte = stream.base + found.offset
            row = _row(_defective(found.raw, error, found.offset), NOBODY, None, at, connection, at_byte,
                       stream.piece_of(at_byte), False)  # fmt: skip
            return Taken(row, None, None)

    def _rowed(self, found: Packet | Rejected, connection: int, stream: _Stream, at: datetime) -> Taken:
        device = self._registered().get(found.fields.mn, NOBODY) if found.fields is not None else NOBODY
        if isinstance(found, Rejected) and device.accept:
            found = judged_again(found, device.accept)
        packet = found if isinstance(found, Packet) else None
        answer = answer_to(packet.fields, packet.crc_mode, always=self._answer_always) if packet else None
        at_byte = stream.base + found.offset
        piece = stream.piece_of(at_byte)
        late = packet is not None and self._late(packet.fields)
        row = _row(found, device, _command(packet, answer), at, connection, at_byte, piece, late)
        return Taken(row, packet, answer)

    def _late(self, fields: Fields) -> bool:
        if fields.data_time is None:
            return False
        key, at = (fields.mn, fields.cn), fields.data_time
        before = self._latest.pop(key, None)
        self._latest[key] = at if before is None else max(at, before)
        while len(self._latest) > MOST_REMEMBERED:
            self._latest.popitem(last=False)
        return before is not None and at < before


def _defective(raw: bytes, error: Exception, offset: int = 0) -> Rejected:
    return Rejected(offset, raw, CrcMode.NONE, DEFECT, f"{type(error).__name__}: {error}"[:MOST_DETAIL], None)


def _command(packet: Packet | None, answer: bytes | None) -> str | None:
    if packet is None or answer is None:
        return None
    return answer.partition(b"CN=")[2][:4].decode("ascii")


def _row(
    found: Packet | Rejected, device: Registered, answer: str | None, at: datetime, connection: int, at_byte: int,
    piece: _Piece, late: bool,
) -> PacketRow:  # fmt: skip
    fields = found.fields
    data_at = fields.data_time if fields else None
    refused = found if isinstance(found, Rejected) else None
    live = refused is None and connection < FROM_A_FILE
    stranger = () if device is not NOBODY or fields is None or not fields.mn else ("unregistered_device",)
    return PacketRow(
        seq=0, received_at=at, connection=connection, at_byte=at_byte, length=len(found.raw), segment=piece.segment,
        place=piece.place, mn=(fields and fields.mn) or None, st=(fields and fields.st) or None,
        cn=(fields and fields.cn) or None, qn=(fields and fields.qn) or None, pnum=fields.pnum if fields else None,
        pno=fields.pno if fields else None, data_at=data_at, status="refused" if refused else "ok",
        reason=refused.reason if refused else None, detail=refused.detail if refused else None,
        warnings=(*(fields.warnings if fields else ()), *stranger), crc_mode=found.crc_mode.value,
        registered=device is not NOBODY, answer=answer, clock_s=_clock_s(fields, device, at) if live else None,
        delay_s=(at - data_at).total_seconds() if data_at and live else None, out_of_order=late,
        sha256=hashlib.sha256(found.raw).hexdigest(),
    )  # fmt: skip


def _clock_s(fields: Fields | None, device: Registered, at: datetime) -> float | None:
    """By how many seconds a device's clock is ahead, from the QN of what it sends."""
    said = instant_of(fields.qn) if fields and fields.cn not in ANSWERS_OF_A_DEVICE else None  # theirs is our number
    if said is None or abs(said - at) > CLOCK_SPAN:
        return None
    return (said - at).total_seconds() + (UTC_BEHIND_S if device.clock_utc else 0.0)
