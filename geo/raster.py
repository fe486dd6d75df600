"""What a height model's file says of itself: where its cells lie, in which unit its heights are, what is no height."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from geo.crs import wkt_of
from geo.errors import UnreadableTerrain
from geo.types import FloatArray
from geo.vertical import Datum

METRES_OF_UNIT = {
    "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "international foot": 0.3048,
    "us survey foot": 1200 / 3937, "us-ft": 1200 / 3937, "ftus": 1200 / 3937, "sft": 1200 / 3937,
    "cm": 0.01, "centimetre": 0.01, "centimeter": 0.01,
}  # fmt: skip
"""Metres in a unit of height, by the names that files use. EPSG 9001, 9002, 9003."""

_LOWEST_M, _HIGHEST_M = -600.0, 9000.0  # no ground on Earth lies beyond: −9999 that nobody declared as nodata


@dataclass(frozen=True)
class RasterFacts:
    """Facts of a height model's file: horizontal CRS (WKT), cells to CRS, size, and metres in its unit of height.

    `datum`: what its heights are above, where its CRS says so.
    """

    wkt: str
    transform: Affine
    width: int
    height: int
    metres_per_unit: float
    datum: Datum = Datum.UNDECLARED


def applied(transform: Affine, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Many points through a transform."""
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f


def open_raster(path: Path) -> rasterio.DatasetReader:
    """Open a raster.

    Raises:
        UnreadableTerrain: it is not there, or none that GDAL reads.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            return rasterio.open(path)
    except (RasterioError, OSError) as error:
        raise UnreadableTerrain(str(path), str(error)) from error


def facts_of(path: Path, height_unit: str | None) -> RasterFacts:
    """Read what the file says of itself.

    Args:
        path: of the raster.
        height_unit: what its heights are in, where the file does not say or says wrong; a name of METRES_OF_UNIT.

    Raises:
        UnreadableTerrain: no raster, no CRS, no place, or heights of a unit that is not known.
    """
    with open_raster(path) as dataset:
        if dataset.crs is None:
            raise UnreadableTerrain(str(path), "the raster does not say where on Earth it lies: no CRS")
        if dataset.transform.is_identity:
            raise UnreadableTerrain(str(path), "the raster has a CRS and no place: no geotransform")
        try:
            crs = CRS.from_wkt(dataset.crs.to_wkt())
        except CRSError as error:
            raise UnreadableTerrain(str(path), "its CRS is not one that PROJ knows") from error
        stated = (dataset.units or (None,))[0]
        factor = _metres_per_unit(str(path), crs, stated, height_unit)
        size = (dataset.width, dataset.height)
        return RasterFacts(_horizontal(crs).to_wkt(), dataset.transform, *size, factor, datum_of(crs))


def datum_of(crs: CRS) -> Datum:
    """What the heights of a CRS are above.

    A vertical CRS is levelled, on some geoid; a third axis stands on the ellipsoid. A levelled datum other than that of
    1985 counts as EGM96: national ones lie within a metre of it.
    """
    if crs.is_compound:
        name = crs.sub_crs_list[-1].name.lower()
        if "ellipsoid" in name:  # what GDAL makes of LAS files and some writers: a vertical CRS above the ellipsoid
            return Datum.ELLIPSOID
        return Datum.NATIONAL_1985 if "1985" in name else Datum.EGM96
    return Datum.ELLIPSOID if len(crs.axis_info) == 3 else Datum.UNDECLARED


def _horizontal(crs: CRS) -> CRS:
    return crs.sub_crs_list[0] if crs.is_compound else crs.to_2d()


def _metres_per_unit(path: str, crs: CRS, band: str | None, given: str | None) -> float:
    """Metres in a unit of height: as given, as the vertical CRS says, as the band says. Feet are never guessed at."""
    if given is not None:
        return _known(path, given)
    vertical = [axis.unit_name for axis in crs.axis_info[2:3]]
    said = {_known(path, name) for name in [*vertical, *([band] if band else [])]}
    if len(said) > 1:
        raise UnreadableTerrain(path, f"vertical CRS and band differ about the unit of height: {vertical}, {band}")
    if said:
        return said.pop()
    horizontal = crs.axis_info[0]
    if crs.is_projected and abs(horizontal.unit_conversion_factor - 1.0) > 1e-9:
        raise UnreadableTerrain(
            path, f"positions in {horizontal.unit_name}, and nothing says what heights are in; give the unit of height"
        )
    return 1.0


def _known(path: str, name: str) -> float:
    try:
        return METRES_OF_UNIT[name.strip().lower()]
    except KeyError as error:
        raise UnreadableTerrain(path, f"heights in {name!r}, which is no unit of length known here") from error


@lru_cache(maxsize=64)
def to_raster(crs: str, wkt: str) -> Transformer:
    """From a metric CRS by name to a raster's own, x or longitude first in both."""
    return Transformer.from_crs(CRS.from_wkt(wkt_of(crs)), CRS.from_wkt(wkt), always_xy=True)


def read_heights(path: Path, facts: RasterFacts, window: Window) -> NDArray[np.float32]:
    """Heights in metres of one window at full resolution (no overview); NaN for nodata, masks and impossible heights.

    Raises:
        UnreadableTerrain: the file went away or is broken there.
    """
    with open_raster(path) as dataset:
        try:
            cells = dataset.read(1, window=window, masked=True)
        except RasterioError as error:
            raise UnreadableTerrain(str(path), str(error)) from error
        scale, shift = dataset.scales[0], dataset.offsets[0]
    hidden = np.ma.getmaskarray(cells)
    heights: NDArray[np.float32] = np.ma.getdata(cells).astype(np.float32)
    if (scale, shift, facts.metres_per_unit) != (1.0, 0.0, 1.0):
        heights = ((heights * scale + shift) * facts.metres_per_unit).astype(np.float32)
    with np.errstate(invalid="ignore"):
        heights[hidden | ~((heights > _LOWEST_M) & (heights < _HIGHEST_M))] = np.nan
    return heights
