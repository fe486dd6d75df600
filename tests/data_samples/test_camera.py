"""The renderer's camera against OpenCV and against the words of the gimbal description."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from data_samples.renderer.camera import Lens, Pose, axes, project, rays, rays_of
from data_samples.renderer.flight import LENS

POSES = [
    Pose(12.0, -7.0, 80.0, yaw, pitch, roll)
    for yaw in (-150.0, -60.0, 0.0, 44.0, 133.0)
    for pitch, roll in ((-90.0, 0.0), (-60.0, 3.0), (-45.0, -2.0))
]


def test_looking_down_with_yaw_zero_the_top_is_north_and_the_right_is_east() -> None:
    right, down, view = axes(Pose(0, 0, 50, 0.0, -90.0))
    assert right == pytest.approx([1, 0, 0], abs=1e-12)
    assert down == pytest.approx([0, -1, 0], abs=1e-12)
    assert view == pytest.approx([0, 0, -1], abs=1e-12)


def test_yaw_ninety_level_looks_east_with_south_to_the_right() -> None:
    right, down, view = axes(Pose(0, 0, 50, 90.0, 0.0))
    assert view == pytest.approx([1, 0, 0], abs=1e-12)
    assert right == pytest.approx([0, -1, 0], abs=1e-12)
    assert down == pytest.approx([0, 0, -1], abs=1e-12)


def test_positive_roll_is_clockwise_seen_from_behind() -> None:
    """Rolled clockwise, the camera's right hand sinks."""
    right, _, _ = axes(Pose(0, 0, 50, 0.0, 0.0, 10.0))
    assert right[2] == pytest.approx(-np.sin(np.radians(10)))


def test_at_nadir_only_yaw_plus_roll_matters() -> None:
    assert axes(Pose(0, 0, 50, 30.0, -90.0, 12.0)) == pytest.approx(axes(Pose(0, 0, 50, 42.0, -90.0)), abs=1e-12)


@pytest.mark.parametrize("pose", POSES)
def test_projection_equals_opencv_shifted_by_half_a_pixel(pose: Pose) -> None:
    uv = np.random.default_rng(3).uniform([0, 0], [LENS.width_px, LENS.height_px], (60, 2))
    ray = rays_of(uv, LENS, pose)
    points = pose.centre + ray * np.random.default_rng(4).uniform(20, 200, (60, 1))
    turn = axes(pose)
    matrix = np.array([[LENS.focal_px, 0, LENS.cx_px - 0.5], [0, LENS.focal_px, LENS.cy_px - 0.5], [0, 0, 1]])
    seen, _ = cv2.projectPoints(points, cv2.Rodrigues(turn)[0], -turn @ pose.centre, matrix, np.array(LENS.distortion))
    assert project(points, LENS, pose) == pytest.approx(seen[:, 0] + 0.5, abs=1e-6)


def test_rays_go_through_pixel_centres() -> None:
    lens, pose = Lens(40, 30, 30.0, 19.2, 15.9, (-0.02, 0.01, 1e-4, -2e-4, 0.0)), Pose(3, 4, 50, 77.0, -55.0, 1.0)
    ray = rays(lens, pose).astype(float)
    uv = project((pose.centre + 30 * ray).reshape(-1, 3), lens, pose).reshape(30, 40, 2)
    assert uv[0, 0] == pytest.approx([0.5, 0.5], abs=1e-4)
    assert uv[29, 39] == pytest.approx([39.5, 29.5], abs=1e-4)


def test_what_is_behind_the_camera_has_no_pixel() -> None:
    assert np.isnan(project([[0.0, -80.0, 0.0]], LENS, Pose(0, 0, 50, 0.0, 0.0))).all()
