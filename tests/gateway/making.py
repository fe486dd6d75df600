"""Streams of packets good and bad, and rows of the index in a form that can be compared."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hj212
from pipelines.gateway.registered import Registered
from pipelines.store.telemetry.packets import PacketRow
from pipelines.store.telemetry.segments import Chunk, Kept, SegmentWriter
from tests.hj212.wire import minute, packet

NOW = datetime(2026, 11, 1, 0, 0, 30, tzinfo=UTC)
GOOD = packet(minute())
PIECES = [
    GOOD + b"\r\n",
    packet(minute("310107A1000002", qn="20261101080100000")) + b"\n",
    packet(minute("310107W1000003")),
    packet(minute(), digits=b"0000") + b"\r\n",
    GOOD[:50],
    b"noise ## 12 \xff\x00",
    packet(
        "QN=20261101080000001;ST=39;CN=2011;MN=工地三号;Flag=5;CP=&&DataTime=20261101080000;a34001-Rtd=1&&".encode(
            "gb18030"
        )
    ),
    b"##9999" + minute(),
    packet(b"ST=39;CN=2011;CP=&&&&"),
]


def registered(**accept: str) -> dict[str, Registered]:
    """Devices by MN with the check sum that is taken from each."""
    return {mn: Registered(mn, frozenset({mode} - {"hj212"}), 60.0, False) for mn, mode in accept.items()}


def kept(home: Path, *chunks: tuple[int, int, bytes]) -> list[Kept]:
    """Chunks (connection, at byte, bytes) on the disk."""
    writer = SegmentWriter(home)
    done = writer.write([Chunk(NOW, connection, at, data) for connection, at, data in chunks])
    writer.close()
    return done


def plain(row: PacketRow) -> tuple[Any, ...]:
    """What a row says of a packet itself."""
    return row.connection, row.at_byte, row.status, row.reason, row.sha256


def expected(connection: int, data: bytes) -> list[tuple[Any, ...]]:
    """The same, from one look at a connection's whole bytes."""
    return [
        (connection, found.offset, "ok" if isinstance(found, hj212.Packet) else "refused",
         found.reason if isinstance(found, hj212.Rejected) else None, hashlib.sha256(found.raw).hexdigest())
        for found in hj212.decode(data)
    ]  # fmt: skip


def cut(data: bytes, cuts: Sequence[int]) -> list[tuple[int, bytes]]:
    """Bytes cut into pieces, each with the place it begins at."""
    edges = sorted({0, len(data), *(c % (len(data) + 1) for c in cuts)})
    return [(a, data[a:b]) for a, b in itertools.pairwise(edges)]


@asynccontextmanager
async def dialled(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection of a device, closed at the end, whatever became of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def answers_of(reader: asyncio.StreamReader, seconds: float = 0.3) -> bytes:
    """All that comes until nothing more does."""
    found = b""
    while True:
        try:
            more = await asyncio.wait_for(reader.read(65536), seconds)
        except TimeoutError:
            return found
        if not more:
            return found
        found += more
