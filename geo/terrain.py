"""The ground: flat, or a height model read in windows. Heights are metres in whatever vertical datum the file has."""

from __future__ import annotations

import math
import threading
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from geo.crs import require_metric, wkt_of
from geo.errors import UnreadableTerrain
from geo.types import AnyArray, FloatArray, pairs

FLAT_SIGMA_M = 2.0  # ours: kerbs, banks and building plinths of a river plain; hills need a height model
DEM_SIGMA_M = 2.0  # ours: between laser models (0.2) and Copernicus GLO-30 (LE90 < 4 m, so 2.4)
_MOST_CELLS = 16_000_000
_LATTICE_M = 64.0


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


@dataclass(frozen=True)
class Patch:
    """A window of a height model in one metric CRS: north up, square cells, NaN where nothing is known."""

    values: NDArray[np.float32]
    west_m: float
    north_m: float
    cell_m: float
    lowest_m: float
    highest_m: float

    def heights(self, xy_m: FloatArray) -> FloatArray:
        """Bilinear between cell centres; NaN beyond the outermost centres or where one of the four is unknown."""
        column = (xy_m[:, 0] - self.west_m) / self.cell_m - 0.5
        row = (self.north_m - xy_m[:, 1]) / self.cell_m - 0.5
        rows, columns = self.values.shape
        inside = (column >= 0) & (row >= 0) & (column <= columns - 1) & (row <= rows - 1)
        left = np.where(inside, np.minimum(column, columns - 1.000001), 0.0)
        top = np.where(inside, np.minimum(row, rows - 1.000001), 0.0)
        i, j = top.astype(np.intp), left.astype(np.intp)
        down, right = top - i, left - j
        flat_index = i * columns + j
        cells = self.values.ravel()
        a, b = cells.take(flat_index), cells.take(flat_index + 1)
        c, d = cells.take(flat_index + columns), cells.take(flat_index + columns + 1)
        upper, lower = a + (b - a) * right, c + (d - c) * right
        return np.where(inside, upper + (lower - upper) * down, np.nan)


class Dem:
    """A height model in a raster file, read in windows, never whole. Any CRS with a north; nodata becomes NaN.

    Safe to share between threads; goes to another process by its path.
    """

    _KEPT_PATCHES = 8

    def __init__(self, path: Path, sigma_m: float = DEM_SIGMA_M) -> None:
        self.path, self.sigma_m = path, sigma_m
        self._patches: OrderedDict[tuple[Bounds, str], Patch | None] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, sigma_m: float = DEM_SIGMA_M) -> Dem:
        """Open a height model.

        Args:
            path: a raster that GDAL reads, first band heights in metres; best a Cloud Optimized GeoTIFF.
            sigma_m: standard deviation of its heights.

        Raises:
            UnreadableTerrain: the file is not there, is no raster, has no CRS, or lies askew.
        """
        dem = cls(Path(path), sigma_m)
        with dem._dataset() as dataset:
            if dataset.crs is None:
                raise UnreadableTerrain(str(path), "the raster does not say where on Earth it lies: no CRS")
            if dataset.transform.is_identity:
                raise UnreadableTerrain(str(path), "the raster has a CRS and no place: no geotransform")
        return dem

    def __getstate__(self) -> dict[str, object]:
        """Path and sigma; a file handle or lock does not travel."""
        return {"path": self.path, "sigma_m": self.sigma_m}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Begin anew with nothing read."""
        self.__init__(**state)  # type: ignore[misc]

    def _dataset(self) -> rasterio.DatasetReader:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                return rasterio.open(self.path)
        except (RasterioError, OSError) as error:
            raise UnreadableTerrain(str(self.path), str(error)) from error

    def heights(self, xy_m: FloatArray, crs: str) -> FloatArray:
        """Heights (n,) at (n, 2) metres in `crs`, x east, y north; NaN off the model or on nodata.

        Raises:
            UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.
            UnreadableTerrain: the file went away.
        """
        xy = pairs(xy_m, "xy_m")
        finite = np.asarray(np.isfinite(xy).all(axis=1))
        if not finite.any():
            return np.full(len(xy), np.nan)
        west, south = xy[finite].min(axis=0)
        east, north = xy[finite].max(axis=0)
        patch = self.surface(Bounds(west, south, east, north), crs)
        return np.full(len(xy), np.nan) if patch is None else patch.heights(np.where(finite[:, None], xy, -np.inf))

    def surface(self, bounds: Bounds, crs: str) -> Patch | None:
        """The cells within a box of `crs` and two around it, brought into `crs`; None where the box lies off the model.

        Cells have the model's own size, and are thinned out where the box would hold more than sixteen million.
        """
        require_metric(crs)
        key = (_rounded(bounds), crs)
        with self._lock:
            if key in self._patches:
                self._patches.move_to_end(key)
                return self._patches[key]
            patch = self._read(*key)
            self._patches[key] = patch
            while len(self._patches) > self._KEPT_PATCHES:
                self._patches.popitem(last=False)
            return patch

    def _read(self, bounds: Bounds, crs: str) -> Patch | None:
        try:
            with (
                self._dataset() as dataset,
                WarpedVRT(dataset, crs=wkt_of(crs), resampling=Resampling.bilinear) as natural,
            ):
                cell = float(min(abs(natural.transform.a), abs(natural.transform.e)))
                covered = Bounds(*natural.bounds)
                box = _overlap(_grown(bounds, 2 * cell), covered)
                if box is None:
                    return None
                if _on_grid(dataset, crs):
                    return _window(dataset, box, cell)
                return _warped(dataset, crs, box, cell)
        except (RasterioError, OSError) as error:
            raise UnreadableTerrain(str(self.path), str(error)) from error


def _rounded(bounds: Bounds) -> Bounds:
    """The box on a lattice of 64 m, so that neighbouring pictures share a patch."""
    west, south = (math.floor(edge / _LATTICE_M) * _LATTICE_M for edge in bounds[:2])
    east, north = (math.ceil(edge / _LATTICE_M) * _LATTICE_M for edge in bounds[2:])
    return Bounds(west, south, east, north)


def _grown(bounds: Bounds, by_m: float) -> Bounds:
    return Bounds(bounds.west - by_m, bounds.south - by_m, bounds.east + by_m, bounds.north + by_m)


def _overlap(a: Bounds, b: Bounds) -> Bounds | None:
    box = Bounds(max(a.west, b.west), max(a.south, b.south), min(a.east, b.east), min(a.north, b.north))
    return box if box.west < box.east and box.south < box.north else None


def _on_grid(dataset: rasterio.DatasetReader, crs: str) -> bool:
    """The model's own cells are square, north up and in `crs`: nothing needs to be resampled."""
    t = dataset.transform
    upright = t.b == 0 and t.d == 0 and t.a > 0 > t.e
    return bool(
        dataset.crs == rasterio.crs.CRS.from_wkt(wkt_of(crs)) and upright and math.isclose(t.a, -t.e, rel_tol=1e-9)
    )


def _window(dataset: rasterio.DatasetReader, box: Bounds, cell: float) -> Patch | None:
    grid = dataset.transform
    first_column, last_column = (round((edge - grid.c) / cell) for edge in (box.west, box.east))
    first_row, last_row = (round((grid.f - edge) / cell) for edge in (box.north, box.south))
    first_column, first_row = max(0, first_column), max(0, first_row)
    last_column, last_row = min(dataset.width, last_column), min(dataset.height, last_row)
    rows, columns = last_row - first_row, last_column - first_column
    thin = max(1, math.ceil(math.sqrt(rows * columns / _MOST_CELLS)))
    shape = (max(1, rows // thin), max(1, columns // thin))
    whole = Window(first_column, first_row, shape[1] * thin, shape[0] * thin)
    values = dataset.read(1, window=whole, out_shape=shape, masked=True, resampling=Resampling.average)
    return _patch(values, grid.c + first_column * cell, grid.f - first_row * cell, cell * thin)


def _warped(dataset: rasterio.DatasetReader, crs: str, box: Bounds, cell: float) -> Patch | None:
    cell = max(cell, math.sqrt((box.east - box.west) * (box.north - box.south) / _MOST_CELLS))
    columns, rows = math.ceil((box.east - box.west) / cell), math.ceil((box.north - box.south) / cell)
    grid = {"transform": Affine(cell, 0.0, box.west, 0.0, -cell, box.north), "width": columns, "height": rows}
    options = {"resampling": Resampling.bilinear, "nodata": math.nan, "dtype": "float32"}
    with WarpedVRT(dataset, crs=wkt_of(crs), **grid, **options) as moved:
        return _patch(moved.read(1, masked=True), box.west, box.north, cell)


def _patch(values: AnyArray, west: float, north: float, cell: float) -> Patch | None:
    heights = np.ma.filled(values.astype(np.float32), np.nan)
    heights[~np.isfinite(heights)] = np.nan
    if min(heights.shape) < 2 or np.isnan(heights).all():
        return None
    lowest, highest = float(np.nanmin(heights)), float(np.nanmax(heights))
    return Patch(np.ascontiguousarray(heights), float(west), float(north), cell, lowest, highest)
