"""From packets to readings on the disk: what came since the last time, each message whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import hj212
from hj212.assemble import Assembler
from hj212.stream import Packet, judged_again
from pipelines.monitor.values import Message, readings_of
from pipelines.store import Store
from pipelines.store.telemetry import readings
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.packets import PacketRow
from pipelines.store.telemetry.raw import RawPackets

BATCH = 20_000
PARTS_BEHIND = 10_000
"""Parts of a message are looked for so many packets back."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What an entering did: packets looked at, values written."""

    packets: int
    values: int


def enter_readings(store: Store, index: PacketIndex) -> Entered:
    """Write the values of all packets that were taken since the last call; killed anywhere, it is begun again.

    One process does so at a time; another waits for it and goes on from there.

    Args:
        store: the home.
        index: of its packets.

    Raises:
        OSError: the disk is full; what was reached before stands.
    """
    with readings.entering(store.home):
        return _enter(store, index)


def _enter(store: Store, index: PacketIndex) -> Entered:
    reached = index.readings_reached()
    packets = values = 0
    assembler = Assembler(timeout_s=float(PARTS_BEHIND), most_bytes=256 << 20)
    with RawPackets(store.home) as raw:
        for batch in _batches(index, max(0, reached - PARTS_BEHIND)):
            said = readings_of(_messages(raw, batch, assembler, reached))
            readings.add(store.home, said)
            packets += sum(row.seq > reached for row in batch)
            values += len(said)
            reached = max(reached, batch[-1].seq)
            index.reach_readings(reached)
    return Entered(packets, values)


def _batches(index: PacketIndex, after: int) -> Iterator[list[PacketRow]]:
    batch: list[PacketRow] = []
    for row in index.packets(after=after):
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _messages(raw: RawPackets, batch: list[PacketRow], assembler: Assembler, reached: int) -> Iterator[Message]:
    """Messages that become whole by a packet behind `reached`; of those before it only parts are looked at again."""
    taken = (row for row in batch if row.status == "ok" and (row.seq > reached or (row.pnum or 1) > 1))
    for row, data in raw.of(taken):
        packet = _packet(data, row.crc_mode)
        whole = assembler.take(packet.fields, row.length, float(row.seq)) if packet else None
        if whole is not None and row.seq > reached:
            yield Message(whole, row.received_at, row.seq)


def _packet(data: bytes, crc_mode: str) -> Packet | None:
    """The packet again, by the check sum that it was taken with."""
    for found in hj212.decode(data):
        known = found if isinstance(found, Packet) else judged_again(found, frozenset({crc_mode}))
        if isinstance(known, Packet):
            return known
    return None
