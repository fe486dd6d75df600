"""Packets for the tests, written here anew: nothing of `hj212` is used to make them."""

from __future__ import annotations


def crc(segment: bytes) -> bytes:
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ (0xA001 if register & 1 else 0)
    return b"%04X" % register


def packet(segment: bytes, *, length: int | None = None, digits: bytes | None = None) -> bytes:
    announced = len(segment) if length is None else length
    return b"##%04d" % announced + segment + (crc(segment) if digits is None else digits)


def minute(
    mn: str = "310107A1000001", *, qn: str = "20261101080000000", cp: str = "DataTime=20261101080000;a34001-Avg=0.182"
) -> bytes:
    return f"QN={qn};ST=39;CN=2051;PW=123456;MN={mn};Flag=5;CP=&&{cp}&&".encode()
