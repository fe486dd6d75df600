"""The renderer's own camera: gimbal angles to a rotation, and a pinhole with Brown distortion.

Gimbal description (north-east-down): yaw clockwise from north, pitch 0 level and -90 straight down, roll clockwise
seen from behind. R = Rz(yaw) Ry(pitch) Rx(roll) turns body axes into the world; the camera looks along body x, right in
the picture is body y, down in the picture is body z. North is the **grid's** here: the caller has taken the grid's turn
off. Pixels: u right, v down, (0, 0) the outer corner of the top left pixel, so the first pixel's centre is (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

UNDISTORT_ROUNDS = 12


@dataclass(frozen=True)
class Lens:
    """A camera's inner geometry. Distortion in the order k1, k2, p1, p2, k3, acting on normalised coordinates."""

    width_px: int
    height_px: int
    focal_px: float
    cx_px: float
    cy_px: float
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    pixel_pitch_mm: float = 0.0032


@dataclass(frozen=True)
class Pose:
    """Where a camera is and how it is turned. Local metres; yaw from grid north; degrees."""

    x_m: float
    y_m: float
    z_m: float
    yaw_grid_deg: float
    pitch_deg: float
    roll_deg: float = 0.0

    @property
    def centre(self) -> FloatArray:
        """The projection centre, (3,) east, north, up in local metres."""
        return np.array([self.x_m, self.y_m, self.z_m])


def axes(pose: Pose) -> FloatArray:
    """World to camera: (3, 3), rows are the picture's right, the picture's down and the view, in east, north, up."""
    yaw, pitch, roll = np.radians([pose.yaw_grid_deg, pose.pitch_deg, pose.roll_deg])
    about_down = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    about_right = np.array([[np.cos(pitch), 0, np.sin(pitch)], [0, 1, 0], [-np.sin(pitch), 0, np.cos(pitch)]])
    about_view = np.array([[1, 0, 0], [0, np.cos(roll), -np.sin(roll)], [0, np.sin(roll), np.cos(roll)]])
    north_east_down = about_down @ about_right @ about_view
    east_north_up = north_east_down[[1, 0, 2]] * np.array([[1.0], [1.0], [-1.0]])
    view, right, down = east_north_up.T
    return np.stack([right, down, view])


def distorted(normalised: FloatArray, terms: tuple[float, ...]) -> FloatArray:
    """Brown's model on normalised coordinates (..., 2).

    Source: D. C. Brown, Close-range camera calibration, 1971; the order of terms is OpenCV's.
    """
    k1, k2, p1, p2, k3 = terms
    x, y = normalised[..., 0], normalised[..., 1]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def undistorted(observed: FloatArray, terms: tuple[float, ...]) -> FloatArray:
    """The inverse of `distorted` for mild distortion, by repeated substitution. (..., 2) to (..., 2)."""
    if not any(terms):
        return observed
    guess = observed.copy()
    for _ in range(UNDISTORT_ROUNDS):
        guess = guess + (observed - distorted(guess, terms))
    return guess


def project(points: ArrayLike, lens: Lens, pose: Pose) -> FloatArray:
    """Where points fall in the picture.

    Args:
        points: (n, 3) east, north, up in local metres.
        lens: inner geometry.
        pose: place and turn.

    Returns:
        (n, 2) u, v in pixels, (0, 0) the outer corner; NaN for points behind the camera.
    """
    seen = (np.atleast_2d(np.asarray(points, float)) - pose.centre) @ axes(pose).T
    with np.errstate(divide="ignore", invalid="ignore"):
        normalised = seen[:, :2] / seen[:, 2:]
    normalised[seen[:, 2] <= 0] = np.nan
    return distorted(normalised, lens.distortion) * lens.focal_px + np.array([lens.cx_px, lens.cy_px])


def rays_of(uv: FloatArray, lens: Lens, pose: Pose) -> FloatArray:
    """Viewing directions of pixels (..., 2): (..., 3) east, north, up, each of depth one along the view."""
    observed = (uv - np.array([lens.cx_px, lens.cy_px])) / lens.focal_px
    right_down_view = axes(pose)
    return undistorted(observed, lens.distortion) @ right_down_view[:2] + right_down_view[2]


def rays(lens: Lens, pose: Pose, scale: float = 1.0) -> NDArray[np.float32]:
    """Viewing directions of all pixels' centres of the picture enlarged by `scale`.

    Returns:
        (rows, columns, 3) east, north, up; each of depth one along the view, so `centre + depth * ray` is a point.
    """
    columns, rows = round(lens.width_px * scale), round(lens.height_px * scale)
    u, v = (np.arange(columns) + 0.5) / scale, (np.arange(rows) + 0.5) / scale
    return rays_of(np.stack(np.meshgrid(u, v), axis=-1), lens, pose).astype(np.float32)
