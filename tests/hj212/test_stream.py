"""Packets and rejections, against the given packets and their independent truth, and against noise."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

import hj212
from hj212 import Packet, Rejected
from hj212.errors import REASONS
from tests.hj212.wire import crc, minute, packet

KEYS = {"offset", "status", "reason", "qn", "st", "cn", "mn", "time", "values", "crc_mode"}


@pytest.fixture(scope="module")
def truth(shared):
    with (shared / "standards" / "hj212_packets.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.given
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b""])
def test_the_given_packets_agree_with_their_truth(truth, end):
    found = list(hj212.decode(b"".join(row["packet"].encode() + end for row in truth)))
    assert [item.raw.decode() for item in found] == [row["packet"] for row in truth]
    for item, row in zip(found, truth, strict=True):
        expected = {"unreadable": "none"}.get(row["crc"].strip(), row["crc"].strip())
        assert item.crc_mode.value == expected, row["id"]
        assert isinstance(item, Packet) == (expected == "hj212"), row["id"]
        if row["length_ok"] == "false":
            assert isinstance(item, Rejected) and item.reason == "length"


@pytest.mark.given
def test_the_given_packets_count_14_right_1_swapped_1_modbus_6_none_1_unreadable(truth):
    *rows, last = hj212.lines("\r\n".join(row["packet"] for row in truth).encode())
    assert last == {"summary": {"packets": 23, "valid": 14, "rejected": 9, "bytes_skipped": 0}}
    reasons = [row["reason"] for row in rows if row["reason"]]
    assert {reason: reasons.count(reason) for reason in reasons} == {"length": 1, "crc": 6, "crc_dialect": 2}


@pytest.mark.given
def test_accepting_a_dialect_takes_its_packets_only(truth):
    data = "\n".join(row["packet"] for row in truth).encode()
    accepted = (["modbus"], ["hj212_swapped"], ["modbus", "hj212_swapped"], ["none"])
    valid = [list(hj212.lines(data, accept=accept))[-1]["summary"]["valid"] for accept in accepted]
    assert valid == [15, 15, 16, 20]


@pytest.mark.given
def test_two_parts_of_one_message_tell_their_numbers_and_share_their_key(truth):
    one, two = list(hj212.decode("\n".join(row["packet"] for row in truth[-2:]).encode()))
    assert [(item.fields.pnum, item.fields.pno) for item in (one, two)] == [(2, 1), (2, 2)]
    keys = [(item.fields.mn, item.fields.qn, item.fields.cn) for item in (one, two)]
    assert keys[0] == keys[1]


def test_a_line_has_the_promised_keys_and_no_password():
    line, summary = hj212.lines(packet(minute(cp="DataTime=20261101080000;a34001-Avg=0.182,a34001-Flag=N")))
    assert set(line) >= KEYS
    assert (line["status"], line["reason"], line["crc_mode"], line["time"]) == (
        "ok",
        None,
        "hj212",
        "2026-11-01T08:00:00+08:00",
    )
    assert line["values"] == {"a34001": {"Avg": 0.182, "Flag": "N"}}
    assert summary == {"summary": {"packets": 1, "valid": 1, "rejected": 0, "bytes_skipped": 0}}
    assert "123456" not in json.dumps(line)


def test_a_right_check_sum_with_no_device_is_rejected_and_says_so():
    (found,) = hj212.decode(packet(minute("")))
    assert isinstance(found, Rejected)
    assert (found.reason, found.crc_mode.value) == ("mn_missing", "hj212")


def test_times_and_flags_stay_text_where_they_look_like_numbers():
    line = next(hj212.lines(packet(minute(cp="w01008-SampleTime=20231008123340,w01008-Rtd=123.456,w01008-Flag=1"))))
    assert line["values"] == {"w01008": {"SampleTime": "20231008123340", "Rtd": 123.456, "Flag": "1"}}


def test_a_packet_of_9999_bytes_is_read():
    head, tail = b"ST=22;CN=2011;MN=A;CP=&&note=", b"&&"
    segment = head + b"x" * (9999 - len(head) - len(tail)) + tail
    (found,) = hj212.decode(packet(segment))
    assert isinstance(found, Packet)
    assert "oversize" in found.fields.warnings


@hypothesis_given(
    st.binary(max_size=600)
    | st.lists(
        st.sampled_from([packet(minute()), b"##0030", b"&&", b"CP=&&", b"\xff\xfe", crc(b"a"), b"\r\n"]), max_size=20
    ).map(b"".join)
)
def test_noise_never_raises_and_every_line_is_json_with_a_known_reason(data):
    *rows, last = hj212.lines(data)
    assert last["summary"]["packets"] == len(rows)
    for row in rows:
        json.dumps(row)
        assert row["reason"] is None or row["reason"] in REASONS


def test_a_changed_byte_is_noticed_255_times_of_256_and_not_always():
    good = packet(minute())
    valid = sum(
        isinstance(item, Packet)
        for place in range(10, 60)
        for item in hj212.decode(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    )
    assert valid == 0
