"""Means over fixed periods for many devices at once: what `enforcement.validity` does for one, with arrays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enforcement.formats import MEAN_DECIMALS, MINUTES_OF_A_DAY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DIGITS = 10.0**MEAN_DECIMALS


@dataclass(frozen=True, slots=True)
class Means:
    """Means of n series over the p periods of a day.

    Attributes:
        value: (n, p) mean of the valid values; NaN where too few are valid.
        valid: (n, p) how many minutes (of a day: hours) are valid.
        without_flag: (n, p) how many of these carry no flag.
    """

    value: Floats
    valid: Ints
    without_flag: Ints


def minutes_of(
    series: Ints, minute: Ints, value: Floats, flag: NDArray[np.object_], *, count: int, long: Ints,
    counting: Collection[str],
) -> tuple[Floats, NDArray[np.bool_]]:  # fmt: skip
    """Values on the minutes of a day.

    Args:
        series: (m,) which of `count` series a value belongs to.
        minute: (m,) minute of the day that its period begins at; may lie outside the day.
        value: (m,) in the unit of the limits; NaN does not count.
        flag: (m,) as sent.
        count: n.
        long: (m,) how many minutes it stands for.
        counting: flags whose values count.

    Returns:
        (n, 1440) values that count, NaN elsewhere; (n, 1440) whether that value has no flag. Rows later in `value` win.
    """
    grid = np.full((count, MINUTES_OF_A_DAY), np.nan)
    bare = np.zeros((count, MINUTES_OF_A_DAY), bool)
    good = np.isin(flag.astype(str), sorted(counting)) & np.isfinite(value)
    told, plain = np.where(good, value, np.nan), good & (flag == "")
    row = np.repeat(np.arange(len(minute)), long)
    at = minute[row] + np.arange(len(row)) - np.repeat(np.cumsum(long) - long, long)
    inside = (at >= 0) & (at < MINUTES_OF_A_DAY)
    row, at = row[inside], at[inside]
    grid[series[row], at] = told[row]  # of several for one minute the last one stays
    bare[series[row], at] = plain[row]
    return grid, bare


def means(grid: Floats, bare: NDArray[np.bool_], length: int, least: int) -> Means:
    """Means over periods of `length` minutes with at least `least` valid ones; arguments as `minutes_of` gives them.

    Raises:
        ValueError: `length` does not divide the day.
    """
    if length <= 0 or MINUTES_OF_A_DAY % length:
        raise ValueError(f"periods of {length} minutes do not fill a day")
    shape = (len(grid), MINUTES_OF_A_DAY // length, length)
    held = ~np.isnan(grid.reshape(shape))
    valid = held.sum(axis=2)
    return Means(
        _rounded(np.where(held, grid.reshape(shape), 0.0).sum(axis=2), valid, least), valid,
        (bare.reshape(shape) & held).sum(axis=2),
    )  # fmt: skip


def day_means(hours: Means, least: int) -> Means:
    """The day's mean of each series; `valid` counts hours. Shapes (n, 1)."""
    held = ~np.isnan(hours.value)
    valid = held.sum(axis=1, keepdims=True)
    total = np.where(held, hours.value, 0.0).sum(axis=1, keepdims=True)
    return Means(_rounded(total, valid, least), valid, np.where(held, hours.without_flag, 0).sum(axis=1, keepdims=True))


def _rounded(total: Floats, valid: Ints, least: int) -> Floats:
    """Rounded as the law's reference does, so that no rounding of binary fractions exceeds a limit."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.round(total / valid * DIGITS) / DIGITS
    return np.where((valid >= max(least, 1)), mean, np.nan)
