"""Map tiles of a raster in the home: cut from a Cloud Optimized GeoTIFF when they are asked for.

A layer is the number of a row of the store; nothing of an address ever becomes a path.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

SIDE_PX = 256
DEEPEST = 24
KEPT = 512  # tiles in memory: some 50 MB at most
GDAL_CACHE_MB = 64
_EDGE_M = math.pi * 6378137.0
NOTHING = bytes(cv2.imencode(".png", np.zeros((1, 1, 4), np.uint8))[1])


class NoSuchTile(Exception):
    """An address beyond the world, or a raster that cannot be read."""


def tile_png(path: Path, z: int, x: int, y: int) -> bytes:
    """One tile as PNG with transparency.

    Args:
        path: the raster.
        z: zoom, as web maps count it (EPSG:3857).
        x: column from 180° W.
        y: row from the north.

    Raises:
        NoSuchTile: the numbers are outside the world, or the raster is gone.
    """
    if not (0 <= z <= DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NoSuchTile(f"{z}/{x}/{y}")
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise NoSuchTile(str(path)) from error
    return _tile(str(path), changed, z, x, y)


@lru_cache(maxsize=KEPT)
def _tile(path: str, changed_at_ns: int, z: int, x: int, y: int) -> bytes:
    """As `tile_png`; a file that was written anew has another time, and so other tiles."""
    cell = 2 * _EDGE_M / 2**z / SIDE_PX
    west, north = -_EDGE_M + x * SIDE_PX * cell, _EDGE_M - y * SIDE_PX * cell
    try:
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE_MB):
            rgba = _cut(path, cell, west, north)
    except RasterioError as error:
        raise NoSuchTile(path) from error
    if not rgba[..., 3].any():
        return NOTHING
    good, encoded = cv2.imencode(".png", rgba[..., [2, 1, 0, 3]], [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not good:
        raise NoSuchTile(path)
    return bytes(encoded)


def _cut(path: str, cell_m: float, west: float, north: float) -> np.ndarray:
    """(256, 256, 4) red, green, blue, alpha: read from the overview that is just fine enough."""
    with rasterio.open(path) as whole:
        level = _overview(whole, cell_m, north)
    options = {} if level is None else {"overview_level": level}
    grid = {"transform": Affine(cell_m, 0.0, west, 0.0, -cell_m, north), "width": SIDE_PX, "height": SIDE_PX}
    with rasterio.open(path, **options) as dataset:
        has_alpha = ColorInterp.alpha in dataset.colorinterp
        with WarpedVRT(
            dataset, crs="EPSG:3857", resampling=Resampling.bilinear, add_alpha=not has_alpha, **grid
        ) as warped:
            bands = warped.read()
        palette = dataset.colormap(1) if dataset.colorinterp[0] is ColorInterp.palette else None
    colours, alpha = bands[:-1], bands[-1]
    if palette is not None:
        table = np.array([palette.get(i, (0, 0, 0, 0))[:3] for i in range(256)], dtype=np.uint8)
        colours = np.moveaxis(table[colours[0]], 2, 0)
    if len(colours) == 1:
        colours = np.repeat(colours, 3, axis=0)
    return np.ascontiguousarray(np.moveaxis(np.concatenate([colours[:3], alpha[None]]), 0, 2))


def _overview(dataset: rasterio.DatasetReader, cell_m: float, north: float) -> int | None:
    """The number of the coarsest overview whose cells are no larger than the tile's; None for the raster itself."""
    latitude = math.atan(math.sinh(north / 6378137.0))
    ground_m = cell_m * math.cos(latitude)
    unit_m = 1.0 if dataset.crs.is_projected else 111_320.0
    own_m = max(abs(dataset.transform.a), abs(dataset.transform.e)) * unit_m
    fine = [number for number, factor in enumerate(dataset.overviews(1)) if own_m * factor <= ground_m * 1.01]
    return fine[-1] if fine else None
