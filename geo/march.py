"""The first point at which rays from one camera meet the ground.

On a height model that lies in memory (`geo.patch.Patch`) every square a ray crosses is solved exactly
(`geo.traverse`), after the air that nothing can stand in was skipped (`geo.skip`). A model too large to hold is gone
through in pieces. Any other surface, or a step that the caller asks for, is stepped along and bisected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.patch import Patch
from geo.skip import down_to_crowns, skips_for
from geo.terrain import Bounds, Dem, Surface, Terrain
from geo.traverse import BEYOND, HIT, OFF, UNDER, Falling, falling, first_hits_on, over
from geo.types import FloatArray, IntArray

__all__ = ["BEYOND", "HIT", "OFF", "UNDER", "Hits", "March", "Place", "first_hits"]

REFINED_TO_M = 0.01
_WORTH_SKIPS = 4096  # rays for which a table of skips pays
_BATCH = 8192  # rays whose arrays stay in the processor's cache


@dataclass(frozen=True)
class Hits:
    """Where rays met the ground: depth along the optical axis (n,), upward normal (3,) or (n, 3), status (n,)."""

    depth: FloatArray
    normal: FloatArray
    status: IntArray

    def part(self, rows: slice) -> Hits:
        """Some rows."""
        return Hits(self.depth[rows], self.normal if self.normal.ndim == 1 else self.normal[rows], self.status[rows])


@dataclass(frozen=True)
class Place:
    """Where rays begin: (3,) x east, y north, height, in a metric CRS."""

    crs: str
    xyz_m: FloatArray


@dataclass(frozen=True)
class March:
    """What a march found.

    Attributes:
        depth: (n,) NaN where nothing.
        outcome: (n,) HIT, OFF, BEYOND or UNDER.
        normal: (n, 3) upward normals of the ground over about one cell each way, not of unit length; up where unknown.
    """

    depth: FloatArray
    outcome: NDArray[np.uint8]
    normal: FloatArray

    @classmethod
    def of_nothing(cls, n: int, outcome: int) -> March:
        """No hit for any of n rays, all for the same cause."""
        normal = np.zeros((3, n))
        normal[2] = 1.0
        return cls(np.full(n, np.nan), np.full(n, outcome, dtype=np.uint8), normal.T)

    def put(self, rows: NDArray[np.intp], other: March) -> None:
        """Write another march's answers into some rows."""
        self.depth[rows], self.outcome[rows], self.normal[rows] = other.depth, other.outcome, other.normal


def first_hits(
    direction: FloatArray, place: Place, terrain: Terrain, step_m: float | None, max_range_m: float
) -> March:
    """March rays over a terrain.

    Args:
        direction: (n, 3) rays that point down, of any length; depths are in units of it.
        place: where they start.
        terrain: the ground.
        step_m: step along the ray; exact where None and the terrain is a raster.
        max_range_m: along the ray.

    Returns:
        OFF where a ray runs over unknown ground before it hits anything, or leaves the model: whether something stood
        there cannot be known. BEYOND where it is still in the air at the end of the range. UNDER where the camera
        itself is not above the ground.
    """
    beneath = terrain.heights(place.xyz_m[None, :2], place.crs)[0]
    if beneath >= place.xyz_m[2]:
        return March.of_nothing(len(direction), UNDER)
    length = np.sqrt(direction[:, 0] ** 2 + direction[:, 1] ** 2 + direction[:, 2] ** 2)
    fits = terrain.fits if isinstance(terrain, Dem) else _always
    ground = _ground_in_reach(direction, length, place, terrain, max_range_m, fits)
    if isinstance(ground, str):
        return _in_pieces(direction, length, place, terrain, max_range_m, fits)
    if ground is None:
        return March.of_nothing(len(direction), OFF)
    if isinstance(ground, Patch) and step_m is None:
        return _exact(direction, length, place, ground, max_range_m)
    return _by_steps(direction, length, place, ground, step_m or ground.cell_m, max_range_m)


Fits = Callable[[Bounds, str], bool]
TOO_LARGE = "too large"


def _always(bounds: Bounds, crs: str) -> bool:
    return True


def _ground_in_reach(
    direction: FloatArray, length: FloatArray, place: Place, terrain: Terrain, max_range_m: float, fits: Fits
) -> Surface | str | None:
    """The ground under all rays, down to its own lowest point: the box is widened until that point no longer sinks."""
    lowest, ground = place.xyz_m[2] - 1.0, None
    per_metre, limit = _per_metre(direction), max_range_m * -direction[:, 2] / length
    for _ in range(8):
        box = _box(per_metre, place, limit, float(place.xyz_m[2] - lowest))
        if not fits(box, place.crs):
            return TOO_LARGE
        ground = terrain.surface(box, place.crs)
        if ground is None or ground.lowest_m >= lowest:
            return ground
        lowest = ground.lowest_m - 1.0
    return ground


def _per_metre(direction: FloatArray) -> FloatArray:
    """(2, n) metres east and north in a metre of fall."""
    per_metre: FloatArray = direction.T[:2] / -direction.T[2]
    return per_metre


def _box(per_metre: FloatArray, place: Place, limit: FloatArray, end: float, begin: float = 0.0) -> Bounds:
    """What rays pass over from one fall to another, each to its own limit at most."""
    far = per_metre if limit.min(initial=np.inf) >= end else per_metre * np.clip(limit / end, begin / end, 1.0)
    (west, south), (east, north) = (
        np.minimum(far.min(axis=1) * end, per_metre.min(axis=1) * begin),
        np.maximum(far.max(axis=1) * end, per_metre.max(axis=1) * begin),
    )
    x, y = place.xyz_m[:2]
    return Bounds(*map(float, (x + west, y + south, x + east, y + north)))


def _exact(
    direction: FloatArray,
    length: FloatArray,
    place: Place,
    ground: Patch,
    max_range_m: float,
    begin: float = 0.0,
    stop: float = np.inf,
) -> March:
    """Solve every square on the way. A ray that leaves the patch after `stop` is BEYOND, not OFF."""
    found = March.of_nothing(len(direction), OFF)
    rays = falling(ground, place.xyz_m, direction)
    start = _starts(ground, rays, max(float(place.xyz_m[2] - ground.highest_m), begin))
    ended = first_hits_on(ground, rays, start)
    limit = max_range_m * -direction[:, 2] / length
    hit = ended.outcome == HIT
    found.outcome[:] = ended.outcome
    _mark_beyond(found.outcome, ended.fall, hit, limit, stop, ground, rays)
    hit &= found.outcome == HIT
    np.copyto(found.depth, ended.fall / -direction[:, 2], where=hit)
    rise_x, rise_y = ground.slopes(ended.square)
    known = hit & np.isfinite(rise_x + rise_y)
    np.copyto(found.normal[:, 0], -rise_x, where=known)
    np.copyto(found.normal[:, 1], -rise_y, where=known)
    return found


def _starts(ground: Patch, rays: Falling, least: float) -> FloatArray:
    """Falls (n,) until which rays need not be looked at."""
    n = len(rays.along)
    start = np.full(n, least)
    if n >= _WORTH_SKIPS:
        skips = skips_for(ground, rays)
        for first in range(0, n, _BATCH):
            rows = slice(first, first + _BATCH)
            part = rays.part(rows)
            free = np.maximum(start[rows], skips.fall(part))
            start[rows] = down_to_crowns(ground, part, free)
    return start


def _mark_beyond(
    outcome: NDArray[np.uint8],
    fall: FloatArray,
    hit: NDArray[np.bool_],
    limit: FloatArray,
    stop: float,
    ground: Patch,
    rays: Falling,
) -> None:
    """BEYOND is a hit farther than the range, and a ray that is still over the patch where its range or `stop` ends."""
    end = np.where(hit, limit, np.minimum(limit, stop))
    later = np.flatnonzero(fall > end)
    if later.size:
        still = hit[later] | over(ground, rays.part(later), end[later])
        outcome[later] = np.where(still, BEYOND, OFF)


def _in_pieces(
    direction: FloatArray, length: FloatArray, place: Place, terrain: Terrain, max_range_m: float, fits: Fits
) -> March:
    """Rays over more ground than may be held: a stretch of the fall at a time, twice as deep each time."""
    found = March.of_nothing(len(direction), OFF)
    going = np.arange(len(direction))
    begin, end = 0.0, 8.0
    deepest = float((max_range_m * -direction[:, 2] / length).max())
    while going.size and begin < deepest:
        part = _stretch(direction[going], length[going], place, terrain, max_range_m, fits, begin, end)
        found.put(going, part)
        going = going[part.outcome == _STILL_FALLING]
        begin, end = end, 2.0 * end
    found.outcome[found.outcome == _STILL_FALLING] = BEYOND
    return found


_STILL_FALLING = 9


def _stretch(
    direction: FloatArray,
    length: FloatArray,
    place: Place,
    terrain: Terrain,
    max_range_m: float,
    fits: Fits,
    begin: float,
    end: float,
) -> March:
    """One stretch of the fall of some rays; where its box is too large, half of the rays or half of the stretch."""
    again = (place, terrain, max_range_m, fits)
    limit = max_range_m * -direction[:, 2] / length
    per_metre = _per_metre(direction)
    box = _box(per_metre, place, limit, end, begin)
    if fits(box, place.crs):
        ground = terrain.surface(box, place.crs)
        if not isinstance(ground, Patch):
            return March.of_nothing(len(direction), OFF)
        found = _exact(direction, length, place, ground, max_range_m, begin, end)
        found.outcome[(found.outcome == BEYOND) & (end < limit)] = _STILL_FALLING
        return found
    spread = (per_metre.max(axis=1) - per_metre.min(axis=1)) * end
    if len(direction) > 1 and spread.max() >= (end - begin) * np.abs(per_metre).max():
        axis = int(spread.argmax())
        order = np.argsort(per_metre[axis], kind="stable")
        return _joined(
            len(direction),
            [
                (rows, _stretch(direction[rows], length[rows], *again, begin, end))
                for rows in (order[: len(order) // 2], order[len(order) // 2 :])
            ],
        )
    middle = (begin + end) / 2.0
    found = _stretch(direction, length, *again, begin, middle)
    rest = np.flatnonzero(found.outcome == _STILL_FALLING)
    if rest.size:
        found.put(rest, _stretch(direction[rest], length[rest], *again, middle, end))
    return found


def _joined(n: int, parts: list[tuple[NDArray[np.intp], March]]) -> March:
    found = March.of_nothing(n, OFF)
    for rows, part in parts:
        found.put(rows, part)
    return found


def _by_steps(
    direction: FloatArray, length: FloatArray, place: Place, ground: Surface, step: float, max_range_m: float
) -> March:
    """Steps along the ray, then bisection: for surfaces of which nothing is known but their heights."""
    unit = direction / length[:, None]
    # Nothing stands higher than the highest cell: the march begins where the ray comes down to it.
    start = np.maximum(0.0, (place.xyz_m[2] - ground.highest_m) / -unit[:, 2] - step)
    end = np.minimum((place.xyz_m[2] - ground.lowest_m) / -unit[:, 2] + step, max_range_m)
    before, outcome = _stepped(unit, place.xyz_m, ground, np.minimum(start, end), end, step)
    outcome[(outcome == OFF) & (before >= max_range_m)] = BEYOND
    found = March.of_nothing(len(direction), OFF)
    found.outcome[:] = outcome
    hit = outcome == HIT
    found.depth[hit] = _bisected(unit[hit], place.xyz_m, ground, before[hit], step) / length[hit]
    xy = place.xyz_m[:2] + direction[hit, :2] * found.depth[hit, None]
    for axis in (0, 1):
        way = np.zeros(2)
        way[axis] = ground.cell_m
        slope = (ground.heights(xy + way) - ground.heights(xy - way)) / (2.0 * ground.cell_m)
        found.normal[hit, axis] = -np.nan_to_num(slope)
    return found


def _clearance(unit: FloatArray, reach: FloatArray, origin_m: FloatArray, ground: Surface) -> FloatArray:
    """Height of the ray above the ground at `reach` metres along it; NaN where the ground is unknown."""
    xy = origin_m[:2] + unit[:, :2] * reach[:, None]
    above: FloatArray = origin_m[2] + unit[:, 2] * reach - ground.heights(xy)
    return above


def _stepped(
    unit: FloatArray, origin_m: FloatArray, ground: Surface, start: FloatArray, end: FloatArray, step: float
) -> tuple[FloatArray, NDArray[np.uint8]]:
    """Go down each ray until it is below the ground: the last reach above it, and the outcome."""
    reach, outcome = start.copy(), np.full(len(unit), OFF, dtype=np.uint8)
    going = np.flatnonzero(np.isfinite(start))
    last = start.copy()
    while going.size:
        above = _clearance(unit[going], reach[going], origin_m, ground)
        hit = above <= 0
        outcome[going[hit]] = HIT
        last[going[~hit]] = reach[going[~hit]]
        onward = ~hit & ~np.isnan(above) & (reach[going] < end[going])
        going = going[onward]
        reach[going] = np.minimum(reach[going] + step, end[going])
    return last, outcome


def _bisected(unit: FloatArray, origin_m: FloatArray, ground: Surface, low: FloatArray, step: float) -> FloatArray:
    """Halve the step in which the ray went under until it is shorter than a centimetre."""
    high = low + step
    for _ in range(max(1, int(np.ceil(np.log2(step / REFINED_TO_M))))):
        middle = (low + high) / 2.0
        above = _clearance(unit, middle, origin_m, ground) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2.0
