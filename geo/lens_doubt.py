"""Doubt that the plain propagation does not know of: the mount of the camera, and the pixels of a fisheye.

As in `geo.uncertainty` an error moves the hit by e and the hit then slides along the ray d back to the ground of normal
n: p = e − d·(n·e) / (n·d).
"""

from __future__ import annotations

import numpy as np

from geo.camera import BROWN, Camera
from geo.lens import ray_slopes
from geo.station import Station
from geo.types import FloatArray
from geo.uncertainty import gentle


def add_boresight(
    covariance: FloatArray, direction: FloatArray, depth: FloatArray, normal: FloatArray, camera: Camera, at: Station
) -> None:
    """Add what the boresight's standard deviations do to (n, 2, 2), about the gimbal's own axes."""
    sigmas = np.radians(camera.boresight_sigma_deg)
    for axis, sigma in zip(at.gimbal_axes, sigmas, strict=True):
        if sigma:
            _add(covariance, _slid(np.cross(axis, direction) * (depth * sigma)[:, None], direction, normal))


def add_fisheye_pixels(
    covariance: FloatArray,
    uv: FloatArray,
    direction: FloatArray,
    depth: FloatArray,
    normal: FloatArray,
    camera: Camera,
    at: Station,
    pixel_sigma: float,
) -> FloatArray:
    """Add what pixel and focal length do to (n, 2, 2), and say how large a pixel is on the ground (n,).

    A fisheye's ray turns with its pixel by the slope of its polynomial; a focal length that is longer by a share acts
    like a pixel that lies nearer to the middle by it.
    """
    by_u, by_v = (_slid(slope @ at.turn.T * depth[:, None], direction, normal) for slope in ray_slopes(uv, camera))
    _add(covariance, by_u * pixel_sigma)
    _add(covariance, by_v * pixel_sigma)
    from_middle = (uv - (camera.cx_px, camera.cy_px)) * camera.focal_sigma_fraction
    _add(covariance, by_u * from_middle[:, :1] + by_v * from_middle[:, 1:])
    xx, yy = by_u[:, 0] ** 2 + by_v[:, 0] ** 2, by_u[:, 1] ** 2 + by_v[:, 1] ** 2
    xy = by_u[:, 0] * by_u[:, 1] + by_v[:, 0] * by_v[:, 1]
    return np.asarray(np.sqrt((xx + yy) / 2.0 + np.hypot((xx - yy) / 2.0, xy)))


def is_fisheye(camera: Camera) -> bool:
    """Whether its rays have length 1 and its pixels a slope of their own."""
    return camera.model != BROWN


def _slid(error: FloatArray, direction: FloatArray, normal: FloatArray) -> FloatArray:
    """(n, 2) on the ground of errors (n, 3)."""
    n = gentle(normal)
    along = (error * n).sum(axis=-1) / (direction * n).sum(axis=-1)
    return np.asarray(error[:, :2] - direction[:, :2] * along[:, None])


def _add(covariance: FloatArray, moved: FloatArray) -> None:
    covariance += moved[:, :, None] * moved[:, None, :]
