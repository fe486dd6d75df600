"""Messages in several packets: any order, twice the same part, too late, too much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hj212.assemble import Assembler
from hj212.fields import Fields, read_fields


def part(number: int, of: int, qn: str = "1", codes: str = "", mn: str = "YX1") -> Fields:
    inside = codes or f"c{number}-Rtd={number}"
    return read_fields(
        f"QN={qn};ST=39;CN=2011;MN={mn};Flag=7;PNUM={of};PNO={number};CP=&&DataTime=20261124080000;{inside}&&".encode()
    )


def test_a_packet_without_numbers_is_whole():
    alone = read_fields(b"QN=1;ST=39;CN=2011;MN=YX1;Flag=5;CP=&&a-Rtd=1&&")
    assert Assembler().take(alone, 50, 0.0) is alone


@given(st.permutations(range(1, 6)), st.lists(st.integers(1, 5), max_size=4))
def test_parts_make_one_message_in_whatever_order_and_however_often_they_come(order, again):
    assembler = Assembler()
    wholes = []
    for number in [*order[:-1], *(n for n in again if n != order[-1]), order[-1]]:
        whole = assembler.take(part(number, 5), 80, 0.0)
        if whole is not None:
            wholes.append(whole)
    assert len(wholes) == 1
    assert {code: v["Rtd"] for code, v in wholes[0].values.items()} == {f"c{n}": str(n) for n in range(1, 6)}
    assert (wholes[0].pnum, wholes[0].pno, assembler.waiting_bytes, assembler.lost) == (None, None, 0, [])


def test_one_code_in_two_parts_is_joined():
    assembler = Assembler()
    assembler.take(part(1, 2, codes="a-Avg=1"), 10, 0.0)
    whole = assembler.take(part(2, 2, codes="a-Max=3"), 10, 0.0)
    assert whole is not None and whole.values["a"] == {"Avg": "1", "Max": "3"}


def test_messages_of_two_devices_with_one_qn_stay_apart():
    assembler = Assembler()
    assembler.take(part(1, 2, mn="A"), 10, 0.0)
    assembler.take(part(1, 2, mn="B"), 10, 0.0)
    whole = assembler.take(part(2, 2, mn="A"), 10, 0.0)
    assert whole is not None and whole.mn == "A"


def test_a_message_that_stays_incomplete_is_given_up_and_said():
    assembler = Assembler(timeout_s=30)
    assembler.take(part(1, 3), 10, 0.0)
    assembler.take(part(2, 3), 10, 20.0)
    assert assembler.take(part(3, 3), 10, 31.0) is None  # the first two are gone by now
    assert [(lost.reason, lost.parts, lost.of) for lost in assembler.lost] == [("part_missing", (1, 2), 3)]


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), max_size=200))
def test_memory_is_bounded_whatever_comes(parts):
    assembler = Assembler(most_bytes=1000)
    for qn, number in parts:
        assembler.take(part(number, 9, qn=str(qn)), 100, 0.0)
        assert assembler.waiting_bytes <= 1000


def test_numbers_that_make_no_sense_are_taken_as_a_whole():
    for number, of in ((0, 3), (4, 3), (1, 0), (1, 10_000_000)):
        fields = part(number, of)
        assert Assembler().take(fields, 10, 0.0) is fields
