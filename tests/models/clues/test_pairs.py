"""Clues between two series: ratios that cannot be, values that are the same, gaps that keep working hours."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.clues.pairs import gaps_at_work, impossible_ratio, same_values
from tests.models.clues.test_series import DAY, clean

WORK = np.isin(np.arange(DAY), range(8, 18))


def test_a_part_above_the_whole_on_five_of_seven_days_by_fishers_exact_test() -> None:
    whole_past = clean(40, 1)
    whole = clean(7, 2)
    part = whole * 0.6
    part[: 5 * DAY] = whole[: 5 * DAY] * 1.3
    found = impossible_ratio(part, whole, whole_past * 0.6, whole_past, a_day=DAY)
    assert found is not None
    assert found.figures == {"days": 5, "of": 7, "days_before": 0, "of_before": 40}
    assert found.chance == pytest.approx(math.comb(7, 5) * math.comb(40, 0) / math.comb(47, 5))
    assert (found.first, found.last) == (0, 5 * DAY - 1)


def test_eight_percent_more_and_a_device_that_always_shows_it_are_no_clue() -> None:
    whole_past, whole = clean(40, 1), clean(7, 2)
    assert impossible_ratio(whole * 1.079, whole, whole_past * 0.6, whole_past, a_day=DAY) is None
    assert impossible_ratio(whole * 1.3, whole, whole_past * 1.3, whole_past, a_day=DAY) is None


def test_two_devices_with_the_same_noise_are_found() -> None:
    one, other = clean(7, 3), clean(7, 4)
    other[20:120] = one[20:120]
    found = same_values(one, other)
    assert found is not None
    assert found.chance < 1e-20
    assert found.figures["share"] == pytest.approx(100 / 168, abs=0.02)


def test_coarse_digits_agree_by_chance_and_are_no_clue() -> None:
    chances = [
        c.chance for k in range(200) if (c := same_values(clean(7, 2 * k, digits=1), clean(7, 2 * k + 1, digits=1)))
    ]
    assert sum(chance < 0.01 for chance in chances) <= 8


def test_zeros_of_two_devices_are_no_agreement() -> None:
    assert same_values(np.zeros(168), np.zeros(168)) is None


def test_gaps_in_working_hours_by_the_chance_of_turned_days() -> None:
    missing = np.zeros((7, DAY), bool)
    missing[:4, 9:12] = True
    found = gaps_at_work(missing, WORK)
    assert found is not None
    # Three hours in a row lie in ten working hours at 8 of 24 turns; on each of four days.
    assert found.chance == pytest.approx((8 / 24) ** 4)
    assert found.figures == {"days": 4, "share_at_work": 1.0}


def test_gaps_at_night_days_without_any_and_two_days_are_no_clue() -> None:
    night = np.zeros((7, DAY), bool)
    night[:, 0:4] = True
    assert gaps_at_work(night, WORK) is None
    two = np.zeros((7, DAY), bool)
    two[:2, 9:12] = True
    assert gaps_at_work(two, WORK) is None
    whole = np.ones((7, DAY), bool)  # a device that is off says nothing of hours
    assert gaps_at_work(whole, WORK) is None
