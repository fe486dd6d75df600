"""ISO weeks: names, Mondays, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipelines.draft_week import WeekToDraft, monday_of, run, week_of
from pipelines.records import Done, Refused

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)


def test_the_week_of_the_sample_begins_on_monday_23_november() -> None:
    assert monday_of("2026-W48") == date(2026, 11, 23)
    assert week_of(date(2026, 11, 29)) == "2026-W48"


def test_the_first_days_of_january_may_belong_to_the_old_year() -> None:
    assert week_of(date(2027, 1, 3)) == "2026-W53"
    assert monday_of("2026-W53") == date(2026, 12, 28)


@pytest.mark.parametrize("week", ["2026-W54", "2026-48", "W48", "2026-W4", "2026-W00", "26-W48"])
def test_what_is_no_iso_week_is_refused_and_the_next_goes_on(week: str) -> None:
    outcomes = list(
        run([WeekToDraft(week, (), 5, 1), WeekToDraft("2026-W48", (), 5, 1)], as_of=AS_OF, run_id="r", settings=None)
    )
    assert isinstance(outcomes[0], Refused)
    assert outcomes[0].reason == "not_an_iso_week"
    assert isinstance(outcomes[1], Done)
    assert outcomes[1].result.targets == ()
