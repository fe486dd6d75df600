"""What windows are cut from: a picture in memory, or a raster on disk of which only the windows are read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window as RasterWindow

from models.errors import UnreadablePicture
from models.vision.detections import UInt8Image
from models.vision.windows import Window

OVERVIEW_PX = 4096
"""Longer side at which detectors that look at a whole picture see a large raster."""


class PictureSource(Protocol):
    """A picture of which windows can be had."""

    @property
    def width_px(self) -> int:
        """Columns."""

    @property
    def height_px(self) -> int:
        """Rows."""

    def window(self, window: Window) -> UInt8Image | None:
        """(h, w, 3) uint8 RGB of a window; None where nothing is in it (no data)."""

    def whole(self) -> tuple[UInt8Image, float]:
        """The whole picture, perhaps smaller, and how many picture pixels one of its pixels is."""


@dataclass(frozen=True, slots=True, eq=False)
class ArraySource:
    """A picture in memory, (h, w, 3) uint8 RGB."""

    image: UInt8Image

    @property
    def width_px(self) -> int:
        """Columns."""
        return int(self.image.shape[1])

    @property
    def height_px(self) -> int:
        """Rows."""
        return int(self.image.shape[0])

    def window(self, window: Window) -> UInt8Image | None:
        """A view of the window."""
        return self.image[window.v0 : window.v1, window.u0 : window.u1]

    def whole(self) -> tuple[UInt8Image, float]:
        """The picture itself."""
        return self.image, 1.0


@dataclass(frozen=True, slots=True)
class RasterSource:
    """A raster file of one or three bands and more of 8 bits, best a COG. Made by `open_raster`.

    The file is opened for each window: GDAL's own cache keeps the blocks, and nothing of the raster stays in memory.
    """

    path: Path
    width_px: int
    height_px: int
    bands: tuple[int, ...]

    def window(self, window: Window) -> UInt8Image | None:
        """The window's pixels; None where no pixel of it holds data."""
        where = RasterWindow(window.u0, window.v0, window.u1 - window.u0, window.v1 - window.v0)
        try:
            with _opened(self.path) as raster:
                if not raster.dataset_mask(window=where).any():
                    return None
                return _rgb(raster.read(self.bands, window=where))
        except (RasterioError, OSError) as error:
            raise UnreadablePicture(str(self.path), str(error)) from error

    def whole(self) -> tuple[UInt8Image, float]:
        """The raster at no more than `OVERVIEW_PX`, from its overviews where it has them."""
        factor = max(1.0, max(self.width_px, self.height_px) / OVERVIEW_PX)
        size = (max(1, round(self.height_px / factor)), max(1, round(self.width_px / factor)))
        try:
            with _opened(self.path) as raster:
                return _rgb(raster.read(self.bands, out_shape=(len(self.bands), *size))), self.width_px / size[1]
        except (RasterioError, OSError) as error:
            raise UnreadablePicture(str(self.path), str(error)) from error


def open_raster(path: Path) -> RasterSource:
    """Open a raster by its head alone.

    Args:
        path: anything that GDAL reads, 8 bits a band; of more than three bands the first three are red, green, blue.

    Raises:
        UnreadablePicture: no raster, or not 8 bits a band.
    """
    try:
        with _opened(path) as raster:
            if set(raster.dtypes[:3]) != {"uint8"}:
                raise UnreadablePicture(str(path), f"bands of {raster.dtypes[0]}; only 8 bits a band are looked at")
            bands = (1, 2, 3) if raster.count >= 3 else (1, 1, 1)
            return RasterSource(path, raster.width, raster.height, bands)
    except (RasterioError, OSError) as error:
        raise UnreadablePicture(str(path), str(error)) from error


@contextmanager
def _opened(path: Path) -> Iterator[rasterio.DatasetReader]:
    """A raster; that a plain picture has no place on the ground is no news here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as raster:
            yield raster


def _rgb(bands: np.ndarray) -> UInt8Image:
    return np.ascontiguousarray(np.moveaxis(bands, 0, 2))
