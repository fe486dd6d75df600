"""The maker's gimbal angles, against Rodrigues' formula and against what a picture must show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.attitude import angles_of, error_axes, ned_rotation, rotation
from tests.geo.pictures import world_from_camera

yaws, pitches, rolls = st.floats(-180, 360), st.floats(-90, 30), st.floats(-180, 180)
EAST, NORTH, UP = np.eye(3)


@given(yaws, pitches, rolls)
def test_rotation_agrees_with_three_turns_by_rodrigues(yaw, pitch, roll):
    assert np.abs(rotation(yaw, pitch, roll) - world_from_camera(yaw, pitch, roll)).max() < 1e-12


def test_straight_down_and_yaw_0_has_north_at_the_top_and_east_at_the_right():
    right, down, forward = rotation(0.0, -90.0, 0.0).T
    assert np.allclose([right, -down, forward], [EAST, NORTH, -UP])


def test_level_and_yaw_90_looks_east_with_the_sky_at_the_top():
    right, down, forward = rotation(90.0, 0.0, 0.0).T
    assert np.allclose([right, -down, forward], [-NORTH, UP, EAST])


def test_roll_is_clockwise_seen_from_behind():
    right, _, _ = rotation(0.0, 0.0, 10.0).T
    assert right[2] < 0  # the right side of the camera sinks


def test_roll_180_with_the_yaw_turned_by_180_is_the_same_view_straight_down():
    assert np.allclose(rotation(224.0, -90.0, 180.0), rotation(44.0, -90.0, 0.0))


@given(st.floats(0, 359), st.floats(-89, 89), st.floats(-179, 179))
def test_angles_come_back_out_of_a_rotation(yaw, pitch, roll):
    back = angles_of(ned_rotation(yaw, pitch, roll))
    assert np.abs(ned_rotation(*back) - ned_rotation(yaw, pitch, roll)).max() < 1e-9


def test_at_minus_90_the_whole_turn_is_yaw():
    assert angles_of(ned_rotation(44.0, -90.0, 20.0)) == pytest.approx((64.0, -90.0, 0.0))
    assert np.allclose(world_from_camera(64.0, -90.0, 0.0), world_from_camera(44.0, -90.0, 20.0))


def test_error_axes_stay_apart_straight_down_where_yaw_and_roll_are_one():
    axes = error_axes(30.0)
    assert np.allclose(axes @ axes.T, np.eye(3))
    assert np.allclose(axes[2], [np.sin(np.radians(30)), np.cos(np.radians(30)), 0.0])
