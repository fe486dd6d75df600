"""The first hit on rough ground against an independent march: SciPy's interpolation, a centimetre at a time."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

import geo.march
import geo.terrain
from geo.camera import Camera
from geo.ground import ground_to_pixel, pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import Dem, Flat
from tests.geo.pictures import world_from_camera

X, Y = 633000.0, 3459400.0
CAMERA = Camera(800, 600, 500.0, 500.0, 400.0, 300.0)
SIDE = 160
STEP = 0.01


def written(folder, values, cell=1.0):
    """A model centred on (X, Y), north up."""
    half = values.shape[0] * cell / 2.0
    transform = Affine(cell, 0.0, X - half, 0.0, -cell, Y + half)
    path = folder / f"model{abs(hash(values.tobytes()))}.tif"
    size = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "float32", "driver": "GTiff"}
    with rasterio.open(path, "w", crs="EPSG:4549", transform=transform, nodata=-9999.0, **size) as out:
        out.write(values.astype(np.float32), 1)
    return Dem.open(path, sigma_m=0.2)


def rough(seed, side=SIDE):
    """Noise, a slope, towers, walls one cell thick and pits."""
    rng = np.random.default_rng(seed)
    ground = rng.normal(0.0, rng.uniform(0.0, 0.6), (side, side)) + np.linspace(0, rng.uniform(-9, 9), side)
    for _ in range(25):
        i, j = rng.integers(0, side - 10, 2)
        ground[i : i + rng.integers(1, 9), j : j + rng.integers(1, 9)] += rng.uniform(-4, 25)
    for _ in range(6):
        k = rng.integers(0, side)
        ground[k, : rng.integers(5, side)] += rng.uniform(2, 15)
    return ground.astype(np.float32)


def slow_hits(values, pose, rays, cell=1.0, longest=400.0):
    """Distance along each ray (n, 3 unit vectors) to the first place not above the ground; NaN off the model."""
    half = values.shape[0] * cell / 2.0
    centres = (np.arange(values.shape[0]) + 0.5) * cell - half
    surface = RegularGridInterpolator(
        (centres, centres), values[::-1].astype(float), bounds_error=False, fill_value=np.nan
    )
    reach = np.arange(0.0, longest, STEP)
    found = np.full(len(rays), np.nan)
    for k, ray in enumerate(rays):
        z = pose.height_m + ray[2] * reach
        near = (z <= np.nanmax(values) + 0.1) & (z >= np.nanmin(values) - 0.1)
        x, y = pose.x_m - X + ray[0] * reach[near], pose.y_m - Y + ray[1] * reach[near]
        height = surface(np.column_stack([y, x]))
        under = np.flatnonzero((z[near] <= height) | np.isnan(height))
        if under.size and np.isfinite(height[under[0]]):
            found[k] = reach[near][under[0]]
    return found


def rays_of(uv, pose):
    turn = world_from_camera(pose.yaw_grid_deg, pose.pitch_deg, pose.roll_deg)
    rays = np.column_stack([(uv[:, 0] - 400.0) / 500.0, (uv[:, 1] - 300.0) / 500.0, np.ones(len(uv))]) @ turn.T
    return rays / np.linalg.norm(rays, axis=1)[:, None]


def pose_over(seed):
    rng = np.random.default_rng(seed + 1)
    x, y = rng.uniform(-40, 40, 2)
    height, yaw, pitch = rng.uniform(45, 90), rng.uniform(0, 360), rng.uniform(-90, -30)
    return CameraPose("EPSG:4549", X + x, Y + y, height, yaw, pitch, 0.0)


def reach_of(points, pose):
    return np.linalg.norm(np.column_stack([points.xy_m, points.height_m]) - pose.position_m, axis=1)


@given(seed=st.integers(0, 10_000), skips=st.booleans())
@settings(max_examples=25, deadline=None)
def test_first_hits_on_rough_ground_are_those_of_a_centimetre_march(tmp_path_factory, seed, skips):
    values, pose = rough(seed), pose_over(seed)
    uv = np.random.default_rng(seed + 2).uniform((0, 0), (800, 600), (40, 2))
    slow = slow_hits(values, pose, rays_of(uv, pose))
    assume(not (slow == 0.0).any())  # the camera would stand in a tower
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geo.march, "_WORTH_SKIPS", 0 if skips else 10**9)
        points = pixel_to_ground(uv, CAMERA, pose, written(tmp_path_factory.mktemp("rough"), values))
    quick = reach_of(points, pose)
    both = np.isfinite(slow) & np.isfinite(quick)
    assert (np.isfinite(slow) & ~np.isfinite(quick)).sum() == 0
    # The march is late by up to a step, and may step over a corner thinner than a centimetre that the solution meets.
    assert (quick[both] - slow[both]).max(initial=0.0) < 0.005
    late = slow[both] - quick[both] > STEP + 0.005
    assert late.sum() <= max(1, 0.05 * both.sum())
    assert np.abs(points.height_m - rays_of(uv, pose)[:, 2] * quick - pose.height_m)[both].max(initial=0.0) < 1e-6


@pytest.mark.parametrize("pitch", [-90.0, -45.0, -20.0])
def test_many_rays_that_skip_hit_where_rays_that_do_not_skip_hit(tmp_path, monkeypatch, pitch):
    dem = written(tmp_path, rough(5, 400))
    pose = CameraPose("EPSG:4549", X - 20.0, Y + 35.0, 60.0, 250.0, pitch, 3.0)
    uv = np.random.default_rng(3).uniform((0, 0), (800, 600), (20_000, 2))
    monkeypatch.setattr(geo.march, "_WORTH_SKIPS", 10**9)
    plain = pixel_to_ground(uv, CAMERA, pose, dem)
    monkeypatch.setattr(geo.march, "_WORTH_SKIPS", 0)
    skipped = pixel_to_ground(uv, CAMERA, pose, dem)
    assert (plain.status == skipped.status).all()
    assert plain.ok.sum() > 4000
    assert np.nanmax(np.abs(plain.xy_m - skipped.xy_m)) < 1e-3


def test_rays_that_graze_the_crest_of_a_wall_one_cell_thick_are_stopped_by_it(tmp_path):
    """The chord through the crest is a few centimetres to a metre: steps of a cell would pass most of it by."""
    values = np.zeros((SIDE, SIDE), dtype=np.float32)
    values[60, :] = 20.0
    dem, pose = written(tmp_path, values), CameraPose("EPSG:4549", X, Y - 30.0, 60.0, 0.0, -40.0, 0.0)
    wall_y = Y + SIDE / 2.0 - 60.5
    crest = np.array([[X + 5.0, wall_y, 20.0 - drop] for drop in (0.02, 0.1, 0.5, 1.0)])
    points = pixel_to_ground(ground_to_pixel(crest, CAMERA, pose), CAMERA, pose, dem)
    assert points.reasons() == [None] * 4
    assert np.abs(points.xy_m[:, 1] - wall_y).max() < 0.2
    assert points.height_m.min() > 18.0
    above = ground_to_pixel(np.array([[X + 5.0, wall_y, 20.02]]), CAMERA, pose)
    assert pixel_to_ground(above, CAMERA, pose, dem).xy_m[0, 1] > wall_y + 5.0
    stepped = pixel_to_ground(ground_to_pixel(crest, CAMERA, pose), CAMERA, pose, dem, step_m=1.0)
    assert (stepped.xy_m[:, 1] > wall_y + 5.0).any()  # what the exact way is for


def test_a_model_too_large_to_hold_is_gone_through_in_pieces_with_the_same_hits(tmp_path, monkeypatch):
    values = rough(11, 300)
    pose = CameraPose("EPSG:4549", X + 10.0, Y - 60.0, 70.0, 15.0, -45.0, 0.0)
    uv = np.random.default_rng(4).uniform((0, 0), (800, 600), (400, 2))
    whole = pixel_to_ground(uv, CAMERA, pose, written(tmp_path, values))
    monkeypatch.setattr(geo.terrain, "MOST_CELLS", 20_000)
    pieces = pixel_to_ground(uv, CAMERA, pose, written(tmp_path, values))
    assert (whole.status == pieces.status).all()
    assert whole.ok.sum() > 200
    assert np.nanmax(np.abs(whole.xy_m - pieces.xy_m)) < 1e-3


def test_a_hole_is_never_bridged_and_ends_only_rays_that_could_have_met_something_there(tmp_path):
    values = np.zeros((SIDE, SIDE), dtype=np.float32)
    values[50:60, 70:90] = -9999.0  # north of the middle: y from 20 to 30
    values[20:24, 79:82] = 6.0  # 26 m behind it, as high as a ray passes above it
    values[110:120, 60:64] = 40.0  # far away
    dem, pose = written(tmp_path, values), CameraPose("EPSG:4549", X, Y - 60.0, 60.0, 0.0, -45.0, 0.0)
    within, before, just_over, high_over = (np.array([[X, Y + y, 0.0]]) for y in (25.0, 17.0, 34.0, 45.0))
    for many in (1, 3000):
        uv = np.repeat(ground_to_pixel(np.vstack([within, before, just_over, high_over]), CAMERA, pose), many, axis=0)
        points = pixel_to_ground(uv, CAMERA, pose, dem)
        assert points.reasons()[::many] == ["off_terrain", None, "off_terrain", None]
        assert points.xy_m[many] == pytest.approx(before[0, :2], abs=1e-3)
        assert points.xy_m[3 * many] == pytest.approx(high_over[0, :2], abs=1e-3)


class Wavy(Flat):
    """A terrain of somebody else's: known only by its heights."""

    lowest_m, highest_m = -2.0, 2.0

    def heights(self, xy_m, crs=""):
        return 2.0 * np.sin(xy_m[:, 0] / 7.0)


def test_a_surface_of_unknown_kind_is_stepped_along():
    class Terrain:
        sigma_m = 1.0

        def heights(self, xy_m, crs):
            return Wavy().heights(xy_m)

        def surface(self, bounds, crs):
            return Wavy()

    pose = CameraPose("EPSG:4549", X, Y, 60.0, 90.0, -45.0, 0.0)
    points = pixel_to_ground(np.array([[400.0, 300.0], [100.0, 500.0]]), CAMERA, pose, Terrain())
    assert points.ok.all()
    assert np.abs(points.height_m - Wavy().heights(points.xy_m)).max() < 0.05
