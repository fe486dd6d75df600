"""The gateway on a real socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import clock
from pipelines.gateway.server import Gateway
from pipelines.settings import GatewaySettings
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.packets import PacketRow
from pipelines.store.telemetry.segments import SegmentWriter
from tests.gateway.making import GOOD, PIECES, answers_of, dialled, expected, registered
from tests.hj212.wire import minute, packet

Client = Callable[[int, Gateway], Awaitable[None]]


def served(home: Path, client: Client, ours: GatewaySettings | None = None, **accept: str) -> list[PacketRow]:
    """Run a gateway, let a client talk to it, end it in order, and give what stands in the index."""

    async def both(index: PacketIndex) -> None:
        gateway = Gateway(home, index, lambda: registered(**accept), ours or GatewaySettings(), now=clock.now,
                          seconds=clock.seconds)  # fmt: skip
        stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
        running = asyncio.create_task(gateway.run("127.0.0.1", 0, stop, port.set_result))
        try:
            await asyncio.wait_for(client(await port, gateway), 20)
        finally:
            stop.set()
            await running

    home.mkdir(exist_ok=True)
    with PacketIndex.open(home) as index:
        asyncio.run(both(index))
        return list(index.packets())


def test_cut_and_sticky_packets_are_answered_one_by_one_and_a_wrong_check_sum_is_not(home: Path) -> None:
    heard = []

    async def client(port: int, gateway: Gateway) -> None:
        wrong = packet(minute(qn="20261101080300000"), digits=b"0000")
        two = packet(minute(qn="20261101080100000")) + packet(minute(qn="20261101080200000")) + b"\n"
        async with dialled(port) as (reader, writer):
            for part in (GOOD[:30], GOOD[30:] + b"\r\n", two, wrong + b"\r\n"):
                writer.write(part)
                await asyncio.sleep(0.05)
            heard.append(await answers_of(reader))

    rows = served(home, client)
    qns = [line.split(b";")[0][-17:] for line in heard[0].splitlines()]
    assert qns == [b"20261101080000000", b"20261101080100000", b"20261101080200000"]
    assert [r.status for r in rows] == ["ok", "ok", "ok", "refused"]
    assert [r.answer for r in rows] == ["9014", "9014", "9014", None]


def test_an_answer_comes_only_once_the_bytes_are_on_the_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    def broken(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("pipelines.store.telemetry.segments.os.fdatasync", broken)

    async def client(port: int, gateway: Gateway) -> None:
        async with dialled(port) as (reader, writer):
            writer.write(GOOD)
            try:
                heard.append(await reader.read(100))
            except ConnectionResetError:
                heard.append(b"")
        assert gateway.counts.not_kept == 1

    assert served(home, client) == []
    assert heard == [b""]


def test_what_a_device_left_unfinished_stands_in_the_index_once_it_is_gone(home: Path) -> None:
    async def client(port: int, gateway: Gateway) -> None:
        async with dialled(port) as (_, writer):
            writer.write(GOOD + GOOD[:44])
            await writer.drain()
        await asyncio.sleep(0.8)
        assert not gateway._ended  # nothing is held of a connection that is gone

    assert [(r.status, r.reason) for r in served(home, client)] == [("ok", None), ("refused", "incomplete")]


def test_more_connections_than_allowed_are_turned_away_and_the_first_go_on(home: Path) -> None:
    async def client(port: int, gateway: Gateway) -> None:
        async with dialled(port) as (first, say):
            await asyncio.sleep(0.05)
            with suppress(ConnectionResetError):
                async with dialled(port) as (second, _):
                    assert await asyncio.wait_for(second.read(1), 5) == b""
            say.write(GOOD)
            assert b"CN=9014" in await answers_of(first)
        assert gateway.counts.turned_away == 1

    assert len(served(home, client, GatewaySettings(most_connections=1))) == 1


def test_a_flood_waits_for_the_disk_instead_of_filling_the_memory(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, most = SegmentWriter.write, []
    monkeypatch.setattr(SegmentWriter, "write", lambda self, chunks: (time.sleep(0.02), real(self, chunks))[1])

    async def client(port: int, gateway: Gateway) -> None:
        async def flood() -> None:
            async with dialled(port) as (_, writer):
                for _ in range(64):
                    writer.write(b"x" * 65536)
                    await writer.drain()

        async def watch() -> None:
            for _ in range(200):
                most.append(gateway._keeping._bytes)
                await asyncio.sleep(0.005)

        await asyncio.gather(*(flood() for _ in range(4)), watch())
        await asyncio.sleep(0.5)
        assert gateway.counts.bytes == 4 * 64 * 65536

    served(home, client, GatewaySettings(waiting_mebibytes=1))
    assert max(most) < 3 << 20


def test_a_registered_dialect_is_answered_in_that_dialect(home: Path) -> None:
    segment = minute()
    value = int(packet(segment)[-4:], 16)
    swapped = b"%04X" % ((value & 0xFF) << 8 | value >> 8)
    heard = []

    async def client(port: int, gateway: Gateway) -> None:
        async with dialled(port) as (reader, writer):
            writer.write(packet(segment, digits=swapped))
            heard.append(await answers_of(reader))

    (row,) = served(home, client, **{"310107A1000001": "hj212_swapped"})
    assert (row.status, row.crc_mode) == ("ok", "hj212_swapped")
    body = heard[0].strip()
    own = int(packet(body[6:-4])[-4:], 16)
    assert body[-4:] == b"%04X" % ((own & 0xFF) << 8 | own >> 8)


@settings(max_examples=8)
@given(streams=st.lists(st.lists(st.sampled_from(PIECES) | st.binary(max_size=60), max_size=8), min_size=1, max_size=4))
def test_whatever_devices_send_the_gateway_goes_on_and_says_the_same_of_it_as_one_look(
    tmp_path_factory: pytest.TempPathFactory, streams: list[list[bytes]]
) -> None:
    async def client(port: int, gateway: Gateway) -> None:
        async def device(parts: list[bytes]) -> None:
            async with dialled(port) as (_, writer):
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)

        await asyncio.gather(*map(device, streams))
        await asyncio.sleep(0.02)
        async with dialled(port) as (reader, writer):
            writer.write(GOOD)
            assert b"CN=9014" in await answers_of(reader, 0.1)

    rows = served(tmp_path_factory.mktemp("home"), client)
    seen = sorted((r.status, r.reason or "", r.sha256) for r in rows)
    wanted = [one for parts in [*streams, [GOOD]] for one in expected(0, b"".join(parts))]
    assert seen == sorted((status, reason or "", sha) for _, _, status, reason, sha in wanted)
