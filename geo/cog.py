"""Rasters that serve as maps: what a file is, and writing Cloud Optimized GeoTIFFs."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import rasterio
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.warp import transform_bounds

from geo.errors import NotAMapRaster

GDAL_CACHE_MB = 128
"""What GDAL may hold of blocks; its own default is a twentieth of the machine's memory."""


@dataclass(frozen=True)
class MapRaster:
    """What a raster that can be drawn on a map says of itself.

    Attributes:
        crs: 'EPSG:NNNN', or well-known text where EPSG has no number for it.
        bounds: west, south, east, north in degrees of WGS 84.
        width, height: cells.
        bands: 1 (grey or palette), 3, or 4 with the last as mask.
        is_cog: a Cloud Optimized GeoTIFF already: tiled, with overviews.
    """

    crs: str
    bounds: tuple[float, float, float, float]
    width: int
    height: int
    bands: int
    is_cog: bool


def map_raster_of(path: Path) -> MapRaster:
    """Look whether a file can serve as a map.

    Raises:
        NotAMapRaster: not there, no raster, without place or CRS on Earth, or no picture of 8 bits in 1, 3 or 4 bands.
    """
    from rio_cogeo.cogeo import cog_validate

    where = path.name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                if dataset.crs is None or dataset.transform.is_identity:
                    raise NotAMapRaster(where, "it does not say where on Earth it lies")
                if dataset.count not in (1, 3, 4) or set(dataset.dtypes) != {"uint8"}:
                    raise NotAMapRaster(where, f"{dataset.count} bands of {', '.join(sorted(set(dataset.dtypes)))}")
                bounds = transform_bounds(dataset.crs, "EPSG:4326", *dataset.bounds, densify_pts=21)
                number = dataset.crs.to_epsg()
                name = f"EPSG:{number}" if number else dataset.crs.to_wkt()
                size = (dataset.width, dataset.height, dataset.count)
        is_cog = bool(cog_validate(str(path), quiet=True)[0])
    except (RasterioError, OSError) as error:
        raise NotAMapRaster(where, str(error)) from error
    west, south, east, north = (float(edge) for edge in bounds)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise NotAMapRaster(where, f"its corners lie at {west}, {south}, {east}, {north}")
    return MapRaster(name, (west, south, east, north), *size, is_cog)


def write_cog(raw: Path, target: Path) -> None:
    """Copy a picture raster into a Cloud Optimized GeoTIFF with overviews, block by block.

    Args:
        raw: 8 bits a band. One band (also with a palette) is kept without loss, three or four become JPEG; a fourth
            band is the mask.
        target: the file to write, at once or not at all.

    Raises:
        NotAMapRaster: it cannot be read to its end.
    """
    from rio_cogeo.cogeo import cog_translate
    from rio_cogeo.profiles import cog_profiles

    part = target.with_name(f"{target.name}.part")
    try:
        with rasterio.open(raw) as dataset:
            photo = dataset.count >= 3
            nodata = dataset.nodata if not photo and ColorInterp.alpha not in dataset.colorinterp else None
        profile: dict[str, object] = dict(cog_profiles.get("jpeg" if photo else "deflate"))  # type: ignore[no-untyped-call]
        profile |= {"bigtiff": "if_safer"} | ({"jpeg_quality": 85} if photo else {})
        with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE_MB):
            cog_translate(
                str(raw), str(part), profile, indexes=(1, 2, 3) if photo else None, add_mask=photo, nodata=nodata,
                in_memory=False, overview_resampling="average" if photo else "nearest", quiet=True,
            )  # fmt: skip
        part.replace(target)
    except RasterioError as error:
        raise NotAMapRaster(raw.name, str(error)) from error
    finally:
        part.unlink(missing_ok=True)
