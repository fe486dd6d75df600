"""A day of many devices: their means, and what of these exceeds a limit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from enforcement.limits import DUST_LIMITS, Exceedance, dust_exceedances, excuses, permit_exceedances
from enforcement.permits import Filing
from enforcement.policy import Policy
from enforcement.pollutants import pollutant_code
from enforcement.validity import Mean, begin_of_day, flags_that_count
from pipelines.monitor.devices import DUST, DUST_CODES, GAS, PH, WATER, Device
from pipelines.monitor.series import Means, day_means, means, minutes_of
from pipelines.readings import HOUR as HOUR_DATA
from pipelines.readings import MINUTE, NOW, Readings

QUARTER, HOUR = 15, 60
VALID = (("hour_valid", "valid_minutes_at_least"), ("day_valid", "valid_hours_at_least"))
BEIJING = np.timedelta64(8, "h")


@dataclass(frozen=True, slots=True)
class Judged:
    """An exceedance of a device, the filings that may explain it, and the SHA-256 of the minutes that it rests on."""

    device: Device
    exceedance: Exceedance
    excused_by: tuple[Filing, ...]
    values_sha256: str

    @property
    def id(self) -> str:
        """The same for the same device, pollutant, day and limit, whenever it is looked at."""
        told = self.exceedance
        key = f"{self.device.mn}|{told.pollutant}|{told.on}|{told.kind}|{told.rule}|{told.below}"
        return f"exceedance-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A series that no limit can be held against, and why.

    `unregistered_device`, `source_unknown`, `unit_unknown`, `implausible_unit`.
    """

    mn: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """What a day gave: means by series, exceedances, and what could not be judged."""

    on: date
    series: tuple[tuple[str, str], ...]
    quarters: Means
    judged: tuple[Judged, ...]
    not_judged: tuple[NotJudged, ...]


def judge_day(readings: Readings, on: date, devices: Mapping[str, Device], policy: Policy) -> Day:
    """Judge a Beijing day.

    Minute data count; momentary values only for a device and pollutant that sends no minute data that day, a minute's
    last value standing for it; hours only where there are neither.

    Args:
        readings: `latest` ones of that day (and, for devices that name a period by its end, of the minutes after it).
        on: the day; rows in force on it are used.
        devices: by MN.
        policy: all rows.

    Raises:
        NoRuleInForce: no row says on that day which values count.
    """
    keys, series = readings.series()
    good, left = _judgeable(keys, devices)
    wanted = set(good)
    rows = readings.take(np.array([key in wanted for key in keys], bool)[series])
    every, grid, bare = on_minutes(rows, on, devices, flags_that_count(policy, on))
    fit = _plausible(every, grid, policy, on)
    left += [
        NotJudged(mn, code, "implausible_unit") for (mn, code), is_fit in zip(every, fit, strict=True) if not is_fit
    ]
    judgeable, grid, bare = [key for key, is_fit in zip(every, fit, strict=True) if is_fit], grid[fit], bare[fit]
    least = int(policy.at("dust_quarter_hour_valid", on).number("valid_minutes_at_least"))
    quarters = means(grid, bare, QUARTER, least)
    sources = np.array([devices[mn].source for mn, _ in judgeable], object)
    judged = [one for k in np.flatnonzero(sources == DUST) for one in _dust(quarters, int(k), judgeable[k], on, policy)]
    for source in (WATER, GAS):
        which = np.flatnonzero(sources == source)
        if len(which):
            least, least_hours = (int(policy.at(f"{source}_{row}", on).number(key)) for row, key in VALID)
            hours = means(grid[which], bare[which], HOUR, least)
            days = day_means(hours, least_hours)
            judged += [
                (*judgeable[k], one) for n, k in enumerate(which)
                for one in _permit(devices[judgeable[k][0]], judgeable[k][1], hours, days, n, on, policy)
            ]  # fmt: skip
    kinds = frozenset(policy.at("filings_that_excuse", on).words())
    beyond = {(mn, code) for mn, code, _ in judged}
    rests_on = {key: _sha256(grid[k]) for k, key in enumerate(judgeable) if key in beyond}
    told = [_with(devices[mn], one, kinds, rests_on[mn, code]) for mn, code, one in judged]
    return Day(on, tuple(judgeable), quarters, tuple(told), tuple(left))


def on_minutes(
    readings: Readings, on: date, devices: Mapping[str, Device], counting: frozenset[str]
) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray]:
    """Values on the minutes of a Beijing day, in the unit of the limits where the device's is known.

    Args:
        readings: `latest` ones; of registered devices only.
        on: the day.
        devices: by MN.
        counting: flags whose values count.

    Returns:
        The n series as (MN, code), their values (n, 1440) and whether these carry no flag (n, 1440).
    """
    rows = _chosen(readings)
    keys, series = rows.series()
    return keys, *_gridded(rows, series, on, keys, devices, counting)


def _chosen(readings: Readings) -> Readings:
    """Minute data; of series without any the momentary values; of those without these, too, the hours."""
    keys, series = readings.series()
    chosen, served = np.zeros(len(series), bool), np.zeros(len(keys), bool)
    for period in (MINUTE, NOW, HOUR_DATA):
        rows = (readings.period == period) & ~served[series]
        chosen |= rows
        served[series[rows]] = True
    return readings.take(chosen)


def _plausible(keys: list[tuple[str, str]], grid: np.ndarray, policy: Policy, on: date) -> np.ndarray:
    """Whether each series' median of the day is one that its pollutant can have in the unit that is registered."""
    ranges = policy.at("plausible_day_median", on).table()
    fit = np.ones(len(keys), bool)
    for k, (_, code) in enumerate(keys):
        known = grid[k][np.isfinite(grid[k]) & (grid[k] != 0)]
        low, high = ranges.get(pollutant_code(code), (-np.inf, np.inf))
        fit[k] = not len(known) or low <= float(np.median(known)) <= high
    return fit


def _judgeable(
    keys: list[tuple[str, str]], devices: Mapping[str, Device]
) -> tuple[list[tuple[str, str]], list[NotJudged]]:
    good, left = [], []
    for mn, code in keys:
        device, pollutant = devices.get(mn), pollutant_code(code)
        if device is None:
            left.append(NotJudged(mn, code, "unregistered_device"))
        elif not device.source:
            left.append(NotJudged(mn, code, "source_unknown"))
        elif not (pollutant in DUST_CODES if device.source == DUST else device.limits.get(pollutant)):
            continue  # a quantity that no limit speaks of: wind, flow, noise
        elif device.factor is None and pollutant != PH:
            left.append(NotJudged(mn, code, "unit_unknown"))
        else:
            good.append((mn, code))
    return good, left


def _gridded(
    rows: Readings, series: np.ndarray, on: date, keys: list[tuple[str, str]], devices: Mapping[str, Device],
    counting: frozenset[str],
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    own = [devices[mn] for mn, _ in keys]
    long = np.array([d.period_minutes for d in own], np.int64)[series] if keys else np.array([], np.int64)
    long = np.where(rows.period == MINUTE, long, np.where(rows.period == HOUR_DATA, HOUR, 1))
    shift = np.array([d.shift for d in own], np.int64)[series] * long if keys else long
    behind = np.array([d.behind // timedelta(minutes=1) for d in own], np.int64)[series] if keys else long
    factor = np.array([1.0 if d.factor is None else d.factor for d in own])[series] if keys else np.array([])
    midnight = np.datetime64(on, "m") - BEIJING
    minute = (rows.at.astype("datetime64[m]") - midnight).astype(np.int64) + shift + behind
    is_ph = np.array([pollutant_code(code) == PH for _, code in keys], bool)[series] if keys else np.array([], bool)
    value = np.where(is_ph & (rows.value == 0), np.nan, rows.value * factor)  # a probe that stands dry shows 0
    return minutes_of(series, minute, value, rows.flag, count=len(keys), long=long, counting=counting)


def _dust(quarters: Means, k: int, key: tuple[str, str], on: date, policy: Policy) -> list[tuple[str, str, Exceedance]]:
    limits = [row.number("mean_above_mg_m3") for row in policy.rows if row.id in DUST_LIMITS and row.holds(on)]
    if not limits or not (quarters.value[k] >= min(limits)).any():
        return []
    held = list(_means_of(quarters, k, on, QUARTER))
    return [(*key, one) for one in dust_exceedances(held, on, pollutant_code(key[1]), policy)]


def _permit(device: Device, code: str, hours: Means, days: Means, k: int, on: date, policy: Policy) -> list[Exceedance]:
    each, whole = list(_means_of(hours, k, on, HOUR)), next(_means_of(days, k, on, 24 * HOUR))
    limits = device.limits.get(pollutant_code(code), ())
    return [one for limit in limits for one in permit_exceedances(each, whole, limit, on, policy)]


def _with(device: Device, found: Exceedance, kinds: frozenset[str], sha256: str) -> Judged:
    return Judged(device, found, tuple(excuses(device.filings, found.begin, found.end, kinds)), sha256)


def _sha256(minutes: np.ndarray) -> str:
    """Of a day's 1,440 values as little-endian float64, NaN where none counts."""
    return hashlib.sha256(minutes.astype("<f8").tobytes()).hexdigest()


def _means_of(held: Means, k: int, on: date, length: int) -> Iterator[Mean]:
    begin = begin_of_day(on)
    for p, value in enumerate(held.value[k].tolist()):
        yield Mean(
            begin + timedelta(minutes=p * length), length, None if np.isnan(value) else value, int(held.valid[k, p]),
            int(held.without_flag[k, p]),
        )  # fmt: skip
