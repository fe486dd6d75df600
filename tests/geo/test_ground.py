"""Pixels on the ground: against OpenCV's projection, against their own inverse, and where there is no ground."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.camera import Camera
from geo.errors import GeographicCrs, ShapeError
from geo.ground import GroundPoints, GroundStatus, ground_to_pixel, pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import flat
from tests.geo.pictures import world_from_camera

ISFM = (-0.42275, 0.369101, 0.0040638, 0.0040638, -0.264306)
CAMERA = Camera(4000, 3000, 2900.0, 2890.0, 1990.0, 1510.0, (-0.05, 0.01, 0.0005, -0.0003, 0.0), 0.01)
POSE = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, 35.0, -60.0, 2.0, 2.0, 3.0, 2.5, 1.0, 1.0)

views = st.tuples(st.floats(0, 360), st.floats(-90, -35), st.floats(-5, 5))
pixels = st.tuples(st.floats(0, 4000), st.floats(0, 3000))


def looking(yaw, pitch, roll):
    return replace(POSE, yaw_grid_deg=yaw, pitch_deg=pitch, roll_deg=roll)


@given(views, st.lists(pixels, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_pixel_goes_to_ground_and_back_within_a_hundredth(view, uv):
    pose = looking(*view)
    points = pixel_to_ground(np.array(uv), CAMERA, pose, flat(3.0))
    ok = points.ok
    back = ground_to_pixel(np.column_stack([points.xy_m, points.height_m]), CAMERA, pose)
    assert np.abs(back[ok] - np.array(uv)[ok]).max(initial=0.0) < 0.01
    assert np.abs(points.height_m[ok] - 3.0).max(initial=0.0) < 1e-6


@given(views)
@settings(max_examples=60, deadline=None)
def test_ground_points_fall_on_their_pixels_by_opencv(view):
    """Rotation by Rodrigues' formula, projection by OpenCV: nothing of ours but the answer.

    The turn is done before: OpenCV's own angle vector counts a turn of 1e-7° as none.
    """
    pose = looking(*view)
    uv = np.random.default_rng(1).uniform((0, 0), (4000, 3000), (40, 2))
    points = pixel_to_ground(uv, CAMERA, pose, flat())
    world = np.column_stack([points.xy_m, points.height_m])[points.ok]
    inner = (world - pose.position_m) @ world_from_camera(*view)
    matrix = np.array([[2900.0, 0, 1990.0 - 0.5], [0, 2890.0, 1510.0 - 0.5], [0, 0, 1]])
    seen, _ = cv2.projectPoints(inner, np.zeros(3), np.zeros(3), matrix, np.array(CAMERA.distortion))
    assert np.abs(seen[:, 0] + 0.5 - uv[points.ok]).max() < 1e-6


def test_the_middle_of_a_nadir_picture_is_beneath_the_camera():
    camera = Camera(4000, 3000, 2900.0, 2900.0, 2000.0, 1500.0)
    points = pixel_to_ground(np.array([[2000.0, 1500.0]]), camera, looking(35.0, -90.0, 0.0), flat())
    assert points.xy_m[0] == pytest.approx(POSE.position_m[:2])
    assert points.gsd_m[0] == pytest.approx(120.0 / 2900.0)


def test_half_a_pixel_is_half_a_gsd_on_the_ground():
    camera = Camera(4000, 3000, 2900.0, 2900.0, 2000.0, 1500.0)
    points = pixel_to_ground(np.array([[2000.5, 1500.0]]), camera, looking(0.0, -90.0, 0.0), flat())
    assert points.xy_m[0, 0] - POSE.x_m == pytest.approx(0.5 * 120 / 2900)


def test_ray_above_the_horizon_is_refused_and_the_others_are_located():
    camera = Camera(640, 512, 1125.0, 1125.0, 320.0, 256.0)
    uv = np.array([[320.0, 10.0], [320.0, 245.0], [320.0, 500.0], [-1.0, 5.0]])
    points = pixel_to_ground(uv, camera, looking(82.4, -2.0, 0.0), flat())
    assert points.reasons() == ["above_horizon", "near_horizon", None, "outside_picture"]
    assert np.isnan(points.xy_m[[0, 1, 3]]).all()
    assert np.isfinite(points.xy_m[2]).all()


def test_ground_beyond_the_range_is_refused():
    points = pixel_to_ground(np.array([[1990.0, 1510.0]]), CAMERA, looking(0.0, -30.0, 0.0), flat(), max_range_m=200.0)
    assert points.reasons() == ["beyond_range"]


@pytest.mark.parametrize(("height", "reason"), [(-3.0, "under_ground"), (0.0, "under_ground"), (5.0, "too_low")])
def test_a_camera_that_is_not_surely_above_the_ground_locates_nothing(height, reason):
    points = pixel_to_ground(np.array([[10.0, 10.0]]), CAMERA, replace(POSE, height_m=height), flat())
    assert points.reasons() == [reason]


def test_an_ellipse_beyond_the_limit_is_refused():
    points = pixel_to_ground(np.array([[10.0, 10.0]]), CAMERA, POSE, flat(), max_sigma_m=1.0)
    assert points.reasons() == ["ellipse_too_large"]


def test_what_is_behind_the_camera_has_no_pixel():
    behind = ground_to_pixel(np.array([[POSE.x_m, POSE.y_m, POSE.height_m + 50.0]]), CAMERA, POSE)
    assert np.isnan(behind).all()


def test_many_pixels_are_answered_as_few_are():
    uv = np.random.default_rng(2).uniform((0, 0), (4000, 3000), (70_000, 2))
    together = pixel_to_ground(uv, CAMERA, POSE, flat())
    assert len(together) == 70_000
    apart = pixel_to_ground(uv[-5:], CAMERA, POSE, flat())
    assert np.allclose(together.xy_m[-5:], apart.xy_m)


def test_no_pixel_gives_an_empty_table():
    assert len(pixel_to_ground(np.empty((0, 2)), CAMERA, POSE, flat())) == 0


def test_degrees_and_wrong_shapes_are_refused():
    with pytest.raises(GeographicCrs):
        replace(POSE, crs="EPSG:4326")
    with pytest.raises(ShapeError):
        pixel_to_ground(np.array([1.0, 2.0]), CAMERA, POSE, flat())
    with pytest.raises(ShapeError):
        ground_to_pixel(np.array([[1.0, 2.0]]), CAMERA, POSE)
    with pytest.raises(ShapeError):
        GroundPoints(
            "EPSG:4549", np.zeros((2, 2)), np.zeros(1), np.zeros((2, 2, 2)), np.zeros(2, np.uint8), np.zeros(2)
        )


def test_every_status_but_ok_has_its_word():
    assert [status.reason for status in GroundStatus if status.reason is None] == [None]
    assert GroundStatus.ABOVE_HORIZON.reason == "above_horizon"
