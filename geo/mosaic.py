"""A quick orthophoto: for each cell of a ground grid the picture that saw it best, written tile by tile.

From the ground up: each cell is projected into the pictures (`ground_to_pixel`), the one with the smallest ground
sampling distance there wins, and the seams are blended over a few cells. Nothing is matched or adjusted here; poses are
taken as they are given. What stands up from the terrain leans away from the camera as it does in the pictures; ground
that the terrain itself hides from a picture is not taken from it.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window
from shapely import box

from geo.cog import GDAL_CACHE_MB, write_cog
from geo.crs import require_metric, wkt_of
from geo.errors import NothingToMosaic
from geo.mosaic_grid import (
    Block,
    Float32,
    Grid,
    Held,
    Reader,
    Seen,
    Sight,
    UInt8Image,
    View,
    inside,
    reduction_for,
    sampled,
    seen_cells,
    sight_of,
    without_hidden,
)
from geo.terrain import Flat, Terrain
from geo.types import FloatArray

TILE_CELLS = 1024
LATTICE_FLAT, LATTICE_ROUGH = 32, 8  # cells between exact projections; linear in between, < 0.1 px on flat ground
FEATHER_CELLS = 13  # side of the square over which a seam is blended, twice: it fades within so many cells
WORST_GSD_RATIO = 4.0  # cells seen so much coarser than the grid are left empty: the far part of oblique pictures


@dataclass(frozen=True)
class Mosaic:
    """What was made: the grid, the share of its cells that show ground, and how many views are in it."""

    grid: Grid
    covered_fraction: float
    views_used: int


def grid_over(views: Sequence[View], *, cell_m: float | None = None, most_cells: float = 4e8) -> Grid:
    """The grid that holds what the views see.

    Args:
        views: all in one CRS.
        cell_m: size of a cell; None takes twice the median GSD of the views, and more where the grid would have more
            than `most_cells` cells.
        most_cells: the limit beyond which a grid is made coarser, or refused where `cell_m` was asked for.

    Returns:
        A grid whose corners lie on whole cells, so that two flights at one cell size fit each other.

    Raises:
        NothingToMosaic: no view sees any ground; their CRS differ; or a cell so small that the limit is passed.
        UnknownCrs, GeographicCrs, NotMetricCrs: the CRS cannot hold metres.
    """
    if not views or len({view.pose.crs for view in views}) != 1:
        raise NothingToMosaic("mosaic", "views of one CRS are expected" if views else "no picture sees any ground")
    crs = views[0].pose.crs
    require_metric(crs)
    bounds = np.array([view.footprint.bounds for view in views])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    least = math.sqrt((east - west) * (north - south) / most_cells)
    if cell_m is not None and cell_m < least:
        raise NothingToMosaic("mosaic", f"cells of {cell_m} m would be too many; {least:.3f} m is the least here")
    cell = cell_m or max(2.0 * float(np.median([view.gsd_m for view in views])), least)
    left, bottom = math.floor(west / cell), math.floor(south / cell)
    right, top = math.ceil(east / cell), math.ceil(north / cell)
    return Grid(crs, left * cell, top * cell, cell, right - left, top - bottom)


def mosaic(
    views: Sequence[View],
    read: Reader,
    terrain: Terrain,
    grid: Grid,
    target: Path,
    *,
    gains: FloatArray | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Mosaic:
    """Write an orthophoto as a Cloud Optimized GeoTIFF with overviews and a mask.

    Args:
        views: the pictures, poses in `grid.crs`.
        read: decodes one of them.
        terrain: heights in the datum of the poses.
        grid: where to put it.
        target: the file to write; what is there is replaced.
        gains: (n, 3) factors on red, green and blue of each view, from `geo.mosaic_balance`; all 1 where None.
        progress: told how many tiles are through.

    Returns:
        What was made.

    Raises:
        NothingToMosaic: no cell of the grid is seen by any view.
    """
    maker = _Maker(views, read, terrain, grid, np.ones((len(views), 3)) if gains is None else gains)
    shown, used = 0, set[int]()
    with tempfile.TemporaryDirectory(prefix="mosaic-", dir=target.parent) as scratch:
        raw = Path(scratch) / "raw.tif"
        profile = {
            "driver": "GTiff", "width": grid.columns, "height": grid.rows, "count": 4, "dtype": "uint8",
            "crs": rasterio.crs.CRS.from_wkt(wkt_of(grid.crs)), "transform": grid.transform, "tiled": True,
            "blockxsize": 512, "blockysize": 512, "compress": "zstd", "zstd_level": 1, "bigtiff": "if_safer",
            "photometric": "rgb", "alpha": "yes",
        }  # fmt: skip
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE_MB), rasterio.open(raw, "w", **profile) as dataset:
            windows = list(_tiles(grid))
            for done, window in enumerate(windows, start=1):
                cells, winners = maker.tile(window)
                dataset.write(cells, window=window)
                shown += int(np.count_nonzero(cells[3]))
                used |= winners
                progress(done, len(windows))
        if not shown:
            raise NothingToMosaic("mosaic", "no cell of the grid is seen by any picture")
        write_cog(raw, target)
    return Mosaic(grid, shown / (grid.columns * grid.rows), len(used))


def _tiles(grid: Grid) -> Iterator[Window]:
    """Windows over the grid, row by row, every second row backwards, so that neighbours follow each other."""
    for number, top in enumerate(range(0, grid.rows, TILE_CELLS)):
        lefts = list(range(0, grid.columns, TILE_CELLS))
        for left in reversed(lefts) if number % 2 else lefts:
            yield Window(left, top, min(TILE_CELLS, grid.columns - left), min(TILE_CELLS, grid.rows - top))


@dataclass
class _Maker:
    """What all tiles of one mosaic share."""

    views: Sequence[View]
    read: Reader
    terrain: Terrain
    grid: Grid
    gains: FloatArray

    def __post_init__(self) -> None:
        self.held = Held(self.read)
        self.worst_gsd_m = WORST_GSD_RATIO * max(self.grid.cell_m, float(np.median([v.gsd_m for v in self.views])))
        self.step = LATTICE_FLAT if isinstance(self.terrain, Flat) else LATTICE_ROUGH
        self.halo = FEATHER_CELLS

    def tile(self, window: Window) -> tuple[UInt8Image, set[int]]:
        """(4, rows, columns) red, green, blue, alpha of one tile, and the numbers of the views in it."""
        block = Block(
            self.grid, window.col_off - self.halo, window.row_off - self.halo, window.width + 2 * self.halo,
            window.height + 2 * self.halo, self.step,
        )  # fmt: skip
        sights = {i: sight_of(self.views[i], block, self.terrain) for i in self._near(block)}
        sights = without_hidden(self.views, block, sights, self.terrain)
        label, seen = self._winners(block, sights)
        cut = (slice(self.halo, self.halo + window.height), slice(self.halo, self.halo + window.width))
        colours = self._blended(label, seen, cut)
        alpha = np.where(label[cut] >= 0, 255, 0).astype(np.uint8)
        colours[alpha == 0] = 0
        return np.concatenate([np.moveaxis(colours, 2, 0), alpha[None]]), set(seen)

    def _near(self, block: Block) -> list[int]:
        x, y = block.nodes_m()
        around = box(x[0], y[-1], x[-1], y[0])
        return [i for i, view in enumerate(self.views) if view.footprint.intersects(around)]

    def _winners(self, block: Block, sights: dict[int, Sight]) -> tuple[NDArray[np.int32], dict[int, Seen]]:
        """The view (rows, columns) that sees each cell best, −1 where none does; and those views' sights in full.

        Views that are best at some node come first; the others only fill what these leave empty, at the edges.
        """
        label = np.full((block.rows, block.columns), -1, dtype=np.int32)
        best = np.full(label.shape, np.inf, dtype=np.float32)
        seen: dict[int, Seen] = {}
        first = self._best_at_nodes(sights)
        for number in [*first, *(i for i in sights if i not in first)]:
            if number not in first and (label >= 0).all():
                break
            cells = seen_cells(self.views[number], block, sights[number], self.worst_gsd_m)
            better = cells.valid & (cells.gsd < best)
            if number not in first:
                better &= label < 0
            if better.any():
                label[better], best[better], seen[number] = number, cells.gsd[better], cells
        return label, {number: cells for number, cells in seen.items() if (label == number).any()}

    def _best_at_nodes(self, sights: dict[int, Sight]) -> list[int]:
        if not sights:
            return []
        numbers = list(sights)
        costs = np.stack([np.where(inside(self.views[i].camera, s.u, s.v), s.gsd, np.inf) for i, s in sights.items()])
        winners = np.unique(costs.argmin(axis=0)[np.isfinite(costs.min(axis=0))])
        return [numbers[int(i)] for i in winners]

    def _blended(self, label: NDArray[np.int32], seen: dict[int, Seen], cut: tuple[slice, slice]) -> NDArray[np.uint8]:
        """(rows, columns, 3) of the tile without its halo: each view weighed by how much of the surroundings it won."""
        shape = label[cut].shape
        total, weight = np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32)
        for number, cells in seen.items():
            mine = (label == number).astype(np.float32)
            for _ in range(2):
                mine = np.asarray(cv2.blur(mine, (FEATHER_CELLS, FEATHER_CELLS)), dtype=np.float32)
            share = np.where(cells.valid[cut], mine[cut], 0.0).astype(np.float32)
            rows, columns = np.flatnonzero(share.max(axis=1) > 1e-3), np.flatnonzero(share.max(axis=0) > 1e-3)
            if not (rows.size and columns.size):
                continue
            part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
            colours = self._colours(number, cells.u[cut][part], cells.v[cut][part])
            total[part] += colours * share[part][..., None]
            weight[part] += share[part]
        mean = total / np.maximum(weight, 1e-6)[..., None]
        return np.clip(np.rint(mean), 0, 255).astype(np.uint8)

    def _colours(self, number: int, u: Float32, v: Float32) -> Float32:
        view = self.views[number]
        picture = self.held.get(number, reduction_for(view.gsd_m, self.grid.cell_m))
        colours: Float32 = sampled(picture, view.camera, u, v).astype(np.float32)
        return np.asarray(colours * self.gains[number], dtype=np.float32)
