"""Intake: the instant of a picture, and what is said where the camera's clock cannot be believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.intake import _instant
from pipelines.settings import IntakeSettings

SETTINGS = IntakeSettings()


@pytest.mark.parametrize(
    ("taken_at", "offset", "instant", "said"),
    [
        ("2026-11-23T13:04:00", "+08:00", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), set()),
        ("2026-11-23T13:04:00", "+8:00", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), set()),
        ("2026-11-23T13:04:00", "-0530", datetime(2026, 11, 23, 18, 34, tzinfo=UTC), set()),
        ("2026-11-23T13:04:00", "local", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), {"time_zone_assumed"}),
        ("2026-11-23T13:04:00", "+99:00", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), {"time_zone_assumed"}),
        ("2026-11-23T13:04:00", None, datetime(2026, 11, 23, 5, 4, tzinfo=UTC), {"time_zone_assumed"}),
        ("1980-01-01T00:00:00", "+00:00", datetime(1980, 1, 1, tzinfo=UTC), {"time_implausible"}),
        (None, None, None, {"no_time"}),
    ],
)
def test_the_instant_and_what_is_said_of_it(
    taken_at: str | None, offset: str | None, instant: datetime | None, said: set[str]
) -> None:
    found, notes = _instant(taken_at, offset, SETTINGS)
    assert found == instant
    assert {note.code for note in notes} == said
