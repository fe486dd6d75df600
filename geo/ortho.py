"""Grey windows of an orthophoto in metres, read from the file as they are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT

from geo.crs import require_metric
from geo.errors import NotAMapRaster
from geo.types import AnyArray, FloatArray

MOST_SIDE_PX = 4000
FEWEST_PX = 10_000
"""Pixels with data that a window must hold; with less there is nothing to match."""


@dataclass(frozen=True)
class OrthoWindow:
    """A square of an orthophoto, north up.

    Attributes:
        grey: (n, n) uint8; 0 where there is no data.
        valid: (n, n) where there is.
        crs: metric.
        west_m, north_m: the outer corner of the top left pixel.
        cell_m: side of a pixel.
    """

    grey: AnyArray
    valid: NDArray[np.bool_]
    crs: str
    west_m: float
    north_m: float
    cell_m: float

    def places(self, uv: FloatArray) -> FloatArray:
        """(n, 2) metres east and north of pixels (n, 2), (0, 0) the outer corner of the top left one."""
        return np.column_stack([self.west_m + uv[:, 0] * self.cell_m, self.north_m - uv[:, 1] * self.cell_m])

    def holds(self, uv: FloatArray) -> NDArray[np.bool_]:
        """(n,) whether there is data at pixels (n, 2)."""
        rows = np.clip(uv[:, 1].astype(int), 0, self.valid.shape[0] - 1)
        return np.asarray(self.valid[rows, np.clip(uv[:, 0].astype(int), 0, self.valid.shape[1] - 1)])


def own_cell_m(path: Path, crs: str) -> float:
    """Side of the orthophoto's own pixels, about, in metres of a metric CRS.

    Raises:
        NotAMapRaster: no raster, or one without a coordinate system.
    """
    require_metric(crs)
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                raise NotAMapRaster(path.name, "it names no coordinate system")
            with WarpedVRT(raster, crs=crs) as warped:
                return float(np.sqrt(abs(warped.transform.a * warped.transform.e)))
    except (RasterioError, OSError) as error:
        raise NotAMapRaster(path.name, str(error)) from error


def read_window(
    path: Path, crs: str, middle_m: tuple[float, float], radius_m: float, cell_m: float
) -> OrthoWindow | None:
    """Read a square of an orthophoto, whatever its CRS, resampled to a wanted cell.

    Args:
        path: 8 bits in 1, 3 or 4 bands, best a COG: only what is wanted is read, from its overviews.
        crs: metric, of the result.
        middle_m: x east, y north.
        radius_m: half the square's side.
        cell_m: side of a pixel; made larger where the square would have more than 4,000 a side.

    Returns:
        The square, or None where it holds next to no data.

    Raises:
        NotAMapRaster: no raster, or one without a coordinate system.
    """
    require_metric(crs)
    side = int(np.clip(np.ceil(2 * radius_m / cell_m), 16, MOST_SIDE_PX))
    cell = 2 * radius_m / side
    west, north = middle_m[0] - radius_m, middle_m[1] + radius_m
    grid = {"crs": crs, "transform": from_origin(west, north, cell, cell), "width": side, "height": side}
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                raise NotAMapRaster(path.name, "it names no coordinate system")
            with WarpedVRT(raster, resampling=Resampling.average, add_alpha=raster.count < 4, **grid) as warped:
                bands = warped.read(list(range(1, min(raster.count, 3) + 1))).astype(np.float32)
                valid = warped.dataset_mask() > 0
    except (RasterioError, OSError) as error:
        raise NotAMapRaster(path.name, str(error)) from error
    if valid.sum() < FEWEST_PX:
        return None
    weights = np.array([0.299, 0.587, 0.114], np.float32)[: len(bands)]
    grey = np.tensordot(weights / weights.sum(), bands, axes=1)
    return OrthoWindow(np.where(valid, grey, 0).round().astype(np.uint8), valid, crs, west, north, cell)
