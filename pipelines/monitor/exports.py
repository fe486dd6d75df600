"""Tables that platforms export: which columns say device, time, values and flags, and readings out of them."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from enforcement.pollutants import is_known, pollutant_code
from pipelines.monitor.devices import DUST, Device, factor_of
from pipelines.readings import DAY, HOUR, MINUTE, Readings

MN_WORDS = frozenset(
    ("mn", "mn号", "设备编号", "设备编码", "设备mn", "设备mn号", "数采仪编号", "数采仪编码", "数采仪mn")
)
TIME_WORDS = frozenset(("时间", "监测时间", "数据时间", "采集时间", "日期时间", "datatime", "time", "datetime"))
FLAG_WORDS = ("数据标记", "标记", "数据标识", "标识", "flag")
WITH_UNIT = re.compile(r"^(?P<name>[^()]+?)\s*\((?P<unit>[^()]+)\)(?P<rest>.*)$")
SOOT, TSP = "a34013", "a34001"
PERIODS = {HOUR: 3600.0, DAY: 86400.0}
FIRST_SEQ = -(1 << 40)
"""Rows of exports are numbered from here on, below all packets: what a device said itself counts before an export."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of values: its place, the pollutant's code, the unit in its heading, the place of its flags."""

    place: int
    code: str
    unit: str
    flag: int | None


@dataclass(frozen=True, slots=True)
class Headings:
    """What a heading row says: the places of device and time, and the columns of values."""

    mn: int | None
    time: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose device and time could be read: its number in the file, and its cells."""

    number: int
    mn: str
    at: datetime
    cells: Sequence[str]


def headings_of(cells: Sequence[str]) -> Headings | None:
    """What a row says as headings; None where it names no time, or no pollutant that is known."""
    told = [_told(cell) for cell in cells]
    time = next((k for k, word in enumerate(told) if word in TIME_WORDS), None)
    flags = {_flagged(word): k for k, word in enumerate(told) if _flagged(word) is not None}
    columns = []
    for k, word in enumerate(told):
        found = WITH_UNIT.match(word)
        name, unit = (found["name"], found["unit"]) if found else (word, "")
        if is_known(name) and _flagged(word) is None:
            code = pollutant_code(name)
            columns.append(Column(k, code, unit, flags.get(code, flags.get(""))))
    if time is None or not columns:
        return None
    return Headings(next((k for k, word in enumerate(told) if word in MN_WORDS), None), time, tuple(columns))


def readings_of_rows(
    rows: Sequence[Row], headings: Headings, devices: Mapping[str, Device], *, received_at: datetime,
    number_of: Callable[[str], float],
) -> Readings:  # fmt: skip
    """Readings of an export; values in the device's registered unit where both units are known.

    Args:
        rows: whose device and time could be read.
        headings: of the table.
        devices: by MN.
        received_at: when the file came.
        number_of: a cell's figure, NaN where it is none.

    Raises:
        ValueError: how far apart a device's rows are fits no period; the message names the device.
    """
    period = _periods(rows)
    came = received_at.astimezone(UTC).replace(tzinfo=None)
    said: list[tuple[object, ...]] = []
    for row in rows:
        device = devices.get(row.mn)
        for column in headings.columns:
            cell = _at(row.cells, column.place)
            flag = _at(row.cells, column.flag).strip().upper() if column.flag is not None else ""
            if not cell.strip() and not flag:
                continue
            said.append(
                (row.mn, _code(column.code, device), period[row.mn], row.at.astimezone(UTC).replace(tzinfo=None),
                 number_of(cell) * _factor(column.unit, device), flag, came, FIRST_SEQ + row.number)
            )  # fmt: skip
    return _columns(said)


def _periods(rows: Iterable[Row]) -> dict[str, str]:
    """Of each device how long its rows stand for, by how far they are mostly apart."""
    times: dict[str, set[datetime]] = defaultdict(set)
    for row in rows:
        times[row.mn].add(row.at)
    return {mn: _period(mn, sorted(at)) for mn, at in times.items()}


def _period(mn: str, at: Sequence[datetime]) -> str:
    if len(at) < 2:
        raise ValueError(f"{mn}: one time only, so that nobody can say what it stands for")
    apart = statistics.mode((b - a).total_seconds() for a, b in pairwise(at))
    if apart < PERIODS[HOUR] and apart % 60 == 0:
        return MINUTE
    for period, seconds in PERIODS.items():
        if apart == seconds:
            return period
    raise ValueError(f"{mn}: rows are {apart:g} s apart")


def _code(code: str, device: Device | None) -> str:
    """Particles 颗粒物 at a building site are TSP, in flue gas they are soot."""
    return TSP if code == SOOT and device is not None and device.source == DUST else code


def _factor(unit: str, device: Device | None) -> float:
    told = factor_of(unit) if unit else None
    if told is None or device is None or device.factor is None:
        return 1.0
    return told / device.factor


def _columns(said: Sequence[tuple[object, ...]]) -> Readings:
    if not said:
        return Readings.empty()
    mn, code, period, at, value, flag, came, seq = zip(*said, strict=True)
    nothing = np.full(len(said), np.nan)
    return Readings(
        np.array(mn, object), np.array(code, object), np.array(period, object), np.array(at, "M8[us]"),
        np.array(value, float), nothing, nothing, nothing, np.array(flag, object), np.array(came, "M8[us]"),
        np.array(seq, np.int64),
    )  # fmt: skip


def _told(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).casefold().split())


def _flagged(word: str) -> str | None:
    """The pollutant whose flags a column holds; "" for those of all; None where it holds none."""
    for end in FLAG_WORDS:
        if word.endswith(end):
            name = word.removesuffix(end).rstrip("-_")
            found = WITH_UNIT.match(name)
            name = found["name"] if found else name
            return pollutant_code(name) if is_known(name) else "" if not name else None
    return None


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
