"""Height models: rays against an independent slow march, windows, other CRS, nodata, edges."""

from __future__ import annotations

import math
import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from affine import Affine

from geo.camera import Camera
from geo.crs import project, unproject
from geo.errors import UnreadableTerrain
from geo.ground import ground_to_pixel, pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import Bounds, Dem, flat
from tests.geo.pictures import world_from_camera

CAMERA = Camera(800, 600, 700.0, 700.0, 400.0, 300.0)
X, Y = 633000.0, 3459400.0
POSE = CameraPose("EPSG:4549", X, Y, 150.0, 20.0, -45.0, 0.0, 1.0, 1.0, 1.0, 0.5, 0.5)


def hills(x, y):
    """Rolling ground, 10 to 50 m, in metres of EPSG:4549."""
    return 30.0 + 12.0 * np.sin((x - X) / 45.0) + 8.0 * np.cos((y - Y) / 30.0)


def write(path, values, transform, crs="EPSG:4549", nodata=-9999.0):
    options = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "float32", "driver": "GTiff"}
    with rasterio.open(path, "w", crs=crs, transform=transform, nodata=nodata, tiled=True, **options) as out:
        out.write(values.astype(np.float32), 1)
    return path


def north_up(west, north, cell, _=None):
    return Affine(cell, 0.0, west, 0.0, -cell, north)


def grid(cell=1.0, half=500.0):
    """Cell centres of a square around the camera: x, y, transform."""
    n = int(2 * half / cell)
    x = X - half + (np.arange(n) + 0.5) * cell
    y = Y + half - (np.arange(n) + 0.5) * cell
    return *np.meshgrid(x, y), north_up(X - half, Y + half, cell, cell)


@pytest.fixture(scope="module")
def hilly(tmp_path_factory):
    x, y, transform = grid()
    return write(tmp_path_factory.mktemp("dem") / "hills.tif", hills(x, y), transform)


def slow_first_hit(uv, pose, step=0.05):
    """One ray, five centimetres at a time, over the formula instead of the raster."""
    d = world_from_camera(pose.yaw_grid_deg, pose.pitch_deg, pose.roll_deg) @ [
        (uv[0] - 400.0) / 700.0, (uv[1] - 300.0) / 700.0, 1.0,
    ]  # fmt: skip
    d /= math.sqrt(float(d @ d))
    reach = np.arange(0.0, 600.0, step)
    x, y, z = (pose.position_m[k] + reach * d[k] for k in range(3))
    under = np.flatnonzero(z <= hills(x, y))
    return np.array([x[under[0]], y[under[0]]])


@pytest.mark.parametrize("pitch", [-90.0, -60.0, -45.0, -30.0])
def test_rays_hit_where_a_slow_march_over_the_formula_hits(hilly, pitch):
    pose = replace(POSE, pitch_deg=pitch)
    uv = np.random.default_rng(5).uniform((0, 0), (800, 600), (60, 2))
    points = pixel_to_ground(uv, CAMERA, pose, Dem.open(hilly))
    assert points.ok.mean() > 0.8  # the flattest rays leave the model
    for pixel, xy in zip(uv[points.ok], points.xy_m[points.ok], strict=True):
        # 1-m cells round the hills by centimetres; a grazing ray stretches that.
        assert np.hypot(*(slow_first_hit(pixel, pose) - xy)) < 0.5


def test_points_on_a_height_model_come_back_to_their_pixels(hilly):
    uv = np.random.default_rng(6).uniform((0, 0), (800, 600), (200, 2))
    points = pixel_to_ground(uv, CAMERA, POSE, Dem.open(hilly))
    back = ground_to_pixel(np.column_stack([points.xy_m, points.height_m]), CAMERA, POSE)
    assert np.abs(back[points.ok] - uv[points.ok]).max() < 0.01
    assert np.abs(points.height_m - hills(*points.xy_m.T))[points.ok].max() < 0.1


def test_the_first_hit_counts_and_what_hides_behind_a_wall_is_not_seen(tmp_path):
    _, y, transform = grid(half=300.0)
    wall = np.where((y > Y + 100) & (y < Y + 103), 60.0, 0.0)
    dem = Dem.open(write(tmp_path / "wall.tif", wall, transform))
    pose = replace(POSE, yaw_grid_deg=0.0, height_m=80.0)
    behind = ground_to_pixel(np.array([[X, Y + 120.0, 0.0]]), CAMERA, pose)  # a place in the wall's shadow
    point = pixel_to_ground(behind, CAMERA, pose, dem)
    assert point.reasons() == [None]
    assert point.xy_m[0, 1] == pytest.approx(Y + 100.0, abs=1.5)
    assert point.height_m[0] > 5.0


def test_a_level_model_equals_flat_ground(tmp_path):
    x, _, transform = grid(half=400.0)
    level = Dem.open(write(tmp_path / "level.tif", np.full_like(x, 12.5), transform), sigma_m=2.0)
    uv = np.random.default_rng(8).uniform((0, 0), (800, 600), (100, 2))
    on_model = pixel_to_ground(uv, CAMERA, POSE, level)
    on_flat = pixel_to_ground(uv, CAMERA, POSE, flat(12.5))
    assert np.abs(on_model.xy_m - on_flat.xy_m)[on_model.ok].max() < 0.03
    assert np.allclose(on_model.covariance_m2[on_model.ok], on_flat.covariance_m2[on_model.ok], rtol=1e-3)


@pytest.mark.parametrize("crs", ["EPSG:32651", "EPSG:4326", "EPSG:3857"])
def test_a_model_in_another_crs_gives_the_same_ground(tmp_path, crs):
    from pyproj import Transformer

    to_there = Transformer.from_crs("EPSG:4549", crs, always_xy=True)
    west, south, east, north = to_there.transform_bounds(X - 400, Y - 400, X + 400, Y + 400)
    cell = (east - west) / 800
    columns, rows = 800, int((north - south) / cell)
    x, y = np.meshgrid(west + (np.arange(columns) + 0.5) * cell, north - (np.arange(rows) + 0.5) * cell)
    here = Transformer.from_crs(crs, "EPSG:4549", always_xy=True).transform(x, y)
    dem = Dem.open(write(tmp_path / "other.tif", hills(*here), north_up(west, north, cell, cell), crs))
    xy = np.random.default_rng(9).uniform((X - 300, Y - 300), (X + 300, Y + 300), (300, 2))
    assert np.abs(dem.heights(xy, "EPSG:4549") - hills(*xy.T)).max() < 0.2


def test_rays_off_the_model_or_over_a_hole_say_so(tmp_path):
    x, y, transform = grid(half=120.0)
    values = np.where(np.hypot(x - X, y - Y - 60) < 10, -9999.0, 5.0)
    dem = Dem.open(write(tmp_path / "holed.tif", values, transform))
    pose = replace(POSE, yaw_grid_deg=0.0, height_m=65.0)
    hole, edge, good = ground_to_pixel(
        np.array([[X, Y + 60.0, 5.0], [X, Y + 125.0, 5.0], [X + 30, Y + 60.0, 5.0]]), CAMERA, pose
    )
    points = pixel_to_ground(np.array([hole, edge, good]), CAMERA, pose, dem)
    assert points.reasons() == ["off_terrain", "off_terrain", None]


def test_a_camera_far_from_the_model_locates_nothing(hilly):
    points = pixel_to_ground(np.array([[400.0, 300.0]]), CAMERA, replace(POSE, x_m=X + 9000), Dem.open(hilly))
    assert points.reasons() == ["off_terrain"]


def test_a_camera_inside_the_hill_is_under_ground(hilly):
    points = pixel_to_ground(np.array([[400.0, 300.0]]), CAMERA, replace(POSE, height_m=15.0), Dem.open(hilly))
    assert points.reasons() == ["under_ground"]


def test_only_a_window_of_the_file_is_read(hilly):
    patch = Dem.open(hilly).surface(Bounds(X, Y, X + 40, Y + 40), "EPSG:4549")
    assert max(patch.values.shape) < 150  # of 1000


def test_a_model_travels_to_another_process_by_its_path(hilly):
    dem = Dem.open(hilly, sigma_m=0.3)
    dem.heights(np.array([[X, Y]]), "EPSG:4549")
    copy = pickle.loads(pickle.dumps(dem))
    assert copy.sigma_m == 0.3
    assert copy.heights(np.array([[X, Y]]), "EPSG:4549") == dem.heights(np.array([[X, Y]]), "EPSG:4549")


def test_a_raster_without_a_place_or_no_raster_is_refused(tmp_path):
    lost = tmp_path / "lost.tif"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write(lost, np.zeros((8, 8)), Affine.identity(), crs=None)
    (tmp_path / "text.tif").write_text("no raster")
    for name in ("lost.tif", "text.tif", "none.tif"):
        with pytest.raises(UnreadableTerrain):
            Dem.open(tmp_path / name)


def test_the_way_to_degrees_and_back_serves_the_tests_themselves():
    assert np.abs(project(unproject([(X, Y)], "EPSG:4549"), "EPSG:4549") - (X, Y)).max() < 1e-6
