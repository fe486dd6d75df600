"""Files of packets: whole or not at all, by somebody, also while a gateway runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pipelines import clock
from pipelines.gateway import logs
from pipelines.gateway.logs import import_logs
from pipelines.gateway.registered import dialect_of
from pipelines.gateway.serve import caught_up
from pipelines.gateway.server import Gateway
from pipelines.store import Store, journal
from pipelines.store.read.journal import tail
from pipelines.store.telemetry import segments
from pipelines.store.telemetry.segments import SegmentWriter
from tests.gateway.making import GOOD, NOW, PIECES, answers_of, dialled, expected
from tests.gateway.test_server import served
from tests.hj212.wire import minute, packet

OTHER = packet(minute("310107A1000002"))


def test_who_brought_a_file_stands_in_the_journal_with_its_hash(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"".join(PIECES))
    with Store.open(home) as store, caught_up(store) as index:
        done = import_logs(store, index, [tmp_path / "a.log"], by=None, now=NOW)
        entry = tail(store, 1)[0]
        assert (entry.kind, entry.actor, entry.seq) == ("packets_imported", "owner", done.journal_entry)
        assert entry.payload["files"][0]["packets"] == sum(r.status == "ok" for r in index.packets())
        again = import_logs(store, index, [tmp_path / "a.log"], by=None, now=NOW)
        assert (again.unchanged, again.brought, again.journal_entry) == (1, [], None)
        assert journal.verify(store).ok


def test_an_import_that_was_killed_in_the_middle_of_a_packet_leaves_nothing_and_is_done_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(data := b"".join(PIECES) * 3)
    monkeypatch.setattr(logs, "BLOCK_BYTES", 100)
    with Store.open(home) as store:
        killed = SegmentWriter(home, unfinished=True)
        killed.write([segments.Chunk(NOW, 1, 0, data[:100])])
        killed.close()  # as the kernel does for a process that was killed
        with caught_up(store) as index:
            assert list(index.packets()) == []
            import_logs(store, index, [file], by=None, now=NOW)
            number = next(index.packets()).connection
            seen = [(number, r.at_byte, r.status, r.reason, r.sha256) for r in index.packets()]
    assert seen == expected(number, data)
    assert [path.suffix for path in (home / segments.FOLDER).iterdir()] == [".seg"]


def test_a_file_comes_in_while_the_gateway_runs(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(OTHER)

    async def client(port: int, gateway: Gateway) -> None:
        async with dialled(port) as (reader, writer):
            writer.write(GOOD)
            assert b"CN=9014" in await answers_of(reader)
            await asyncio.to_thread(bring)
            writer.write(GOOD)
            assert b"CN=9014" in await answers_of(reader)

    def bring() -> None:
        with Store.open(home) as store, caught_up(store) as index:
            done = import_logs(store, index, [tmp_path / "a.log"], by=None, now=clock.now())
            assert [one.packets for one in done.brought] == [1]

    with Store.open(home):
        pass
    assert [row.mn for row in served(home, client)] == ["310107A1000001", "310107A1000002", "310107A1000001"]


@pytest.mark.parametrize(
    ("written", "allowed"),
    [("", ""), ("hj212", ""), ("标准", ""), ("Modbus", "modbus"), ("CRC16-MODBUS", "modbus"), ("none", "none"),
     ("hj212_swapped", "hj212_swapped"), ("高低位颠倒", "hj212_swapped"), ("不校验", "none")],
)  # fmt: skip
def test_a_registrys_word_for_a_check_sum_allows_what_it_names(written: str, allowed: str) -> None:
    assert dialect_of(written) == ({allowed} if allowed else set())
