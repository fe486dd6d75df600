"""Subtitles with telemetry: read by what the file itself says, whatever the dialect (docs/formats/srt.md)."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geo.axis_order import AxisOrder, order_of
from geo.errors import NoBlocks, NotATrack
from geo.exif import iso_instant
from geo.fixes import METRES_PER_DEGREE, Track
from geo.srt_checks import attitude_columns, degrees_of, height_doubts, places_are_radians
from geo.srt_values import Values, focal_35mm_of, values_of, zoom_of
from geo.types import FloatArray

_NUMBER = re.compile(r"\s*(\d{1,12})\s*$")
_TIME_CODE = re.compile(r"\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[,.:;](\d{1,6}))?\s*[-–—]+\s*>")
_CLOCK = re.compile(
    r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})[ T]+(\d{1,2}):(\d{2}):(\d{2})(?:[,.](\d{1,6}))?(?:[,.](\d{3}))?"
)
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*")
# In order of preference: kind of height → which of the block's heights.
_HEIGHTS = (("takeoff", "height_takeoff"), ("sea", "height_sea"), ("undeclared", "height_undeclared"))


@dataclass
class Block:
    """One subtitle: its number, its time code in seconds (None where the dialect has none), its text as written."""

    number: int
    start_s: float | None
    text: str

    @cached_property
    def values(self) -> Values:
        """What the text says."""
        return values_of(self.text)

    def value(self, kind: str) -> float | None:
        """A number of `geo.srt_values.Values`."""
        return self.values.numbers.get(kind)


def read_srt(data: bytes, where: str) -> Track:
    """Read subtitles with telemetry.

    Args:
        data: the whole file; with or without byte order mark, CRLF or LF.
        where: its name, for refusals.

    Returns:
        The track; see `geo.track.Track`.

    Raises:
        NotATrack: no subtitles at all.
        NoBlocks: a number, but no block.
    """
    text = _decoded(data)
    blocks = blocks_of(text)
    if not blocks:
        if re.match(r"\s*\d+\s*(\n|$)", text):
            raise NoBlocks(where, "a block number and nothing behind it")
        raise NotATrack(where, "no numbered block with a time code or a clock")
    return _track(blocks)


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _without_mark(data[:200])
    text = data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    return _CHINESE_DATE.sub(r"\1-\2-\3 ", text.replace("\ufeff", ""))


def _without_mark(beginning: bytes) -> str:
    """UTF-16 that lost its byte order mark has a zero in every other byte; anything else is UTF-8."""
    least = len(beginning) // 3
    if beginning[1::2].count(0) > least:
        return "utf-16-le"
    return "utf-16-be" if beginning[0::2].count(0) > least else "utf-8-sig"


def blocks_of(text: str) -> list[Block]:
    """Cut subtitles into blocks: one begins at a time code, or at a number followed by a clock; not at a blank line."""
    lines = text.split("\n")
    starts: list[tuple[int, int, float | None, int]] = []  # first line, number, seconds, first line of its text
    for row, line in enumerate(lines):
        code = _TIME_CODE.match(line)
        before = _NUMBER.match(lines[row - 1]) if row else None
        if code:
            number = int(before[1]) if before else len(starts) + 1
            starts.append((row - 1 if before else row, number, _seconds(code), row + 1))
        elif before and _CLOCK.match(line.strip()):
            starts.append((row - 1, int(before[1]), None, row))
    if not starts:
        return []
    ends = [first for first, _, _, _ in starts[1:]] + [len(lines)]
    return [
        Block(number, seconds, "\n".join(lines[body:end]))
        for (_, number, seconds, body), end in zip(starts, ends, strict=True)
    ]


def _seconds(code: re.Match[str]) -> float:
    hours, minutes, seconds = (int(code.group(place) or 0) for place in (1, 2, 3))
    return hours * 3600.0 + minutes * 60.0 + seconds + float(f"0.{code.group(4) or 0}")


def clock_of(text: str) -> str | None:
    """'2022-08-07 13:40:40,774,808' → '2022-08-07T13:40:40.774808'; None where the block has no clock."""
    found = _CLOCK.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, first, rest = found.groups()
    fraction = (first or "").ljust(3, "0") + (rest or "") if first else ""
    return iso_instant(f"{year}:{month}:{day} {hour}:{minute}:{second}", fraction)


@dataclass(frozen=True)
class _Fix:
    block: Block
    time_s: float
    lon: float
    lat: float
    decimals: int


def _track(blocks: list[Block]) -> Track:
    pairs = [pair for block in blocks for pair in block.values.pairs.values()]
    order = order_of(pairs, _moves(blocks), _named(blocks))
    warnings: list[str] = list(order.doubts)
    times, joined = _times(blocks)
    if joined:
        warnings.append("several_clips")
    fixes = [fix for block, time in zip(blocks, times, strict=True) if (fix := _fix(block, time, order, warnings))]
    if places_are_radians([(fix.lon, fix.lat, fix.decimals) for fix in fixes]):
        fixes = [_in_degrees(fix) for fix in fixes]
        warnings.append("position_in_radians")
    format_ = _dialect(blocks)
    if format_ == "dji_srt_mixed":
        warnings.append("several_dialects")
    if fixes and blocks[-1] is not fixes[-1].block and not blocks[-1].values.says_where:
        warnings.append("ends_within_a_block")
    if not fixes:
        warnings.append("no_fix")
    return _columns(blocks, fixes, format_, warnings)


def _in_degrees(fix: _Fix) -> _Fix:
    # A radian has 57 degrees, so its decimals are worth 1.76 fewer.
    return _Fix(fix.block, fix.time_s, math.degrees(fix.lon), math.degrees(fix.lat), max(0, fix.decimals - 2))


def _named(blocks: list[Block]) -> tuple[float, float] | None:
    """A longitude and latitude that some block gives by name or by hemisphere."""
    for block in blocks:
        lon, lat = block.value("lon"), block.value("lat")
        sided = block.values.sided.get("GPS")
        if sided:
            lon, lat = float(sided[0]), float(sided[1])
        if lon is not None and lat is not None and (lon, lat) != (0.0, 0.0):
            return lon, lat
    return None


def _moves(blocks: list[Block]) -> list[tuple[float, float, float]]:
    """First and second number of GPS(…), and the metres flown until the next block by the speed it states."""
    moves = []
    for block, following in itertools.pairwise(blocks):
        pair, speed = block.values.pairs.get("GPS"), block.value("speed")
        if pair and speed is not None and block.start_s is not None and following.start_s is not None:
            flown = speed * max(0.0, following.start_s - block.start_s)
            moves.append((float(pair[0]), float(pair[1]), flown))
    return moves


def _dialect(blocks: list[Block]) -> str:
    named = any("lat" in block.values.numbers for block in blocks)
    placed = any("GPS" in block.values.pairs or "GPS" in block.values.sided for block in blocks)
    if named and placed:
        return "dji_srt_mixed"
    return "dji_srt_gps" if placed or any("GPS" in block.text for block in blocks) else "dji_srt_brackets"


def _times(blocks: list[Block]) -> tuple[list[float], bool]:
    """Seconds into the video, and whether clips were joined: where a time code steps back, the next clip begins."""
    times: list[float] = []
    offset, last, joined = 0.0, -1.0, False
    first_clock = _clock_seconds(blocks[0])
    for row, block in enumerate(blocks):
        here = block.start_s
        if here is None:
            clock = _clock_seconds(block)
            here = clock - first_clock if clock is not None and first_clock is not None else float(row)
        if here < last:
            joined, offset = True, (times[-1] if times else 0.0)
        last = here
        times.append(here + offset)
    return times, joined


def _clock_seconds(block: Block) -> float | None:
    iso = clock_of(block.text)
    return None if iso is None else float(np.datetime64(iso, "us").astype(np.int64)) / 1e6


def _fix(block: Block, time_s: float, order: AxisOrder, warnings: list[str]) -> _Fix | None:
    written = _written_place(block, order)
    if written is None:
        return None
    lon, lat, word = degrees_of(*written)
    if min(abs(lon), abs(lat)) < 1e-9:  # one axis or both: what a receiver without a fix writes
        return None
    if word:
        warnings.append(word)
    if abs(lon) > 180 or abs(lat) > 90:
        return None
    decimals = 7 if word == "position_scaled" else max(len(text.partition(".")[2]) for text in written)
    return _Fix(block, time_s, lon, lat, decimals)


def _written_place(block: Block, order: AxisOrder) -> tuple[str, str] | None:
    """Longitude and latitude as they stand in the file: by name, by hemisphere, or by the file's order."""
    named = block.values.written
    if "lon" in named and "lat" in named:
        return named["lon"], named["lat"]
    if "GPS" in block.values.sided:
        return block.values.sided["GPS"]
    pair = block.values.pairs.get("GPS")
    if pair is None:
        return None
    return pair if order.lon_first(pair) else (pair[1], pair[0])


def _columns(blocks: list[Block], fixes: list[_Fix], format_: str, warnings: list[str]) -> Track:
    kind, altitude = _altitude(fixes)
    clocks = [clock_of(fix.block.text) for fix in fixes]
    lon, lat = _array([fix.lon for fix in fixes]), _array([fix.lat for fix in fixes])
    decimals = max((fix.decimals for fix in fixes), default=0)
    yaw, pitch, roll, turned = attitude_columns(
        *(_values(fixes, name) for name in ("yaw", "pitch", "roll", "flight_yaw"))
    )
    zoom = _array([zoom_of(fix.block.values.written.get("zoom")) for fix in fixes])
    warnings += [*turned, *height_doubts(_values(fixes, "height_takeoff"), _values(fixes, "height_sea"))]
    if any(fix.block.values.feet for fix in fixes):
        warnings.append("height_in_feet")
    if fixes and decimals <= 4:
        warnings.append("coarse_positions")
    if len(fixes) > 2 and len(set(zip(lon, lat, strict=True))) <= len(fixes) / 2:
        warnings.append("fixes_repeat")
    return Track(
        format=format_,
        frames=len(blocks),
        dropped=len(blocks) - len(fixes),
        times_s=_array([fix.time_s for fix in fixes]),
        clock=[clock or "" for clock in clocks] if any(clocks) else None,
        lon=lon,
        lat=lat,
        altitude_m=altitude,
        altitude_kind=kind,
        absolute_altitude_m=_values(fixes, "height_sea"),
        yaw_true_deg=yaw,
        pitch_deg=pitch,
        roll_deg=roll,
        focal_35mm=_array([focal_35mm_of(fix.block.values.written.get("focal")) for fix in fixes]),
        verified=np.ones(len(fixes), dtype=np.bool_),
        resolution_m=METRES_PER_DEGREE * 10.0**-decimals if fixes else float("nan"),
        warnings=tuple(dict.fromkeys(warnings)),
        digital_zoom=zoom,
    )


def _altitude(fixes: list[_Fix]) -> tuple[str, FloatArray]:
    """The best declared height of the file: above take-off before above sea before undeclared."""
    for kind, name in _HEIGHTS:
        found = _values(fixes, name)
        if np.isfinite(found).any():
            return kind, found
    return "none", np.full(len(fixes), np.nan)


def _values(fixes: list[_Fix], name: str) -> FloatArray:
    return _array([fix.block.value(name) for fix in fixes])


def _array(values: list[float | None] | list[float]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
