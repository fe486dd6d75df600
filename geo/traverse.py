"""The exact first hit of rays on a patch: square by square, and within each by the equation of its bilinear surface.

Every square between four cell centres that a ray crosses is looked at, so nothing is too narrow to be met, and the hit
is a root of a quadratic, not the end of a search. Places are float64; what happens within a square is float32, good to
a tenth of a millimetre there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.patch import BORDER, Patch
from geo.types import AnyArray, FloatArray

HIT, OFF, BEYOND, UNDER = 0, 1, 2, 3
_NUDGE = 1e-6  # of a cell, across the border of a square
_NEVER = 1e15
_BATCH = 16_384
"""Rays at once: their arrays stay in the processor's cache."""
_TURNS = 3
"""After so many squares the few rays of each batch that are still on their way go on together."""

Far = NDArray[np.float32]


@dataclass(frozen=True)
class Falling:
    """Rays from one place, measured by how far they have fallen: at fall w they stand at (x, y) + w·way, H − w.

    Attributes:
        column, row: of the camera, in the patch's cells.
        height_m: of the camera.
        along, down: (n,) columns and rows passed in a metre of fall.
    """

    column: float
    row: float
    height_m: float
    along: FloatArray
    down: FloatArray

    def part(self, rows: slice | NDArray[np.intp]) -> Falling:
        """Some of the rays."""
        return Falling(self.column, self.row, self.height_m, self.along[rows], self.down[rows])


def falling(patch: Patch, origin_m: FloatArray, direction: FloatArray) -> Falling:
    """The rays (n, 3), which must point down, in a patch's own cells."""
    column, row = patch.grid.cells(origin_m[None, :2])[:, 0]
    turn = patch.grid.turn
    fall = -1.0 / direction[:, 2]
    x, y = direction[:, 0] * fall, direction[:, 1] * fall
    return Falling(
        float(column), float(row), float(origin_m[2]),
        turn[0, 0] * x + turn[0, 1] * y, turn[1, 0] * x + turn[1, 1] * y,
    )  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How rays ended: (n,) fall in metres where they did, HIT or OFF, and the square (index into `patch.padded`)."""

    fall: FloatArray
    outcome: NDArray[np.uint8]
    square: NDArray[np.intp]


def first_hits_on(patch: Patch, rays: Falling, start: FloatArray) -> Ended:
    """Follow rays over a patch until they hit it or leave what is known: its edge, or a hole passed below its ceiling.

    Args:
        patch: the ground.
        rays: from one place.
        start: (n,) fall in metres from which to look; the ray is known to be above the ground until there.
    """
    n = len(start)
    ended = Ended(start.copy(), np.full(n, OFF, dtype=np.uint8), np.zeros(n, dtype=np.intp))
    ended.square[:] = BORDER * (patch.padded.shape[1] + 1)
    above = np.flatnonzero(over(patch, rays, start))
    left = [
        _follow(patch, _OnTheWay.at(rays, above[first : first + _BATCH], start), rays, ended, _TURNS)
        for first in range(0, len(above), _BATCH)
    ]
    if left:
        _follow(patch, _OnTheWay.joined(left), rays, ended, None)
    return ended


def over(patch: Patch, rays: Falling, w: FloatArray) -> NDArray[np.bool_]:
    """Which rays stand over the patch at fall w."""
    rows, columns = patch.values.shape
    column, row = rays.column + w * rays.along, rays.row + w * rays.down
    return np.asarray((column >= -1) & (row >= -1) & (column < columns) & (row < rows))


@dataclass(frozen=True)
class _OnTheWay:
    """Rays that have not ended, at fall `w`; `to_side`, `to_end` are metres of fall to pass a column and a row."""

    index: NDArray[np.intp]
    w: FloatArray
    along: FloatArray
    down: FloatArray
    to_side: Far
    to_end: Far
    nudge: Far

    @classmethod
    def at(cls, rays: Falling, index: NDArray[np.intp], start: FloatArray) -> _OnTheWay:
        along, down = rays.along[index], rays.down[index]
        with np.errstate(divide="ignore", over="ignore"):
            to_side, to_end = (np.clip(1.0 / rate, -_NEVER, _NEVER).astype(np.float32) for rate in (along, down))
        nudge = np.float32(_NUDGE) * np.minimum(np.abs(to_side), np.abs(to_end))
        return cls(index, start[index], along, down, to_side, to_end, nudge)

    def kept(self, rows: NDArray[np.intp], w: FloatArray) -> _OnTheWay:
        """Some of the rays, farther on."""
        return _OnTheWay(
            self.index.take(rows), w.take(rows), self.along.take(rows), self.down.take(rows),
            self.to_side.take(rows), self.to_end.take(rows), self.nudge.take(rows),
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: list[_OnTheWay]) -> _OnTheWay:
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _follow(patch: Patch, going: _OnTheWay, rays: Falling, ended: Ended, turns: int | None) -> _OnTheWay:
    """Go from square to square for some turns, or until all have ended; what ended is written down."""
    cells, width = patch.padded.ravel(), patch.padded.shape[1]
    corners = (cells, cells[1:], cells[width:], cells[width + 1 :])
    along, down = going.along.astype(np.float32), going.down.astype(np.float32)
    turn = 0
    while going.index.size and turn != turns:
        turn += 1
        at, clearance, step, left = _crossed(corners, width, rays, going, along, down)
        onward = (clearance > 0) & ~((step >= 0) & (step <= left))
        w = going.w + left
        if patch.ceilings is not None:
            onward |= _above_holes(patch.ceilings, width, rays, at, clearance, w)
        rows = np.flatnonzero(onward)
        if len(rows) < len(onward):
            done = np.flatnonzero(~onward)
            _write(ended, going, done, at, clearance, step)
            along, down = along.take(rows), down.take(rows)
            going = going.kept(rows, w)
        else:
            going = replace(going, w=w)
    return going


def _above_holes(
    ceilings: Far, width: int, rays: Falling, at: NDArray[np.intp], clearance: Far, w: FloatArray
) -> NDArray[np.bool_]:
    """Which rays leave a square with unknown corners higher than anything there can be: the hole does not matter."""
    passes = np.isnan(clearance)
    holes = np.flatnonzero(passes)
    cells, where = ceilings.ravel(), at.take(holes)
    top = np.maximum(
        np.maximum(cells.take(where), cells.take(where + 1)),
        np.maximum(cells.take(where + width), cells.take(where + (width + 1))),
    )
    passes[holes] = rays.height_m - w.take(holes) > top
    return passes


def _write(
    ended: Ended, going: _OnTheWay, done: NDArray[np.intp], at: NDArray[np.intp], clearance: Far, step: Far
) -> None:
    index, above = going.index.take(done), clearance.take(done)
    known = ~np.isnan(above)
    ended.fall[index] = going.w.take(done) + np.where(above > 0, step.take(done), np.float32(0.0))
    ended.outcome[index] = np.where(known, HIT, OFF)
    ended.square[index] = at.take(done)


def _crossed(
    corners: tuple[AnyArray, ...], width: int, rays: Falling, going: _OnTheWay, along: Far, down: Far
) -> tuple[NDArray[np.intp], Far, Far, Far]:
    """The squares that rays are in: which, height above their ground, fall to that ground, fall to their border.

    With u, v the place within the square its ground is a + b·u + c·v + e·u·v, so along a ray the clearance is
    F − B·τ − A·τ² after a further fall τ; its first root is 2F / (B + √(B² + 4·A·F)). A negative or imaginary root is
    none. Over unknown ground F is NaN.
    """
    column, row = going.along * going.w, going.down * going.w
    column += rays.column + BORDER
    row += rays.row + BORDER
    j, i = np.floor(column), np.floor(row)
    u, v = (column - j).astype(np.float32), (row - i).astype(np.float32)
    i *= width
    i += j
    at = i.astype(np.intp)
    a, right, below, both = (cells.take(at) for cells in corners)
    both -= below
    right -= a
    both -= right
    below -= a
    sloped = both * u + below
    clearance = (rays.height_m - going.w).astype(np.float32)
    clearance -= a + right * u + sloped * v
    rate = (both * v + right) * along
    rate += sloped * down
    rate += np.float32(1.0)
    bend = both * along * down
    bend *= clearance
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.sqrt(rate * rate + bend * np.float32(4.0)) + rate
        np.divide(clearance * np.float32(2.0), step, out=step)
    side = np.maximum(going.to_side, np.float32(0.0)) - u * going.to_side
    ahead = np.maximum(going.to_end, np.float32(0.0)) - v * going.to_end
    left = np.minimum(side, ahead)
    left += going.nudge
    return at, clearance, step, left
