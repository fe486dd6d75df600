"""DJI subtitles: every dialect that docs/formats/srt.md names, read by what the file itself says."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

import numpy as np

from geo.axis_order import AxisOrder, order_of
from geo.errors import NoBlocks, NotATrack
from geo.exif import iso_instant
from geo.fixes import METRES_PER_DEGREE, Track
from geo.types import FloatArray

_NUMBER = re.compile(r"\s*\d+\s*$")
_TIME_CODE = re.compile(r"\s*(\d{1,3}):(\d{2}):(\d{2})[,.](\d{1,3})\s*-->")
_CLOCK = re.compile(
    r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})[ T]+(\d{1,2}):(\d{2}):(\d{2})(?:[,.](\d{1,6}))?(?:[,.](\d{3}))?"
)
# A value that the end of the file cuts off is no value: something must follow it.
_KEY = re.compile(r"([A-Za-z_]{2,})\s*:\s*([+-]?\d+(?:\.\d+)?)(?=[^\d.])")
_PAIR = re.compile(r"\b(GPS|HOME)\s*\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*(?:,\s*([^,()]*?)\s*)?\)")
_HEIGHT = re.compile(r"\bH\s+([+-]?\d+(?:\.\d+)?)\s*m\b")
_SPEED = re.compile(r"\bH\.S\s+([+-]?\d+(?:\.\d+)?)\s*m/s")
_LATITUDE, _LONGITUDE = ("latitude",), ("longitude", "longtitude")
# In order of preference: kind of height → keys.
_HEIGHTS = (
    ("takeoff", ("rel_alt", "barometer", "hb")),
    ("sea", ("abs_alt",)),
    ("undeclared", ("altitude",)),
)


@dataclass
class Block:
    """One subtitle: its number, its time code in seconds (None where the dialect has none), its text as written."""

    number: int
    start_s: float | None
    text: str
    keys: dict[str, str] = field(default_factory=dict)

    def value(self, *names: str) -> float | None:
        """The number behind the first of these keys, lower case."""
        for name in names:
            if name in self.keys:
                return float(self.keys[name])
        return None

    @property
    def says_where(self) -> bool:
        """The block is whole as far as its position goes, be it N/A."""
        return any(found.group(1) == "GPS" for found in _PAIR.finditer(self.text)) or "latitude" in self.keys

    def pair(self, kind: str) -> tuple[str, str] | None:
        """The first two numbers of GPS(…) or HOME(…) as written, or None."""
        for found in _PAIR.finditer(self.text):
            if found.group(1) == kind and _is_number(found.group(2)) and _is_number(found.group(3)):
                return found.group(2), found.group(3)
        return None


def read_srt(data: bytes, where: str) -> Track:
    """Read DJI subtitles.

    Args:
        data: the whole file; with or without byte order mark, CRLF or LF.
        where: its name, for refusals.

    Returns:
        The track; see `geo.track.Track`.

    Raises:
        NotATrack: no subtitles at all.
        NoBlocks: a number, but no block.
    """
    blocks = blocks_of(_decoded(data))
    if not blocks:
        if re.match(r"\s*\d+\s*(\n|$)", _decoded(data)):
            raise NoBlocks(where, "a block number and nothing behind it")
        raise NotATrack(where, "no numbered block with a time code or a clock")
    for block in blocks:
        block.keys = {name.lower(): value for name, value in _KEY.findall(block.text)}
    return _track(blocks)


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def blocks_of(text: str) -> list[Block]:
    """Cut subtitles into blocks: one begins at a number followed by a time code or a clock, not at a blank line."""
    lines = text.split("\n")
    starts = [
        row
        for row in range(len(lines) - 1)
        if _NUMBER.match(lines[row]) and (_TIME_CODE.match(lines[row + 1]) or _CLOCK.match(lines[row + 1].strip()))
    ]
    blocks: list[Block] = []
    if not starts:
        return blocks
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        code = _TIME_CODE.match(lines[start + 1])
        body = "\n".join(lines[start + (2 if code else 1) : end])
        blocks.append(Block(int(lines[start]), _seconds(code) if code else None, body))
    return blocks


def _seconds(code: re.Match[str]) -> float:
    hours, minutes, seconds = (int(code.group(place)) for place in (1, 2, 3))
    return hours * 3600.0 + minutes * 60.0 + seconds + int(code.group(4).ljust(3, "0")) / 1000.0


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text) is not None


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
    pairs = [pair for block in blocks for pair in (block.pair("GPS"), block.pair("HOME")) if pair]
    order = order_of(pairs, _moves(blocks), _named(blocks))
    warnings: list[str] = list(order.doubts)
    times, joined = _times(blocks)
    if joined:
        warnings.append("several_clips")
    fixes = [fix for block, time in zip(blocks, times, strict=True) if (fix := _fix(block, time, order, warnings))]
    format_ = _dialect(blocks)
    if format_ == "dji_srt_mixed":
        warnings.append("several_dialects")
    if fixes and blocks[-1] is not fixes[-1].block and not blocks[-1].says_where:
        warnings.append("ends_within_a_block")
    if not fixes:
        warnings.append("no_fix")
    return _columns(blocks, fixes, format_, warnings)


def _named(blocks: list[Block]) -> tuple[float, float] | None:
    """A longitude and latitude that some block gives by name."""
    for block in blocks:
        lon, lat = block.value(*_LONGITUDE), block.value(*_LATITUDE)
        if lon is not None and lat is not None and (lon, lat) != (0.0, 0.0):
            return lon, lat
    return None


def _moves(blocks: list[Block]) -> list[tuple[float, float, float]]:
    """First and second number of GPS(…), and the metres flown until the next block by the speed it states."""
    moves = []
    for block, following in itertools.pairwise(blocks):
        pair, speed = block.pair("GPS"), _SPEED.search(block.text)
        if pair and speed and block.start_s is not None and following.start_s is not None:
            flown = float(speed.group(1)) * max(0.0, following.start_s - block.start_s)
            moves.append((float(pair[0]), float(pair[1]), flown))
    return moves


def _dialect(blocks: list[Block]) -> str:
    brackets = any("latitude" in block.keys for block in blocks)
    pairs = any(block.pair("GPS") for block in blocks)
    if brackets and pairs:
        return "dji_srt_mixed"
    return "dji_srt_gps" if pairs or any("GPS" in block.text for block in blocks) else "dji_srt_brackets"


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
    lat_key = next((name for name in _LATITUDE if name in block.keys), None)
    lon_key = next((name for name in _LONGITUDE if name in block.keys), None)
    pair = block.pair("GPS")
    if lat_key and lon_key:
        written = (block.keys[lon_key], block.keys[lat_key])
    elif pair:
        written = pair if order.lon_first(pair) else (pair[1], pair[0])
    else:
        return None
    lon, lat = float(written[0]), float(written[1])
    if abs(lon) < 1e-6 and abs(lat) < 1e-6:
        return None
    if abs(lon) > 180 or abs(lat) > 90:
        warnings.append("position_out_of_range")
        return None
    return _Fix(block, time_s, lon, lat, max(len(text.partition(".")[2]) for text in written))


def _columns(blocks: list[Block], fixes: list[_Fix], format_: str, warnings: list[str]) -> Track:
    kind, altitude = _altitude(fixes)
    clocks = [clock_of(fix.block.text) for fix in fixes]
    lon, lat = _array([fix.lon for fix in fixes]), _array([fix.lat for fix in fixes])
    decimals = max((fix.decimals for fix in fixes), default=0)
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
        absolute_altitude_m=_values(fixes, "abs_alt"),
        yaw_true_deg=_values(fixes, "gb_yaw"),
        pitch_deg=_values(fixes, "gb_pitch"),
        roll_deg=_values(fixes, "gb_roll"),
        focal_35mm=_array([_focal(fix.block) for fix in fixes]),
        verified=np.ones(len(fixes), dtype=np.bool_),
        resolution_m=METRES_PER_DEGREE * 10.0**-decimals if fixes else float("nan"),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _altitude(fixes: list[_Fix]) -> tuple[str, FloatArray]:
    """The best declared height of the file: above take-off before above sea before undeclared."""
    heights = _array([_bare_height(fix.block) for fix in fixes])
    for kind, names in _HEIGHTS:
        found = _values(fixes, *names)
        if kind == "takeoff":
            found = np.where(np.isnan(found), heights, found)
        if np.isfinite(found).any():
            return kind, found
    return "none", np.full(len(fixes), np.nan)


def _bare_height(block: Block) -> float | None:
    found = _HEIGHT.search(block.text)
    return float(found.group(1)) if found else None


def _focal(block: Block) -> float | None:
    """'240' is 24.0 mm, '24.00' is 24 mm: without a decimal point the firmware writes tenths."""
    written = block.keys.get("focal_len")
    if written is None:
        return None
    return float(written) if "." in written else float(written) / 10.0


def _values(fixes: list[_Fix], *names: str) -> FloatArray:
    return _array([fix.block.value(*names) for fix in fixes])


def _array(values: list[float | None] | list[float]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
