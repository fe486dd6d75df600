"""The first point at which a ray meets a height model: steps along the ray, then bisection. All rays at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.pose import CameraPose
from geo.terrain import Bounds, Surface, Terrain
from geo.types import FloatArray, IntArray

HIT, OFF, BEYOND, UNDER = 0, 1, 2, 3
REFINED_TO_M = 0.01


@dataclass(frozen=True)
class Hits:
    """Where rays met the ground: depth along the optical axis (n,), upward normal (3,) or (n, 3), status (n,)."""

    depth: FloatArray
    normal: FloatArray
    status: IntArray


@dataclass(frozen=True)
class March:
    """What a march found: depth (n,), NaN where nothing; outcome (n,) HIT, OFF, BEYOND or UNDER; its ground."""

    depth: FloatArray
    outcome: NDArray[np.intp]
    ground: Surface | None


def first_hits(
    direction: FloatArray, pose: CameraPose, terrain: Terrain, step_m: float | None, max_range_m: float
) -> March:
    """March rays over a terrain.

    Args:
        direction: (n, 3) rays that point down, scaled so that the optical axis has length 1.
        pose: where they start.
        terrain: the ground.
        step_m: along the ray; the terrain's cell where None.
        max_range_m: along the ray.

    Returns:
        OFF where a ray runs over unknown ground before it hits anything, or leaves the model: whether something stood
        there cannot be known. BEYOND where it is still in the air at the end of the range. UNDER where the camera
        itself is not above the ground.
    """
    n = len(direction)
    length = np.sqrt((direction**2).sum(axis=1))
    ground = _ground_in_reach(direction, length, pose, terrain, max_range_m)
    if ground is None:
        return March(np.full(n, np.nan), np.full(n, OFF), None)
    beneath = ground.heights(pose.position_m[None, :2])[0]
    if beneath >= pose.height_m:
        return March(np.full(n, np.nan), np.full(n, UNDER), None)
    step = step_m or ground.cell_m
    # Nothing stands higher than the highest cell: the march begins where the ray comes down to it.
    start = np.maximum(0.0, (pose.height_m - ground.highest_m) / -direction[:, 2] * length - step)
    end = np.minimum((pose.height_m - ground.lowest_m) / -direction[:, 2] * length + step, max_range_m)
    before, outcome = _stepped(direction / length[:, None], pose, ground, np.minimum(start, end), end, step)
    outcome[(outcome == OFF) & (before >= max_range_m)] = BEYOND
    reach = _bisected(direction / length[:, None], pose, ground, before, step, outcome == HIT)
    return March(np.where(outcome == HIT, reach / length, np.nan), outcome, ground)


def _ground_in_reach(
    direction: FloatArray, length: FloatArray, pose: CameraPose, terrain: Terrain, max_range_m: float
) -> Surface | None:
    """The ground under all rays, down to its own lowest point: the box is widened until that point no longer sinks."""
    lowest = pose.height_m - 1.0
    ground: Surface | None = None
    for _ in range(8):
        reach = np.minimum((pose.height_m - lowest) / -direction[:, 2] * length, max_range_m)
        tips = pose.position_m[:2] + direction[:, :2] * (reach / length)[:, None]
        every = np.vstack([tips, pose.position_m[None, :2]])
        west, south = every.min(axis=0)
        east, north = every.max(axis=0)
        ground = terrain.surface(Bounds(west, south, east, north), pose.crs)
        if ground is None or ground.lowest_m >= lowest:
            return ground
        lowest = ground.lowest_m - 1.0
    return ground


def _clearance(unit: FloatArray, reach: FloatArray, pose: CameraPose, ground: Surface) -> FloatArray:
    """Height of the ray above the ground at `reach` metres along it; NaN where the ground is unknown."""
    xy = pose.position_m[:2] + unit[:, :2] * reach[:, None]
    return pose.height_m + unit[:, 2] * reach - ground.heights(xy)


def _stepped(
    unit: FloatArray, pose: CameraPose, ground: Surface, start: FloatArray, end: FloatArray, step: float
) -> tuple[FloatArray, NDArray[np.intp]]:
    """Go down each ray until it is below the ground: the last reach above it, and the outcome."""
    reach, outcome = start.copy(), np.full(len(unit), OFF)
    going = np.flatnonzero(np.isfinite(start))
    last = start.copy()
    while going.size:
        above = _clearance(unit[going], reach[going], pose, ground)
        hit = above <= 0
        outcome[going[hit]] = HIT
        last[going[~hit]] = reach[going[~hit]]
        onward = ~hit & ~np.isnan(above) & (reach[going] < end[going])
        going = going[onward]
        reach[going] = np.minimum(reach[going] + step, end[going])
    return last, outcome


def _bisected(
    unit: FloatArray, pose: CameraPose, ground: Surface, before: FloatArray, step: float, hit: NDArray[np.bool_]
) -> FloatArray:
    """Halve the step in which the ray went under until it is shorter than a centimetre."""
    reach = np.full(len(before), np.nan)
    rays, low = unit[hit], before[hit]
    high = low + step
    for _ in range(max(1, int(np.ceil(np.log2(step / REFINED_TO_M))))):
        middle = (low + high) / 2.0
        above = _clearance(rays, middle, pose, ground) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    reach[hit] = (low + high) / 2.0
    return reach


def normals(march: March, pose: CameraPose, direction: FloatArray) -> FloatArray:
    """Upward normals (n, 3), not of unit length, of the ground at the hits, over one cell each way; up elsewhere."""
    up = np.tile([0.0, 0.0, 1.0], (len(direction), 1))
    hit = march.outcome == HIT
    if march.ground is None or not hit.any():
        return up
    xy = pose.position_m[:2] + direction[hit, :2] * march.depth[hit, None]
    cell = march.ground.cell_m
    for axis in (0, 1):
        way = np.zeros(2)
        way[axis] = cell
        slope = (march.ground.heights(xy + way) - march.ground.heights(xy - way)) / (2.0 * cell)
        up[hit, axis] = -np.nan_to_num(slope)
    return up
