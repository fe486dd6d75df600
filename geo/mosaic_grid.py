"""How pictures see the cells of a ground grid: exact projections at a lattice of cells, linear in between."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from affine import Affine
from numpy.typing import NDArray
from shapely import Polygon

from geo.camera import HALF_PIXEL, Camera
from geo.ground import ground_to_pixel
from geo.mosaic_hidden import hidden_where_best
from geo.pose import CameraPose
from geo.terrain import Flat, Terrain
from geo.types import FloatArray

Float32: TypeAlias = NDArray[np.float32]
Bools: TypeAlias = NDArray[np.bool_]
UInt8Image: TypeAlias = NDArray[np.uint8]
Reader: TypeAlias = Callable[[int, int], UInt8Image]
"""(number of the view, reduction 1, 2, 4 or 8) → (h, w, 3) uint8 RGB, about that much smaller than the original."""

MARGIN_FRACTION = 0.01  # of a picture's sides: resampling and vignetting spoil the outermost pixels
HELD_BYTES = 256_000_000  # of decoded pictures at one time
REDUCTIONS = (8, 4, 2, 1)
_FAR = 1e7


@dataclass(frozen=True)
class View:
    """A picture that may become part of a mosaic.

    Attributes:
        camera: of the picture at its full size.
        pose: in the CRS of the mosaic's grid.
        footprint: what it sees, in that CRS; may be cut off short of the horizon.
        gsd_m: at the middle of the picture.
    """

    camera: Camera
    pose: CameraPose
    footprint: Polygon
    gsd_m: float


@dataclass(frozen=True)
class Grid:
    """North-up square cells in a metric CRS; (west_m, north_m) is the outer corner of the top left cell."""

    crs: str
    west_m: float
    north_m: float
    cell_m: float
    columns: int
    rows: int

    @property
    def transform(self) -> Affine:
        """From column, row to x, y."""
        return Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)


def reduction_for(gsd_m: float, cell_m: float) -> int:
    """The largest reduction at which a picture's pixels are still no coarser than the cells."""
    return next((factor for factor in REDUCTIONS if factor * gsd_m <= cell_m * 1.01), 1)


class Held:
    """Decoded pictures, the latest used ones, up to so many bytes."""

    def __init__(self, read: Reader, most_bytes: int = HELD_BYTES) -> None:
        self._read, self._most = read, most_bytes
        self._kept: OrderedDict[tuple[int, int], UInt8Image] = OrderedDict()

    def get(self, number: int, reduction: int) -> UInt8Image:
        """The picture, decoded now or before."""
        key = (number, reduction)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        picture = self._read(number, reduction)
        self._kept[key] = picture
        while sum(p.nbytes for p in self._kept.values()) > self._most and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return picture


@dataclass(frozen=True)
class Seen:
    """How one view sees a block of cells: picture coordinates u, v and GSD of each cell, (rows, columns) float32."""

    u: Float32
    v: Float32
    gsd: Float32
    valid: Bools


@dataclass(frozen=True)
class Block:
    """Cells of a grid with exact projections at every `step`-th of them."""

    grid: Grid
    left: int
    top: int
    columns: int
    rows: int
    step: int

    def nodes_m(self) -> tuple[FloatArray, FloatArray]:
        """X of the node columns and y of the node rows: cell centres, the last at or beyond the block's edge."""
        across = np.arange(math.ceil((self.columns - 1) / self.step) + 1, dtype=np.float64) * self.step
        down = np.arange(math.ceil((self.rows - 1) / self.step) + 1, dtype=np.float64) * self.step
        x = self.grid.west_m + (across + (self.left + 0.5)) * self.grid.cell_m
        y = self.grid.north_m - (down + (self.top + 0.5)) * self.grid.cell_m
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def spread(self, nodes: FloatArray) -> Float32:
        """From nodes to all cells, linear."""
        row, down = _between(self.rows, nodes.shape[0], self.step)
        column, right = _between(self.columns, nodes.shape[1], self.step)
        values = nodes.astype(np.float32)
        values = values[:, column[0]] * (1 - right) + values[:, column[1]] * right
        return np.asarray(values[row[0]] * (1 - down)[:, None] + values[row[1]] * down[:, None], dtype=np.float32)


def _between(cells: int, nodes: int, step: int) -> tuple[NDArray[np.intp], Float32]:
    """(2, cells) the nodes around each cell, and how far it lies from the first to the second."""
    at = np.arange(cells) / step
    first = np.minimum(at.astype(np.intp), nodes - 1)
    return np.stack([first, np.minimum(first + 1, nodes - 1)]), (at - first).astype(np.float32)


@dataclass(frozen=True)
class Sight:
    """How one view sees the nodes of a block: u, v, GSD (rows, columns); infinitely coarse where it sees nothing."""

    u: FloatArray
    v: FloatArray
    gsd: FloatArray


def sight_of(view: View, block: Block, terrain: Terrain) -> Sight:
    """Project the nodes of a block into a view. GSD is along the worse axis, from differences between nodes."""
    x, y = block.nodes_m()
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    heights = terrain.heights(places, block.grid.crs)
    uv = ground_to_pixel(np.column_stack([places, heights]), view.camera, view.pose).reshape(len(y), len(x), 2)
    u, v = uv[..., 0], uv[..., 1]
    apart = block.step * block.grid.cell_m
    if min(u.shape) < 2:
        gsd = np.full(u.shape, view.gsd_m)
    else:
        (uy, ux), (vy, vx) = np.gradient(u, apart), np.gradient(v, apart)
        half = np.hypot((ux**2 + vx**2 - uy**2 - vy**2) / 2.0, ux * uy + vx * vy)
        least = np.maximum((ux**2 + vx**2 + uy**2 + vy**2) / 2.0 - half, 1e-12)
        gsd = 1.0 / np.sqrt(least)
    lost = ~(np.isfinite(u) & np.isfinite(gsd))
    return Sight(np.where(lost, -_FAR, u), np.where(lost, -_FAR, v), np.where(lost, _FAR, gsd))


def without_hidden(
    views: Sequence[View], block: Block, sights: Mapping[int, Sight], terrain: Terrain
) -> dict[int, Sight]:
    """The sights of a block; what the terrain hides is infinitely coarse, wherever that view would be the best."""
    if isinstance(terrain, Flat) or not sights:
        return dict(sights)
    x, y = block.nodes_m()
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    places = np.column_stack([places, terrain.heights(places, block.grid.crs)])
    costs = np.stack([np.where(inside(views[i].camera, s.u, s.v), s.gsd, _FAR).ravel() for i, s in sights.items()])
    eyes = [views[i].pose.position_m for i in sights]
    behind = hidden_where_best(places, eyes, np.where(costs < _FAR, costs, np.inf), terrain, block.grid.crs)
    return {
        i: Sight(s.u, s.v, np.where(mask.reshape(s.u.shape), _FAR, s.gsd))
        for (i, s), mask in zip(sights.items(), behind, strict=True)
    }


def seen_cells(view: View, block: Block, sight: Sight, worst_gsd_m: float) -> Seen:
    """All cells of a block as a view sees them; valid where inside the picture and not too coarse."""
    u, v, gsd = block.spread(sight.u), block.spread(sight.v), block.spread(sight.gsd)
    return Seen(u, v, gsd, inside(view.camera, u, v) & (gsd <= worst_gsd_m))


def inside(camera: Camera, u: Float32 | FloatArray, v: Float32 | FloatArray) -> Bools:
    """Whether places lie within the picture and off its margin."""
    du, dv = MARGIN_FRACTION * camera.width_px, MARGIN_FRACTION * camera.height_px
    return np.asarray((u >= du) & (v >= dv) & (u <= camera.width_px - du) & (v <= camera.height_px - dv))


def sampled(picture: UInt8Image, camera: Camera, u: Float32, v: Float32) -> UInt8Image:
    """A picture's colours at places of its full size, bilinear; `picture` may be a reduced copy."""
    height, width = picture.shape[:2]
    across = u * np.float32(width / camera.width_px) - np.float32(HALF_PIXEL)
    down = v * np.float32(height / camera.height_px) - np.float32(HALF_PIXEL)
    return np.asarray(
        cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )
