"""Streams as the field sends them: stuck together, cut, falsely announced, with strange line ends."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hj212.frame import LONGEST, Broken, Frame, Framer
from tests.hj212.wire import minute, packet

GOOD, OTHER = packet(minute()), packet(minute("310107A1000002"))


def framed(data: bytes) -> tuple[list[Frame | Broken], Framer]:
    framer = Framer()
    return [*framer.feed(data), *framer.close()], framer


def kinds(found: list[Frame | Broken]) -> list[str]:
    return [item.crc_mode.value if isinstance(item, Frame) else item.reason for item in found]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"", b"\r\n\r\n"])
def test_any_line_end_or_none_parts_packets(end):
    found, framer = framed((GOOD + end) * 3)
    assert [item.raw for item in found] == [GOOD] * 3
    assert framer.bytes_skipped == 0
    assert framer.bytes_between == 3 * len(end)


def test_noise_before_between_and_after_is_skipped_and_counted():
    found, framer = framed(b"\x00\xff#noise" + GOOD + b"ab#" + OTHER + b"tail#")
    assert [item.raw for item in found] == [GOOD, OTHER]
    assert framer.bytes_skipped == 8 + 3 + 5


def test_three_marks_before_a_header_cost_one_byte():
    found, framer = framed(b"#" + GOOD)
    assert (found[0].offset, framer.bytes_skipped) == (1, 1)


def test_a_cut_packet_does_not_take_the_whole_one_after_it_with_it():
    found, _ = framed(GOOD[:60] + OTHER + b"\r\n")
    assert kinds(found) == ["incomplete", "hj212"]
    assert found[1].raw == OTHER


def test_a_false_header_that_announces_9999_bytes_loses_no_packet_and_does_not_wait_for_the_end():
    framer = Framer()
    found = list(framer.feed(b"##9999" + GOOD + b"\r\n"))
    assert kinds(found) == ["incomplete", "hj212"]
    assert found[1].raw == GOOD


def test_a_frame_that_swallowed_a_whole_packet_is_none_even_if_its_check_sum_agrees_by_chance():
    found, framer = framed(packet(b"x" + GOOD + b"&&"))
    assert kinds(found) == ["incomplete", "hj212"]
    assert found[1].raw == GOOD
    assert framer.bytes_skipped == len(b"&&1C80")


def test_a_length_that_is_too_short_or_too_long_is_named_and_the_next_packet_is_read():
    for wrong in (-20, 25):
        segment = minute()
        found, _ = framed(packet(segment, length=len(segment) + wrong) + b"\r\n" + OTHER)
        assert kinds(found) == ["length", "hj212"]
        assert "check sum of what it holds: hj212" in found[0].detail


def test_a_header_without_four_digits_is_broken_up_to_the_line_end():
    found, framer = framed(b"##299ST=22;CP=&&&&d042\r\n" + GOOD)
    assert kinds(found) == ["length", "hj212"]
    assert found[0].raw == b"##299ST=22;CP=&&&&d042"
    assert framer.bytes_skipped == 0


def test_a_wrong_check_sum_of_the_right_length_is_a_frame_all_the_same():
    found, _ = framed(packet(minute(), digits=b"0000") + OTHER)
    assert kinds(found) == ["none", "hj212"]


def test_chinese_text_and_marks_inside_a_packet_do_not_cut_it():
    segment = minute(cp="note=#1##普陀;a01001-Rtd=1")
    for encoded in (segment, segment.decode().encode("gb18030")):
        found, _ = framed(packet(encoded) + b"\n" + GOOD)
        assert kinds(found) == ["hj212", "hj212"]


def test_what_is_cut_at_the_end_of_the_stream_is_told_only_there():
    framer = Framer()
    assert list(framer.feed(GOOD[:-3])) == []
    assert kinds(list(framer.close())) == ["incomplete"]


def test_an_unfinished_packet_is_given_as_soon_as_its_last_byte_comes():
    framer = Framer()
    for byte in GOOD[:-1]:
        assert list(framer.feed(bytes([byte]))) == []
    assert [item.raw for item in framer.feed(GOOD[-1:])] == [GOOD]


PIECES = st.sampled_from(
    [GOOD, OTHER, GOOD[:50], OTHER[30:], b"\r\n", b"\n", b"#", b"##", b"##9999", b"##0005", b"##12", b"&&1C80",
     b"\xc6\xd5", packet(minute(), digits=b"ABCD"), packet(minute(), length=9), packet(minute(), length=500)]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=12), max_size=25), st.lists(st.integers(1, 400), max_size=30))
@example([b"##0"], [1])
def test_every_byte_is_accounted_for_and_the_pieces_do_not_matter(parts, cuts):
    data = b"".join(parts)
    whole, framer = framed(data)
    assert sum(len(item.raw) for item in whole) + framer.bytes_skipped + framer.bytes_between == len(data)
    end = 0
    for item in whole:
        assert item.offset >= end
        assert data[item.offset : item.offset + len(item.raw)] == item.raw
        end = item.offset + len(item.raw)
    pieces, start, again = Framer(), 0, []
    for cut in cuts:
        again += pieces.feed(data[start : start + cut])
        start += cut
    again += [*pieces.feed(data[start:]), *pieces.close()]
    assert again == whole
    assert pieces.bytes_skipped == framer.bytes_skipped


@given(st.lists(st.sampled_from([GOOD, OTHER]), min_size=1, max_size=8), st.binary(max_size=40))
def test_whole_packets_are_found_after_any_noise_that_holds_no_header(packets, noise):
    noise = noise.replace(b"#", b"")
    found, _ = framed(noise + b"".join(packets))
    assert [item.raw for item in found] == packets


def test_no_more_than_one_packet_is_held_whatever_comes():
    framer = Framer()
    for _ in range(50):
        list(framer.feed(b"##9999" + b"x" * 4000))
    assert len(framer._held) <= LONGEST + 4006


def test_a_stream_of_false_headers_is_read_in_reasonable_time():
    started = time.perf_counter()
    found, _ = framed(b"##9999" * 10_000)
    assert len(found) == 10_000
    assert time.perf_counter() - started < 10
