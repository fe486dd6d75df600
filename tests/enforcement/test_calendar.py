"""Working days against a calendar that somebody else keeps."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from enforcement import calendar
from enforcement.errors import CalendarBad

HELD = calendar.load()


@pytest.mark.parametrize("year", sorted(HELD.published))
def test_every_day_of_a_published_year_agrees_with_the_other_calendar(year):
    day = date(year, 1, 1)
    while day.year == year:
        assert HELD.is_working(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_the_coverage_is_stated_and_beyond_it_only_weekends_count():
    assert HELD.covered_to == date(max(HELD.published), 12, 31)
    beyond = date(HELD.covered_to.year + 1, 10, 1)
    assert not HELD.is_published(beyond)
    assert HELD.is_working(beyond) == (beyond.weekday() < 5)


def test_the_years_in_use_are_covered():
    assert {2025, 2026} <= HELD.published


@pytest.mark.parametrize(
    "text",
    [
        "day,kind,name,source\n2026-02-30,holiday,x,y\n",
        "day,kind,name,source\n2026-10-01,feast,x,y\n",
        "day,kind,name,source\n2026-10-01,holiday,x,y\n2026-10-01,workday,x,y\n",
    ],
)
def test_a_bad_row_is_refused_by_its_number(tmp_path, text):
    file = tmp_path / "holidays.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CalendarBad, match="row"):
        calendar.load(file)
