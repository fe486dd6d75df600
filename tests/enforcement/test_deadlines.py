"""Clocks, worked by hand, and properties that hold for any of them."""

from __future__ import annotations

from datetime import date, timedelta
from types import MappingProxyType

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement import calendar, policy
from enforcement.deadlines import Clock, ClockState, Pause, due_dates, state_of, warn_from
from enforcement.errors import ClockImpossible
from enforcement.policy import FrozenMap, Rule

CALENDAR = calendar.load()
SEVEN = policy.load().at("case_after_audit_report", date(2026, 9, 28))
DAYS = st.dates(date(2025, 1, 2), date(2026, 8, 31))


def rule(counting: str = "unknown", **value) -> Rule:
    held = FrozenMap({"counting": counting, **value})
    return Rule(
        "made_up", held, None, None, "test", None, date(2000, 1, 1), None, None, None, None,
        MappingProxyType({}), date(2026, 11, 24), None, "test.toml", 1,
    )  # fmt: skip


def due(started: date, **changes):
    return due_dates(Clock("S", SEVEN, started, **changes), CALENDAR, as_of=started)


@pytest.mark.parametrize(
    ("received", "plain", "rolled", "worked"),
    [
        # over the National Day of 2026: the worked example of the law's table
        (date(2026, 9, 28), date(2026, 10, 5), date(2026, 10, 8), date(2026, 10, 13)),
        # an ordinary Monday: the seventh day is a Monday, seven working days end on Wednesday
        (date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 9), date(2026, 11, 11)),
        # a Friday: the seventh day is a Friday
        (date(2026, 11, 6), date(2026, 11, 13), date(2026, 11, 13), date(2026, 11, 17)),
        # a Saturday: the seventh day is a Saturday, moved to Monday
        (date(2026, 11, 7), date(2026, 11, 14), date(2026, 11, 16), date(2026, 11, 17)),
        # Spring Festival 2026: 15 to 23 February free, Saturdays the 14th and 28th worked
        (date(2026, 2, 13), date(2026, 2, 20), date(2026, 2, 24), date(2026, 3, 2)),
        # Spring Festival 2025: 28 January to 4 February free, Sunday 26 January and Saturday 8 February worked
        (date(2025, 1, 24), date(2025, 1, 31), date(2025, 2, 5), date(2025, 2, 10)),
        # National Day 2025: 1 to 8 October free, Sunday 28 September and Saturday 11 October worked
        (date(2025, 9, 26), date(2025, 10, 3), date(2025, 10, 9), date(2025, 10, 13)),
        # the last day is a worked Saturday, which is not moved
        (date(2026, 10, 3), date(2026, 10, 10), date(2026, 10, 10), date(2026, 10, 15)),
    ],
)
def test_the_three_dates_of_seven_days(received, plain, rolled, worked):
    found = due(received)
    assert (found.calendar, found.rolled, found.working) == (plain, rolled, worked)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 9, 28), ClockState.RUNNING),
        (date(2026, 10, 1), ClockState.RUNNING),
        (date(2026, 10, 2), ClockState.WARNING),
        (date(2026, 10, 5), ClockState.WARNING),
        (date(2026, 10, 6), ClockState.DISPUTED),
        (date(2026, 10, 13), ClockState.DISPUTED),
        (date(2026, 10, 14), ClockState.OVERDUE),
    ],
)
def test_states_while_it_runs(on, state):
    clock = Clock("S", SEVEN, date(2026, 9, 28))
    assert state_of(clock, due_dates(clock, CALENDAR, as_of=on), on=on, warn_days=3) is state


@pytest.mark.parametrize(
    ("ended", "state"),
    [
        (date(2026, 10, 5), ClockState.MET),
        (date(2026, 10, 6), ClockState.MET_DISPUTED),
        (date(2026, 10, 13), ClockState.MET_DISPUTED),
        (date(2026, 10, 14), ClockState.MET_LATE),
    ],
)
def test_states_once_it_ended(ended, state):
    clock = Clock("S", SEVEN, date(2026, 9, 28), ended=ended)
    found = due_dates(clock, CALENDAR, as_of=ended)
    assert state_of(clock, found, on=date(2026, 12, 1), warn_days=3) is state
    before = ended - timedelta(days=1)
    assert state_of(clock, found, on=before, warn_days=3) not in (ClockState.MET, ClockState.MET_LATE)


def test_a_counting_that_the_legal_office_fixed_leaves_no_dispute():
    clock = Clock("S", SEVEN, date(2026, 9, 28), counting="working")
    found = due_dates(clock, CALENDAR, as_of=date(2026, 9, 28))
    assert found.earliest == found.latest == date(2026, 10, 13)
    assert state_of(clock, found, on=date(2026, 10, 14), warn_days=3) is ClockState.OVERDUE


def test_days_of_a_pause_do_not_count():
    pause = Pause(date(2026, 11, 4), date(2026, 11, 14), "监测鉴定", "普环监〔2026〕7号")
    found = due(date(2026, 11, 2), pauses=(pause,))
    assert found.calendar == date(2026, 11, 19)  # 3, then 14 to 19
    assert found.working == date(2026, 11, 23)  # 3, then 16 to 20 and 23
    assert (
        state_of(Clock("S", SEVEN, date(2026, 11, 2), pauses=(pause,)), found, on=date(2026, 11, 5), warn_days=3)
        is ClockState.PAUSED
    )


def test_an_extension_adds_days():
    assert due(date(2026, 11, 2), extra_days=5).calendar == date(2026, 11, 14)


def test_a_period_in_years_ends_on_the_same_day():
    clock = Clock("S", rule(years=2), date(2024, 2, 29))
    assert due_dates(clock, CALENDAR, as_of=date(2026, 1, 1)).calendar == date(2026, 2, 28)


def test_beyond_the_published_years_the_dates_are_provisional_and_say_from_when():
    found = due(date(2026, 12, 28))
    assert found.provisional_from == date(2027, 1, 1)
    assert due(date(2026, 11, 2)).provisional_from is None


@pytest.mark.parametrize(
    "clock",
    [
        Clock("S", rule("lunar", days=7), date(2026, 11, 2)),
        Clock("S", rule("calendar", weeks=1), date(2026, 11, 2)),
        Clock("S", SEVEN, date(2026, 11, 2), pauses=(Pause(date(2026, 11, 9), date(2026, 11, 8), "x"),)),
        Clock(
            "S", SEVEN, date(2026, 11, 2),
            pauses=(Pause(date(2026, 11, 3), date(2026, 11, 5), "x"), Pause(date(2026, 11, 4), None, "y")),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused(clock):
    with pytest.raises(ClockImpossible):
        due_dates(clock, CALENDAR, as_of=date(2026, 11, 3))


@given(DAYS, st.integers(1, 60))
def test_working_days_agree_with_a_plain_count_over_the_other_calendar(started, days):
    found = due_dates(Clock("S", rule(days=days), started), CALENDAR, as_of=started)
    worked = [
        day
        for n in range(1, 150)
        if chinese_calendar.is_workday(day := min(started + timedelta(days=n), date(2026, 12, 31)))
    ]
    assert found.working == worked[days - 1]
    assert found.calendar == started + timedelta(days=days)


@settings(max_examples=60)
@given(DAYS, st.integers(1, 60), st.integers(0, 10), st.integers(0, 120))
def test_a_clock_only_ever_goes_forward(started, days, warn, later):
    order = [ClockState.RUNNING, ClockState.WARNING, ClockState.DISPUTED, ClockState.OVERDUE]
    clock = Clock("S", rule(days=days), started)
    found = due_dates(clock, CALENDAR, as_of=started)
    on = started + timedelta(days=later)
    today, tomorrow = (state_of(clock, found, on=day, warn_days=warn) for day in (on, on + timedelta(days=1)))
    assert order.index(today) <= order.index(tomorrow)
    assert found.earliest <= found.rolled <= found.latest
    assert warn_from(found, warn) <= found.earliest


@given(DAYS, st.integers(1, 40), st.integers(1, 20), st.integers(1, 30))
def test_a_pause_moves_the_calendar_date_by_its_days_inside_the_period(started, days, begins, lasts):
    first = started + timedelta(days=begins)
    pause = Pause(first, first + timedelta(days=lasts), "x")
    plain = due_dates(Clock("S", rule(days=days), started), CALENDAR, as_of=started).calendar
    moved = due_dates(Clock("S", rule(days=days), started, pauses=(pause,)), CALENDAR, as_of=started).calendar
    assert moved == (plain + timedelta(days=lasts) if begins <= days else plain)
