"""What devices, disks and people who mean harm do to a gateway: it goes on, and holds no more than it may."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.gateway import server, taking
from pipelines.gateway.connection import Connection
from pipelines.gateway.replay import catch_up
from pipelines.gateway.server import Gateway
from pipelines.gateway.taking import Taking
from pipelines.store import Store
from pipelines.store.errors import HomeUnusable
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.raw import RawPackets
from tests.gateway.making import GOOD, NOW, answers_of, dialled, kept, plain
from tests.gateway.test_server import served
from tests.hj212.wire import minute, packet

NUMBERS = st.sampled_from(["", "1", "2", "0", "-1", "9" * 20, "1" * 5000, "٣", "1.5", "１"])
TIMES = st.sampled_from(["20261101080000", "00010101000000", "99991231235959", "20261301000000", "2" * 17, ""])
TEXTS = st.sampled_from(["310107A1000001", "工地", "é" * 3000, "\x00", "a=b", "&&", "##0099", "�"]) | st.text(
    max_size=9
)
HOSTILE = st.builds(
    lambda qn, st_, cn, mn, flag, pnum, pno, at, encoding: packet(
        f"QN={qn};ST={st_};CN={cn};PW=1;MN={mn};Flag={flag};PNUM={pnum};PNO={pno};CP=&&DataTime={at};a-Rtd={flag}&&".encode(
            encoding, "replace"
        )[:9999]
    ),
    TIMES, NUMBERS, st.sampled_from(["2011", "2051", "9011", "1013", "x"]), TEXTS, NUMBERS, NUMBERS, NUMBERS, TIMES,
    st.sampled_from(["utf-8", "gb18030"]),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(parts=st.lists(HOSTILE | st.binary(max_size=40), min_size=1, max_size=6))
def test_no_packet_keeps_the_index_from_the_others_and_a_replay_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    with Store.open(tmp_path_factory.mktemp("home")) as store:
        data = b"".join([*parts, b"\r\n", GOOD])
        live = Taking(dict)
        records = kept(store.home, (1, 0, data[: len(data) // 2]), (1, len(data) // 2, data[len(data) // 2 :]))
        rows = [one.row for record in records for one in live.take(record)]
        rows += [one.row for one in live.close(1, NOW)]
        with PacketIndex.open(store.home) as index:
            catch_up(store, index, dict, now=NOW)
            found = list(index.packets())
            assert [plain(row) for row in found] == [plain(row) for row in rows]
            assert "defect" not in {row.reason for row in found}
        with RawPackets(store.home) as held:
            raws = {row.at_byte: raw for row, raw in held.of(found)}
        assert raws == {row.at_byte: data[row.at_byte : row.at_byte + row.length] for row in found}


def test_a_row_that_the_index_cannot_hold_stands_there_as_a_defect(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = taking._row

    def faulty(found, *rest):  # type: ignore[no-untyped-def]
        row = real(found, *rest)
        object.__setattr__(row, "pnum", 1 << 70) if row.qn == "20261101080100000" else None
        return row

    monkeypatch.setattr(taking, "_row", faulty)
    with Store.open(home) as store, PacketIndex.open(home) as index:
        kept(home, (1, 0, GOOD + packet(minute(qn="20261101080100000")) + packet(minute(qn="20261101080200000"))))
        catch_up(store, index, dict, now=NOW)
        assert [(row.status, row.reason) for row in index.packets()] == [
            ("ok", None), ("refused", "defect"), ("ok", None),
        ]  # fmt: skip


def test_a_packet_that_comes_byte_by_byte_costs_no_more_pieces_and_is_found_again(home: Path) -> None:
    data = packet(minute(cp="DataTime=20261101080000;" + "x" * 900)) + GOOD
    live = Taking(dict)
    rows, most = [], 0
    for record in kept(home, *((1, k, data[k : k + 1]) for k in range(len(data)))):
        rows += [one.row for one in live.take(record)]
        most = max(most, len(live._streams[1].pieces))
    assert most <= taking.MOST_PIECES
    with RawPackets(home) as held:
        assert b"".join(raw for _, raw in held.of(rows)) == data


def test_more_rows_than_may_wait_stop_reading_until_the_index_has_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = PacketIndex.add
    monkeypatch.setattr(server, "MOST_ROWS", 3)
    monkeypatch.setattr(PacketIndex, "add", lambda self, *given: (time.sleep(0.05), real(self, *given))[1])
    heard = []

    async def client(port: int, gateway: Gateway) -> None:
        async with dialled(port) as (reader, writer):
            for k in range(40):
                writer.write(packet(minute(qn=f"202611010800{k:05d}")))
                await writer.drain()
                await asyncio.sleep(0.01)
            heard.append(await answers_of(reader, 1.0))

    assert len(served(home, client)) == 40
    assert heard[0].count(b"CN=9014") == 40


def test_an_index_that_cannot_be_written_for_a_while_gets_everything_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = PacketIndex.add, []

    def full(self, *given):  # type: ignore[no-untyped-def]
        tries.append(given)
        if len(tries) < 3:
            raise HomeUnusable("packets.sqlite", "database or disk is full")
        return real(self, *given)

    monkeypatch.setattr(PacketIndex, "add", full)

    async def client(port: int, gateway: Gateway) -> None:
        async with dialled(port) as (reader, writer):
            writer.write(GOOD)
            assert b"CN=9014" in await answers_of(reader, 0.3)
        await asyncio.sleep(0.8)

    assert [row.status for row in served(home, client)] == ["ok"]
    assert len(tries) >= 3


class _Wire(asyncio.Transport):
    """A transport of which a test says what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class _Everything:
    def opened(self, connection: Connection) -> bool:
        return True

    def came(self, connection: Connection, data: bytes) -> None:
        raise AssertionError("nothing comes in this test")

    def gone(self, connection: Connection) -> None:
        raise AssertionError("nobody goes in this test")


def test_a_device_that_takes_no_answers_is_read_no_further_until_it_does_and_the_gateway_has_room() -> None:
    wire, connection = _Wire(), Connection(1, _Everything())
    connection.connection_made(wire)
    seen = []
    for act in (connection.pause_writing, connection.wait, connection.resume_writing, connection.go_on):
        act()
        seen.append(wire.reading)
    assert seen == [False, False, False, True]
