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
        """Write until `close`. While the disk works on one batch the one before it is handed on."""
        loop = asyncio.get_running_loop()
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            kept: list[Kept] | None = None
            while self._waiting or kept is not None:
                batch, self._waiting = self._waiting, []
                writing = loop.run_in_executor(None, self._writer.write, batch) if batch else None
                if kept is not None:
                    self._kept(kept)
                kept = await self._written(batch, writing) if writing is not None else None
        self._writer.close()
        self._drained.set()

    async def close(self) -> None:
        """Write what waits, and close the file."""
        self._closing = True
        self._wake.set()
        await self._drained.wait()

    async def _written(self, batch: list[Chunk], writing: asyncio.Future[list[Kept]]) -> list[Kept]:
        try:
            kept = await writing
        except OSError as error:
            self._failed(error)
            kept = []
        self._bytes -= sum(len(chunk.data) for chunk in batch)
        return kept
