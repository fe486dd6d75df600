"""A piece of a height model in memory: the file's own cells, and where they lie in metres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from geo.types import AnyArray, FloatArray

BORDER = 2
"""Cells of unknown ground around a patch, so that a ray that leaves it meets NaN and no index runs out."""

HOLE_NEIGHBOURHOOD_M = 32.0
"""How far around a hole the ground says what may stand in it."""
_EDGE = 1e-6  # of a cell: a place on the outermost centres is inside, however it is rounded
CROWN = 2
"""Squares each way over which `Patch.crowns` looks."""


@dataclass(frozen=True)
class GridOf:
    """From metres to cells: (column, row) = turn · (xy − anchor) + offset; a cell's centre has whole numbers.

    Over a patch any change of coordinates is straight to within `residual_m`. Nothing is resampled: a ray stays
    straight, and the file's own cells are what it meets, whatever way they lie.
    """

    anchor_m: FloatArray
    turn: FloatArray
    offset: FloatArray
    residual_m: float

    def cells(self, xy_m: FloatArray) -> FloatArray:
        """(2, n) columns and rows of (n, 2) metres."""
        there: FloatArray = self.turn @ (xy_m - self.anchor_m).T + self.offset[:, None]
        return there

    @property
    def cell_m(self) -> float:
        """Side of a cell, by its area."""
        return float(1.0 / np.sqrt(abs(np.linalg.det(self.turn))))


@dataclass(frozen=True)
class Patch:
    """A window of a height model, NaN where nothing is known.

    Attributes:
        padded: (rows + 4, columns + 4) heights in metres with a border of NaN two cells wide.
        grid: where cell (0, 0) of `values` lies and how the others follow.
        lowest_m, highest_m: of all known heights.
    """

    padded: NDArray[np.float32]
    grid: GridOf
    lowest_m: float
    highest_m: float

    @property
    def values(self) -> NDArray[np.float32]:
        """(rows, columns) as in the file."""
        return self.padded[BORDER:-BORDER, BORDER:-BORDER]

    @property
    def cell_m(self) -> float:
        """Side of a cell in metres."""
        return self.grid.cell_m

    def heights(self, xy_m: FloatArray) -> FloatArray:
        """Bilinear between cell centres; NaN beyond the outermost centres or where one of the four is unknown."""
        column, row = self.grid.cells(xy_m)
        rows, columns = self.values.shape
        inside = (column >= -_EDGE) & (row >= -_EDGE) & (column <= columns - 1 + _EDGE) & (row <= rows - 1 + _EDGE)
        left = np.where(inside, np.clip(column, 0.0, columns - 1.0 - _EDGE), 0.0)
        top = np.where(inside, np.clip(row, 0.0, rows - 1.0 - _EDGE), 0.0)
        i, j = top.astype(np.intp), left.astype(np.intp)
        down, right = top - i, left - j
        a, b, c, d = self.corners((i + BORDER) * self.padded.shape[1] + j + BORDER)
        upper, lower = a + (b - a) * right, c + (d - c) * right
        return np.where(inside, upper + (lower - upper) * down, np.nan)

    @cached_property
    def crowns(self) -> NDArray[np.float32]:
        """Like `padded`: the highest corner of a square and those within `CROWN` of it; infinite by unknown ground."""
        known = np.where(np.isnan(self.padded), np.float32(np.inf), self.padded)
        crowns: NDArray[np.float32] = maximum_filter(
            known, size=2 * CROWN + 2, origin=-1, mode="constant", cval=np.float32(np.inf)
        )
        return crowns

    @cached_property
    def ceilings(self) -> NDArray[np.float32] | None:
        """Like `padded`, each hole as high as the highest ground known around it; None where there is no hole.

        Around is within 32 m, or the whole patch where nothing is known there. Beyond the patch it is infinite: what
        leaves it is gone.
        """
        unknown = np.isnan(self.values)
        if not unknown.any():
            return None
        known = np.where(unknown, np.float32(-np.inf), self.values)
        around = _highest_around(known, int(np.ceil(HOLE_NEIGHBOURHOOD_M / self.cell_m)))
        around[np.isneginf(around)] = self.highest_m
        return np.pad(np.where(unknown, around, known), BORDER, constant_values=np.float32(np.inf))

    def corners(self, at: NDArray[np.intp]) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
        """Heights of cells `at` (flat index into `padded`), of the next column, the next row, and both."""
        cells, width = self.padded.ravel(), self.padded.shape[1]
        return cells.take(at), cells.take(at + 1), cells.take(at + width), cells.take(at + (width + 1))

    def slopes(self, at: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Rise towards x and towards y of the squares whose first cell is `at`, over one cell each way; NaN by a hole.

        The mean of the central differences at the square's four corners.
        """
        if at.size > self.padded.size // 8:
            whole_columns, whole_rows = self._rises
            along_columns, along_rows = whole_columns.take(at), whole_rows.take(at)
        else:
            along_columns, along_rows = _rises(lambda shift: self.padded.ravel().take(at + shift), self.padded.shape[1])
        turn = self.grid.turn
        return (
            along_columns * turn[0, 0] + along_rows * turn[1, 0],
            along_columns * turn[0, 1] + along_rows * turn[1, 1],
        )

    @cached_property
    def _rises(self) -> tuple[AnyArray, AnyArray]:
        """`slopes` of all squares, flat as `padded` is, per cell; NaN along the border."""
        cells, width = self.padded.ravel(), self.padded.shape[1]
        room = 2 * width + 1
        inner = _rises(lambda shift: cells[width + shift : len(cells) - room + shift], width)
        along_columns, along_rows = (np.full(len(cells), np.float32(np.nan)) for _ in range(2))
        along_columns[width:-room], along_rows[width:-room] = inner
        return along_columns, along_rows


def _highest_around(heights: NDArray[np.float32], cells: int) -> NDArray[np.float32]:
    """The highest within so many cells each way, by blocks where these are many: never too low."""
    size = max(1, cells // 16)
    rows, columns = (-(-length // size) * size for length in heights.shape)
    room = np.full((rows, columns), -np.inf, dtype=np.float32)
    room[: heights.shape[0], : heights.shape[1]] = heights
    blocks = room.reshape(rows // size, size, columns // size, size).max(axis=(1, 3))
    reach = -(-cells // size) + (size > 1)
    around = maximum_filter(blocks, size=2 * reach + 1, mode="nearest")
    return np.repeat(np.repeat(around, size, axis=0), size, axis=1)[: heights.shape[0], : heights.shape[1]]


def _rises(cell: Callable[[int], AnyArray], width: int) -> tuple[AnyArray, AnyArray]:
    """Rise over the columns and over the rows of squares, from the cells so many places further on."""
    a, b, c, d = cell(0), cell(1), cell(width), cell(width + 1)
    west, east = cell(-1) + cell(width - 1), cell(2) + cell(width + 2)
    before, after = cell(-width) + cell(1 - width), cell(2 * width) + cell(2 * width + 1)
    eighth = np.float32(0.125)
    return (east - west + (b + d) - (a + c)) * eighth, (after - before + (c + d) - (a + b)) * eighth


def patch_of(heights: NDArray[np.float32], grid: GridOf) -> Patch | None:
    """A patch of (rows, columns) heights; None where it is too small for a square, or holds nothing known."""
    if min(heights.shape) < 2 or np.isnan(heights).all():
        return None
    padded = np.pad(heights, BORDER, constant_values=np.nan)
    return Patch(padded, grid, float(np.nanmin(heights)), float(np.nanmax(heights)))
