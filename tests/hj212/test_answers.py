"""What goes back to a device: the standard's own example, and answers that our own decoder reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212.answers import Spoken, answer_to, ask_for, packet, qn_of, set_clock
from hj212.crc import CrcMode
from hj212.fields import read_fields
from hj212.stream import Packet, decode

EXAMPLE = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
AT = datetime(2026, 11, 24, 0, 15, 7, 89000, tzinfo=UTC)


def data(cn: str = "2051", flag: str = "Flag=5;", qn: str = "QN=20261124081500000;") -> bytes:
    return f"{qn}ST=39;CN={cn};PW=123456;MN=YX0001;{flag}CP=&&DataTime=20261124081500;a34001-Avg=0.3&&".encode()


def one(raw: bytes, accept: tuple[str, ...] = ()) -> Packet:
    [found] = decode(raw, accept=accept)
    assert isinstance(found, Packet), found
    return found


def test_the_standards_example_comes_out_as_it_stands_there():
    assert packet(EXAMPLE) == f"##0101{EXAMPLE}1C80\r\n".encode()


@pytest.mark.parametrize("cn", ["2011", "2021", "2031", "2041", "2051", "2061", "2081"])
def test_data_that_wants_an_answer_is_given_9014_with_its_own_qn(cn):
    answer = one(answer_to(read_fields(data(cn)), CrcMode.HJ212))
    assert (answer.fields.cn, answer.fields.st, answer.fields.qn) == ("9014", "91", "20261124081500000")
    assert (answer.fields.mn, answer.fields.pw, answer.fields.params) == ("YX0001", "123456", {})
    assert answer.raw.endswith(b"CP=&&&&" + answer.raw[-4:])


def test_a_notice_is_given_9013_and_an_answer_of_a_device_nothing():
    assert one(answer_to(read_fields(data("1013")), CrcMode.HJ212)).fields.cn == "9013"
    for cn in ("9011", "9012", "9014"):
        assert answer_to(read_fields(data(cn)), CrcMode.HJ212) is None


WHO_ASKS = [("Flag=4;", False, False), ("Flag=5;", False, True), ("", False, False), ("", True, True)]


@pytest.mark.parametrize(("flag", "always", "answered"), [*WHO_ASKS, ("Flag=4;", True, False)])
def test_only_who_asks_is_answered_or_who_cannot_ask_where_that_is_wished(flag, always, answered):
    found = answer_to(read_fields(data(flag=flag)), CrcMode.HJ212, always=always)
    assert (found is not None) == answered


def test_a_device_without_flag_is_answered_without_flag():
    answer = answer_to(read_fields(data(flag="", qn="")), CrcMode.HJ212, always=True)
    assert answer is not None and b"Flag" not in answer and b"QN" not in answer


@pytest.mark.parametrize("mode", [CrcMode.HJ212, CrcMode.HJ212_SWAPPED, CrcMode.MODBUS])
def test_a_device_is_answered_in_its_own_check_sum(mode):
    answer = answer_to(read_fields(data()), mode)
    assert one(answer, (mode.value,)).crc_mode is mode


def test_the_clock_is_set_in_beijing_time():
    said = one(set_clock(Spoken("YX0001", "39", "123456"), qn=qn_of(AT), at=AT)).fields
    assert (said.cn, said.st, said.params["SystemTime"]) == ("1012", "39", "20261124081507")
    assert said.qn == "20261124081507089" and said.answer_wanted


@pytest.mark.parametrize(("flags", "separator"), [(True, b","), (False, b";")])
def test_a_gap_is_asked_for_in_the_form_the_device_speaks(flags, separator):
    spoken = Spoken("YX0001", "39", "123456", flags=flags)
    raw = ask_for(spoken, "2051", qn=qn_of(AT), begin=AT, end=AT.replace(hour=1))
    assert b"BeginTime=20261124081507" + separator + b"EndTime=20261124091507" in raw
    assert one(raw).fields.cn == "2051"


def test_what_cannot_be_asked_is_refused():
    spoken = Spoken("YX0001", "39", "123456")
    with pytest.raises(ValueError, match="2011"):
        ask_for(spoken, "2011", qn="1", begin=AT, end=AT)
    with pytest.raises(ValueError, match="to"):
        ask_for(spoken, "2051", qn="1", begin=AT, end=AT.replace(hour=0, minute=0))
    with pytest.raises(ValueError, match="10000"):
        packet("x" * 10_000)


@given(st.text("ABCabc0123456789;=,-&监测", max_size=200))
def test_whatever_is_sent_is_framed_as_one_packet(text):
    found = list(decode(packet(f"ST=91;CN=9014;MN=A;CP=&&{text.replace('&', '')}&&")))
    assert len(found) == 1 and isinstance(found[0], Packet)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_device_is_answered_in_the_letters_it_writes(encoding: str) -> None:
    mn = "工地三号"
    raw = packet(f"QN=20261124081500000;ST=39;CN=2051;PW=1;MN={mn};Flag=5;CP=&&&&", encoding=encoding)
    words = answer_to(one(raw).fields, CrcMode.HJ212)
    assert f"MN={mn};".encode(encoding) in (words or b"")


@pytest.mark.parametrize(("letters", "answered"), [(9958, True), (9959, False)])
def test_what_no_packet_is_long_enough_to_answer_is_owed_none(letters: int, answered: bool) -> None:
    # The answer's segment is 41 bytes longer than the number: 9999 can be said, 10000 cannot.
    fields = one(packet(f"QN=1;ST=3;CN=2051;MN={'m' * letters};Flag=5;CP=&&&&")).fields
    assert (answer_to(fields, CrcMode.HJ212) is not None) == answered
