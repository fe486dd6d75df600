"""Packets of HJ 212-2017 as devices send them: frame, check sum and its dialects, written from the standard's text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

TURNED = 0xA001


def _of_eight_bits(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ TURNED if value & 1 else value >> 1
    return value


TABLE = tuple(_of_eight_bits(value) for value in range(256))


def check_sum(segment: bytes) -> int:
    """The standard's: the register's high byte comes down before each byte is added, annex A of HJ 212-2017."""
    register = 0xFFFF
    for byte in segment:
        register = TABLE[(register >> 8) ^ byte]
    return register


def modbus(segment: bytes) -> int:
    """What many devices send instead: the register is kept, the byte goes into its low end."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ TABLE[(register ^ byte) & 0xFF]
    return register


def frame(segment: bytes, dialect: str = "hj212") -> bytes:
    """`##`, length, segment, check sum in a dialect (`hj212`, `hj212_swapped`, `modbus`), line end."""
    told = modbus(segment) if dialect == "modbus" else check_sum(segment)
    if dialect == "hj212_swapped":
        told = (told & 0xFF) << 8 | told >> 8
    return b"##%04d%s%04X\r\n" % (len(segment), segment, told)


def minute_data(
    system: str, mn: str, at: datetime, values: Iterable[tuple[str, str, str]], *, sent_after_s: float = 2.0,
    label: datetime | None = None,
) -> bytes:  # fmt: skip
    """The data segment of a minute's data (CN 2051).

    Args:
        system: code of the system, 39 for the dust of building sites.
        mn: the device.
        at: begin of the minute, Beijing time.
        values: code, value, flag.
        sent_after_s: seconds after the minute's end at which it was sent.
        label: what `DataTime` says instead of `at`.
    """
    sent = at + timedelta(seconds=60 + sent_after_s)
    told = ";".join(f"{code}-Avg={value},{code}-Flag={flag}" for code, value, flag in values)
    return (
        f"QN={sent:%Y%m%d%H%M%S}{sent.microsecond // 1000:03d};ST={system};CN=2051;PW=123456;MN={mn};Flag=5;"
        f"CP=&&DataTime={label or at:%Y%m%d%H%M%S};{told}&&"
    ).encode()
