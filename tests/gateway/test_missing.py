"""Which periods are missing, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.gateway.missing import between, drift_s, step_of

T0 = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("minutes", "missing"),
    [(1, None), (0, None), (-5, None), (2, (1, 1)), (6, (1, 5)), (60 * 24 * 3, (60 * 24 * 2 - 1, 60 * 24 * 3 - 1))],
)
def test_the_periods_between_two_that_came(minutes: int, missing: tuple[int, int] | None) -> None:
    found = between(T0, T0 + minutes * MINUTE, MINUTE, back=WEEK, longest=DAY)
    assert found == (None if missing is None else (T0 + missing[0] * MINUTE, T0 + missing[1] * MINUTE))


def test_nothing_older_than_a_device_keeps_is_asked_for() -> None:
    assert between(T0, T0 + 10 * HOUR, HOUR, back=3 * HOUR, longest=DAY) == (T0 + 7 * HOUR, T0 + 9 * HOUR)
    assert between(T0, T0 + 10 * HOUR, HOUR, back=timedelta(0), longest=DAY) is None


@pytest.mark.parametrize(
    ("cn", "interval_s", "seen", "step"),
    [
        ("2061", None, [], HOUR),
        ("2031", 60.0, [], DAY),
        ("2011", 60.0, [], None),
        ("2051", 300.0, [], 5 * MINUTE),
        ("2051", 30.0, [0, 1, 2], None),  # a device that speaks twice a minute says nothing of its minute data
        ("2051", None, [0, 10, 20], None),  # two distances are too few to tell
        ("2051", None, [0, 10, 30, 40], 10 * MINUTE),
        ("2051", 7200.0, [], None),
    ],
)
def test_how_far_apart_periods_are(cn: str, interval_s: float | None, seen: list[int], step: timedelta | None) -> None:
    assert step_of(cn, interval_s, [T0 + m * MINUTE for m in seen]) == step


def test_one_late_packet_shows_no_drift() -> None:
    assert drift_s([0.1, 0.2, -900.0, 0.1]) is None
    assert drift_s([0.1, 0.2, -900.0, 0.1, 0.3]) == 0.1
