"""Which values of an online monitor count, and means over fixed periods: the plain reference for one device and day.

Minute values in, means out. Periods lie fixed in the Beijing day (the quarter hours of DB31/964-2016, hours, the day)
and hold a mean only where enough minutes are valid by the row in force on that day. `pipelines.monitor` does the same
over many devices at once and is tested equal to this.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from enforcement.formats import BEIJING, MEAN_DECIMALS, MINUTES_OF_A_DAY
from enforcement.policy import Policy

COUNTS, COUNTS_NOT = "counts_and_is_said", "does_not_count"


@dataclass(frozen=True, slots=True)
class Minute:
    """A value as it was sent.

    Attributes:
        at: begin of its period, aware.
        value: in the unit of the limits; NaN where none was sent.
        flag: as on the wire; "" where none was sent.
        minutes: how long its period is: 1 for minute data, 15 for a device that sends quarter hours.
    """

    at: datetime
    value: float
    flag: str = ""
    minutes: int = 1


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a fixed period.

    Attributes:
        begin: of the period, aware.
        minutes: its length.
        value: mean of the valid values; None where too few are valid.
        valid: how many of its minutes (of a day: hours) are valid.
        without_flag: how many of these carry no flag.
    """

    begin: datetime
    minutes: int
    value: float | None
    valid: int
    without_flag: int

    @property
    def end(self) -> datetime:
        """The instant it ends at."""
        return self.begin + timedelta(minutes=self.minutes)


def flags_that_count(policy: Policy, on: date) -> frozenset[str]:
    """Flags whose values count on a day; "" is among them where a missing flag does not keep a value from counting.

    Raises:
        NoRuleInForce: no row says so on that day.
    """
    told = frozenset(policy.at("reading_flags", on).words("valid"))
    return told | ({""} if policy.at("reading_without_flag", on).value == COUNTS else frozenset())


def begin_of_day(on: date) -> datetime:
    """Midnight in Beijing."""
    return datetime.combine(on, time(), BEIJING)


def means(minutes: Iterable[Minute], on: date, length: int, *, least: int, counting: frozenset[str]) -> list[Mean]:
    """Means over the fixed periods of a Beijing day.

    A minute that was said twice counts as said last. A value of several minutes counts for each of them.

    Args:
        minutes: values of one device and pollutant, in the order they were said; others than this day's are left out.
        on: the day.
        length: of a period in minutes; divides the day.
        least: how many valid minutes a period needs.
        counting: of `flags_that_count`.

    Raises:
        ValueError: `length` does not divide the day.
    """
    begin, day = begin_of_day(on), MINUTES_OF_A_DAY
    if length <= 0 or day % length:
        raise ValueError(f"periods of {length} minutes do not fill a day")
    told: dict[int, Minute] = {}
    for minute in minutes:
        first = (minute.at - begin) // timedelta(minutes=1)
        for k in range(max(first, 0), min(first + minute.minutes, day)):
            told[k] = minute
    return [_mean(begin, first, length, told, least, counting) for first in range(0, day, length)]


def day_mean(hours: Sequence[Mean], *, least: int) -> Mean:
    """The mean of a day's hours; `valid` and `least` count hours.

    Raises:
        ValueError: no hours.
    """
    if not hours:
        raise ValueError("a day without hours")
    held = [hour for hour in hours if hour.value is not None]
    value = _mean_of([hour.value for hour in held if hour.value is not None])
    return Mean(
        hours[0].begin, sum(hour.minutes for hour in hours), value if len(held) >= least else None, len(held),
        sum(hour.without_flag for hour in held),
    )  # fmt: skip


def _mean(
    begin: datetime, first: int, length: int, told: dict[int, Minute], least: int, counting: frozenset[str]
) -> Mean:
    held = [told[k] for k in range(first, first + length) if k in told]
    valid = [minute for minute in held if minute.flag in counting and math.isfinite(minute.value)]
    value = _mean_of([minute.value for minute in valid])
    return Mean(
        begin + timedelta(minutes=first), length, value if len(valid) >= least else None, len(valid),
        sum(minute.flag == "" for minute in valid),
    )  # fmt: skip


def _mean_of(values: Sequence[float]) -> float | None:
    return round(math.fsum(values) / len(values), MEAN_DECIMALS) if values else None
