"""Clues in one series: chances against simulated clean series, sizes by hand, and where nothing may be said."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from models.clues.series import flat_line, little_variance, pressed_under_limit

DAY = 24
SAID_NOTHING = None


def clean(days: int, seed: int, *, digits: int = 3) -> np.ndarray:
    """Hours that follow each other like those of dust: a lognormal with memory, and a daily rise."""
    rng = np.random.default_rng(seed)
    noise = np.empty(days * DAY)
    noise[0] = rng.normal()
    for k in range(1, len(noise)):
        noise[k] = 0.8 * noise[k - 1] + 0.6 * rng.normal()
    daily = 0.3 * np.sin(2 * np.pi * np.arange(len(noise)) / DAY)
    return np.round(np.exp(-2 + 0.4 * noise + daily), digits)


def test_a_day_of_one_value_is_a_flat_line_with_its_place_and_length() -> None:
    past, week = clean(56, 1), clean(7, 2)
    week[30:54] = 0.2
    found = flat_line(week, past)
    assert found is not None
    assert (found.first, found.last, found.figures["samples"], found.figures["value"]) == (30, 53, 24, 0.2)
    assert found.chance < 1e-6


def test_a_gap_breaks_a_run() -> None:
    past, week = clean(56, 1), clean(7, 2)
    week[30:54] = 0.2
    week[40] = np.nan
    found = flat_line(week, past)
    assert found is not None
    assert found.figures["samples"] == 13


@pytest.mark.parametrize("what", ["short past", "lower end", "as long before"])
def test_where_a_flat_line_is_innocent_or_unknown_nothing_is_said(what: str) -> None:
    past, week = clean(56, 1), clean(7, 2)
    week[30:54] = 0.2
    if what == "short past":
        past = past[:150]
    elif what == "lower end":
        week[30:54] = past.min()
    else:
        past[100:130] = 0.3
    assert flat_line(week, past) is SAID_NOTHING


def test_the_chance_of_a_run_is_that_of_simulated_chains() -> None:
    rng = np.random.default_rng(8)
    repeat, count, length, past_count = 0.3, 168, 5, 20_000

    def chain(n: int) -> np.ndarray:
        fresh = rng.uniform(size=n) >= repeat
        return rng.uniform(size=n)[np.maximum.accumulate(np.where(fresh, np.arange(n), 0))]

    runs = [longest(chain(count)) >= length for _ in range(4000)]
    by_formula = 1 - math.exp(-count * (1 - repeat) * repeat ** (length - 1))
    assert np.mean(runs) == pytest.approx(by_formula, abs=0.05)
    # What is told is never less than that: the device's past is taken at its worst.
    week = chain(count)
    week[50:55] = 0.77
    told = flat_line(week, chain(past_count)[:1000])
    assert told is None or told.chance >= by_formula * 0.8


def longest(value: np.ndarray) -> int:
    best = run = 1
    for before, now in itertools.pairwise(value):
        run = run + 1 if now == before else 1
        best = max(best, run)
    return best


def test_a_series_smoothed_to_a_fifth_of_its_change_is_found_and_how_much_is_told() -> None:
    past, week = clean(56, 3), clean(7, 4)
    level = week.reshape(7, DAY).mean(axis=1).repeat(DAY)
    found = little_variance(level + (week - level) / 5, past, a_day=DAY)
    assert found is not None
    assert found.chance < 1e-3
    assert found.figures["times_less"] == pytest.approx(5, rel=0.4)


def test_clean_weeks_seldom_seem_to_vary_too_little() -> None:
    chances = [c.chance for k in range(300) if (c := little_variance(clean(7, 2 * k), clean(56, 2 * k + 1), a_day=DAY))]
    assert sum(chance < 0.05 for chance in chances) / 300 <= 0.07
    assert sum(chance < 0.005 for chance in chances) / 300 <= 0.012


@pytest.mark.parametrize(("week_days", "past_days"), [(2, 56), (7, 29)])
def test_few_days_say_nothing_of_variance(week_days: int, past_days: int) -> None:
    assert little_variance(np.full(week_days * DAY, 0.2), clean(past_days, 5), a_day=DAY) is SAID_NOTHING


def test_values_pressed_under_a_limit_against_a_past_without_any() -> None:
    week = np.array([0.95] * 20 + [1.05] * 2 + [0.3] * 100)
    found = pressed_under_limit(week, np.array([]), 1.0)
    assert found is not None
    assert (found.figures["below"], found.figures["above"]) == (20, 2)
    by_hand = sum(math.comb(22, k) * 0.6**k * 0.4 ** (22 - k) for k in range(20, 23))
    assert found.chance == pytest.approx(by_hand)


def test_a_device_that_always_crowded_there_is_told_with_fishers_chance() -> None:
    week, past = np.array([0.95] * 20 + [1.05] * 2), np.array([0.95] * 30 + [1.05] * 10)
    found = pressed_under_limit(week, past, 1.0)
    assert found is not None
    total, below = 62, 50
    by_hand = sum(math.comb(22, k) * math.comb(40, below - k) / math.comb(total, below) for k in range(20, 23))
    assert found.chance == pytest.approx(by_hand)


def test_few_values_near_the_limit_say_nothing() -> None:
    assert pressed_under_limit(np.array([0.95] * 11 + [0.2] * 200), np.array([]), 1.0) is SAID_NOTHING
