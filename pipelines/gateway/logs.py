"""Files of packets (logs of a platform, captures) on the same way as what comes over TCP."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.telemetry import segments
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.segments import Chunk, SegmentWriter

BLOCK_BYTES = 1 << 18
MARK = b"##"


def import_log(store: Store, index: PacketIndex, path: Path, *, now: datetime) -> int | None:
    """Keep a file's bytes as one connection's stream; `replay.catch_up` then enters its packets.

    An import that was killed is begun again by the same command: what the index holds already is not entered twice.

    Args:
        store: the home.
        index: of its packets.
        path: a file in which packets stand, whatever stands between them.
        now: when it came.

    Returns:
        The number of its connection, the same for the same bytes; None where all of them were kept before.

    Raises:
        Refusal: `no_valid_packet`: nothing in it begins like a packet.
        OSError: it cannot be read.
    """
    connection, size, any_mark = _looked_at(path)
    if not any_mark:
        raise Refusal(str(path), "no_valid_packet", "no ## in it")
    first = index.first_of(connection)
    if first is not None and segments.data_at(store.home, first.segment, first.place, connection, size - 1, 1):
        return None
    writer = SegmentWriter(store.home)
    try:
        with path.open("rb") as file:
            at_byte = 0
            while block := file.read(BLOCK_BYTES):
                writer.write([Chunk(now, connection, at_byte, block)])
                at_byte += len(block)
    finally:
        writer.close()
    return connection


def _looked_at(path: Path) -> tuple[int, int, bool]:
    """A number made of the bytes, how many there are, and whether a packet may be among them."""
    digest, size, marked, last = hashlib.sha256(), 0, False, b""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            marked = marked or MARK in last + block
            last = block[-1:]
    return int.from_bytes(digest.digest()[:8], "big") >> 1, size, marked
