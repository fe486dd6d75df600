"""What a segment says, in any order and of any vintage."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212.errors import DeviceUnnamed, FieldsMissing
from hj212.fields import fields_of, instant_of, read_fields

BEIJING = timezone(timedelta(hours=8))


def test_a_packet_of_2017_with_all_its_fields():
    head = b"QN=20261101081500000;ST=32;CN=2061;PW=secret;MN=310107W1000003;Flag=7;PNUM=2;PNO=1;"
    segment = head + b"CP=&&DataTime=20261101070000;w01018-Avg=41.2,w01018-Flag=N;w00000-Cou=12&&"
    fields = fields_of(segment, where="here")
    assert (fields.qn, fields.st, fields.cn, fields.mn) == ("20261101081500000", "32", "2061", "310107W1000003")
    assert (fields.pnum, fields.pno, fields.numbered, fields.answer_wanted, fields.version_bits) == (
        2,
        1,
        True,
        True,
        1,
    )
    assert fields.values == {"w01018": {"Avg": "41.2", "Flag": "N"}, "w00000": {"Cou": "12"}}
    assert fields.data_time == datetime(2026, 11, 1, 7, tzinfo=BEIJING)
    assert fields.warnings == ()


def test_the_password_is_not_in_what_is_printed():
    assert "secret" not in repr(read_fields(b"ST=22;CN=2011;PW=secret;MN=A;CP=&&&&"))


def test_a_packet_of_2005_without_qn_and_flag():
    fields = fields_of(
        b"ST=32;CN=2011;PW=000000;MN=LD130133000015;CP=&&DataTime=20160824003817;011-Rtd=231.0,011-Flag=N&&", where=""
    )
    assert (fields.qn, fields.flag, fields.version_bits, fields.answer_wanted) == ("", None, None, False)
    assert fields.values["011"] == {"Rtd": "231.0", "Flag": "N"}


def test_fields_in_another_order_and_behind_cp_are_read():
    fields = fields_of(b"MN=A1;PNO=0002;PNUM=0003;CN=2051;CP=&&a34001-Avg=1&&;ST=39", where="")
    assert (fields.mn, fields.st, fields.pnum, fields.pno) == ("A1", "39", 3, 2)


@pytest.mark.parametrize("segment", [b"CN=2011;MN=A;CP=&&&&", b"ST=22;MN=A;CP=&&&&", b"ST=22;CN=2011;MN=A"])
def test_without_st_cn_or_cp_it_is_refused(segment):
    with pytest.raises(FieldsMissing):
        fields_of(segment, where="here")


@pytest.mark.parametrize(
    "segment", [b"ST=22;CN=2011;CP=&&&&", b"ST=22;CN=2011;MN=;CP=&&&&", b"ST=22;CN=2011;MN= ;CP=&&&&"]
)
def test_a_device_without_a_name_is_refused(segment):
    with pytest.raises(DeviceUnnamed):
        fields_of(segment, where="here")


def test_gbk_text_is_read_and_marked_nowhere():
    fields = read_fields("ST=22;CN=2011;MN=普陀1号;CP=&&a01001-Rtd=3&&".encode("gb18030"))
    assert (fields.mn, fields.warnings) == ("普陀1号", ())


def test_doubtful_things_are_said_and_the_first_value_is_kept():
    fields = read_fields(b"ST=22;ST=31;CN=2011;MN=A;Flag=x;CP=&&DataTime=20261301000000;a21-Rtd=1;a21-Rtd=2;lost&&")
    assert fields.st == "22"
    assert fields.values == {"a21": {"Rtd": "1"}}
    assert set(fields.warnings) == {
        "field_twice",
        "number_unreadable",
        "value_twice",
        "stray_text",
        "data_time_unreadable",
    }


def test_more_than_the_standards_1024_bytes_are_read_and_said():
    inside = b";".join(b"a%05d-Rtd=1" % number for number in range(100))
    fields = read_fields(b"ST=22;CN=2011;MN=A;CP=&&" + inside + b"&&")
    assert len(fields.values) == 100
    assert "oversize" in fields.warnings


@pytest.mark.parametrize(
    "text", ["", "2026", "20261301000000", "20260230000000", "2026110108000", "２０２６１１０１０８００００"]
)
def test_what_is_no_time_is_none(text):
    assert instant_of(text) is None


def test_milliseconds_are_kept():
    assert instant_of("20160801085857223") == datetime(2016, 8, 1, 8, 58, 57, 223000, tzinfo=BEIJING)


@given(st.binary(max_size=400))
def test_reading_never_raises(segment):
    read_fields(segment)


@pytest.mark.parametrize("digits", ["9" * 10, "1" * 5000, "-1", "٣"])
def test_a_number_of_more_digits_than_any_device_has_is_none(digits: str) -> None:
    fields = read_fields(f"ST=22;CN=2011;MN=A;Flag={digits};CP=&&&&".encode())
    assert fields.flag is None
    assert "number_unreadable" in fields.warnings


@pytest.mark.parametrize(("text", "taken"), [("19691231235959", False), ("19700101000000", True),
                                             ("21001231235959", True), ("00010101000000", False)])  # fmt: skip
def test_a_time_before_1970_or_after_2100_is_none(text: str, taken: bool) -> None:
    assert (instant_of(text) is not None) == taken
