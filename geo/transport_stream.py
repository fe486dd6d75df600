"""The KLV out of an MPEG transport stream: tables, packets, and the payload of the metadata streams, in order.

A program's table (PMT) names its streams. KLV travels as private data (stream type 0x06) marked with the registration
`KLVA`, or as metadata in PES packets (0x15), each unit of which has five bytes of its own before the KLV.

Source: ISO/IEC 13818-1, 2.4 (packets, PAT, PMT, PES) and 2.12.4 (metadata access units); MISB ST 1402; SMPTE RP 217.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

SYNC = 0x47
PACKET_SIZES = (188, 192, 204)  # plain, with a time stamp before it (M2TS), with error correction behind it
_PAT_PID, _NULL_PID = 0, 0x1FFF
PRIVATE_DATA, METADATA_PES = 0x06, 0x15
_REGISTRATION, _KLVA = 0x05, b"KLVA"
_UNIT_HEADER = 5
_VIDEO_STREAM = 0xE0  # stream ids 0xE0 … 0xEF


@dataclass(frozen=True)
class Payload:
    """The metadata of one PES packet: its bytes, and its presentation time in seconds where it has one."""

    data: bytes
    time_s: float | None


def is_transport_stream(data: bytes) -> bool:
    """Sync bytes stand a packet apart at the beginning of the file; a file of one packet counts by its size."""
    return _framing(data) is not None


def klv_payloads(data: bytes) -> list[Payload]:
    """The payload of every metadata stream, in the order of the file.

    Args:
        data: the whole file.

    Returns:
        One entry a PES packet. Where no table names a metadata stream, those of private streams whose payload begins
        with a SMPTE universal key (06 0E 2B 34): tables are often cut off a recorded stream. Empty where there is none.
    """
    stream = _Stream()
    for pid, starts, payload in _packets(data):
        stream.take(pid, starts, payload)
    stream.finish()
    return stream.found


def picture_start_s(data: bytes) -> float | None:
    """Presentation time of the first picture, in seconds on the stream's clock; None where the stream has no video.

    Args:
        data: the whole file.
    """
    for _, starts, payload in _packets(data):
        if starts and len(payload) >= 14 and payload[:3] == b"\x00\x00\x01" and payload[3] & 0xF0 == _VIDEO_STREAM:
            if payload[7] & 0x80 and payload[8] >= 5:
                return _time(payload[9:14])
    return None


def _framing(data: bytes) -> tuple[int, int] | None:
    """Where the first packet begins, and how far packets lie apart."""
    if _is_text(data[:1024]):
        return None  # subtitles, whose blocks may well hold a "G" every 188 bytes
    for size in PACKET_SIZES:
        for offset in range(min(size, max(1, len(data) - 187))):
            marks = data[offset : offset + 8 * size : size]
            fits = offset == 0 and len(data) % size == 0
            if marks and marks.count(SYNC) == len(marks) and (len(marks) >= 3 or fits):
                return offset, size
    return None


def _is_text(beginning: bytes) -> bool:
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return not any(byte < 0x20 and byte not in b"\t\r\n" for byte in beginning)


def _packets(data: bytes) -> Iterator[tuple[int, bool, bytes]]:
    """PID, whether a unit starts here, payload. Packets that lost their sync, or are marked as damaged, are skipped."""
    framing = _framing(data)
    if framing is None:
        return
    at, size = framing
    while at + 188 <= len(data):
        packet = data[at : at + 188]
        if packet[0] != SYNC:
            at += 1  # look for the next one
            continue
        at += size
        damaged, control = packet[1] & 0x80, packet[3] >> 4 & 0x3
        if damaged or not control & 0x1:
            continue
        begin = 4 + (1 + packet[4] if control & 0x2 else 0)
        if begin < 188:
            yield (packet[1] & 0x1F) << 8 | packet[2], bool(packet[1] & 0x40), packet[begin:]


@dataclass
class _Stream:
    """What is known so far: tables, and the unit that is being put together for each PID."""

    tables: set[int] = field(default_factory=set)
    metadata: dict[int, int] = field(default_factory=dict)  # PID → stream type
    others: set[int] = field(default_factory=set)  # named by a table as something else
    open: dict[int, bytearray] = field(default_factory=dict)
    found: list[Payload] = field(default_factory=list)

    def take(self, pid: int, starts: bool, payload: bytes) -> None:
        if pid == _NULL_PID or pid in self.others:
            return
        if starts:
            self._close(pid)
            self.open[pid] = bytearray(payload)
        elif pid in self.open:
            self.open[pid] += payload
        if pid == _PAT_PID or pid in self.tables:
            self._read_table(pid)

    def finish(self) -> None:
        for pid in list(self.open):
            self._close(pid)

    def _close(self, pid: int) -> None:
        unit = bytes(self.open.pop(pid, b""))
        if pid == _PAT_PID or pid in self.tables:
            return
        payload = _pes(unit, self.metadata.get(pid))
        if payload is not None:
            self.found.append(payload)

    def _read_table(self, pid: int) -> None:
        """A section may be spread over packets: it is read as soon as it is whole."""
        unit = self.open.get(pid, bytearray())
        begin = 1 + unit[0] if unit else 1
        if len(unit) < begin + 3:
            return
        length = (unit[begin + 1] & 0x0F) << 8 | unit[begin + 2]
        section = bytes(unit[begin : begin + 3 + length])
        if len(section) < 3 + length or length < 9:
            return
        if pid == _PAT_PID and section[0] == 0x00:
            self.tables |= {pid for number, pid in _programs(section) if number}
        elif section[0] == 0x02:
            for stream_pid, kind, klva in _streams(section):
                if kind == METADATA_PES or (kind == PRIVATE_DATA and klva):
                    self.metadata[stream_pid] = kind
                elif kind != PRIVATE_DATA:
                    self.others.add(stream_pid)
                    self.open.pop(stream_pid, None)


def _programs(section: bytes) -> Iterator[tuple[int, int]]:
    """Program number and the PID of its table; the last four bytes are the checksum."""
    for at in range(8, len(section) - 7, 4):
        yield int.from_bytes(section[at : at + 2], "big"), (section[at + 2] & 0x1F) << 8 | section[at + 3]


def _streams(section: bytes) -> Iterator[tuple[int, int, bool]]:
    """PID, stream type, and whether its descriptors register KLVA."""
    at = 12 + ((section[10] & 0x0F) << 8 | section[11]) if len(section) > 12 else len(section)
    while at + 5 <= len(section) - 4:
        length = (section[at + 3] & 0x0F) << 8 | section[at + 4]
        yield (
            (section[at + 1] & 0x1F) << 8 | section[at + 2],
            section[at],
            _registers_klva(section[at + 5 : at + 5 + length]),
        )
        at += 5 + length


def _registers_klva(descriptors: bytes) -> bool:
    at = 0
    while at + 2 <= len(descriptors):
        tag, length = descriptors[at], descriptors[at + 1]
        if tag == _REGISTRATION and descriptors[at + 2 : at + 6] == _KLVA:
            return True
        at += 2 + length
    return False


def _pes(unit: bytes, kind: int | None) -> Payload | None:
    """The metadata of a PES packet; None where it is none, or of a stream that nobody names as metadata."""
    if len(unit) < 9 or unit[:3] != b"\x00\x00\x01" or unit[6] >> 6 != 0b10:
        return None
    length, header = int.from_bytes(unit[4:6], "big"), unit[8]
    body = unit[9 + header : 6 + length if length else len(unit)]
    if kind == METADATA_PES:
        body = _without_unit_headers(body)
    elif kind is None and not body.startswith(b"\x06\x0e\x2b\x34"):
        return None
    return Payload(body, _time(unit[9:14]) if unit[7] & 0x80 and header >= 5 else None)


def _without_unit_headers(body: bytes) -> bytes:
    """Metadata access units: service, sequence, flags and a length of two bytes before the metadata of each."""
    if body.startswith(b"\x06\x0e\x2b\x34"):
        return body  # some encoders leave the header out
    found, at = b"", 0
    while at + _UNIT_HEADER <= len(body):
        length = int.from_bytes(body[at + 3 : at + 5], "big")
        found += body[at + _UNIT_HEADER : at + _UNIT_HEADER + length]
        at += _UNIT_HEADER + length
    return found


def _time(field_: bytes) -> float:
    """The 33 bits of a presentation time, spread over five bytes, in seconds."""
    ticks = (field_[0] >> 1 & 0x7) << 30 | (field_[1] << 7 | field_[2] >> 1) << 15 | (field_[3] << 7 | field_[4] >> 1)
    return ticks / 90_000.0
