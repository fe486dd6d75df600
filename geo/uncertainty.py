"""How far a point on the ground may be off: first-order propagation of every error that goes into it.

A ray leaves the camera C in direction d (third camera axis 1, so `depth` t is measured along the optical axis) and
meets the plane that touches the ground at P = C + t·d, normal n. An error δC of the camera and δd of the direction move
it by

    δP = (I − d·nᵀ / n·d)·(δC + t·δd),

a ground that is higher by δh moves it like a camera that is lower by δh.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.attitude import error_axes
from geo.camera import Camera
from geo.errors import ShapeError
from geo.pose import CameraPose
from geo.types import FloatArray

PIXEL_SIGMA = 0.5  # ours: nobody points at a picture better than that; the floor of every ellipse


def ground_covariance(
    direction: FloatArray,
    depth: FloatArray,
    normal: FloatArray,
    turn: FloatArray,
    camera: Camera,
    pose: CameraPose,
    terrain_sigma_m: float,
    pixel_sigma: float = PIXEL_SIGMA,
) -> tuple[FloatArray, FloatArray]:
    """Propagate all errors to the ground.

    Args:
        direction: (n, 3) rays, east, north, up, scaled so that the optical axis has length 1.
        depth: (n,) along the optical axis, metres.
        normal: (3,) or (n, 3) upward normal of the ground at the hit.
        turn: (3, 3) from camera axes to east, north, up.
        camera: focal length and its doubt.
        pose: standard deviations of position and angles.
        terrain_sigma_m: standard deviation of the ground's height.
        pixel_sigma: standard deviation of the pixel, each of u and v.

    Returns:
        (n, 2, 2) covariance of (x east, y north) in m², and (n,) GSD in metres a pixel along its worse axis.

    Source: docs/ideas/uncertainty.md.
    """
    d, n = direction.T, normal.T
    facing = n[0] * d[0] + n[1] * d[1] + n[2] * d[2]
    slide_x, slide_y = d[0] / facing, d[1] / facing
    xx, xy, yy = np.zeros(len(depth)), np.zeros(len(depth)), np.zeros(len(depth))
    for ex, ey, ez in _errors(d, depth, turn, camera, pose, terrain_sigma_m):
        along = n[0] * ex + n[1] * ey + n[2] * ez
        px, py = ex - slide_x * along, ey - slide_y * along
        xx += px * px
        xy += px * py
        yy += py * py
    gxx, gxy, gyy = _pixel_spread(n, slide_x, slide_y, depth, turn, camera)
    bend = _second_order(d, depth, facing, n, pose)
    total = np.empty((len(depth), 2, 2))
    total[:, 0, 0] = xx + pixel_sigma**2 * gxx + bend * d[0] ** 2
    total[:, 0, 1] = total[:, 1, 0] = xy + pixel_sigma**2 * gxy + bend * d[0] * d[1]
    total[:, 1, 1] = yy + pixel_sigma**2 * gyy + bend * d[1] ** 2
    return total, np.sqrt((gxx + gyy) / 2.0 + np.hypot((gxx - gyy) / 2.0, gxy))


Error = tuple[FloatArray | float, FloatArray | float, FloatArray | float]


def _errors(
    d: FloatArray, depth: FloatArray, turn: FloatArray, camera: Camera, pose: CameraPose, terrain_sigma_m: float
) -> Iterator[Error]:
    """One standard deviation of each independent error, as a displacement of the hit before it slides to the ground."""
    yield pose.sigma_xy_m, 0.0, 0.0
    yield 0.0, pose.sigma_xy_m, 0.0
    yield 0.0, 0.0, float(np.hypot(pose.sigma_height_m, terrain_sigma_m))
    sigmas = np.radians([pose.sigma_yaw_deg, pose.sigma_pitch_deg, pose.sigma_roll_deg])
    for (ax, ay, az), sigma in zip(error_axes(pose.yaw_grid_deg), sigmas, strict=True):
        reach = depth * sigma
        yield reach * (ay * d[2] - az * d[1]), reach * (az * d[0] - ax * d[2]), reach * (ax * d[1] - ay * d[0])
    stretch = depth * camera.focal_sigma_fraction
    forward = turn[:, 2]
    yield stretch * (forward[0] - d[0]), stretch * (forward[1] - d[1]), stretch * (forward[2] - d[2])


def _pixel_spread(
    n: FloatArray, slide_x: FloatArray, slide_y: FloatArray, depth: FloatArray, turn: FloatArray, camera: Camera
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """xx, xy, yy of J·Jᵀ, J = ∂(ground)/∂(pixel)."""
    xx, xy, yy = np.zeros(len(depth)), np.zeros(len(depth)), np.zeros(len(depth))
    for axis, focal in ((0, camera.fx_px), (1, camera.fy_px)):
        ex, ey, ez = turn[:, axis] / focal
        along = n[0] * ex + n[1] * ey + n[2] * ez
        px, py = depth * (ex - slide_x * along), depth * (ey - slide_y * along)
        xx += px * px
        xy += px * py
        yy += py * py
    return xx, xy, yy


def _second_order(d: FloatArray, depth: FloatArray, facing: FloatArray, n: FloatArray, pose: CameraPose) -> FloatArray:
    """What bending adds near the horizon, as a factor on the outer product of the ray's horizontal part.

    Along the ray the distance is h·cot θ, θ the angle between ray and ground; its second derivative 2h·cos θ / sin³ θ
    times σ² / √2 is the standard deviation that first order leaves out.
    """
    length = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2)
    flatness = np.hypot(d[0], d[1])
    sine = np.clip(np.abs(facing) / (length * np.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2)), 1e-9, 1.0)
    sigma2 = np.radians(max(pose.sigma_pitch_deg, pose.sigma_roll_deg)) ** 2
    metres = np.sqrt(2.0) * depth * length * np.sqrt(1.0 - sine**2) / sine**2 * sigma2
    return np.where(flatness > 1e-9, (metres / np.maximum(flatness, 1e-9)) ** 2, 0.0)


def ellipse_of(covariance_m2: FloatArray, convergence_deg: float = 0.0) -> FloatArray:
    """Read the error ellipse out of a covariance.

    Args:
        covariance_m2: (n, 2, 2) of (x east, y north) in a metric CRS.
        convergence_deg: grid convergence there, so that the azimuth is against true north.

    Returns:
        (n, 3): sigma_major_m, sigma_minor_m (1 σ), sigma_azimuth_deg of the major axis clockwise from true north,
        0 ≤ azimuth < 180. NaN rows stay NaN.

    Raises:
        ShapeError: `covariance_m2` is not (n, 2, 2).
    """
    covariance = np.asarray(covariance_m2, dtype=np.float64)
    if covariance.ndim != 3 or covariance.shape[1:] != (2, 2):
        raise ShapeError("covariance_m2", f"(n, 2, 2) expected, {covariance.shape} given")
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    middle, half = (xx + yy) / 2.0, np.hypot((xx - yy) / 2.0, xy)
    azimuth = 0.5 * np.degrees(np.arctan2(2.0 * xy, yy - xx))
    return np.column_stack(
        [np.sqrt(middle + half), np.sqrt(np.maximum(middle - half, 0.0)), np.mod(azimuth + convergence_deg, 180.0)]
    )


def scale_to_confidence(probability: float) -> float:
    """How many sigmas an ellipse must reach to hold the truth with a probability: 2.4477 for 0.95.

    The squared distance of a two-dimensional normal is exponential with mean 2: r = √(−2 ln(1 − p)).
    """
    return float(np.sqrt(-2.0 * np.log1p(-probability)))
