"""Where rays from one camera may begin to look: a table of falls until which nothing can stand in a ray's way.

All rays start at one place, so two numbers tell them apart: which way they go, and how far they come in a metre of fall
(`reach`). Ground of height h at distance r stops every ray that comes no farther than r / (H − h), and no other. Over a
square that quotient is largest at a corner: r is convex and a bilinear h lies in the hull of its corners, so
r − reach·(H − h) is at most what it is at one of them. The table holds, for a sector of directions and a least reach,
the nearest distance of all squares there that could stop such a ray. It only ever errs to the near side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.patch import BORDER, CROWN, Patch
from geo.traverse import Falling
from geo.types import AnyArray, FloatArray

_SECTORS, _STEPS = 1024, 1024


@dataclass(frozen=True)
class Skips:
    """Nearest distance in cells (sectors, steps) at which something may stop a ray, farthest reach first.

    `step` is a step of reach.
    """

    nearest: NDArray[np.float32]
    step: float

    def fall(self, rays: Falling) -> FloatArray:
        """(n,) metres of fall until which each ray is surely above the ground."""
        sectors, steps = self.nearest.shape
        reach = np.sqrt(rays.along * rays.along + rays.down * rays.down)
        sector = (_bearing(rays.along, rays.down) * (sectors / 4.0)).astype(np.intp)
        np.minimum(sector, sectors - 1, out=sector)
        step = np.minimum(reach * (1.0 / self.step), steps - 1.0).astype(np.intp)
        sector *= steps
        sector += steps - 1
        sector -= step
        nearest = self.nearest.ravel().take(sector)
        return np.asarray(nearest / np.maximum(reach, 1e-12), dtype=np.float64)


def down_to_crowns(patch: Patch, rays: Falling, start: FloatArray) -> FloatArray:
    """Let rays (n,) that are above the ground at `start` fall on to the height of the highest ground close by.

    Until a ray has passed `CROWN` columns or rows it is over squares of which the highest corner is known.
    """
    width = patch.padded.shape[1]
    column, row = rays.along * start, rays.down * start
    column += rays.column + BORDER
    row += rays.row + BORDER
    np.clip(column, 0, width - 1, out=column)
    np.clip(row, 0, patch.padded.shape[0] - 1, out=row)
    crown = patch.crowns.ravel().take(row.astype(np.intp) * width + column.astype(np.intp))
    swiftest = np.maximum(np.maximum(np.abs(rays.along), np.abs(rays.down)), 1e-9)
    deepest = np.minimum(rays.height_m - crown, start + (CROWN - 1e-3) / swiftest)
    return np.asarray(np.maximum(start, deepest))


def _bearing(x: AnyArray, y: AnyArray) -> AnyArray:
    """A direction as a number from 0 to 4 that grows with its angle, from −y on: cheaper than an arc tangent."""
    turned = y / (np.abs(x) + np.abs(y) + 1e-30)
    return np.copysign(1.0, x) * (turned - 1.0) + 2.0


def skips_for(patch: Patch, rays: Falling) -> Skips:
    """Make the table for one camera over one patch, by squares, or by blocks of them where these outnumber the rays.

    Holes count as high as `Patch.ceilings` has them.
    """
    size = int(np.ceil(np.sqrt(patch.values.size / max(len(rays.along), 1024))))
    reach = np.sqrt(rays.along * rays.along + rays.down * rays.down)
    stops = _blocks(_stops(patch, rays), size)
    rows, columns = np.nonzero(stops >= reach.min())
    x0, y0 = columns * size - rays.column, rows * size - rays.row
    box: tuple[AnyArray, ...] = (x0, y0, x0 + size, y0 + size)
    step = float(np.quantile(reach[:: len(reach) // 4096 + 1], 0.98)) * 1.02 / _STEPS + 1e-9
    k = np.minimum(stops[rows, columns] / step, _STEPS - 1.0).astype(np.intp)
    return Skips(_filled(*_sectors(*box), k, _nearest(*box)), step)


def _stops(patch: Patch, rays: Falling) -> FloatArray:
    """Largest reach of a ray that each cell would stop, infinite for ground above the camera."""
    inner = (slice(BORDER, -BORDER),) * 2
    heights = patch.values if patch.ceilings is None else patch.ceilings[inner]
    x2 = (np.arange(heights.shape[1]) - rays.column) ** 2
    y2 = (np.arange(heights.shape[0]) - rays.row) ** 2
    distance = np.sqrt(y2[:, None] + x2)
    below = rays.height_m - heights
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, distance / below * (1.0 + 1e-6), np.inf)


def _blocks(corners: FloatArray, size: int) -> FloatArray:
    """The most of all corners of each block of squares; neighbouring blocks share the corners between them."""
    for axis in (0, 1):
        moved = np.moveaxis(corners, axis, 0)
        count = -(-(len(moved) - 1) // size)
        short = count * size + 1 - len(moved)
        if short:
            moved = np.concatenate([moved, np.repeat(moved[-1:], short, axis=0)])
        inner = moved[:-1].reshape(count, size, -1).max(axis=1) if size > 1 else moved[:-1]
        corners = np.moveaxis(np.maximum(inner, moved[size::size]), 0, axis)
    return corners


def _nearest(x0: AnyArray, y0: AnyArray, x1: AnyArray, y1: AnyArray) -> FloatArray:
    dx, dy = np.maximum(np.maximum(x0, -x1), 0.0), np.maximum(np.maximum(y0, -y1), 0.0)
    return np.asarray(np.sqrt(dx * dx + dy * dy))


def _sectors(x0: AnyArray, y0: AnyArray, x1: AnyArray, y1: AnyArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last sector that each box touches; the last may lie beyond the count and then begins anew."""
    corners = np.stack([_bearing(x, y) for x in (x0, x1) for y in (y0, y1)])
    across = (y1 < 0) & (x0 < 0) & (x1 >= 0)  # bearings wrap from 4 to 0 there
    corners = np.where(across & (corners < 2.0), corners + 4.0, corners)
    around = (x0 <= 0) & (x1 >= 0) & (y0 <= 0) & (y1 >= 0)
    first = np.where(around, 0.0, corners.min(axis=0)) * (_SECTORS / 4.0)
    last = np.where(around, 4.0, corners.max(axis=0)) * (_SECTORS / 4.0)
    return np.floor(first - 1e-6).astype(np.intp), np.floor(last + 1e-6).astype(np.intp)


def _filled(
    first: NDArray[np.intp], last: NDArray[np.intp], k: NDArray[np.intp], near: FloatArray
) -> NDArray[np.float32]:
    """The nearest distance by sector and least reach: what stops a far-reaching ray stops a shorter one too."""
    counts = last - first + 1
    which = np.repeat(np.arange(len(first)), counts)
    sector = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((_SECTORS, _STEPS), np.float32(1e9))
    nearest = np.nextafter(near.astype(np.float32), np.float32(0.0))
    np.minimum.at(table.ravel(), (sector % _SECTORS) * _STEPS + (_STEPS - 1 - k)[which], nearest[which])
    np.minimum.accumulate(table, axis=1, out=table)
    return table
