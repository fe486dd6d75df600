"""The law's clocks: when a period ends under each way of counting it, and how it stands on a day.

Where the way of counting is unknown, three dates are computed. A warning runs to the earliest; a clock is `overdue`
only past the latest and `disputed` between: to call the brigade late when it may be in time is a wrong accusation, too.
Nothing is stored: dates follow from the start, the rule row that was in force then, and the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from enforcement import formats
from enforcement.calendar import ONE_DAY, Calendar
from enforcement.errors import ClockImpossible
from enforcement.policy import Rule

CALENDAR, ROLLED, WORKING, UNKNOWN = "calendar", "rolled", "working", "unknown"
COUNTINGS = (CALENDAR, ROLLED, WORKING)


class ClockState(StrEnum):
    """How a clock stands on a day."""

    RUNNING = "running"
    WARNING = "warning"
    DISPUTED = "disputed"  # past the earliest date, not past the latest
    OVERDUE = "overdue"
    MET = "met"
    MET_DISPUTED = "met_disputed"
    MET_LATE = "met_late"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count, from `first` to the day before `until` (None: still paused), and why."""

    first: date
    until: date | None
    reason: str
    document: str = ""

    def holds(self, day: date) -> bool:
        """Whether the clock stands still on that day."""
        return self.first <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class DueDates:
    """The last day of a period under each way of counting.

    `provisional_from` is the first day that the counting reached and whose year no notice covers; None where all years
    are published.
    """

    calendar: date
    rolled: date
    working: date
    counting: str
    provisional_from: date | None

    @property
    def earliest(self) -> date:
        """The date that warnings count to."""
        return min(self._in_use())

    @property
    def latest(self) -> date:
        """Past this date, and only past it, the clock is overdue."""
        return max(self._in_use())

    def _in_use(self) -> Sequence[date]:
        every = {CALENDAR: self.calendar, ROLLED: self.rolled, WORKING: self.working}
        return [every[self.counting]] if self.counting in every else list(every.values())


@dataclass(frozen=True, slots=True)
class Clock:
    """One running period: what it is about, the rule row it started under, the day it started (not counted itself)."""

    subject: str
    rule: Rule
    started: date
    ended: date | None = None
    pauses: tuple[Pause, ...] = ()
    extra_days: int = 0
    counting: str | None = None
    """Fixed by the legal office for this clock; None: as the row says."""


def due_dates(clock: Clock, calendar: Calendar, *, as_of: date) -> DueDates:
    """When the period ends.

    Args:
        clock: days and way of counting come from its rule row, `days` or `years`.
        calendar: working days.
        as_of: an open pause is taken to last until the day after.

    Returns:
        All three dates, whichever the row names.

    Raises:
        ClockImpossible: neither days nor years, a way of counting that is none, or pauses that overlap.
    """
    counting = clock.counting or _counting(clock.rule)
    paused = _paused_days(clock.pauses, as_of)
    if "years" in clock.rule.table():
        plain = _same_day_later(clock.started, int(clock.rule.number("years")))
        plain = _after(plain, clock.extra_days + sum(clock.started < day <= plain for day in paused), paused)
        dates = (plain, calendar.next_working(plain), calendar.next_working(plain))
    else:
        days = int(clock.rule.number("days")) + clock.extra_days
        plain = _after(clock.started, days, paused)
        worked = _after(clock.started, days, paused, calendar)
        dates = (plain, calendar.next_working(plain), worked)
    seen = max(dates)
    first_unknown = next((d for d in _years_between(clock.started, seen) if not calendar.is_published(d)), None)
    return DueDates(*dates, counting=counting, provisional_from=first_unknown)


def state_of(clock: Clock, due: DueDates, *, on: date, warn_days: int) -> ClockState:
    """How the clock stands on a day.

    Args:
        clock: with the day on which it ended, where it has.
        due: its dates.
        on: the Beijing day that is asked about; an end after it is not known yet.
        warn_days: so many days before the earliest date the warning begins.
    """
    if clock.ended is not None and clock.ended <= on:
        if clock.ended <= due.earliest:
            return ClockState.MET
        return ClockState.MET_DISPUTED if clock.ended <= due.latest else ClockState.MET_LATE
    if any(pause.holds(on) for pause in clock.pauses):
        return ClockState.PAUSED
    if on > due.latest:
        return ClockState.OVERDUE
    if on > due.earliest:
        return ClockState.DISPUTED
    return ClockState.WARNING if on >= warn_from(due, warn_days) else ClockState.RUNNING


def warn_from(due: DueDates, warn_days: int) -> date:
    """The first day of the warning."""
    return due.earliest - timedelta(days=warn_days)


def _counting(rule: Rule) -> str:
    counting = str(rule.table().get("counting", CALENDAR))
    if counting not in (*COUNTINGS, UNKNOWN):
        raise ClockImpossible(rule.ref, f"a way of counting that is none: {counting}")
    if not {"days", "years"} & set(rule.table()):
        raise ClockImpossible(rule.ref, "neither days nor years")
    return counting


def _after(start: date, days: int, paused: frozenset[date], calendar: Calendar | None = None) -> date:
    """The last of so many days after `start` that count: not paused and, with a calendar, worked."""
    day = start
    while days > 0:
        day += ONE_DAY
        if day not in paused and (calendar is None or calendar.is_working(day)):
            days -= 1
    return day


def _paused_days(pauses: Sequence[Pause], as_of: date) -> frozenset[date]:
    """Every day that does not count.

    Raises:
        ClockImpossible: a pause ends before it begins, or two overlap.
    """
    found: set[date] = set()
    for pause in pauses:
        until = pause.until if pause.until is not None else max(as_of, pause.first) + ONE_DAY
        if until < pause.first:
            raise ClockImpossible(pause.reason, f"a pause from {pause.first} to {until}")
        days = {pause.first + timedelta(days=n) for n in range((until - pause.first).days)}
        if found & days:
            raise ClockImpossible(pause.reason, f"two pauses on {min(found & days)}")
        found |= days
    return frozenset(found)


def _same_day_later(start: date, years: int) -> date:
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # 29 February in a year that has none: the last day of that month
        return date(start.year + years, formats.LAST_LEAP_DAY[0], formats.LAST_LEAP_DAY[1] - 1)


def _years_between(first: date, last: date) -> Iterable[date]:
    """The first day of the period in each year that it touches."""
    yield first
    yield from (date(year, 1, 1) for year in range(first.year + 1, last.year + 1))
