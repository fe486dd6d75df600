"""The painted ground: a colour raster and a raster of surface kinds, both seen from straight above."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.things import Paint

FloatArray = NDArray[np.float64]
Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers

CELL_M = 0.075
KINDS = ("asphalt", "grass", "soil", "concrete", "paving", "gravel", "net", "hole", "paint")
SUBPIXEL_BITS = 4


def linear(srgb: NDArray[np.floating] | tuple[float, float, float]) -> Float32Array:
    """SRGB 0 to 1 as linear light.

    Source: IEC 61966-2-1, the pure power form is near enough.
    """
    return np.power(np.asarray(srgb, np.float32), np.float32(2.2))


@dataclass
class Canvas:
    """Rasters over [-half_x, half_x] by [-half_y, half_y]; row 0 is the **south**."""

    half_x_m: float
    half_y_m: float
    colour: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    cell_m: float = CELL_M

    @classmethod
    def blank(
        cls, half_x_m: float, half_y_m: float, colour: tuple[float, float, float], kind: str, cell_m: float = CELL_M
    ) -> Canvas:
        """A canvas of one colour."""
        rows, columns = round(2 * half_y_m / cell_m), round(2 * half_x_m / cell_m)
        painted = np.empty((rows, columns, 3), np.uint8)
        painted[:] = np.round(np.array(colour) * 255)
        return cls(half_x_m, half_y_m, painted, np.full((rows, columns), KINDS.index(kind), np.uint8), cell_m)

    def cells(self, points: FloatArray) -> FloatArray:
        """Metres (n, 2) as raster coordinates, centres at whole numbers."""
        return (np.asarray(points, float)[:, :2] + [self.half_x_m, self.half_y_m]) / self.cell_m - 0.5

    def put(self, paint: Paint) -> None:
        """Paint one patch."""
        shape = np.round(self.cells(paint.points) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        if paint.soft_m:
            self._put_soft(paint)
            return
        colour = tuple(round(c * 255) for c in paint.colour)
        if paint.width_m is None:
            cv2.fillPoly(self.colour, [shape], colour, cv2.LINE_AA, SUBPIXEL_BITS)
            cv2.fillPoly(self.kind, [shape], KINDS.index(paint.kind), cv2.LINE_8, SUBPIXEL_BITS)
            return
        for a, b in zip(paint.points[:-1], paint.points[1:], strict=True):
            self._put_bar(np.asarray(a, float), np.asarray(b, float), paint, colour)

    def _put_bar(self, a: FloatArray, b: FloatArray, paint: Paint, colour: tuple[int, ...]) -> None:
        along = b - a
        length = float(np.linalg.norm(along))
        if length == 0 or paint.width_m is None:
            return
        side = np.array([-along[1], along[0]]) / length * paint.width_m / 2
        bar = np.array([a + side, a - side, b - side, b + side])
        shape = np.round(self.cells(bar) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(self.colour, [shape], colour, cv2.LINE_AA, SUBPIXEL_BITS)
        if paint.kind != "paint":
            cv2.fillPoly(self.kind, [shape], KINDS.index(paint.kind), cv2.LINE_8, SUBPIXEL_BITS)

    def _put_soft(self, paint: Paint) -> None:
        """Blend a patch in with blurred edges; the surface kind follows where it covers more than half."""
        reach = 3 * paint.soft_m + (paint.width_m or 0)
        low = np.floor(self.cells(paint.points.min(axis=0)[None, :] - reach)[0]).astype(int)
        high = np.ceil(self.cells(paint.points.max(axis=0)[None, :] + reach)[0]).astype(int)
        rows, columns = self.kind.shape
        (c0, r0), (c1, r1) = np.maximum(low, 0), np.minimum(high, [columns, rows])
        if c0 >= c1 or r0 >= r1:
            return
        mask = np.zeros((r1 - r0, c1 - c0), np.uint8)
        shape = np.round((self.cells(paint.points) - [c0, r0]) * 16).astype(np.int32)
        if paint.width_m is None:
            cv2.fillPoly(mask, [shape], 255, cv2.LINE_AA, SUBPIXEL_BITS)
        else:
            thickness = max(1, round(paint.width_m / self.cell_m))
            cv2.polylines(mask, [shape], False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
        share = cv2.GaussianBlur(mask, (0, 0), paint.soft_m / self.cell_m).astype(np.float32)[..., None] / 255
        window = self.colour[r0:r1, c0:c1]
        window[:] = np.round(window * (1 - share) + np.float32(255) * np.array(paint.colour, np.float32) * share)
        if paint.kind != "paint":
            self.kind[r0:r1, c0:c1][share[..., 0] > 0.5] = KINDS.index(paint.kind)

    def darken_around(self, footprints: list[FloatArray], reach_m: float = 1.2, strength: float = 0.45) -> None:
        """Less sky reaches the ground along walls: darken a seam around footprints."""
        rows, columns = self.kind.shape[:2]
        mask = np.zeros((rows, columns), np.uint8)
        for footprint in footprints:
            shape = np.round(self.cells(footprint) * 16).astype(np.int32)
            cv2.fillPoly(mask, [shape], 255, cv2.LINE_8, SUBPIXEL_BITS)
        quarter = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        seam: NDArray[Any] = cv2.GaussianBlur(quarter, (0, 0), reach_m / self.cell_m / 4)
        seam = cv2.resize(seam, (columns, rows), interpolation=cv2.INTER_LINEAR)
        for r0 in range(0, rows, 512):
            share = 1 - np.float32(strength / 127) * seam[r0 : r0 + 512].clip(0, 127).astype(np.float32)
            self.colour[r0 : r0 + 512] = np.round(self.colour[r0 : r0 + 512] * share[..., None])
        self.__dict__.pop("levels", None)

    @cached_property
    def levels(self) -> list[NDArray[Any]]:
        """The colour raster and three halvings of it."""
        made: list[NDArray[Any]] = [self.colour]
        for _ in range(3):
            made.append(cv2.resize(made[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        return made

    def colour_at(self, x: Float32Array, y: Float32Array, level: int) -> Float32Array:
        """Linear colour at metres x, y (h, w), smoothed for a view of that level; mirrored beyond the edge."""
        cell = self.cell_m * 2**level
        column = ((x + self.half_x_m) / cell - 0.5).astype(np.float32)
        row = ((y + self.half_y_m) / cell - 0.5).astype(np.float32)
        sample = cv2.remap(self.levels[level], column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return _LINEAR[sample]

    def kind_at(self, x: Float32Array, y: Float32Array) -> NDArray[Any]:
        """Index into `KINDS` at metres x, y; grass beyond the edge."""
        column = ((x + self.half_x_m) / self.cell_m - 0.5).astype(np.float32)
        row = ((y + self.half_y_m) / self.cell_m - 0.5).astype(np.float32)
        return cv2.remap(self.kind, column, row, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=1)


_LINEAR = linear(np.arange(256, dtype=np.float32) / 255)
