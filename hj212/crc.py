"""The check sum of HJ 212 and the dialects that devices in the field use instead.

The standard's own is not Modbus: it moves the *high* byte of the register down before each byte, and so forgets the low
one. Some 256 values occur at all, one wrong packet in 256 passes: a good check sum is weak evidence.
"""

from __future__ import annotations

from enum import StrEnum

POLYNOMIAL = 0xA001
START = 0xFFFF


def _eight_shifts(register: int) -> int:
    for _ in range(8):
        carry = register & 1
        register >>= 1
        if carry:
            register ^= POLYNOMIAL
    return register


TABLE = tuple(_eight_shifts(value) for value in range(256))
HIGH = bytes(value >> 8 for value in TABLE)
"""The high byte of the register: all that one byte hands on to the next."""


class CrcMode(StrEnum):
    """Which check sum the four digits of a packet agree with."""

    HJ212 = "hj212"
    HJ212_SWAPPED = "hj212_swapped"  # the standard's, low byte first
    MODBUS = "modbus"
    NONE = "none"  # none of these


def crc_hj212(segment: bytes) -> int:
    """The standard's check sum of a data segment, 0 to 65535.

    Source: HJ 212-2017 annex A; its example gives 0x1C80.
    """
    if not segment:
        return START
    high = START >> 8
    for byte in segment[:-1]:
        high = HIGH[high ^ byte]
    return TABLE[high ^ segment[-1]]


def crc_modbus(segment: bytes) -> int:
    """The check sum of Modbus RTU, 0 to 65535, as some devices send it."""
    register = START
    for byte in segment:
        register = (register >> 8) ^ TABLE[(register ^ byte) & 0xFF]
    return register


def swapped(value: int) -> int:
    """The same sixteen bits with the low byte first."""
    return ((value & 0xFF) << 8) | (value >> 8)


def mode_of(segment: bytes, digits: bytes) -> CrcMode:
    """Which check sum the digits are, the standard's first; `NONE` where they are none, or no hexadecimal digits.

    Args:
        segment: the data segment, without header and check sum.
        digits: the four characters after it; lower case is accepted.
    """
    if not is_hex(digits):
        return CrcMode.NONE
    found = int(digits, 16)
    own = crc_hj212(segment)
    if found == own:
        return CrcMode.HJ212
    if found == swapped(own):
        return CrcMode.HJ212_SWAPPED
    return CrcMode.MODBUS if found == crc_modbus(segment) else CrcMode.NONE


def is_hex(digits: bytes) -> bool:
    """Whether these are four hexadecimal digits."""
    return len(digits) == 4 and all(digit in b"0123456789abcdefABCDEF" for digit in digits)
