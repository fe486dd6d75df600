"""`GPS(lon,lat,n)` or `GPS(lat,lon,n)`: which it is, by the file's own evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.types import FloatArray

_METRES_PER_DEGREE = 111_195.0
_LEAST_PATH_M = 30.0


@dataclass(frozen=True)
class AxisOrder:
    """What a file's pairs turned out to be. `doubts` are stable words where the file does not settle it."""

    longitude_first: bool
    doubts: tuple[str, ...] = ()

    def lon_first(self, pair: tuple[str, str]) -> bool:
        """Whether this pair has the longitude first: its own size decides before the file's habit."""
        first, second = abs(float(pair[0])), abs(float(pair[1]))
        if first > 90 >= second:
            return True
        if second > 90 >= first:
            return False
        return self.longitude_first


def order_of(
    pairs: Sequence[tuple[str, str]],
    moves: Sequence[tuple[float, float, float]] = (),
    named: tuple[float, float] | None = None,
) -> AxisOrder:
    """Decide the order of GPS(…) pairs.

    Args:
        pairs: first and second number of every GPS(…) and HOME(…), as written.
        moves: first number, second number, metres flown until the next one by the stated speed.
        named: a longitude and latitude that the same file gives by name, in another dialect.

    Returns:
        A number beyond 90 is a longitude. Without any, a place given by name in the same file decides; then the stated
        speed, held against the way between the fixes, which is right in one order only (a degree of longitude is
        shorter). Where that does not settle it either, longitude first, as in most aircraft, with the doubt
        `axis_order_unproved`; where both orders occur, `axis_order_mixed`.
    """
    first_large = any(abs(float(a)) > 90 for a, _ in pairs)
    second_large = any(abs(float(b)) > 90 for _, b in pairs)
    if first_large and second_large:
        return AxisOrder(True, ("axis_order_mixed",))
    if first_large or second_large or not pairs:
        return AxisOrder(not second_large)
    if named is not None:
        first, second = float(pairs[0][0]), float(pairs[0][1])
        straight = math.hypot(first - named[0], second - named[1])
        swapped = math.hypot(second - named[0], first - named[1])
        if min(straight, swapped) < 1.0 < max(straight, swapped):
            return AxisOrder(straight < swapped)
    by_speed = _by_speed(np.array(moves, dtype=np.float64).reshape(-1, 3))
    return AxisOrder(True, ("axis_order_unproved",)) if by_speed is None else AxisOrder(by_speed)


def _by_speed(moves: FloatArray) -> bool | None:
    """True for longitude first, False for latitude first, None where the speeds do not tell."""
    if len(moves) < 2:
        return None
    flown = float(moves[:-1, 2].sum())
    if flown < _LEAST_PATH_M:
        return None
    misfits = []
    for lon, lat in ((moves[:, 0], moves[:, 1]), (moves[:, 1], moves[:, 0])):
        east = np.diff(lon) * np.cos(np.radians(lat[:-1]))
        way = float(np.hypot(east, np.diff(lat)).sum()) * _METRES_PER_DEGREE
        misfits.append(abs(np.log(max(way, 1e-6) / flown)))
    if min(misfits) > 0.1 or max(misfits) < 2.5 * min(misfits) + 0.1:
        return None
    return bool(misfits[0] < misfits[1])
