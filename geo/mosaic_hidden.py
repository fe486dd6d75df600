"""Ground that a picture does not see because something of the height model stands before it.

Without this a wall's pixels would be laid on the ground behind it: projecting a place into a picture asks where it
would be seen, not whether.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo.terrain import Bounds, Dem, Flat, Surface, Terrain
from geo.types import FloatArray

CLEAR_M = 0.5  # ours: what stands less above a line of sight hides nothing that a height model could be sure of
MOST_STEPS = 256


def hidden(places_m: FloatArray, eye_m: FloatArray, terrain: Terrain, crs: str) -> NDArray[np.bool_]:
    """Which places lie behind ground, buildings or trees of the height model.

    Args:
        places_m: (n, 3) x, y, height of places on the terrain; rows with NaN are not hidden.
        eye_m: (3,) where the camera stands, in the same datum.
        terrain: the ground; flat ground hides nothing.
        crs: metric.

    Returns:
        (n,) True where the line to the camera passes under the terrain by more than `CLEAR_M`. All False where the box
        that the lines cross holds more cells than may be read at once.
    """
    found = np.zeros(len(places_m), dtype=np.bool_)
    good = np.flatnonzero(np.isfinite(places_m).all(axis=1) & (places_m[:, 2] < eye_m[2]))
    if isinstance(terrain, Flat) or not good.size:
        return found
    surface = _surface(places_m[good], eye_m, terrain, crs)
    if surface is None:
        return found
    way = eye_m - places_m[good]
    # Above the highest ground nothing is in the way.
    reach = np.clip((surface.highest_m - places_m[good, 2]) / way[:, 2], 0.0, 1.0)
    length = np.hypot(way[:, 0], way[:, 1]) * reach
    steps = min(MOST_STEPS, math.ceil(float(length.max(initial=0.0)) / surface.cell_m))
    found[good] = _under(places_m[good], way * reach[:, None], surface, steps)
    return found


def hidden_where_best(
    places_m: FloatArray, eyes_m: Sequence[FloatArray], costs: FloatArray, terrain: Terrain, crs: str
) -> NDArray[np.bool_]:
    """`hidden` of many views, asked only where a view would be taken: the best, and the next where that is hidden.

    Args:
        places_m: (n, 3) as for `hidden`.
        eyes_m: k places of cameras.
        costs: (k, n) the less the better; infinite where a view sees nothing.
        terrain: the ground.
        crs: metric.

    Returns:
        (k, n) True where a view was asked and the place is hidden from it.
    """
    left, asked, found = costs.copy(), np.zeros(costs.shape, np.bool_), np.zeros(costs.shape, np.bool_)
    going = True
    while going:
        best, seen, going = left.argmin(axis=0), np.isfinite(left).any(axis=0), False
        for k, eye in enumerate(eyes_m):
            rows = np.flatnonzero(seen & (best == k) & ~asked[k])
            if rows.size:
                asked[k, rows] = True
                behind = rows[hidden(places_m[rows], eye, terrain, crs)]
                found[k, behind], left[k, behind] = True, np.inf
                going = going or behind.size > 0
    return found


def _surface(places: FloatArray, eye: FloatArray, terrain: Terrain, crs: str) -> Surface | None:
    """The terrain between places and camera, as far as it can be in the way."""
    around = _bounds(places)
    if isinstance(terrain, Dem) and not terrain.fits(around, crs):
        return None
    near = terrain.surface(around, crs)
    if near is None:
        return None
    # What is in the way may stand outside the places' own box: as far out as lines stay below twice its relief.
    relief = max(near.highest_m - near.lowest_m, 10.0)
    share = min(1.0, 2.0 * relief / max(float(eye[2] - near.lowest_m), 1.0))
    whole = _bounds(np.vstack([places[:, :2], places[:, :2] + share * (eye[:2] - places[:, :2])]))
    if isinstance(terrain, Dem) and not terrain.fits(whole, crs):
        return None
    return terrain.surface(whole, crs)


def _bounds(places: FloatArray) -> Bounds:
    (west, south), (east, north) = places[:, :2].min(axis=0), places[:, :2].max(axis=0)
    return Bounds(float(west), float(south), float(east), float(north))


def _under(places: FloatArray, way: FloatArray, surface: Surface, steps: int) -> NDArray[np.bool_]:
    """Whether some point of the way (n, 3) from each place lies under the surface; the place's own cell is left out."""
    under = np.zeros(len(places), dtype=np.bool_)
    for step in range(1, steps + 1):
        open_rows = np.flatnonzero(~under)
        at = places[open_rows] + way[open_rows] * (step / steps)
        own = np.hypot(*(at - places[open_rows])[:, :2].T) <= surface.cell_m
        above = surface.heights(at[:, :2]) - at[:, 2]
        under[open_rows] = (np.nan_to_num(above, nan=-1.0) > CLEAR_M) & ~own
    return under
