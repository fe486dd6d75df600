"""Boresight and lever arm: the camera is really mounted askew, by Rodrigues' formula, and seen by OpenCV."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.camera import Camera
from geo.errors import BadCamera
from geo.footprint import footprint_of
from geo.ground import ground_to_pixel, horizon_margin_deg, pixel_to_ground
from geo.pose import CameraPose
from geo.station import station_of
from geo.terrain import flat
from geo.uncertainty import scale_to_confidence
from tests.geo.pictures import world_from_camera

CAMERA = Camera(
    4000, 3000, 2900.0, 2890.0, 1990.0, 1510.0, (-0.05, 0.01, 0.0005, -0.0003, 0.0),
    boresight_deg=(0.8, -1.2, 0.5), lever_arm_m=(0.15, -0.04, 0.3),
)  # fmt: skip
POSE = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, 35.0, -60.0, 2.0, 2.0, 3.0, 2.5, 1.0, 1.0)
views = st.tuples(st.floats(0, 360), st.floats(-90, -40), st.floats(-5, 5))


def looking(view):
    return replace(POSE, yaw_grid_deg=view[0], pitch_deg=view[1], roll_deg=view[2])


def mounted(view, boresight):
    """East, north, up from right, down, forward of a camera turned in its own body axes after the gimbal."""
    body_of_camera = np.array([[0, 0, 1.0], [1, 0, 0], [0, 1, 0]])
    extra = np.eye(3)
    for axis, angle in zip(((0, 0, 1.0), (0, 1.0, 0), (1.0, 0, 0)), boresight, strict=True):
        extra = extra @ cv2.Rodrigues(np.array(axis) * np.radians(angle))[0]
    return world_from_camera(*view) @ body_of_camera.T @ extra @ body_of_camera


@given(views)
@settings(max_examples=50, deadline=None)
def test_a_camera_askew_sees_what_opencv_sees_from_there(view):
    pose = looking(view)
    uv = np.random.default_rng(1).uniform((0, 0), (4000, 3000), (40, 2))
    points = pixel_to_ground(uv, CAMERA, pose, flat())
    world = np.column_stack([points.xy_m, points.height_m])[points.ok]
    turn = mounted(view, CAMERA.boresight_deg).T
    body_in_world = world_from_camera(*view)[:, [2, 0, 1]]  # columns: forward, right, down
    centre = pose.position_m + body_in_world @ CAMERA.lever_arm_m
    matrix = np.array([[2900.0, 0, 1990.0 - 0.5], [0, 2890.0, 1510.0 - 0.5], [0, 0, 1]])
    seen, _ = cv2.projectPoints(
        world - centre, cv2.Rodrigues(turn)[0], np.zeros(3), matrix, np.array(CAMERA.distortion)
    )
    assert np.abs(seen[:, 0] + 0.5 - uv[points.ok]).max() < 1e-6
    assert np.abs(ground_to_pixel(world, CAMERA, pose) - uv[points.ok]).max() < 1e-6


def test_a_pitch_of_the_mount_is_a_pitch_of_the_gimbal_and_a_lever_arm_down_lowers_the_camera():
    pose = looking((0.0, -60.0, 0.0))
    straight = replace(CAMERA, boresight_deg=(0.0, 0.0, 0.0), lever_arm_m=(0.0, 0.0, 0.0))
    uv = np.array([[1000.0, 2000.0]])
    tilted = pixel_to_ground(uv, replace(straight, boresight_deg=(0.0, 2.0, 0.0)), pose, flat())
    same = pixel_to_ground(uv, straight, looking((0.0, -58.0, 0.0)), flat())
    assert tilted.xy_m == pytest.approx(same.xy_m, abs=1e-6)
    level = looking((0.0, 0.0, 0.0))
    assert station_of(replace(straight, lever_arm_m=(0.0, 0.0, 0.5)), level).position_m[2] == pytest.approx(119.5)
    assert station_of(replace(straight, lever_arm_m=(0.5, 0.0, 0.0)), level).position_m[1] == pytest.approx(
        POSE.y_m + 0.5
    )


@pytest.mark.parametrize("pitch", [-90.0, -60.0, -40.0])
def test_the_doubt_of_the_mount_holds_what_a_loose_mount_does(pitch):
    """The mount is really turned by drawn angles; all other doubt is next to nothing."""
    sigma = (0.6, 1.1, 0.9)
    view = (35.0, pitch, 2.0)
    pose = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, *view)
    camera = Camera(4000, 3000, 2900.0, 2900.0, 2000.0, 1500.0, boresight_sigma_deg=sigma)
    uv = np.array([[2000.0, 1500.0], [300.0, 2700.0], [3700.0, 400.0]])
    stated = pixel_to_ground(uv, camera, pose, flat(0.0, 0.0), pixel_sigma=0.01)
    rng, held = np.random.default_rng(4), []
    for draw in rng.normal(0.0, sigma, (800, 3)):
        turn = mounted(view, draw)
        rays = np.column_stack([(uv - (2000.0, 1500.0)) / 2900.0, np.ones(3)]) @ turn.T
        miss = pose.position_m[:2] - 120.0 * rays[:, :2] / rays[:, 2:] - stated.xy_m
        held.append(np.einsum("ni,nij,nj->n", miss, np.linalg.inv(stated.covariance_m2), miss))
    share = (np.array(held) <= scale_to_confidence(0.95) ** 2).mean(axis=0)
    assert (share > 0.92).all()
    assert (share < 0.975).all()


def test_a_loose_mount_widens_the_margin_below_the_horizon():
    loose = replace(CAMERA, boresight_sigma_deg=(0.0, 2.0, 0.0))
    assert horizon_margin_deg(POSE, loose) == pytest.approx(3.0 * np.hypot(1.0, 2.0))
    assert horizon_margin_deg(POSE) == pytest.approx(3.0)


def test_the_footprint_follows_the_mount():
    turned = replace(CAMERA, boresight_deg=(0.0, 10.0, 0.0), lever_arm_m=(0.0, 0.0, 0.0))
    straight = replace(turned, boresight_deg=(0.0, 0.0, 0.0))
    by_mount = footprint_of(turned, looking((35.0, -70.0, 0.0)), flat()).polygon
    by_gimbal = footprint_of(straight, looking((35.0, -60.0, 0.0)), flat()).polygon
    assert by_mount.equals_exact(by_gimbal, 1e-9)


def test_the_camera_file_carries_the_mount_and_refuses_a_wrong_one():
    assert Camera.from_json(CAMERA.to_json()) == CAMERA
    plain = {"width_px": 640, "height_px": 512, "fx_px": 1125.0}
    assert "boresight_deg" not in Camera.from_json(plain).to_json()
    for wrong in ({"boresight_deg": [1.0, 2.0]}, {"boresight_sigma_deg": [1.0, -2.0, 0.0]}, {"lever_arm_m": "long"}):
        with pytest.raises(BadCamera):
            Camera.from_json(plain | wrong)


@given(st.floats(0, 360), st.floats(-90, -40), st.floats(-30, 30))
@settings(max_examples=50, deadline=None)
def test_a_firmware_that_turns_all_three_angles_over_describes_the_same_view(yaw, pitch, roll):
    """(yaw + 180, −180 − pitch, roll + 180) is the same rotation, at −90 with the roll 180 that firmwares write."""
    uv = np.array([[100.0, 200.0], [3500.0, 2800.0]])
    here = pixel_to_ground(uv, CAMERA, looking((yaw, pitch, roll)), flat())
    over = pixel_to_ground(uv, CAMERA, looking((yaw + 180.0, -180.0 - pitch, roll + 180.0)), flat())
    assert over.xy_m[here.ok] == pytest.approx(here.xy_m[here.ok], abs=1e-5)
