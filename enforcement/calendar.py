"""Working days: weekends, the State Council's holidays and make-up days 调休, and how far these are published.

Source: the yearly notice 国务院办公厅关于部分节假日安排的通知; `holidays.csv` holds each day with its notice.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from enforcement import formats
from enforcement.errors import CalendarBad

FILE = Path(__file__).parent / "holidays.csv"
ONE_DAY = timedelta(days=1)
HOLIDAY, WORKDAY = "holiday", "workday"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. Within the years that are published it knows; outside it counts weekends only."""

    days: Mapping[date, str]
    """`holiday` or `workday` for each day that a notice names."""
    published: frozenset[int]
    """The years whose notice is in `days`."""

    def is_published(self, day: date) -> bool:
        """Whether the holidays of that day's year are known."""
        return day.year in self.published

    def is_working(self, day: date) -> bool:
        """Whether a day is worked; of an unpublished year, whether it is no Saturday or Sunday."""
        named = self.days.get(day)
        return named == WORKDAY if named is not None else day.weekday() < formats.SATURDAY

    def next_working(self, day: date) -> date:
        """The day itself if it is worked, else the first one after it that is."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    @property
    def covered_to(self) -> date:
        """The last day of the last published year."""
        return date(max(self.published) + 1, 1, 1) - ONE_DAY


@cache
def load(path: Path = FILE) -> Calendar:
    """The calendar that came with this version.

    Raises:
        CalendarBad: a row that is no day, or a day that is named twice.
    """
    days: dict[date, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            try:
                day = date.fromisoformat(row["day"])
            except (KeyError, ValueError) as error:
                raise CalendarBad(f"{path.name} row {number}", str(error)) from error
            if row["kind"] not in (HOLIDAY, WORKDAY) or day in days:
                raise CalendarBad(f"{path.name} row {number}", f"{row['day']} {row['kind']}")
            days[day] = row["kind"]
    return Calendar(days, frozenset(day.year for day in days))
