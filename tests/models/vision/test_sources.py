"""A raster on disk gives the boxes that the same picture in memory gives, and is never held whole."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from models.errors import UnreadablePicture
from models.vision.compose import detect_image, detect_source
from models.vision.sources import OVERVIEW_PX, ArraySource, open_raster
from models.vision.windows import Window
from tests.models.vision.test_compose import Squares, field

PROFILE = {
    "driver": "GTiff",
    "dtype": "uint8",
    "tiled": True,
    "blockxsize": 128,
    "blockysize": 128,
    "compress": "deflate",
}


def written(path, image, **options):
    height, width = image.shape[:2]
    place = {"crs": "EPSG:4549", "transform": from_origin(500000, 3450000, 0.05, 0.05)}
    with rasterio.open(
        path, "w", width=width, height=height, count=image.shape[2], **PROFILE, **place, **options
    ) as out:
        out.write(np.moveaxis(image, 2, 0))
    return path


def rows(found):
    return sorted((*box, round(c, 5)) for box, c in zip(found.box.tolist(), found.confidence.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_a_raster_gives_the_boxes_of_the_same_picture_in_memory(seed, tmp_path):
    image = field(seed)
    source = open_raster(written(tmp_path / "a.tif", image))
    assert (source.width_px, source.height_px) == (517, 333)
    assert rows(detect_source(source, [Squares()])) == rows(detect_image(image, [Squares()]))
    assert rows(detect_source(source, [Squares(window_px=None)])) == rows(
        detect_image(image, [Squares(window_px=None)])
    )


def test_windows_without_data_are_not_looked_at(tmp_path):
    image = np.zeros((400, 400, 4), np.uint8)
    image[:150, :150, 3] = 255  # the fourth band is transparency
    image[30:60, 110:140, :3] = 255
    looked = []

    class Spy(Squares):
        def detect(self, images):
            looked.extend(images)
            return super().detect(images)

    source = open_raster(written(tmp_path / "a.tif", image, photometric="RGB", alpha="YES"))
    found = detect_source(source, [Spy(window_px=100)], overlap_fraction=0.0)
    assert len(looked) == 4  # of sixteen
    assert found.box.tolist() == [[110, 30, 140, 60]]
    empty = open_raster(written(tmp_path / "b.tif", np.zeros((200, 200, 4), np.uint8), photometric="RGB", alpha="YES"))
    assert len(detect_source(empty, [Squares()])) == 0


def test_a_detector_of_whole_pictures_sees_a_large_raster_reduced_and_its_boxes_come_back(tmp_path):
    side = OVERVIEW_PX * 2
    path = tmp_path / "a.tif"
    place = {"crs": "EPSG:4549", "transform": from_origin(500000, 3450000, 0.05, 0.05)}
    with rasterio.open(path, "w", width=side, height=side, count=3, sparse_ok=True, **PROFILE, **place) as out:
        out.write(np.full((3, 256, 512), 255, np.uint8), window=rasterio.windows.Window(1024, 2048, 512, 256))
    seen = []

    class Spy(Squares):
        def detect(self, images):
            seen.extend(i.shape for i in images)
            return super().detect(images)

    found = detect_source(open_raster(path), [Spy(window_px=None)])
    assert seen == [(OVERVIEW_PX, OVERVIEW_PX, 3)]
    assert found.box.tolist() == [[1024, 2048, 1536, 2304]]


def test_one_band_is_grey_and_more_than_eight_bits_are_refused(tmp_path):
    grey = written(tmp_path / "grey.tif", field(1)[:, :, :1])
    assert open_raster(grey).window(Window(0, 0, 50, 40)).shape == (40, 50, 3)
    deep = tmp_path / "deep.tif"
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(deep)
    for bad in (deep, tmp_path / "none.tif"):
        with pytest.raises(UnreadablePicture):
            open_raster(bad)


def test_a_picture_in_memory_is_its_own_windows():
    image = field(2)
    assert np.array_equal(ArraySource(image).window(Window(3, 5, 60, 70)), image[5:70, 3:60])
