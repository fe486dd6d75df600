"""The ground: flat, or a height model read in windows. Heights are metres in whatever vertical datum the file has."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from rasterio.windows import Window

from geo.crs import require_metric
from geo.errors import UnreadableTerrain
from geo.patch import GridOf, Patch, patch_of
from geo.raster import RasterFacts, applied, facts_of, read_heights, to_raster
from geo.types import FloatArray, pairs
from geo.vertical import Datum

FLAT_SIGMA_M = 2.0  # ours: kerbs, banks and building plinths of a river plain; hills need a height model
DEM_SIGMA_M = 2.0  # ours: between laser models (0.2) and Copernicus GLO-30 (LE90 < 4 m, so 2.4)
MOST_CELLS = 16_000_000
"""Of one patch, 64 MB. What needs more is asked for in pieces; nothing is thinned out."""
_KEPT_CELLS = 48_000_000
_POINT_CELLS = 250_000
_LATTICE_M = 64.0
_STRAIGHT_TO_M, _STRAIGHT_TO_CELLS = 0.02, 0.05


class Bounds(NamedTuple):
    """A box in metres, x east, y north."""

    west: float
    south: float
    east: float
    north: float


class Surface(Protocol):
    """A piece of ground in one metric CRS, in memory."""

    @property
    def lowest_m(self) -> float:
        """Of all known heights."""
        ...

    @property
    def highest_m(self) -> float:
        """Of all known heights."""
        ...

    @property
    def cell_m(self) -> float:
        """Size of a cell."""
        ...

    def heights(self, xy_m: FloatArray) -> FloatArray:
        """Heights (n,) at (n, 2); NaN where nothing is known."""
        ...


class Terrain(Protocol):
    """Heights of the ground, wherever they come from."""

    @property
    def sigma_m(self) -> float:
        """Standard deviation of its heights."""
        ...

    def heights(self, xy_m: FloatArray, crs: str) -> FloatArray:
        """Heights (n,) at (n, 2) metres in `crs`, x east, y north; NaN where nothing is known."""
        ...

    def surface(self, bounds: Bounds, crs: str) -> Surface | None:
        """The ground within a box of `crs`, or None where the box lies off it."""
        ...


@dataclass(frozen=True)
class Flat:
    """Level ground without end. As a surface it has the same height everywhere."""

    height_m: float = 0.0
    sigma_m: float = FLAT_SIGMA_M
    cell_m: float = 1.0

    @property
    def lowest_m(self) -> float:
        """Its height."""
        return self.height_m

    @property
    def highest_m(self) -> float:
        """Its height."""
        return self.height_m

    def heights(self, xy_m: FloatArray, crs: str = "") -> FloatArray:
        """The same height (n,) for every place (n, 2)."""
        return np.full(len(xy_m), self.height_m)

    def surface(self, bounds: Bounds, crs: str) -> Surface:
        """Itself."""
        return self


def flat(height_m: float = 0.0, sigma_m: float = FLAT_SIGMA_M) -> Flat:
    """Level ground.

    Args:
        height_m: of the ground, in the vertical datum in which camera heights are to be given; 0 where heights are
            above the take-off point.
        sigma_m: how far the real ground departs from it.
    """
    return Flat(height_m, sigma_m)


class Dem:
    """A height model in a raster file, read in windows at full resolution, never whole. Any CRS, any way its rows run.

    Nodata is NaN. Safe to share between threads; goes to another process by its path.
    """

    def __init__(self, path: Path, sigma_m: float = DEM_SIGMA_M, height_unit: str | None = None) -> None:
        self.path, self.sigma_m, self.height_unit = path, sigma_m, height_unit
        self._facts: RasterFacts | None = None
        self._patches: OrderedDict[tuple[Bounds, str], Patch | None] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, sigma_m: float = DEM_SIGMA_M, *, height_unit: str | None = None) -> Dem:
        """Open a height model.

        Args:
            path: a raster that GDAL reads, heights in its first band; best a Cloud Optimized GeoTIFF.
            sigma_m: standard deviation of its heights.
            height_unit: of its heights, where the file does not say: 'metre', 'foot', 'us survey foot'. Feet that the
                file declares (vertical CRS or band unit) are turned into metres; a file with positions in feet that
                is silent about its heights is refused.

        Raises:
            UnreadableTerrain: the file is not there, is no raster, has no CRS, or an unknown unit of height.
        """
        dem = cls(Path(path), sigma_m, height_unit)
        dem._known()
        return dem

    def __getstate__(self) -> dict[str, object]:
        """Path, sigma and unit; a file handle or lock does not travel."""
        return {"path": self.path, "sigma_m": self.sigma_m, "height_unit": self.height_unit}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Begin anew with nothing read."""
        self.__init__(**state)  # type: ignore[misc]

    @property
    def datum(self) -> Datum:
        """What its heights are above, as far as the file says."""
        return self._known().datum

    def _known(self) -> RasterFacts:
        if self._facts is None:
            self._facts = facts_of(self.path, self.height_unit)
        return self._facts

    def heights(self, xy_m: FloatArray, crs: str) -> FloatArray:
        """Heights (n,) at (n, 2) metres in `crs`, x east, y north; NaN off the model or on nodata.

        Raises:
            UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.
            UnreadableTerrain: the file went away.
        """
        require_metric(crs)
        xy = pairs(xy_m, "xy_m")
        found = np.full(len(xy), np.nan)
        finite = np.flatnonzero(np.isfinite(xy).all(axis=1))
        if finite.size:
            found[finite] = self._scattered(xy[finite], crs)
        return found

    def _scattered(self, xy: FloatArray, crs: str) -> FloatArray:
        """Heights at few or many points: where their box is large they are looked up in groups, each in its window."""
        (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
        bounds = Bounds(west, south, east, north)
        plan = _plan(self._known(), bounds, crs)
        if plan is None:
            return np.full(len(xy), np.nan)
        if len(xy) == 1 or (plan.straight and plan.cells <= max(_POINT_CELLS, min(100 * len(xy), MOST_CELLS))):
            patch = self._read(plan)
            return np.full(len(xy), np.nan) if patch is None else patch.heights(xy)
        axis = 0 if east - west >= north - south else 1
        middle = (xy[:, axis].min() + xy[:, axis].max()) / 2.0
        if not (xy[:, axis] > middle).any():
            return np.repeat(self._scattered(xy[:1], crs), len(xy))
        heights = np.empty(len(xy))
        for half in (xy[:, axis] <= middle, xy[:, axis] > middle):
            heights[half] = self._scattered(xy[half], crs)
        return heights

    def fits(self, bounds: Bounds, crs: str) -> bool:
        """Whether `surface` may be asked for a box: not too many cells, and small enough to be straight in `crs`."""
        plan = _plan(self._known(), _rounded(bounds), crs)
        return plan is None or (plan.straight and plan.cells <= MOST_CELLS)

    def surface(self, bounds: Bounds, crs: str) -> Patch | None:
        """The file's own cells within a box of `crs` and two around it; None where the box lies off the model.

        Raises:
            UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.
            UnreadableTerrain: the box holds more cells than may be held at once (ask `fits`), or the file went away.
        """
        require_metric(crs)
        key = (_rounded(bounds), crs)
        with self._lock:
            if key in self._patches:
                self._patches.move_to_end(key)
                return self._patches[key]
            plan = _plan(self._known(), *key)
            if plan is not None and plan.cells > MOST_CELLS:
                raise UnreadableTerrain(str(self.path), f"{plan.cells} cells in one box, more than may be held")
            patch = None if plan is None else self._read(plan)
            self._patches[key] = patch
            while len(self._patches) > 1 and _held(self._patches.values()) > _KEPT_CELLS:
                self._patches.popitem(last=False)
            return patch

    def _read(self, plan: _Plan) -> Patch | None:
        return patch_of(read_heights(self.path, self._known(), plan.window), plan.grid)


def _held(patches: Iterable[Patch | None]) -> int:
    return sum(1 if patch is None else patch.padded.size for patch in patches)


def _rounded(bounds: Bounds) -> Bounds:
    """The box on a lattice of 64 m, so that neighbouring pictures share a patch."""
    west, south = (math.floor(edge / _LATTICE_M) * _LATTICE_M for edge in bounds[:2])
    east, north = (math.ceil(edge / _LATTICE_M) * _LATTICE_M for edge in bounds[2:])
    return Bounds(west, south, east, north)


@dataclass(frozen=True)
class _Plan:
    """Which cells of a file a box needs, and how metres become those cells."""

    window: Window
    cells: int
    grid: GridOf

    @property
    def straight(self) -> bool:
        """The change of coordinates is as good as linear over the box."""
        return self.grid.residual_m <= max(_STRAIGHT_TO_M, _STRAIGHT_TO_CELLS * self.grid.cell_m)


def _plan(facts: RasterFacts, bounds: Bounds, crs: str) -> _Plan | None:
    """Plan a read; None where the box lies off the file or out of reach of its CRS."""
    window = _window(facts, _lattice(bounds), crs)
    if window is None:
        return None
    # Only the ground that the file covers need be straight: a box may reach far beyond it.
    columns = np.array([window.col_off, window.col_off + window.width] * 2, dtype=np.float64)
    rows = np.repeat([window.row_off, window.row_off + window.height], 2)
    x, y = to_raster(crs, facts.wkt).transform(*applied(facts.transform, columns, rows), direction="INVERSE")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    covered = Bounds(
        max(bounds.west, min(x)), max(bounds.south, min(y)), min(bounds.east, max(x)), min(bounds.north, max(y))
    )
    grid = _straightened(facts, covered, crs, window)
    return None if grid is None else _Plan(window, int(window.width * window.height), grid)


def _lattice(bounds: Bounds, points: int = 9) -> FloatArray:
    """(points², 2) places spread evenly over a box, its edges among them."""
    x, y = np.meshgrid(np.linspace(bounds.west, bounds.east, points), np.linspace(bounds.south, bounds.north, points))
    return np.column_stack([x.ravel(), y.ravel()])


def _cells_of(facts: RasterFacts, xy: FloatArray, crs: str) -> FloatArray:
    """(n, 2) column and row of places, whole at cell centres, by the full change of coordinates."""
    x, y = to_raster(crs, facts.wkt).transform(xy[:, 0], xy[:, 1])
    column, row = applied(~facts.transform, x, y)
    return np.column_stack([column, row]) - 0.5


def _window(facts: RasterFacts, xy: FloatArray, crs: str) -> Window | None:
    """The cells around places, two more each way, within the file."""
    cells = _cells_of(facts, xy, crs)
    cells = cells[np.isfinite(cells).all(axis=1)]
    if not len(cells):
        return None
    size = np.array([facts.width, facts.height])
    first = np.clip(np.floor(cells.min(axis=0)) - 2, 0, size).astype(int)
    last = np.clip(np.ceil(cells.max(axis=0)) + 3, 0, size).astype(int)
    if (last - first < 2).any():
        return None
    return Window(int(first[0]), int(first[1]), int(last[0] - first[0]), int(last[1] - first[1]))


def _straightened(facts: RasterFacts, bounds: Bounds, crs: str, window: Window) -> GridOf | None:
    """The linear map that comes nearest to the change of coordinates over a box."""
    middle = np.array([(bounds.west + bounds.east) / 2.0, (bounds.south + bounds.north) / 2.0])
    half = np.maximum([(bounds.east - bounds.west) / 2.0, (bounds.north - bounds.south) / 2.0], 1.0)
    offsets = _lattice(Bounds(-1.0, -1.0, 1.0, 1.0), 7)
    cells = _cells_of(facts, middle + offsets * half, crs) - (window.col_off, window.row_off)
    if not np.isfinite(cells).all():
        return None
    design = np.column_stack([offsets, np.ones(len(offsets))])
    solved = np.linalg.lstsq(design, cells, rcond=None)[0]
    turn = (solved[:2] / half[:, None]).T
    grid = GridOf(middle, turn, solved[2], 0.0)
    return replace(grid, residual_m=float(np.abs(design @ solved - cells).max()) * grid.cell_m)
