"""A device's curve as it is looked at: means with the least and most of each step, flags as bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from enforcement.formats import MINUTES_OF_A_DAY
from enforcement.pollutants import pollutant_code
from enforcement.validity import begin_of_day
from pipelines.monitor.devices import Device
from pipelines.monitor.judging import on_minutes
from pipelines.readings import Readings

BEIJING = np.timedelta64(8, "h")
STEPS = (1, 5, 15, 60)
MOST_POINTS = 12_000


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of one step length, those without any value left out.

    Attributes:
        minutes: length of a step.
        at: begin of each step, datetime64[m] in UTC.
        mean: over the values that count.
        least: of them.
        most: of them.
    """

    minutes: int
    at: np.ndarray
    mean: np.ndarray
    least: np.ndarray
    most: np.ndarray


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch in which every value carries the same flag other than N."""

    begin: datetime
    end: datetime
    flag: str


def step_for(days: int) -> int:
    """The finest step of `STEPS` with which so many days have at most `MOST_POINTS` points."""
    return next((s for s in STEPS if days * MINUTES_OF_A_DAY // s <= MOST_POINTS), STEPS[-1])


def codes_of(readings: Readings, mn: str) -> list[str]:
    """What a device reports, by the codes that it says itself."""
    return sorted(set(readings.code[readings.mn == mn].tolist()))


def curve(days: Mapping[date, Readings], device: Device, code: str, *, counting: frozenset[str], minutes: int) -> Curve:
    """A curve over days.

    Args:
        days: `latest` readings of the device, by Beijing day.
        device: as it is registered.
        code: pollutant or quantity, as on the wire or in today's code.
        counting: flags whose values count; others are left out.
        minutes: a step's length; divides the day.
    """
    nothing = np.array([], "M8[m]"), np.array([]), np.array([]), np.array([])
    parts = [_day(said, on, device, code, counting, minutes) for on, said in sorted(days.items())]
    return Curve(minutes, *(np.concatenate(column) for column in zip(nothing, *parts, strict=True)))


def bands(days: Mapping[date, Readings], device: Device, code: str) -> list[Band]:
    """Stretches of flags other than N, neighbours of the same flag joined."""
    found: list[Band] = []
    for on, said in sorted(days.items()):
        for flag in sorted(set(said.flag.tolist()) - {"", "N"}):
            known = np.isfinite(_grid(said, on, device, code, frozenset({flag})))
            found += [
                Band(begin_of_day(on) + timedelta(minutes=first), begin_of_day(on) + timedelta(minutes=last + 1), flag)
                for first, last in _runs(known)
            ]
    return _joined(sorted(found, key=lambda band: (band.flag, band.begin)))


def _day(
    said: Readings, on: date, device: Device, code: str, counting: frozenset[str], minutes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    steps = _grid(said, on, device, code, counting).reshape(-1, minutes)
    held = np.isfinite(steps)
    some = held.any(axis=1)
    steps, held = steps[some], held[some]
    mean = np.where(held, steps, 0.0).sum(axis=1) / held.sum(axis=1)
    midnight = np.datetime64(on, "m") - BEIJING
    at = midnight + np.flatnonzero(some) * np.timedelta64(minutes, "m")
    return at, mean, np.where(held, steps, np.inf).min(axis=1), np.where(held, steps, -np.inf).max(axis=1)


def _grid(said: Readings, on: date, device: Device, code: str, counting: frozenset[str]) -> np.ndarray:
    """(1440,) values of these flags, NaN elsewhere; of minute data, else of momentary ones."""
    codes = [one for one in set(said.code.tolist()) if pollutant_code(one) == pollutant_code(code)]
    mine = said.take(np.isin(said.code.astype(str), codes) & (said.mn == device.mn))
    _, grid, _ = on_minutes(mine, on, {device.mn: device}, counting)
    whole = np.full(MINUTES_OF_A_DAY, np.nan)
    for row in grid:  # a device that changed from the codes of 2005 to those of today has two
        whole = np.where(np.isfinite(row), row, whole)
    return whole


def _runs(known: np.ndarray) -> list[tuple[int, int]]:
    """First and last of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return [(int(first), int(last) - 1) for first, last in edges.reshape(-1, 2)]


def _joined(found: list[Band]) -> list[Band]:
    joined: list[Band] = []
    for band in found:
        if joined and joined[-1].flag == band.flag and joined[-1].end == band.begin:
            joined[-1] = Band(joined[-1].begin, band.end, band.flag)
        else:
            joined.append(band)
    return sorted(joined, key=lambda band: (band.begin, band.flag))
