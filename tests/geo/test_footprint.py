"""What a picture sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely import Point

from geo.camera import Camera
from geo.crs import project, unproject
from geo.footprint import footprint_of
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import flat

CAMERA = Camera(4000, 3000, 2000.0, 2000.0, 2000.0, 1500.0)
POSE = CameraPose("EPSG:4549", 633000.0, 3459400.0, 100.0, 0.0, -90.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def metric(footprint):
    return project(np.asarray(footprint.polygon.exterior.coords), "EPSG:4549")


def test_straight_down_it_is_the_picture_at_scale():
    found = footprint_of(CAMERA, POSE, flat())
    ring = metric(found)
    assert (found.status, found.reason) == ("ok", None)
    assert found.gsd_m == pytest.approx(0.05)
    assert ring.min(axis=0) - POSE.position_m[:2] == pytest.approx([-100.0, -75.0], abs=1e-4)
    assert ring.max(axis=0) - POSE.position_m[:2] == pytest.approx([100.0, 75.0], abs=1e-4)


def test_with_the_horizon_in_view_it_is_cut_short_of_it_and_says_so():
    pose = replace(POSE, pitch_deg=-20.0)
    found = footprint_of(CAMERA, pose, flat())
    assert (found.status, found.reason) == ("ok", "horizon_in_view")
    assert found.polygon.is_valid
    near = pixel_to_ground(np.array([[2000.0, 2900.0]]), CAMERA, pose, flat())
    assert found.polygon.contains(Point(unproject(near.xy_m, "EPSG:4549")[0]))
    assert np.hypot(*(metric(found) - pose.position_m[:2]).T).max() < 100 / np.tan(np.radians(5.0)) * 1.3


def test_looking_up_there_is_none():
    found = footprint_of(CAMERA, replace(POSE, pitch_deg=60.0), flat())
    assert (found.polygon, found.status, found.reason) == (None, "refused", "above_horizon")


def test_a_camera_in_the_ground_has_none():
    found = footprint_of(CAMERA, replace(POSE, height_m=-1.0), flat())
    assert (found.status, found.reason) == ("refused", "under_ground")


def test_a_bent_lens_bends_the_outline():
    bent = replace(CAMERA, distortion=(-0.05, 0.0, 0.0, 0.0))
    assert footprint_of(bent, POSE, flat()).polygon.area > footprint_of(CAMERA, POSE, flat()).polygon.area


@pytest.mark.parametrize("yaw", [0.0, 90.0, 217.0])
@pytest.mark.parametrize("roll", [0.0, 30.0])
def test_the_outline_holds_every_pixel_that_is_on_the_ground(yaw, roll):
    pose = replace(POSE, yaw_grid_deg=yaw, pitch_deg=-50.0, roll_deg=roll)
    found = footprint_of(CAMERA, pose, flat())
    uv = np.random.default_rng(1).uniform((0, 0), (4000, 3000), (200, 2))
    points = pixel_to_ground(uv, CAMERA, pose, flat())
    near = points.ok & ~beyond(6.0, points, pose)  # it is cut a little above the 5° below the horizon
    assert near.sum() > 150
    assert all(found.polygon.buffer(1e-9).contains(Point(p)) for p in unproject(points.xy_m[near], "EPSG:4549"))


def beyond(below_deg, points, pose):
    """Which places are seen flatter than so far below the horizon."""
    return np.hypot(*(points.xy_m - pose.position_m[:2]).T) > pose.height_m / np.tan(np.radians(below_deg))


FISHEYE = Camera(1600, 1300, 800.0, 800.0, 800.0, 650.0, (-0.012, 0.018, -0.012, 0.0021), model="fisheye")


@pytest.mark.parametrize("pitch", [-90.0, -80.0, -35.0])
def test_a_fisheye_sees_all_its_ground_pixels_and_is_cut_along_its_own_bent_horizon(pitch):
    pose = replace(POSE, pitch_deg=pitch)
    found = footprint_of(FISHEYE, pose, flat())
    assert found.status == "ok"
    assert found.polygon.is_valid
    # The middle of the upper side looks 46° up from the axis, the corners 73°: at −90 and −80 all is below 85°.
    assert found.reason == ("horizon_in_view" if pitch > -50.0 else None)
    uv = np.random.default_rng(1).uniform((0, 0), (1600, 1300), (400, 2))
    points = pixel_to_ground(uv, FISHEYE, pose, flat())
    near = points.ok & ~beyond(6.0, points, pose)
    shapes = [Point(p) for p in unproject(points.xy_m[near], "EPSG:4549")]
    wide = found.polygon.buffer(found.polygon.length * 0.003)  # chords of the bent outline
    assert len(shapes) > 150
    assert all(wide.contains(shape) for shape in shapes)
    assert np.hypot(*(metric(found) - pose.position_m[:2]).T).max() < 100.0 / np.tan(np.radians(4.99))


def test_a_round_fisheye_picture_is_cut_along_its_circle():
    """k1 = −0.25 folds at 66°: the corners of the picture lie beyond and have no ray."""
    camera = Camera(1600, 1300, 900.0, 900.0, 800.0, 650.0, (-0.25, 0.0, 0.0, 0.0), model="fisheye")
    found = footprint_of(camera, POSE, flat())
    assert (found.status, found.reason) == ("ok", None)
    reach = np.hypot(*(metric(found) - POSE.position_m[:2]).T)
    assert reach.max() == pytest.approx(100.0 * np.tan(np.sqrt(1 / 0.75)), rel=0.02)


def test_a_fisheye_that_looks_up_sees_none():
    assert footprint_of(FISHEYE, replace(POSE, pitch_deg=20.0), flat()).reason == "above_horizon"
