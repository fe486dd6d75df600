"""A running gateway: connections in, chunks to the disk, packets out of them, answers, the index, the clock."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from hj212.assemble import Assembler
from hj212.stream import Packet
from pipelines.gateway.connection import Connection
from pipelines.gateway.entering import Entering
from pipelines.gateway.keeping import MEBIBYTE, Keeping
from pipelines.gateway.registered import NOBODY, Registered
from pipelines.gateway.replay import latest_of
from pipelines.gateway.taking import Taken, Taking
from pipelines.gateway.talk import Talk
from pipelines.settings import GatewaySettings
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.packets import Asking, LostMessage, Reached
from pipelines.store.telemetry.segments import LONGEST, Chunk, Kept

INDEX_EVERY_S = 0.25
LOOK_EVERY_S = 1.0
MOST_ROWS = 100_000
BACKLOG = 2048
log = logging.getLogger("yaoxun.gateway")


@dataclass(slots=True)
class Counts:
    """What a gateway did since it began."""

    connections: int = 0
    turned_away: int = 0
    bytes: int = 0
    packets: int = 0
    refused: int = 0
    answered: int = 0
    not_kept: int = 0


class Gateway:
    """See the module.

    Args:
        home: the data home.
        index: of its packets, brought up to date.
        registered: gives the devices by MN, as the registry says now.
        settings: of the gateway.
        now: the wall clock.
        seconds: a monotonic clock.
    """

    def __init__(
        self, home: Path, index: PacketIndex, registered: Callable[[], Mapping[str, Registered]],
        settings: GatewaySettings, *, now: Callable[[], datetime], seconds: Callable[[], float],
    ) -> None:  # fmt: skip
        self._registered, self._settings = registered, settings
        self._now, self._seconds = now, seconds
        latest = latest_of(index)
        self._taking = Taking(registered, latest=latest, answer_always=settings.answer_without_flag)
        self._talk = Talk(settings, self._note, latest)
        self._assembler = Assembler(timeout_s=settings.message_timeout_s)
        most = settings.waiting_mebibytes * MEBIBYTE
        self._keeping = Keeping(home, most_bytes=most, kept=self._kept, failed=self._not_kept)
        self._numbers = itertools.count(int(now().timestamp() * 1e6) * 64)
        self._open: dict[int, Connection] = {}
        self._ended: dict[int, int] = {}
        self._cut: set[int] = set()
        self._full = False
        self._who: dict[str, int] = {}
        self._entering = Entering(index)
        self.counts = Counts()

    def connection(self) -> Connection:
        """For one that is about to be made."""
        return Connection(next(self._numbers), self)

    def opened(self, connection: Connection) -> bool:
        """See `Reception`."""
        if len(self._open) >= self._settings.most_connections:
            self.counts.turned_away += 1
            return False
        self.counts.connections += 1
        connection.last_s = self._seconds()
        self._open[connection.number] = connection
        return True

    def came(self, connection: Connection, data: bytes) -> None:
        """See `Reception`."""
        at, self.counts.bytes = self._now(), self.counts.bytes + len(data)
        connection.last_s = self._seconds()
        for start in range(0, len(data), LONGEST):
            piece = data[start : start + LONGEST]
            self._keeping.put(Chunk(at, connection.number, connection.received + start, piece))
        if self._full:
            connection.wait()
        elif self._too_much():
            self._full = True
            for every in self._open.values():  # at once: each may have brought as much in this same turn
                every.wait()

    def gone(self, connection: Connection) -> None:
        """See `Reception`: what it sent last may still be on its way to the disk."""
        self._open.pop(connection.number, None)
        self._ended[connection.number] = connection.received

    async def run(self, host: str, port: int, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
        """Listen until `stop`, then write everything and end.

        Args:
            host: address to listen on.
            port: 0 takes any.
            stop: ends it.
            ready: is given the port.

        Raises:
            OSError: the port cannot be had.
        """
        server = await asyncio.get_running_loop().create_server(self.connection, host, port, backlog=BACKLOG)
        keeping = asyncio.create_task(self._keeping.run())
        tasks = [asyncio.create_task(self._every(INDEX_EVERY_S, self._enter)),
                 asyncio.create_task(self._every(LOOK_EVERY_S, self._look))]  # fmt: skip
        ready(server.sockets[0].getsockname()[1])
        ends = asyncio.create_task(stop.wait())
        await asyncio.wait([ends, keeping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        server.close()
        for connection in list(self._open.values()):
            connection.end()
        await asyncio.sleep(0)
        if not keeping.done():
            await self._keeping.close()
        for task in (ends, *tasks):
            task.cancel()
        await asyncio.gather(ends, *tasks, return_exceptions=True)
        self._assembler.close()
        for number in self._taking.connections():
            self._packets(self._taking.close(number, self._now()))
        await self._enter()
        for task in (keeping, *tasks):
            if not task.cancelled() and task.exception() is not None:
                raise task.exception()  # type: ignore[misc]

    async def _every(self, seconds: float, act: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(seconds)
            done = act()
            if asyncio.iscoroutine(done):
                await done

    def _kept(self, batch: list[Kept]) -> None:
        for kept in batch:
            self._packets(self._taking.take(kept), self._open.get(kept.chunk.connection))
        self._go_on()

    def _too_much(self) -> bool:
        return self._keeping.full or len(self._entering.rows) > MOST_ROWS

    def _go_on(self) -> None:
        if self._full and not self._too_much():
            self._full = False
            for connection in self._open.values():
                connection.go_on()

    def _not_kept(self, error: OSError) -> None:
        """The disk took nothing: whoever sent is cut off unanswered and will send again."""
        self.counts.not_kept += 1
        self._cut |= self._open.keys() | self._ended.keys()
        log.error("the disk does not take what devices send: %s; all are cut off and will send again", error.strerror)
        for connection in list(self._open.values()):
            connection.end(now=True)

    def _packets(self, taken: list[Taken], connection: Connection | None = None) -> None:
        for one in taken:
            self._entering.rows.append(one.row)
            if one.packet is None:
                self.counts.refused += 1
                continue
            self.counts.packets += 1
            self._assemble(one.packet)
            if connection is not None:
                self._speak(one, one.packet, connection)

    def _assemble(self, packet: Packet) -> None:
        """Only to see which parts are missing: values are read where they are used, from the bytes that are kept."""
        if (packet.fields.pnum or 1) > 1:
            bare = replace(packet.fields, values={}, params={}, warnings=())
            self._assembler.take(bare, len(packet.raw), self._seconds())

    def _speak(self, one: Taken, packet: Packet, connection: Connection) -> None:
        if one.answer is not None:
            self.counts.answered += connection.say(one.answer)
        mn = packet.fields.mn
        self._who[mn] = connection.number
        known = self._registered().get(mn, NOBODY)
        try:
            said = self._talk.heard(packet, known, one.row.clock_s, self._now())
        except Exception:  # what we say beside answers must keep no answer from anybody
            log.exception("a defect in what is said to %s; its packet is kept and answered", mn)
            said = []
        for words in said:
            connection.say(words)

    def _look(self) -> None:
        """Requests that wait too long, and connections that brought nothing for too long."""
        self._assembler.give_up(self._seconds())
        for mn, words in self._talk.due(self._now()):
            connection = self._open.get(self._who.get(mn, -1))
            if connection is not None:
                connection.say(words)
        quiet = self._seconds() - self._settings.idle_minutes * 60
        for connection in [c for c in self._open.values() if c.last_s < quiet]:
            connection.end()

    async def _enter(self) -> None:
        """Into the index: what was taken since the last time, and how far the segments are done with."""
        for number, received in list(self._ended.items()):
            cut = number in self._cut and self._keeping.idle  # some of its bytes never reached the disk
            if cut or received in (0, self._taking.next_of(number)):
                self._packets(self._taking.close(number, self._now()))
                del self._ended[number]
                self._cut.discard(number)
        lost, self._assembler.lost = self._assembler.lost, []
        at = self._now()
        self._entering.lost += [LostMessage(*one.key, one.parts, one.of, one.reason, at) for one in lost]
        reached = self._taking.reached()
        finished = self._taking.finished(self._keeping.segment)
        self._entering.over += [Reached(name, 0, done=True) for name in finished]
        await self._entering.enter(reached)
        self._go_on()

    def _note(self, asking: Asking) -> None:
        self._entering.askings.append(asking)
