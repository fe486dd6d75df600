"""The check sums, against the standard's example, its description taken word by word, and published Modbus values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212.crc import CrcMode, crc_hj212, crc_modbus, is_hex, mode_of, swapped

ANNEX_A = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"


def test_the_example_of_annex_a_gives_1c80_and_modbus_another():
    assert len(ANNEX_A) == 101
    assert f"{crc_hj212(ANNEX_A):04X}" == "1C80"
    assert f"{crc_modbus(ANNEX_A):04X}" == "0759"


@pytest.mark.parametrize(
    ("data", "crc"), [(b"", 0xFFFF), (b"123456789", 0x4B37), (b"\x01\x03\x00\x00\x00\x0a", 0xCDC5)]
)
def test_modbus_agrees_with_published_values(data, crc):
    assert crc_modbus(data) == crc


@given(st.binary(max_size=300))
def test_the_standards_sum_agrees_with_the_description_taken_word_by_word(data):
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            out, register = register & 1, register >> 1
            register ^= 0xA001 * out
    assert crc_hj212(data) == register


def test_only_about_256_values_occur():
    seen = {crc_hj212(bytes([a, b])) for a in range(256) for b in range(256)}
    assert len(seen) <= 256


@given(st.integers(0, 0xFFFF))
def test_swapping_twice_changes_nothing(value):
    assert swapped(swapped(value)) == value


@pytest.mark.parametrize(
    ("digits", "mode"),
    [(b"1C80", "hj212"), (b"1c80", "hj212"), (b"801C", "hj212_swapped"), (b"0759", "modbus"),
     (b"0000", "none"), (b"1C8", "none"), (b"1C8 ", "none"), (b"+1C8", "none")],
)  # fmt: skip
def test_each_dialect_is_named(digits, mode):
    assert mode_of(ANNEX_A, digits) is CrcMode(mode)


def test_hexadecimal_digits_are_four_and_plain():
    assert is_hex(b"aF09")
    assert not any(is_hex(text) for text in (b"", b"12345", b"0x1F", b"12 4", b"1_23"))
