"""What smells in the last week's readings, against the eight weeks before and against other devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enforcement.limits import DUST_LIMITS
from enforcement.policy import Policy
from enforcement.pollutants import pollutant_code
from enforcement.validity import begin_of_day, flags_that_count
from models.clues.clue import Clue, worth_a_look
from models.clues.pairs import gaps_at_work, impossible_ratio, same_values
from models.clues.series import flat_line, little_variance, pressed_under_limit
from pipelines.monitor.devices import DUST, Device
from pipelines.monitor.judging import on_minutes
from pipelines.monitor.series import means
from pipelines.settings import MonitorSettings
from pipelines.store.telemetry import readings

HOURS, WEEK_DAYS, PAST_DAYS = 24, 7, 56
WHOLE_OF = {"a34004": "a34002", "a34002": "a34001"}
"""Of what a pollutant is a part: PM2.5 of PM10, PM10 of TSP."""
OFTEN_EQUAL = 0.05
HOUR = timedelta(hours=1)
Key = tuple[str, str]
Hours = dict[Key, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class DeviceClue:
    """A clue, whose series it is in, and what other device it speaks of."""

    device: Device
    pollutant: str
    clue: Clue
    begin: datetime
    end: datetime
    other: str | None = None


def clues(
    home: Path, devices: Mapping[str, Device], policy: Policy, settings: MonitorSettings, *, last: date,
    as_of: datetime,
) -> list[DeviceClue]:  # fmt: skip
    """Clues of the week that ends with a Beijing day, no more than a share of them by chance.

    Args:
        home: the data home.
        devices: by MN, as registered on that day.
        policy: all rows.
        settings: working hours and the share.
        last: the day; it is looked at whole or as far as it has come.
        as_of: only what had come by then.
    """
    hours = _hours(home, devices, policy, last, as_of)
    begin = begin_of_day(last - timedelta(days=WEEK_DAYS - 1))
    tests: Counter[str] = Counter()
    found: list[tuple[Key, str | None, Clue]] = []
    for key, series in hours.items():
        for kind, clue in _alone(series, _limit(devices[key[0]], key[1], policy, last), settings):
            tests[kind] += 1
            found += [(key, None, clue)] if clue else []
    for key, other, kind, clue in _together(hours):
        tests[kind] += 1
        found += [(key, other, clue)] if clue else []
    kept = {id(clue) for clue in worth_a_look([c for *_, c in found], tests, false_share=settings.clues_false_share)}
    return [
        DeviceClue(devices[mn], code, clue, begin + clue.first * HOUR, begin + (clue.last + 1) * HOUR, other)
        for (mn, code), other, clue in found
        if id(clue) in kept
    ]


def _hours(home: Path, devices: Mapping[str, Device], policy: Policy, last: date, as_of: datetime) -> Hours:
    """Hourly means of each series over past and week, (63 · 24,) each, NaN where an hour has no value that counts."""
    days = WEEK_DAYS + PAST_DAYS
    found: Hours = {}
    for on, said in readings.between(home, last - timedelta(days=days - 1), last, as_of=as_of):
        place = (days - 1 - (last - on).days) * HOURS
        known = said.take(np.array([mn in devices for mn in said.mn.tolist()], bool))
        keys, grid, bare = on_minutes(known, on, devices, flags_that_count(policy, on))
        for key, row in zip(keys, means(grid, bare, 60, 1).value, strict=True):
            series = found.setdefault(key, np.full(days * HOURS, np.nan))
            series[place : place + HOURS] = row
    return found


def _alone(
    series: NDArray[np.float64], limit: float | None, settings: MonitorSettings
) -> Iterator[tuple[str, Clue | None]]:
    past, week = series[: PAST_DAYS * HOURS], series[PAST_DAYS * HOURS :]
    if not np.isfinite(week).any():
        return
    known = past[np.isfinite(past)]
    yield "flat_line", flat_line(week, known)
    yield "little_variance", little_variance(week, past, a_day=HOURS)
    if limit is not None:
        yield "pressed_under_limit", pressed_under_limit(week, known, limit)
    work = np.isin(np.arange(HOURS), range(settings.work_from_hour, settings.work_to_hour))
    yield "gaps_at_work", gaps_at_work(np.isnan(week).reshape(WEEK_DAYS, HOURS), work)


def _together(hours: Hours) -> Iterator[tuple[Key, str | None, str, Clue | None]]:
    yield from _of_parts(hours)
    by_pollutant: dict[str, list[Key]] = {}
    for key in sorted(hours):
        by_pollutant.setdefault(pollutant_code(key[1]), []).append(key)
    for keys in by_pollutant.values():
        yield from _alike(keys, np.stack([hours[key][PAST_DAYS * HOURS :] for key in keys]))


def _of_parts(hours: Hours) -> Iterator[tuple[Key, str | None, str, Clue | None]]:
    cut = PAST_DAYS * HOURS
    told = {(mn, pollutant_code(code)): series for (mn, code), series in hours.items()}
    for (mn, code), series in hours.items():
        whole = told.get((mn, WHOLE_OF.get(pollutant_code(code), "")))
        if whole is not None:
            clue = impossible_ratio(series[cut:], whole[cut:], series[:cut], whole[:cut], a_day=HOURS)
            yield (mn, code), None, "impossible_ratio", clue


def _alike(keys: list[Key], week: NDArray[np.float64]) -> Iterator[tuple[Key, str | None, str, Clue | None]]:
    """Each pair of devices is a test; only of pairs that are equal often is the chance worked out."""
    for k, one in enumerate(keys[:-1]):
        often = (week[k + 1 :] == week[k]).mean(axis=1) >= OFTEN_EQUAL
        for n, other in enumerate(keys[k + 1 :]):
            if one[0] != other[0]:
                clue = same_values(week[k], week[k + 1 + n]) if often[n] else None
                yield one, other[0], "same_values", clue


def _limit(device: Device, code: str, policy: Policy, on: date) -> float | None:
    if device.source == DUST:
        rows = [row for row in policy.rows if row.id in DUST_LIMITS and row.holds(on)]
        return min((row.number("mean_above_mg_m3") for row in rows), default=None)
    limits = [one.value for one in device.limits.get(pollutant_code(code), ()) if one.value is not None]
    return min(limits, default=None)
