"""Bytes to the disk before anything is said about them: chunks of all connections, one fsync for all that wait.

While the disk works on one batch the next one gathers, so that the batch grows with the load and nobody waits for more
than two fsyncs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from pipelines.store.telemetry.segments import Chunk, Kept, SegmentWriter

MEBIBYTE = 1 << 20
GATHER_S = 0.005
"""So long the first chunk of a batch waits for others: a sync and a change of threads cost more than a packet does."""


class Keeping:
    """Gathers chunks, keeps them, and hands them on in the order they came.

    Args:
        home: the data home.
        most_bytes: of what may wait; `full` says that it is reached.
        kept: is given each batch once it is on the disk; it runs in the loop's thread.
        failed: is given the error where the disk does not take a batch; nothing of it may be acknowledged.
    """

    def __init__(
        self, home: Path, *, most_bytes: int, kept: Callable[[list[Kept]], None], failed: Callable[[OSError], None]
    ) -> None:
        self._writer = SegmentWriter(home)
        self._most_bytes, self._kept, self._failed = most_bytes, kept, failed
        self._waiting: list[Chunk] = []
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._drained = asyncio.Event()

    @property
    def segment(self) -> str:
        """The file that is being written."""
        return self._writer.segment

    @property
    def full(self) -> bool:
        """Whether readers should wait."""
        return self._bytes >= self._most_bytes

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way to the disk."""
        return not self._bytes

    def put(self, chunk: Chunk) -> None:
        """Take a chunk."""
        self._waiting.append(chunk)
        self._bytes += len(chunk.data)
        self._wake.set()

    async def run(self) -> None:
        """Write until `close`."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await asyncio.sleep(0 if self._closing else GATHER_S)
                await self._batch()
            if self._closing:
                self._writer.close()
                self._drained.set()
                return

    async def close(self) -> None:
        """Write what waits, and close the file."""
        self._closing = True
        self._wake.set()
        await self._drained.wait()

    async def _batch(self) -> None:
        batch, self._waiting = self._waiting, []
        try:
            kept = await asyncio.to_thread(self._writer.write, batch)
        except OSError as error:
            self._failed(error)
            kept = []
        self._bytes -= sum(len(chunk.data) for chunk in batch)
        self._kept(kept)
