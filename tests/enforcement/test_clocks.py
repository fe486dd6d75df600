"""Every matter has exactly the clocks of its kind; what people did to one moves it and no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement import calendar, errors
from enforcement.clocks import (
    Change,
    Matter,
    clocks_of,
    counting_known,
    deadlines,
    may_extend,
    may_pause,
    may_resume,
)
from enforcement.deadlines import ClockState
from enforcement.policy import load

DAY = date(2026, 9, 28)
CALENDAR = calendar.load()


def clocks(matter: Matter, *changes: Change):
    return dict(clocks_of(matter, changes, policy=load()))


def board(*matters: Matter, on: date, changes=()):
    return deadlines(matters, changes, on=on, policy=load(), calendar=CALENDAR)


def report(received: date = DAY, **events: date) -> Matter:
    return Matter("report", "AR-1", {"received": received, **events})


@pytest.mark.parametrize(
    ("matter", "names"),
    [
        (Matter("lead", "L", {"opened": DAY, "last_seen": DAY}), {"case_filing_decision", "limitation"}),
        (report(), {"case_after_audit_report"}),
        (Matter("report", "AR", {}), set()),
        (Matter("case", "C", {"filed": DAY}), {"case_decision"}),
        (Matter("check", "N", {"ordered": DAY}, days=30), {"rectification"}),
        (Matter("check", "N", {"opened": DAY}), set()),
    ],
)
def test_each_matter_has_exactly_its_clocks(matter, names):
    assert set(clocks(matter)) == names


def test_the_worked_example_of_the_seven_days_on_the_board():
    (one,) = board(report(), on=date(2026, 10, 6))
    assert (one.name, one.clock.rule.ref) == ("case_after_audit_report", "case_after_audit_report@2019-01-01")
    assert (one.due.calendar, one.due.rolled, one.due.working) == (
        date(2026, 10, 5), date(2026, 10, 8), date(2026, 10, 13),
    )  # fmt: skip
    assert (one.warn_from, one.days_left, one.state) == (date(2026, 10, 2), -1, ClockState.DISPUTED)
    for on, state in ((5, "warning"), (6, "disputed"), (13, "disputed"), (14, "overdue")):
        assert board(report(), on=date(2026, 10, on))[0].state == state
    for filed, state in ((5, "met"), (6, "met_disputed"), (13, "met_disputed"), (14, "met_late")):
        ended = report(filed=date(2026, 10, filed))
        assert board(ended, on=date(2026, 11, 1))[0].state == state


def test_the_limitation_is_two_years_and_five_where_harm_is_marked():
    events = {"opened": DAY, "last_seen": date(2026, 9, 1)}
    plain, serious = (
        clocks(Matter("lead", "L", events)),
        clocks(Matter("lead", "L", events, frozenset({"serious_harm"}))),
    )
    assert plain["limitation"].rule.id == "limitation"
    assert serious["limitation"].rule.id == "limitation_serious"
    due = {one.clock.rule.id: one.due.calendar for one in board(Matter("lead", "L", events), on=DAY)}
    assert due["limitation"] == date(2028, 9, 1)
    older = clocks(Matter("lead", "L", {"last_seen": date(2020, 5, 1)}))
    assert older["limitation"].rule.ref == "limitation@1996-10-01", "the row of the act's own day"


def test_a_rectification_runs_the_days_that_were_set():
    check = Matter("check", "N", {"ordered": date(2026, 11, 2)}, days=10)
    (one,) = board(check, on=date(2026, 11, 3))
    assert one.due.earliest == one.due.latest == date(2026, 11, 12)
    done = Matter("check", "N", {"ordered": date(2026, 11, 2), "rechecked": date(2026, 11, 13)}, days=10)
    assert board(done, on=date(2026, 11, 20))[0].state == "met_late"


def test_the_board_begins_with_the_earliest_date():
    matters = [Matter("case", f"C-{n}", {"filed": DAY + timedelta(days=n)}) for n in (5, 1, 3)]
    assert [one.clock.subject for one in board(*matters, on=DAY + timedelta(days=9))] == ["C-1", "C-3", "C-5"]


def test_beyond_the_published_holidays_a_date_is_provisional():
    (one,) = board(Matter("case", "C", {"filed": date(2026, 11, 24)}), on=date(2026, 11, 25))
    assert one.due.provisional_from == date(2027, 1, 1)


# ---- pauses, extensions, counting -----------------------------------------------------------------------------------


def case_clock(*changes: Change):
    return clocks(Matter("case", "C", {"filed": DAY}), *changes)["case_decision"]


def pause(first: date, subject="C", rule="case_decision") -> Change:
    return Change("pause", subject, rule, first, reason="appraisal", document="鉴1")


def resume(day: date) -> Change:
    return Change("resume", "C", "case_decision", day)


def test_changes_of_others_do_not_touch_a_clock():
    first = DAY + timedelta(days=3)
    assert case_clock(pause(first)).pauses[0].first == first
    assert case_clock(pause(first, subject="C-2"), pause(first, rule="limitation")) == case_clock()


def test_a_pause_is_ended_by_its_own_change_only():
    held = case_clock(pause(DAY + timedelta(days=3)), resume(DAY + timedelta(days=9)), pause(DAY + timedelta(days=20)))
    assert [(p.first.day, p.until and p.until.day) for p in held.pauses] == [(1, 7), (18, None)]
    with pytest.raises(errors.PauseImpossible):
        case_clock(resume(DAY))


def test_when_a_pause_may_begin_and_end():
    today, third = DAY + timedelta(days=10), DAY + timedelta(days=3)
    held = may_pause("case_decision", case_clock(), third, "hearing", policy=load(), today=today)
    for day in (DAY - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(errors.PauseImpossible):
            may_pause("case_decision", case_clock(), day, "hearing", policy=load(), today=today)
    with pytest.raises(errors.PauseImpossible):
        may_pause("case_decision", held, today, "hearing", policy=load(), today=today)
    for name, reason in (
        ("case_decision", "weather"),
        ("limitation", "hearing"),
        ("case_after_audit_report", "hearing"),
    ):
        with pytest.raises(errors.PauseForbidden, match="clock_pauses@"):
            may_pause(name, case_clock(), third, reason, policy=load(), today=today)
    with pytest.raises(errors.PauseImpossible):
        may_resume("case_decision", case_clock(), third, today=today)
    for day in (third - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(errors.PauseImpossible):
            may_resume("case_decision", held, day, today=today)
    assert may_resume("case_decision", held, today, today=today).pauses[-1].until == today


def test_the_seven_days_and_the_limitation_are_never_extended():
    for name in ("case_after_audit_report", "limitation", "no_clock"):
        with pytest.raises(errors.ExtensionForbidden):
            may_extend(name, case_clock(), 1, 0, policy=load(), today=DAY)
    assert may_extend("case_decision", case_clock(), 30, 60, policy=load(), today=DAY)
    with pytest.raises(errors.ExtensionForbidden):
        may_extend("case_decision", case_clock(), 31, 60, policy=load(), today=DAY)


def test_a_counting_holds_for_clocks_that_start_from_its_day_on_and_the_last_word_counts():
    def fixed(day: date, how: str) -> Change:
        return Change("counting", "", "case_decision", day, counting=how)

    later = DAY + timedelta(days=1)
    assert case_clock(fixed(later, "working")).counting is None
    assert case_clock(fixed(DAY, "working")).counting == "working"
    assert case_clock(fixed(DAY, "working"), fixed(DAY, "rolled")).counting == "rolled"
    assert case_clock(fixed(DAY, "rolled"), fixed(DAY - timedelta(days=9), "working")).counting == "rolled"
    accepted = Change("accept", "C", "case_decision", later, counting="calendar")
    assert case_clock(fixed(later, "working"), accepted).counting == "calendar"
    with pytest.raises(errors.CountingBackdated):
        counting_known("working", "x", day=DAY, today=DAY)
    with pytest.raises(errors.CountingUnknown):
        counting_known("lunar", "x")
    with pytest.raises(errors.ReasonMissing):
        counting_known("working", " ")


@given(
    st.dates(date(2025, 1, 1), date(2026, 6, 1)), st.integers(0, 200), st.integers(0, 60), st.integers(0, 60),
    st.booleans(),
)  # fmt: skip
def test_a_clock_stands_in_one_state_and_ends_just_once(filed, after, first, lasts, decided):
    begins, on = filed + timedelta(days=first), filed + timedelta(days=after)
    changes = [pause(begins), resume(begins + timedelta(days=lasts))] if on >= begins + timedelta(days=lasts) else []
    events = {"filed": filed} | ({"decided": on} if decided else {})
    (one,) = board(Matter("case", "C", events), on=on, changes=changes)
    assert one.state.startswith("met") is decided
    if not decided:
        late = on > one.due.latest
        assert (one.state == "overdue") is late
        assert (one.state == "disputed") is (one.due.earliest < on <= one.due.latest)
    assert one.days_left == (one.due.earliest - on).days
