"""From chunks to rows: the same however the bytes were cut, whoever spoke between, and wherever a kill fell."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.gateway.replay import catch_up
from pipelines.gateway.taking import Taken, Taking
from pipelines.store import Store
from pipelines.store.telemetry.index import PacketIndex
from tests.gateway.making import GOOD, NOW, PIECES, cut, expected, kept, plain, registered
from tests.hj212.wire import crc, minute, packet

STREAM = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map(b"".join)
CUTS = st.lists(st.integers(0, 2000), max_size=8)


def taken_of(home: Path, *chunks: tuple[int, int, bytes], **accept: str) -> list[Taken]:
    taking = Taking(lambda: registered(**accept))
    found = [one for record in kept(home, *chunks) for one in taking.take(record)]
    return found + [one for connection in taking.connections() for one in taking.close(connection, NOW)]


@settings(max_examples=40)
@given(one=STREAM, two=STREAM, cuts=st.tuples(CUTS, CUTS), order=st.randoms())
def test_two_streams_cut_and_mixed_give_what_each_gives_alone(one, two, cuts, order) -> None:  # type: ignore[no-untyped-def]
    parts = {1: cut(one, cuts[0]), 2: cut(two, cuts[1])}
    chunks = []
    while any(parts.values()):
        who = order.choice([k for k, left in parts.items() if left])
        chunks.append((who, *parts[who].pop(0)))
    with tempfile.TemporaryDirectory() as home:
        rows = [plain(taken.row) for taken in taken_of(Path(home), *chunks)]
    assert sorted(rows) == sorted(expected(1, one) + expected(2, two))


@settings(max_examples=25)
@given(data=STREAM, cuts=CUTS, stopped=st.integers(0, 8), flushed=st.integers(0, 8))
def test_a_kill_anywhere_loses_and_doubles_nothing(data: bytes, cuts: list[int], stopped: int, flushed: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        records = kept(store.home, *((7, at, part) for at, part in cut(data, cuts)))
        taking = Taking(dict)
        with PacketIndex.open(store.home) as index:
            for record in records[: min(stopped, flushed)]:
                index.add([one.row for one in taking.take(record)], taking.reached())
            for record in records[min(stopped, flushed) : stopped]:
                taking.take(record)  # taken, and not yet entered when the kill came
            catch_up(store, index, dict, now=NOW)
            assert [plain(row) for row in index.packets()] == expected(7, data)
            assert catch_up(store, index, dict, now=NOW) == 0


def test_an_index_that_was_lost_is_made_anew_from_the_segments(home: Path) -> None:
    data = b"".join(PIECES)
    with Store.open(home) as store:
        kept(home, (3, 0, data[:100]), (3, 100, data[100:]))
        with PacketIndex.open(home) as index:
            catch_up(store, index, dict, now=NOW)
            before = list(index.packets())
        for file in (home / "telemetry").glob("packets.sqlite*"):
            file.unlink()
        with PacketIndex.open(home) as index:
            catch_up(store, index, dict, now=NOW + timedelta(days=1))
            assert [(r.seq, *plain(r), r.place, r.received_at) for r in index.packets()] == [
                (r.seq, *plain(r), r.place, r.received_at) for r in before
            ]


@pytest.mark.parametrize(("mode", "status"), [("modbus", "ok"), ("hj212_swapped", "refused"), ("hj212", "refused")])
def test_a_dialect_is_taken_only_from_the_device_that_is_registered_with_it(home: Path, mode: str, status: str) -> None:
    segment = minute("310107A1000001")
    register = 0xFFFF
    for byte in segment:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0xA001 if register & 1 else 0)
    (taken,) = taken_of(home, (1, 0, packet(segment, digits=b"%04X" % register)), **{"310107A1000001": mode})
    assert (taken.row.status, taken.row.crc_mode) == (status, "modbus")
    assert (taken.answer is not None) == (status == "ok")


def test_what_has_a_wrong_check_sum_is_kept_and_owed_no_answer(home: Path) -> None:
    (taken,) = taken_of(home, (1, 0, packet(minute(), digits=b"0000")))
    assert (taken.row.status, taken.row.reason, taken.row.mn) == ("refused", "crc", "310107A1000001")
    assert taken.answer is None


def test_data_are_owed_a_9014_with_their_own_number_and_a_check_sum_counted_anew(home: Path) -> None:
    (taken,) = taken_of(home, (1, 0, GOOD))
    segment = b"QN=20261101080000000;ST=91;CN=9014;PW=123456;MN=310107A1000001;Flag=4;CP=&&&&"
    assert taken.answer == packet(segment) + b"\r\n"
    assert taken.row.answer == "9014"


def test_a_device_nobody_registered_is_taken_down_as_such(home: Path) -> None:
    stranger, known = taken_of(
        home, (1, 0, GOOD), (2, 0, packet(minute("310107A1000002"))), **{"310107A1000002": "hj212"}
    )
    assert (stranger.row.registered, "unregistered_device" in stranger.row.warnings) == (False, True)
    assert (known.row.registered, "unregistered_device" in known.row.warnings) == (True, False)


def test_clock_and_delay_are_measured_by_hand(home: Path) -> None:
    # Came at 08:00:30 Beijing time; QN says 08:01:10.250, DataTime 07:59:00.
    segment = minute(qn="20261101080110250", cp="DataTime=20261101075900;a34001-Avg=1")
    (taken,) = taken_of(home, (1, 0, packet(segment)))
    assert taken.row.clock_s == pytest.approx(40.25)
    assert taken.row.delay_s == pytest.approx(90.0)


def test_older_data_after_younger_are_told_from_data_in_order(home: Path) -> None:
    def at(text: str) -> bytes:
        return packet(minute(cp=f"DataTime={text};a34001-Avg=1"))

    stream = at("20261101080100") + at("20261101080000") + at("20261101080200")
    assert [t.row.out_of_order for t in taken_of(home, (1, 0, stream))] == [False, True, False]


def test_the_same_bytes_again_name_the_packet_they_repeat(home: Path) -> None:
    with Store.open(home) as store, PacketIndex.open(home) as index:
        kept(home, (1, 0, GOOD + GOOD), (2, 0, GOOD), (3, 0, packet(minute(), digits=b"0000") * 2))
        catch_up(store, index, dict, now=NOW)
        assert [row.repeats for row in index.packets()] == [None, 1, 1, None, None]


def test_a_defect_keeps_its_chunk_named_and_lets_the_others_go_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.gateway import taking

    real = taking.answer_to

    def faulty(fields, *rest, **more):  # type: ignore[no-untyped-def]
        if fields.mn == "310107A1000002":
            raise ZeroDivisionError("on purpose")
        return real(fields, *rest, **more)

    monkeypatch.setattr(taking, "answer_to", faulty)
    bad = packet(minute("310107A1000002"))
    found = taken_of(home, (1, 0, GOOD), (1, len(GOOD), bad), (1, len(GOOD) + len(bad), GOOD), (2, 0, GOOD))
    assert [(t.row.connection, t.row.reason) for t in found] == [(1, None), (1, "defect"), (1, None), (2, None)]
    assert "on purpose" in (found[1].row.detail or "")


def test_bytes_lost_on_the_disk_end_what_waited_for_them_and_what_follows_is_read(home: Path) -> None:
    rows = [t.row for t in taken_of(home, (1, 0, GOOD[:40]), (1, 500, GOOD))]
    assert [(r.at_byte, r.status, r.reason) for r in rows] == [(0, "refused", "incomplete"), (500, "ok", None)]


def test_the_checksum_helper_of_the_tests_gives_the_standards_example() -> None:
    segment = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    assert crc(segment) == b"1C80"
