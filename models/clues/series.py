"""Clues in one series: values that stick, that hardly vary, that are pressed under a limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from models.clues.clue import Clue

Floats = NDArray[np.float64]
LEAST_PAST = 200
LEAST_NEAR = 12
FLOOR = 0.05
"""Share of the past below which a value lies at the device's lower end."""
NEAR = 0.1
"""So close to a limit, as a share of it, a value counts as near."""
NEW_EVERY = 3
"""Of so many days one is as good as new, the others follow from it; fixed on the sites that bench_clues names."""
SMOOTH = 0.6
"""Without a past: of values near a limit so large a share may lie below it, where density falls by half over 20 %."""


def flat_line(value: Floats, past: Floats) -> Clue | None:
    """The longest run of one and the same value, against how often values repeat in the device's past.

    Repeats are taken as a chain: with chance r of a repeat, a run of L or more among n values has the chance
    1 − exp(−n (1 − r) r^(L−1)) (Erdős and Rényi 1970). r is the upper 95 % limit of what the past shows in the
    worst of its weeks, since real devices stick now and then.

    Args:
        value: (n,) in order of time; NaN breaks a run.
        past: (m,) likewise, before it.

    Returns:
        None where the past is shorter than `LEAST_PAST`, nothing repeats, or the run lies at the lower end of what the
        device shows: there values stick innocently (24 hours at 5 µg/m³ in clean air).
    """
    if len(past) < LEAST_PAST or len(value) < 2:
        return None
    first, length = _longest_run(value)
    if length < 3:
        return None
    blocks = [b for b in np.array_split(past, max(1, len(past) // LEAST_PAST)) if len(b) > 1]
    repeats = max(int((np.diff(b) == 0).sum()) for b in blocks)
    most = float(stats.beta.ppf(0.95, repeats + 1, max(len(blocks[0]) - 1 - repeats, 1)))
    longest_before = _longest_run(past)[1]
    count = int(np.isfinite(value).sum())
    chance = -np.expm1(-count * (1 - most) * most ** (length - 1))
    if length <= longest_before or value[first] <= np.nanquantile(past, FLOOR):
        return None
    return Clue("flat_line", first, first + length - 1,
                {"samples": float(length), "value": float(value[first]), "longest_before": float(longest_before)},
                float(chance))  # fmt: skip


def little_variance(value: Floats, past: Floats, *, a_day: int) -> Clue | None:
    """Far less change from sample to sample, for its level, than on the days before.

    The logarithm of a day's mean change over its level, of the days now against those of the past by Welch's t. Days
    follow each other: the spread is taken as if every third one were new.

    Args:
        value: (n,) in order of time, whole days.
        past: (m,) before it, whole days.
        a_day: samples a day.

    Returns:
        None where fewer than three days are known now or thirty before, or the change is no less than theirs.
    """
    now, before = _log_changes(value, a_day), _log_changes(past, a_day)
    if len(now) < 3 or len(before) < 30:
        return None
    variance = float(np.var(before, ddof=1))
    spread = np.sqrt(NEW_EVERY * variance * (1 / len(now) + 1 / len(before)))
    t = (float(now.mean()) - float(before.mean())) / max(float(spread), 1e-6)
    if t >= 0:
        return None
    chance = float(stats.t.cdf(t, len(before) / NEW_EVERY - 1))
    return Clue("little_variance", 0, len(value) - 1, {"times_less": float(np.exp(before.mean() - now.mean()))}, chance)


def pressed_under_limit(value: Floats, past: Floats, limit: float) -> Clue | None:
    """More values just below a limit, and fewer just above it, than before.

    Args:
        value: (n,) means that are held against the limit.
        past: (m,) the device's own and its neighbours'.
        limit: in the same unit.

    Returns:
        None where fewer than `LEAST_NEAR` values lie near the limit.
    """
    below, above = _near(value, limit)
    if below + above < LEAST_NEAR:
        return None
    below_past, above_past = _near(past, limit)
    chance = float(stats.binomtest(below, below + above, SMOOTH, alternative="greater").pvalue)
    if below_past + above_past >= LEAST_NEAR:
        table = [[below, above], [below_past, above_past]]
        chance = max(chance, float(stats.fisher_exact(table, alternative="greater").pvalue))
    where = np.flatnonzero((value > limit * (1 - NEAR)) & (value <= limit))
    if not len(where) or below <= above:
        return None
    return Clue(
        "pressed_under_limit", int(where[0]), int(where[-1]), {"below": float(below), "above": float(above)}, chance
    )


def _near(value: Floats, limit: float) -> tuple[int, int]:
    below = int(((value > limit * (1 - NEAR)) & (value <= limit)).sum())
    return below, int(((value > limit) & (value <= limit * (1 + NEAR))).sum())


def _log_changes(value: Floats, a_day: int) -> Floats:
    """Of each day of which a quarter or more is known: log of the mean change between samples over the day's level."""
    told = []
    for day in value.reshape(-1, a_day):
        change = np.abs(np.diff(day))
        change, level = change[np.isfinite(change)], day[np.isfinite(day)]
        if len(change) >= max(3, a_day // 4):
            told.append(np.log(max(float(change.mean()), 1e-9) / max(float(np.abs(level).mean()), 1e-9)))
    return np.array(told)


def _longest_run(value: Floats) -> tuple[int, int]:
    """First sample and length of the longest run of equal values; ties: the first."""
    if not len(value):
        return 0, 0
    breaks = np.flatnonzero(~(value[1:] == value[:-1])) + 1
    edges = np.concatenate([[0], breaks, [len(value)]])
    lengths = np.diff(edges)
    k = int(np.argmax(lengths))
    return int(edges[k]), int(lengths[k])
