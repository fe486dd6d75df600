"""From the maker's angles to a rotation: camera axes (right, down, forward) to the world's (east, north, up)."""

from __future__ import annotations

import numpy as np

from geo.types import FloatArray

# Body axes of the gimbal: x forward, y right, z down. Camera axes: x right, y down, z forward.
BODY_OF_CAMERA = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
WORLD_OF_NED = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])


def rotation(yaw_grid_deg: float, pitch_deg: float, roll_deg: float) -> FloatArray:
    """The (3, 3) matrix that turns a direction in the camera's axes into one in (x east, y north, z up).

    Args:
        yaw_grid_deg: clockwise from **grid** north.
        pitch_deg: 0 level, −90 straight down.
        roll_deg: clockwise seen from behind.

    In north-east-down R = Rz(yaw)·Ry(pitch)·Rx(roll). At pitch −90 yaw and roll turn about the same axis; the product
    stays right there, also for the firmwares that write roll 180 and the yaw turned by 180 with it.

    Source: docs/ideas/coordinates.md.
    """
    turned: FloatArray = WORLD_OF_NED @ ned_rotation(yaw_grid_deg, pitch_deg, roll_deg) @ BODY_OF_CAMERA
    return turned


def ned_rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> FloatArray:
    """Rz(yaw)·Ry(pitch)·Rx(roll), (3, 3): from body axes (forward, right, down) to north, east, down."""
    yaw = np.radians(yaw_deg)
    pitch, roll = np.radians(pitch_deg), np.radians(roll_deg)
    cz, sz, cy, sy, cx, sx = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    about_down = np.array([[cz, -sz, 0.0], [sz, cz, 0.0], [0.0, 0.0, 1.0]])
    about_right = np.array([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]])
    about_forward = np.array([[1.0, 0.0, 0.0], [0.0, cx, -sx], [0.0, sx, cx]])
    turned: FloatArray = about_down @ about_right @ about_forward
    return turned


def angles_of(turn: FloatArray) -> tuple[float, float, float]:
    """Yaw (0 … 360), pitch, roll in degrees of a `ned_rotation`; at pitch ±90 the whole turn is yaw, and roll 0."""
    forward = turn[:, 0]
    pitch = float(np.degrees(np.arcsin(np.clip(-forward[2], -1.0, 1.0))))
    if abs(pitch) > 90.0 - 1e-6:
        right = turn[:, 1]
        return float(np.degrees(np.arctan2(-right[0], right[1])) % 360.0), pitch, 0.0
    yaw = float(np.degrees(np.arctan2(forward[1], forward[0])) % 360.0)
    return yaw, pitch, float(np.degrees(np.arctan2(turn[2, 1], turn[2, 2])))


def angles_of_camera(turn: FloatArray) -> tuple[float, float, float]:
    """Yaw from grid north, pitch, roll in degrees of a `rotation` (3, 3); the way back."""
    return angles_of(WORLD_OF_NED.T @ turn @ BODY_OF_CAMERA.T)


def error_axes(yaw_grid_deg: float) -> FloatArray:
    """Unit axes (3, 3), one a row, about which yaw, pitch and roll errors turn the camera: up, right, ahead.

    Heading errs about the vertical; levelling errs about two horizontal axes, across and along the heading. Unlike the
    three angles themselves these stay apart at pitch −90.
    """
    yaw = np.radians(yaw_grid_deg)
    ahead = (np.sin(yaw), np.cos(yaw), 0.0)
    right = (np.cos(yaw), -np.sin(yaw), 0.0)
    return np.array([(0.0, 0.0, 1.0), right, ahead])
