"""What files of height models are really like: any way the rows run, any CRS, any unit, points or areas, huge."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import Transformer
from rasterio.enums import Resampling

from geo.camera import Camera
from geo.errors import UnreadableTerrain
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import Bounds, Dem

X, Y = 633000.0, 3459400.0
HERE = "EPSG:4549"
CAMERA = Camera(800, 600, 700.0, 700.0, 400.0, 300.0)
POSE = CameraPose(HERE, X, Y, 150.0, 20.0, -45.0, 0.0, 1.0, 1.0, 1.0, 0.5, 0.5)
PLACES = np.random.default_rng(9).uniform((X - 150, Y - 150), (X + 150, Y + 150), (300, 2))


def hills(x, y):
    return 30.0 + 12.0 * np.sin((x - X) / 45.0) + 8.0 * np.cos((y - Y) / 30.0)


def write(path, values, transform, crs=HERE, unit=None, **options):
    options = {"nodata": -9999.0, "tiled": True, "dtype": "float32"} | options
    size = {"height": values.shape[0], "width": values.shape[1], "count": 1, "driver": "GTiff"}
    with rasterio.open(path, "w", crs=crs, transform=transform, **size, **options) as out:
        out.write(values.astype(options["dtype"]), 1)
        if unit:
            out.set_band_unit(1, unit)
    return path


def made(path, transform, size=(500, 500), crs=HERE, factor=1.0, **options):
    """Hills sampled at the centres of whatever cells a transform makes."""
    column, row = np.meshgrid(np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5)
    x, y = transform @ (column, row)
    if crs != HERE:
        x, y = Transformer.from_crs(crs, HERE, always_xy=True).transform(x, y)
    return write(path, hills(x, y) / factor, transform, crs, **options)


LAYOUTS = {
    "north up": Affine(1.0, 0.0, X - 250, 0.0, -1.0, Y + 250),
    "south up": Affine(1.0, 0.0, X - 250, 0.0, 1.0, Y - 250),
    "from the east": Affine(-1.0, 0.0, X + 250, 0.0, -1.0, Y + 250),
    "oblong cells": Affine(0.8, 0.0, X - 200, 0.0, -1.1, Y + 275),
    "turned": Affine.translation(X, Y) @ Affine.rotation(25.0) @ Affine(1.0, 0.0, -250, 0.0, -1.0, 250),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_whichever_way_the_rows_run_the_ground_is_the_same(tmp_path, layout):
    dem = Dem.open(made(tmp_path / "model.tif", LAYOUTS[layout]))
    assert np.abs(dem.heights(PLACES, HERE) - hills(*PLACES.T)).max() < 0.02
    uv = np.random.default_rng(5).uniform((250, 250), (550, 600), (200, 2))
    points = pixel_to_ground(uv, CAMERA, POSE, dem)
    assert points.ok.all()
    assert np.abs(points.height_m - hills(*points.xy_m.T)).max() < 0.02
    plain = pixel_to_ground(uv, CAMERA, POSE, Dem.open(made(tmp_path / "plain.tif", LAYOUTS["north up"])))
    assert np.abs(points.xy_m - plain.xy_m).max() < 0.1
    assert np.abs(points.covariance_m2 / plain.covariance_m2 - 1.0)[:, [0, 1], [0, 1]].max() < 0.1


def test_degrees_are_read_cell_by_cell_and_not_resampled(tmp_path):
    """A tower of one cell keeps its full height, which no resampling leaves it."""
    lon, lat = Transformer.from_crs(HERE, "EPSG:4326", always_xy=True).transform(X, Y)
    cell = 1e-5
    transform = Affine(cell, 0.0, lon - 250 * cell, 0.0, -cell, lat + 250 * cell)
    values = np.zeros((500, 500))
    values[200, 260] = 30.0
    dem = Dem.open(write(tmp_path / "degrees.tif", values, transform, "EPSG:4326"))
    top = Transformer.from_crs("EPSG:4326", HERE, always_xy=True).transform(*(transform @ (260.5, 200.5)))
    assert dem.heights(np.array([top]), HERE)[0] == pytest.approx(30.0, abs=0.2)
    assert dem.surface(Bounds(X - 60, Y - 60, X + 60, Y + 60), HERE).grid.residual_m < 0.01


def test_a_wide_box_in_degrees_is_asked_for_in_pieces_that_are_straight(tmp_path):
    lon, lat = Transformer.from_crs(HERE, "EPSG:4326", always_xy=True).transform(X, Y)
    cell = 1e-4
    transform = Affine(cell, 0.0, lon - 600 * cell, 0.0, -cell, lat + 600 * cell)
    dem = Dem.open(made(tmp_path / "wide.tif", transform, (1200, 1200), "EPSG:4326"))
    assert dem.fits(Bounds(X - 50, Y - 50, X + 50, Y + 50), HERE)
    far = np.random.default_rng(2).uniform((X - 5000, Y - 5000), (X + 5000, Y + 5000), (400, 2))
    column, row = ~transform @ Transformer.from_crs(HERE, "EPSG:4326", always_xy=True).transform(*far.T)
    whole = rasterio.open(dem.path).read(1)
    i, j = np.floor(row - 0.5).astype(int), np.floor(column - 0.5).astype(int)
    v, u = row - 0.5 - i, column - 0.5 - j
    expected = (
        whole[i, j] * (1 - u) * (1 - v) + whole[i, j + 1] * u * (1 - v)
        + whole[i + 1, j] * (1 - u) * v + whole[i + 1, j + 1] * u * v
    )  # fmt: skip
    assert np.abs(dem.heights(far, HERE) - expected).max() < 0.15  # 0.05 cells of 10 m on slopes of 0.3


def test_a_file_of_points_puts_its_values_at_the_tie_points(tmp_path):
    """GDAL's switch writes the tie point as it is given: the first value's own place, as PixelIsPoint means."""
    values = np.arange(100.0).reshape(10, 10)
    path = tmp_path / "points.tif"
    with rasterio.Env(GTIFF_POINT_GEO_IGNORE=True):
        size = {"height": 10, "width": 10, "count": 1, "driver": "GTiff", "dtype": "float32"}
        with rasterio.open(path, "w", crs=HERE, transform=Affine(5.0, 0, X, 0, -5.0, Y), **size) as out:
            out.update_tags(AREA_OR_POINT="Point")
            out.write(values.astype(np.float32), 1)
    places = np.array([[X, Y], [X + 15.0, Y - 10.0]])
    assert Dem.open(path).heights(places, HERE) == pytest.approx([values[0, 0], values[2, 3]])


@pytest.mark.parametrize(
    ("unit", "factor"), [("metre", 1.0), ("ft", 0.3048), ("US survey foot", 1200 / 3937), ("m", 1.0)]
)
def test_the_unit_that_a_band_declares_is_turned_into_metres(tmp_path, unit, factor):
    path = made(tmp_path / "unit.tif", LAYOUTS["north up"], factor=factor, unit=unit)
    assert np.abs(Dem.open(path).heights(PLACES, HERE) - hills(*PLACES.T)).max() < 0.02


def test_a_vertical_crs_in_feet_is_turned_into_metres(tmp_path):
    path = made(tmp_path / "compound.tif", LAYOUTS["north up"], crs=HERE, factor=1200 / 3937)
    with rasterio.open(path, "r+") as out:
        out.crs = rasterio.crs.CRS.from_string("EPSG:4549+6360")  # NAVD88 height in US survey feet
    assert np.abs(Dem.open(path).heights(PLACES, HERE) - hills(*PLACES.T)).max() < 0.02


def test_feet_are_never_guessed_at(tmp_path):
    there = "EPSG:2263"  # New York Long Island, US survey feet
    transform = Affine(3.0, 0.0, 990000.0, 0.0, -3.0, 200000.0)
    path = write(tmp_path / "feet.tif", np.full((50, 50), 100.0), transform, there)
    with pytest.raises(UnreadableTerrain, match="unit of height"):
        Dem.open(path)
    x, y = Transformer.from_crs(there, "EPSG:32618", always_xy=True).transform(990075.0, 199925.0)
    dem = Dem.open(path, height_unit="US survey foot")
    assert dem.heights(np.array([[x, y]]), "EPSG:32618")[0] == pytest.approx(30.48006, abs=1e-4)
    with pytest.raises(UnreadableTerrain, match="no unit"):
        Dem.open(write(tmp_path / "odd.tif", np.zeros((9, 9)), LAYOUTS["north up"], unit="fathom"))


def test_scaled_integers_are_heights(tmp_path):
    values = np.round(hills(*np.meshgrid(X - 249.5 + np.arange(500), Y + 249.5 - np.arange(500))) * 10)
    path = write(tmp_path / "tenths.tif", values, LAYOUTS["north up"], dtype="int16", nodata=-32768)
    with rasterio.open(path, "r+") as out:
        out.scales = (0.1,)
    assert np.abs(Dem.open(path).heights(PLACES, HERE) - hills(*PLACES.T)).max() < 0.07


@pytest.mark.parametrize("void", [-9999.0, -32768.0, 3.4e38, np.nan])
def test_a_void_that_nobody_declared_is_no_height(tmp_path, void):
    values = np.full((500, 500), 5.0)
    values[240:260, 240:260] = void
    dem = Dem.open(write(tmp_path / "void.tif", values, LAYOUTS["north up"], nodata=None))
    heights = dem.heights(np.array([[X, Y], [X + 50.0, Y]]), HERE)
    assert np.isnan(heights[0])
    assert heights[1] == 5.0


@pytest.mark.parametrize("crs", [HERE, "EPSG:32651", "EPSG:4326"])
def test_a_hole_of_one_cell_is_a_hole_in_every_crs(tmp_path, crs):
    x, y = Transformer.from_crs(HERE, crs, always_xy=True).transform(X, Y)
    cell = 1e-5 if crs == "EPSG:4326" else 1.0
    transform = Affine(cell, 0.0, x - 100.5 * cell, 0.0, -cell, y + 100.5 * cell)
    values = np.full((201, 201), 5.0)
    values[100, 100] = -9999.0  # its centre is at (X, Y)
    dem = Dem.open(write(tmp_path / "hole.tif", values, transform, crs))
    around = np.array([[0.0, 0.0], [0.6, 0.0], [0.0, -0.6], [3.0, 0.0]]) + np.array([X, Y])
    assert np.isnan(dem.heights(around, HERE)).tolist() == [True, True, True, False]


def test_overviews_do_not_take_part(tmp_path):
    path = made(tmp_path / "overviews.tif", LAYOUTS["north up"])
    with rasterio.open(path, "r+") as out:
        out.build_overviews([2, 4, 8, 16], Resampling.average)
    with rasterio.open(path, "r+", OVERVIEW_LEVEL=0) as out:
        out.write(np.full((250, 250), 999.0, dtype=np.float32), 1)
    uv = np.random.default_rng(5).uniform((250, 250), (550, 600), (5000, 2))
    points = pixel_to_ground(uv, CAMERA, POSE, Dem.open(path))
    assert np.abs(points.height_m - hills(*points.xy_m.T)).max() < 0.02


HUGE = """
import resource, sys
import numpy as np
from geo.camera import Camera
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import Dem
from pathlib import Path
dem = Dem.open(Path(sys.argv[1]))
dem.heights(np.array([[633000.0, 3459400.0]]), "EPSG:4549")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
pose = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, 20.0, -45.0, 0.0, 1.0, 1.0, 1.0, 0.5, 0.5)
uv = np.random.default_rng(1).uniform((0, 0), (800, 600), (5000, 2))
points = pixel_to_ground(uv, Camera(800, 600, 700.0, 700.0, 400.0, 300.0), pose, dem)
print(points.ok.mean(), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_of_a_huge_model_only_windows_are_read(tmp_path):
    """90,000 x 90,000 cells, 30 GB if read whole; the file is sparse, with ground around the camera alone."""
    side, path = 90_000, tmp_path / "huge.tif"
    transform = Affine(1.0, 0.0, X - side / 2, 0.0, -1.0, Y + side / 2)
    size = {"height": side, "width": side, "count": 1, "dtype": "float32", "driver": "GTiff", "crs": HERE}
    with rasterio.open(
        path, "w", transform=transform, **size, tiled=True, blockxsize=512, blockysize=512, SPARSE_OK=True,
        BIGTIFF="YES", nodata=-9999.0,
    ) as out:  # fmt: skip
        middle = side // 2
        window = rasterio.windows.Window(middle - 1024, middle - 1024, 2048, 2048)
        out.write(np.full((2048, 2048), 7.0, dtype=np.float32), 1, window=window)
    assert path.stat().st_size < 60e6
    asked = subprocess.run([sys.executable, "-c", HUGE, str(path)], capture_output=True, text=True, check=True)
    located, mebibytes = map(float, asked.stdout.split())
    assert located > 0.9
    assert mebibytes < 200
