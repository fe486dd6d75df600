"""Clues between two series: what cannot be smaller than its part, and two devices that say the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from models.clues.clue import Clue

Floats = NDArray[np.float64]
LEAST = 50
TOLERANCE = 0.08
"""A part may exceed the whole by so much: two instruments differ. Fixed on the sites that bench_clues names."""


def impossible_ratio(part: Floats, whole: Floats, part_past: Floats, whole_past: Floats, *, a_day: int) -> Clue | None:
    """A part above the whole (PM2.5 above PM10, PM10 above TSP) on more days than this device shows it anyway.

    A day counts where the part is above for more than half of what is known of it: hours follow each other, days do so
    less. The chance is Fisher's exact test of these days against those of the past.

    Args:
        part: (n,) at the same times as `whole`, whole days.
        whole: (n,)
        part_past: (m,) before, whole days.
        whole_past: (m,)
        a_day: samples a day.

    Returns:
        None where fewer than three days are known now, fewer than thirty before, or it is not seen more often.
    """
    now, before = _days_above(part, whole, a_day), _days_above(part_past, whole_past, a_day)
    if now.known < 3 or before.known < 30 or now.above / now.known <= before.above / before.known:
        return None
    table = [[now.above, now.known - now.above], [before.above, before.known - before.above]]
    chance = float(stats.fisher_exact(table, alternative="greater").pvalue)
    where = np.flatnonzero(now.which)
    figures = {"days": float(now.above), "of": float(now.known), "days_before": float(before.above),
               "of_before": float(before.known)}  # fmt: skip
    return Clue("impossible_ratio", int(where[0]) * a_day, int(where[-1] + 1) * a_day - 1, figures, chance)


def same_values(one: Floats, other: Floats) -> Clue | None:
    """Two devices that give the very same value at the same time, more often than their values would by chance.

    By chance they agree as often as their distributions do after each is moved by a day against the other, taken at the
    most often of several shifts.

    Args:
        one: (n,) at the same times as `other`.
        other: (n,)
    """
    known = np.isfinite(one) & np.isfinite(other) & (one != 0)
    if known.sum() < LEAST:
        return None
    equal = (one == other) & known
    shifts = [k for k in range(7, len(one) // 2, max(1, len(one) // 40))]
    usual = max((_equal_share(one, np.roll(other, k)) for k in shifts), default=0.0)
    usual = (usual * known.sum() + 2) / (known.sum() + 4)
    if equal.sum() / known.sum() <= usual:
        return None
    moved = known[1:] & (one[1:] != one[:-1])
    changes = int((equal[1:] & moved).sum())
    tries = int(moved.sum())
    if tries < LEAST // 2:
        return None
    chance = float(stats.binomtest(changes, tries, usual, alternative="greater").pvalue)
    where = np.flatnonzero(equal)
    return Clue(
        "same_values",
        int(where[0]),
        int(where[-1]),
        {"share": float(equal.sum() / known.sum()), "by_chance": usual},
        chance,
    )


def gaps_at_work(missing: NDArray[np.bool_], at_work: NDArray[np.bool_]) -> Clue | None:
    """Data that are missing in the working hours, day after day.

    The chance is exact: were each day's pattern of gaps turned by any number of hours, how often would so much of all
    gaps fall into working hours?

    Args:
        missing: (days, p) whether a period of a day has no data.
        at_work: (p,) whether it lies in the working hours.

    Returns:
        None where fewer than three days miss anything, or working hours miss no more than others.
    """
    days = missing[missing.any(axis=1) & ~missing.all(axis=1)]
    inside = int(days[:, at_work].sum())
    if len(days) < 3 or days[:, at_work].mean() <= days[:, ~at_work].mean():
        return None
    spread = np.ones(1)
    for day in days:
        counts = [int(np.roll(day, k)[at_work].sum()) for k in range(len(day))]
        spread = np.convolve(spread, np.bincount(counts) / len(counts))
    chance = float(spread[inside:].sum())
    where = np.flatnonzero(missing.any(axis=1))
    size, figures = missing.shape[1], {"days": float(len(days)), "share_at_work": inside / float(days.sum())}
    return Clue("gaps_at_work", int(where[0]) * size, int(where[-1] + 1) * size - 1, figures, chance)


@dataclass(frozen=True, slots=True)
class _Days:
    which: NDArray[np.bool_]
    known: int

    @property
    def above(self) -> int:
        return int(self.which.sum())


def _days_above(part: Floats, whole: Floats, a_day: int) -> _Days:
    part, whole = part.reshape(-1, a_day), whole.reshape(-1, a_day)
    known = np.isfinite(part) & np.isfinite(whole)
    with np.errstate(invalid="ignore"):
        above = known & (part > whole * (1 + TOLERANCE))
    enough = known.sum(axis=1) >= max(1, a_day // 4)
    return _Days(enough & (2 * above.sum(axis=1) > known.sum(axis=1)), int(enough.sum()))


def _equal_share(one: Floats, other: Floats) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    return float((one == other)[known].mean()) if known.any() else 0.0
