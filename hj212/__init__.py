"""HJ 212, the wire format of online monitors: bytes to packets. Standard library only; no clock, file or network."""

from hj212.crc import CrcMode
from hj212.stream import Decoder, Packet, Rejected, decode, line_of, lines

__all__ = ["CrcMode", "Decoder", "Packet", "Rejected", "decode", "line_of", "lines"]
