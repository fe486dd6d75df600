"""Silence is an alarm: one outage, one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipelines.monitor.silence import gaps, shortest_s
from tests.monitor.making import device

T0 = datetime(2026, 11, 24, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_a_stretch_longer_than_three_of_its_own_intervals_is_one_gap() -> None:
    silences = [("M1", at(0), at(3)), ("M1", at(10), at(13.5)), ("M5", at(0), at(14)), ("M5", at(20), at(40))]
    devices = {"M1": device("M1"), "M5": device("M5", interval_s=300.0)}
    found = gaps(silences, {"M1": at(60), "M5": at(60)}, devices, as_of=at(60), intervals=3)
    assert [(g.mn, g.begin, g.end) for g in found] == [("M1", at(10), at(13.5)), ("M5", at(20), at(40))]


def test_a_device_that_is_silent_still_has_a_gap_without_an_end() -> None:
    devices = {"M1": device("M1"), "M2": device("M2"), "M3": device("M3", interval_s=None)}
    last = {"M1": at(56), "M3": at(57.5)}
    found = gaps([], last, devices, as_of=at(60), intervals=3)
    assert [(g.mn, g.begin, g.end) for g in found] == [("M1", at(56), None), ("M2", None, None)]


def test_devices_that_nobody_registered_are_not_missed() -> None:
    assert gaps([("X", at(0), at(99))], {"X": at(0)}, {}, as_of=at(120), intervals=3) == []


def test_the_shortest_alarm_of_all() -> None:
    assert shortest_s([device(interval_s=300.0), device(interval_s=60.0)], 3) == 180.0
    assert shortest_s([], 3) == 180.0
