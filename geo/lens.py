"""Between pixels and directions in the camera's own frame, for every lens model, both ways.

Camera frame: x right, y down, z forward. A normalised point (x, y) is the direction (x, y, 1); a fisheye also sees
directions that have none, so rays are what the rest of the package goes by.
"""

from __future__ import annotations

import numpy as np

from geo import brown, fisheye
from geo.camera import BROWN, Camera, from_opencv
from geo.types import FloatArray


def pixels_to_rays(uv: FloatArray, camera: Camera) -> FloatArray:
    """The directions in which pixels look.

    Args:
        uv: (n, 2) pixels, (0, 0) the outer corner of the top left pixel.
        camera: whose picture it is.

    Returns:
        (n, 3) right, down, forward: (x, y, 1) for pinhole and Brown–Conrady, of length 1 for a fisheye. NaN where the
        distortion has no inverse.
    """
    x, y = _bent(uv, camera)
    rays = np.empty((3, len(uv)))
    if camera.model == BROWN:
        rays[0], rays[1] = brown.undistorted(x, y, camera.distortion)
        rays[2] = 1.0
        return rays.T
    radius = np.hypot(x, y)
    angle, _ = fisheye.angle_of(radius, camera.model, camera.distortion)
    share = np.sin(angle) / np.maximum(radius, 1e-300)
    rays[0], rays[1], rays[2] = x * share, y * share, np.cos(angle)
    return rays.T


def rays_to_pixels(rays: FloatArray, camera: Camera) -> FloatArray:
    """The pixels at which directions (n, 3), of any length, are seen: (n, 2).

    NaN behind a pinhole, beyond the radius where the distortion folds back, beyond a fisheye's widest angle.
    """
    x, y, z = rays[:, 0], rays[:, 1], rays[:, 2]
    if camera.model == BROWN:
        depth = np.where(z > 0, z, np.nan)
        return normalised_to_pixels(np.column_stack([x / depth, y / depth]), camera)
    across = np.hypot(x, y)
    radius = fisheye.radius_of(np.arctan2(across, z), camera.model, camera.distortion)
    share = radius / np.maximum(across, 1e-300)
    return _to_pixels(x * share, y * share, camera)


def pixels_to_normalised(uv: FloatArray, camera: Camera) -> FloatArray:
    """Undistort pixels (n, 2) into normalised points (n, 2); NaN where there is none, as 90° off a fisheye's axis."""
    rays = pixels_to_rays(uv, camera)
    if camera.model == BROWN:
        return rays[:, :2]
    ahead = np.where(rays[:, 2] > 1e-12, rays[:, 2], np.nan)
    return rays[:, :2] / ahead[:, None]


def normalised_to_pixels(xy: FloatArray, camera: Camera) -> FloatArray:
    """Distort normalised points (n, 2) into pixels (n, 2). NaN beyond the radius where the distortion folds back."""
    if camera.model != BROWN:
        return rays_to_pixels(np.column_stack([xy, np.ones(len(xy))]), camera)
    x, y = xy[:, 0], xy[:, 1]
    if any(camera.distortion):
        inside = x * x + y * y <= fold_radius2(camera)
        with np.errstate(all="ignore"):
            x, y = brown.distorted(x, y, camera.distortion)
        x, y = np.where(inside, x, np.nan), np.where(inside, y, np.nan)
    return _to_pixels(x, y, camera)


def ray_slopes(uv: FloatArray, camera: Camera) -> tuple[FloatArray, FloatArray]:
    """How a fisheye's rays turn: ∂(ray)/∂u and ∂(ray)/∂v, each (n, 3), of the rays of length 1."""
    x, y = _bent(uv, camera)
    radius = np.hypot(x, y)
    angle, rate = fisheye.angle_of(radius, camera.model, camera.distortion)
    cx, cy = (np.where(radius > 1e-12, part / np.maximum(radius, 1e-300), one) for part, one in ((x, 1.0), (y, 0.0)))
    outward = np.column_stack([np.cos(angle) * cx, np.cos(angle) * cy, -np.sin(angle)]) * rate[:, None]
    around_rate = np.where(radius > 1e-12, np.sin(angle) / np.maximum(radius, 1e-300), rate)
    around = np.column_stack([-cy, cx, np.zeros(len(cx))]) * around_rate[:, None]
    by_x = outward * cx[:, None] - around * cy[:, None]
    by_y = outward * cy[:, None] + around * cx[:, None]
    return by_x / camera.fx_px, by_y / camera.fy_px


def fold_radius2(camera: Camera) -> float:
    """Squared normalised radius at which a Brown–Conrady lens folds back; infinite where it never does."""
    return brown.fold_radius2(camera.distortion)


def _bent(uv: FloatArray, camera: Camera) -> tuple[FloatArray, FloatArray]:
    """Pixels in focal lengths from the principal point."""
    matrix = camera.opencv_matrix()
    cx, cy = from_opencv(matrix[:2, 2])
    return (uv[:, 0] - cx) * (1.0 / matrix[0, 0]), (uv[:, 1] - cy) * (1.0 / matrix[1, 1])


def _to_pixels(x: FloatArray, y: FloatArray, camera: Camera) -> FloatArray:
    matrix = camera.opencv_matrix()
    uv = np.column_stack([x * matrix[0, 0] + matrix[0, 2], y * matrix[1, 1] + matrix[1, 2]])
    return from_opencv(uv)
