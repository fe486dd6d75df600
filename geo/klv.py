"""MISB ST 0601 UAS Datalink Local Set: KLV packets, bare or in a transport stream, with a verdict on each checksum."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.attitude import angles_of, ned_rotation
from geo.errors import NotATrack, Truncated
from geo.fixes import METRES_PER_DEGREE, Track
from geo.klv_checks import looks_elsewhere, stands_implausibly
from geo.transport_stream import Payload, is_transport_stream, klv_payloads, picture_start_s
from geo.types import FloatArray

_UNIVERSAL_KEY = bytes.fromhex("060e2b34")
LOCAL_SET_KEY = bytes.fromhex("060e2b34020b01010e01030101000000")
CHECKSUM, TIMESTAMP, HEADING, PITCH, ROLL = 1, 2, 5, 6, 7
LATITUDE, LONGITUDE, ALTITUDE = 13, 14, 15
HORIZONTAL_VIEW = 16
FULL_PITCH, FULL_ROLL = 90, 91
RELATIVE_AZIMUTH, RELATIVE_ELEVATION, RELATIVE_ROLL, SLANT_RANGE = 18, 19, 20, 21
FRAME_LATITUDE, FRAME_LONGITUDE, ELLIPSOID_HEIGHT = 23, 24, 75
_YEAR_10000_US = 253_402_300_800_000_000
APART_S = 86_400.0  # ours: a clock a day from the others' middle is broken, whatever they say of the order


@dataclass(frozen=True)
class _Scale:
    """How ST 0601 maps an integer to a range. Signed ones keep their smallest value for 'out of range'."""

    low: float
    high: float
    size: int
    signed: bool

    def decode(self, raw: bytes) -> float:
        if len(raw) != self.size:
            return math.nan
        number = int.from_bytes(raw, "big", signed=self.signed)
        steps = 2 ** (8 * self.size) - (2 if self.signed else 1)
        if self.signed:
            return math.nan if number == -(2 ** (8 * self.size - 1)) else number * (self.high - self.low) / steps
        return self.low + number * (self.high - self.low) / float(steps)


_SCALES = {
    HEADING: _Scale(0, 360, 2, False),
    PITCH: _Scale(-20, 20, 2, True),
    ROLL: _Scale(-50, 50, 2, True),
    LATITUDE: _Scale(-90, 90, 4, True),
    LONGITUDE: _Scale(-180, 180, 4, True),
    ALTITUDE: _Scale(-900, 19000, 2, False),
    HORIZONTAL_VIEW: _Scale(0, 180, 2, False),
    FULL_PITCH: _Scale(-90, 90, 4, True),
    FULL_ROLL: _Scale(-90, 90, 4, True),
    RELATIVE_AZIMUTH: _Scale(0, 360, 4, False),
    RELATIVE_ELEVATION: _Scale(-180, 180, 4, True),
    RELATIVE_ROLL: _Scale(0, 360, 4, False),
    SLANT_RANGE: _Scale(0, 5_000_000, 4, False),
    FRAME_LATITUDE: _Scale(-90, 90, 4, True),
    FRAME_LONGITUDE: _Scale(-180, 180, 4, True),
    ELLIPSOID_HEIGHT: _Scale(-900, 19000, 2, False),
}


@dataclass(frozen=True)
class KlvPacket:
    """One local set.

    Attributes:
        offset: of its key in the file.
        items: tag → raw value; nested sets are kept raw.
        checksum_ok: whether tag 1 fits the bytes before it; None where there is no tag 1.
    """

    offset: int
    items: dict[int, bytes]
    checksum_ok: bool | None

    def value(self, tag: int) -> float:
        """A tag's number in degrees or metres; NaN where absent, of another length or marked out of range."""
        raw = self.items.get(tag)
        return math.nan if raw is None else _SCALES[tag].decode(raw)

    @property
    def time_utc(self) -> str | None:
        """ISO with Z from the microseconds of tag 2; None where they lie beyond the year 9999."""
        raw = self.items.get(TIMESTAMP)
        if raw is None or len(raw) != 8 or int.from_bytes(raw, "big") >= _YEAR_10000_US:
            return None
        return f"{np.datetime64(int.from_bytes(raw, 'big'), 'us')}Z"


def packets_of(data: bytes, where: str) -> Iterator[KlvPacket]:
    """Find the local sets in bare KLV; bytes between them are skipped.

    Raises:
        NotATrack: there is none.
        Truncated: the first one ends beyond the file. A later one that does is left out.
    """
    at = data.find(LOCAL_SET_KEY)
    if at < 0:
        raise NotATrack(where, "no ST 0601 key")
    first = True
    while at >= 0:
        body = _length(data, at + len(LOCAL_SET_KEY))
        if body is None or body[0] + body[1] > len(data):
            if first:
                raise Truncated(where, f"the packet at byte {at} ends beyond the file")
            return
        start, length = body
        items, sum_ends = _items(data, start, start + length)
        yield KlvPacket(at, items, _verdict(data[at:sum_ends], items))
        first, at = False, data.find(LOCAL_SET_KEY, start + length)


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """BER length: where the value starts, and how long it is."""
    if at >= len(data):
        return None
    if data[at] < 0x80:
        return at + 1, data[at]
    size = data[at] & 0x7F
    if size == 0 or size > 8 or at + 1 + size > len(data):
        return None
    return at + 1 + size, int.from_bytes(data[at + 1 : at + 1 + size], "big")


def _items(data: bytes, start: int, end: int) -> tuple[dict[int, bytes], int]:
    """Tag → value, and where the bytes end that the checksum covers (its own tag and length included)."""
    items: dict[int, bytes] = {}
    at, covered = start, end
    while at < end:
        tag = 0
        while at < end and data[at] & 0x80:
            tag = (tag << 7) | (data[at] & 0x7F)
            at += 1
        if at >= end:
            break
        tag = (tag << 7) | data[at]
        value = _length(data, at + 1)
        if value is None or value[0] + value[1] > end:
            break
        items[tag] = data[value[0] : value[0] + value[1]]
        if tag == CHECKSUM:
            covered = value[0]
        at = value[0] + value[1]
    return items, covered


def _verdict(covered: bytes, items: dict[int, bytes]) -> bool | None:
    if CHECKSUM not in items:
        return None
    return checksum(covered) == int.from_bytes(items[CHECKSUM], "big")


def checksum(covered: bytes) -> int:
    """The 16-bit running sum of ST 0601 tag 1 over everything from the key to the checksum's own length byte."""
    even, odd = sum(covered[::2]), sum(covered[1::2])
    return ((even << 8) + odd) & 0xFFFF


def read_klv(data: bytes, where: str) -> Track:
    """Read ST 0601 packets as a track.

    Args:
        data: the whole file: bare KLV, or an MPEG transport stream that carries it.
        where: its name, for refusals.

    Returns:
        The track. Packets whose checksum does not fit are kept, marked in `verified` and warned of. Times are those of
        the stream where it has them, so that second 0 is the picture's; else those of the packets' own clock. A packet
        whose clock steps back, stands a day from the others', or is missing where most have one, is dropped
        (`clock_goes_back`).

    Raises:
        NotATrack: no ST 0601 packet in it.
        Truncated: as `packets_of`.
    """
    timed = _timed_packets(data, where)
    packets = [packet for packet, _ in timed]
    placed = [math.isfinite(packet.value(LATITUDE)) and math.isfinite(packet.value(LONGITUDE)) for packet in packets]
    times = _times(timed, data)
    onward = _onward(times[placed])
    fixes = [packets[row] for row in np.flatnonzero(placed)[onward]]
    lon, lat = _column(fixes, LONGITUDE), _column(fixes, LATITUDE)
    ellipsoid, sea = _column(fixes, ELLIPSOID_HEIGHT), _column(fixes, ALTITUDE)
    by_ellipsoid = bool(fixes) and bool(np.isfinite(ellipsoid).all())
    clocks = [packet.time_utc for packet in fixes]
    angles = np.array([_camera_angles(packet) for packet in fixes], dtype=np.float64).reshape(-1, 3)
    return Track(
        format="misb_st0601",
        frames=len(packets),
        dropped=len(packets) - len(fixes),
        times_s=times[placed][onward],
        clock=[clock or "" for clock in clocks] if any(clocks) else None,
        lon=lon,
        lat=lat,
        altitude_m=ellipsoid if by_ellipsoid else sea,
        altitude_kind="ellipsoid" if by_ellipsoid else ("sea" if np.isfinite(sea).any() else "none"),
        absolute_altitude_m=sea,
        yaw_true_deg=angles[:, 0],
        pitch_deg=angles[:, 1],
        roll_deg=angles[:, 2],
        focal_35mm=np.full(len(fixes), np.nan),
        verified=np.array([packet.checksum_ok is True for packet in fixes], dtype=np.bool_),
        resolution_m=METRES_PER_DEGREE * 360.0 / 2**32,
        warnings=(*_warnings(packets), *(() if onward.all() else ("clock_goes_back",))),
        hfov_deg=_positive(_column(fixes, HORIZONTAL_VIEW)),
    )


def _timed_packets(data: bytes, where: str) -> list[tuple[KlvPacket, float | None]]:
    """Every packet, with its presentation time in seconds where a stream gives one."""
    if not is_transport_stream(data):
        return [(packet, None) for packet in packets_of(data, where)]
    found: list[tuple[KlvPacket, float | None]] = []
    for payload in _rejoined(klv_payloads(data)):
        if LOCAL_SET_KEY in payload.data:
            found += [(packet, payload.time_s) for packet in _whole_packets(payload.data, where)]
    if not found:
        raise NotATrack(where, "a transport stream without ST 0601 metadata")
    return found


def _whole_packets(data: bytes, where: str) -> list[KlvPacket]:
    """The packets of one payload; none where the first is cut off: in a stream the next one follows."""
    try:
        return list(packets_of(data, where))
    except Truncated:
        return []


def _rejoined(payloads: list[Payload]) -> Iterator[Payload]:
    """A local set may be spread over several PES packets: what does not begin with a key belongs to the one before."""
    held: Payload | None = None
    for payload in payloads:
        if held is not None and not payload.data.startswith(_UNIVERSAL_KEY):
            held = Payload(held.data + payload.data, held.time_s)
            continue
        if held is not None:
            yield held
        held = payload
    if held is not None:
        yield held


def _column(packets: list[KlvPacket], tag: int) -> FloatArray:
    return np.array([packet.value(tag) for packet in packets], dtype=np.float64)


def _positive(column: FloatArray) -> FloatArray:
    return np.where(column > 0, column, np.nan)


def _times(timed: list[tuple[KlvPacket, float | None]], data: bytes) -> FloatArray:
    """Seconds into the video (n,): by the stream where every packet has a time there, else by the packets' own clock.

    Second 0 is the stream's first picture; without one the first packet, whether it has a place or not. NaN where a
    packet has no clock and most have; where most have none, one second a packet.
    """
    streamed = [time for _, time in timed if time is not None]
    if streamed and len(streamed) == len(timed):
        start = picture_start_s(data)
        times = np.array(streamed, dtype=np.float64) - (streamed[0] if start is None else start)
        steps: FloatArray = np.mod(times + 1000.0, 2**33 / 90_000.0) - 1000.0  # the counter wraps in a day
        return np.maximum.accumulate(steps)
    clocks = [packet.time_utc for packet, _ in timed]
    instants = np.array([clock.removesuffix("Z") if clock else "NaT" for clock in clocks], dtype="datetime64[us]")
    known = ~np.isnat(instants)
    if known.sum() * 2 < len(known):
        return np.arange(len(instants), dtype=np.float64)
    seconds = np.full(len(instants), np.nan)
    if known.any():
        near = (
            np.abs((instants[known] - np.sort(instants[known])[known.sum() // 2]).astype(np.float64)) <= APART_S * 1e6
        )
        seconds[known] = (instants[known] - instants[known][near][0]).astype(np.float64) / 1e6
    return seconds


def _onward(times: FloatArray) -> NDArray[np.bool_]:
    """(n,) True where a packet's time fits those before it: not earlier, and not a day from the middle of all."""
    known = times[np.isfinite(times)]
    near: NDArray[np.bool_] = np.abs(times - (np.median(known) if len(known) else 0.0)) <= APART_S
    latest = np.maximum.accumulate(np.where(near, times, -np.inf))
    return np.asarray(near & (times >= latest))


def _camera_angles(packet: KlvPacket) -> tuple[float, float, float]:
    """The camera's yaw, pitch, roll: the sensor's relative angles on top of the platform's.

    Both are turns in the order azimuth, elevation, roll about axes that move along (ST 0601, tags 18–20): the product
    is right whatever the platform's pitch and roll. Tags 90 and 91 hold what does not fit into 6 and 7 (20° and 50°).
    """
    full, narrow = (packet.value(FULL_PITCH), packet.value(FULL_ROLL)), (packet.value(PITCH), packet.value(ROLL))
    pitch, roll = (wide if math.isfinite(wide) else small for wide, small in zip(full, narrow, strict=True))
    relative = [packet.value(tag) for tag in (RELATIVE_AZIMUTH, RELATIVE_ELEVATION, RELATIVE_ROLL)]
    angles = (packet.value(HEADING), pitch, roll, *relative)
    if not all(math.isfinite(angle) for angle in angles):
        return math.nan, math.nan, math.nan
    return angles_of(ned_rotation(*angles[:3]) @ ned_rotation(*angles[3:]))


def _warnings(packets: list[KlvPacket]) -> tuple[str, ...]:
    found = {
        "checksum_wrong": any(packet.checksum_ok is False for packet in packets),
        "checksum_missing": any(packet.checksum_ok is None for packet in packets),
        "frame_centre_contradicts": any(_looks_elsewhere(packet) for packet in packets),
        "platform_implausible": any(_stands_implausibly(packet) for packet in packets),
        "no_fix": all(math.isnan(packet.value(LATITUDE)) for packet in packets),
    }
    return tuple(word for word, is_so in found.items() if is_so)


def _looks_elsewhere(packet: KlvPacket) -> bool:
    place = (packet.value(LONGITUDE), packet.value(LATITUDE))
    centre = (packet.value(FRAME_LONGITUDE), packet.value(FRAME_LATITUDE))
    yaw, pitch, _ = _camera_angles(packet)
    return looks_elsewhere(place, centre, packet.value(SLANT_RANGE), yaw, pitch)


def _stands_implausibly(packet: KlvPacket) -> bool:
    height = packet.value(ELLIPSOID_HEIGHT)
    return stands_implausibly(height if math.isfinite(height) else packet.value(ALTITUDE), packet.value(SLANT_RANGE))
