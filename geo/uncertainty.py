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
from geo.camera import BROWN, Camera
from geo.errors import ShapeError
from geo.pose import CameraPose
from geo.spread import REACH_95, STEEPEST, Sigmas, independent_spread
from geo.types import FloatArray

PIXEL_SIGMA = 0.5  # ours: nobody points at a picture better than that; the floor of every ellipse
LENS_SIGMA = 0.02  # ours: k1 where the tags hold no distortion; cameras take most of it out of their JPEG, not all
POSE_ERRORS = ("east", "north", "height", "yaw", "tilt_across", "tilt_along", "focal", "lens")
"""What a frame errs by: metres, radians about up, right and ahead, a share of the focal length, k1."""
ERRORS = (*POSE_ERRORS, "terrain")
EVERYWHERE = (False, False, True, False, False, False, True, True, True)
"""Which of `ERRORS` the flights have in common too: the barometer overstates in all of them, camera and ground stay."""


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
    if pose.joint is None:
        axes, focals = error_axes(pose.yaw_grid_deg), (camera.fx_px, camera.fy_px)
        independent = _independent(camera, pose, terrain_sigma_m, pixel_sigma)
        return independent_spread(direction, depth, normal, turn, axes, focals, independent)
    d, n = direction.T, gentle(normal).T
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


def _independent(camera: Camera, pose: CameraPose, terrain_sigma_m: float, pixel_sigma: float) -> Sigmas:
    xy, _, height, yaw, across, along, focal, lens = map(float, pose_sigmas(camera, pose))
    return Sigmas(xy, float(np.hypot(height, terrain_sigma_m)), yaw, across, along, focal, lens, pixel_sigma)


def shared_factors(
    direction: FloatArray,
    depth: FloatArray,
    normal: FloatArray,
    turn: FloatArray,
    camera: Camera,
    pose: CameraPose,
    terrain_sigma_m: float,
) -> FloatArray:
    """How far each error that is not this frame's alone moves the point: the covariance of two frames is F₁·F₂ᵀ.

    Args:
        direction: as `ground_covariance` takes them, like the rest.
        depth: (n,).
        normal: (3,) or (n, 3).
        turn: (3, 3).
        camera: its focal length and lens err alike in all frames.
        pose: `pose.shared` says which share of its variances is common. An adjusted pose (`joint`) is common whole.
        terrain_sigma_m: the ground is the same for whoever looks at it.

    Returns:
        (n, 2, 9) metres east and north by one standard deviation of each of `ERRORS`.
    """
    d, n = direction.T, gentle(normal).T
    facing = n[0] * d[0] + n[1] * d[1] + n[2] * d[2]
    units = _unit_errors(d, depth, turn, pose.yaw_grid_deg)
    moved = [_mixed(units, column) for column in _shared_sigmas(camera, pose).T]
    moved.append((0.0, 0.0, terrain_sigma_m))
    factors = np.empty((len(depth), 2, len(ERRORS)))
    for k, (ex, ey, ez) in enumerate(moved):
        along = n[0] * ex + n[1] * ey + n[2] * ez
        factors[:, 0, k] = ex - d[0] / facing * along
        factors[:, 1, k] = ey - d[1] / facing * along
    return factors


Error = tuple[FloatArray | float, FloatArray | float, FloatArray | float]


def lens_sigma(camera: Camera) -> float:
    """Standard deviation of k1: none where the maker's distortion is used or a camera file says what the lens is."""
    unknown = camera.model == BROWN and not any(camera.distortion) and camera.source in _LENS_UNKNOWN
    return LENS_SIGMA if unknown else 0.0


_LENS_UNKNOWN = frozenset({"calibrated", "sensor", "focal_plane", "35mm"})


def pose_sigmas(camera: Camera, pose: CameraPose) -> FloatArray:
    """(8,) standard deviations of `POSE_ERRORS`: metres, radians, shares."""
    yaw, across, along = np.radians([pose.sigma_yaw_deg, pose.sigma_pitch_deg, pose.sigma_roll_deg])
    metres = (pose.sigma_xy_m, pose.sigma_xy_m, pose.sigma_height_m)
    return np.array([*metres, yaw, across, along, camera.focal_sigma_fraction, lens_sigma(camera)])


def shared_shares(pose: CameraPose) -> FloatArray:
    """(8,) share of each variance of `POSE_ERRORS` that is common to the flight; the camera's are common whole."""
    s = pose.shared
    return np.array([s.xy, s.xy, s.height, s.yaw, s.tilt, s.tilt, 1.0, 1.0])


def root_of(covariance: FloatArray) -> FloatArray:
    """The symmetric square root (…, k, k) of covariances (…, k, k); what is below zero by rounding counts as zero."""
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    return root


def _shared_sigmas(camera: Camera, pose: CameraPose) -> FloatArray:
    """(8, 8) mixes of the unit errors, one a column."""
    if pose.joint is not None:
        return root_of(np.array(pose.joint))
    return np.diag(pose_sigmas(camera, pose) * np.sqrt(shared_shares(pose)))


def _errors(
    d: FloatArray, depth: FloatArray, turn: FloatArray, camera: Camera, pose: CameraPose, terrain_sigma_m: float
) -> Iterator[Error]:
    """One standard deviation of each independent error, as a displacement of the hit before it slides to the ground."""
    units = _unit_errors(d, depth, turn, pose.yaw_grid_deg)
    mixes = np.diag(pose_sigmas(camera, pose)) if pose.joint is None else root_of(np.array(pose.joint))
    for column in mixes.T:
        if column.any():
            yield _mixed(units, column)
    yield 0.0, 0.0, terrain_sigma_m


def _unit_errors(d: FloatArray, depth: FloatArray, turn: FloatArray, yaw_grid_deg: float) -> list[Error]:
    """What one metre, one radian, one whole focal length, one k1 would do, in the order of `POSE_ERRORS`."""
    units: list[Error] = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    for ax, ay, az in error_axes(yaw_grid_deg):
        x, y, z = ay * d[2] - az * d[1], az * d[0] - ax * d[2], ax * d[1] - ay * d[0]
        units.append((depth * x, depth * y, depth * z))
    aside = tuple(d[axis] - turn[axis, 2] for axis in range(3))  # the ray without its part along the optical axis
    r2 = aside[0] ** 2 + aside[1] ** 2 + aside[2] ** 2
    units.append((-depth * aside[0], -depth * aside[1], -depth * aside[2]))
    units.append((-depth * r2 * aside[0], -depth * r2 * aside[1], -depth * r2 * aside[2]))
    return units


def _mixed(units: list[Error], column: FloatArray) -> Error:
    parts = [(weight, unit) for weight, unit in zip(column, units, strict=True) if weight]
    x, y, z = (sum((w * u[axis] for w, u in parts), start=0.0) for axis in range(3))
    return x, y, z


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

    Along the ray the distance is h·cot θ, θ the angle between ray and ground. The ellipse must reach as far as the ray
    does when it is flatter by as many sigmas as the 95 % ellipse has: k = 2.4477, so that k·σ =
    h·(cot(θ − kσ) − cot θ); first order has hσ / sin² θ.
    """
    sigma = np.radians(max(pose.sigma_pitch_deg, pose.sigma_roll_deg))
    if sigma == 0.0:
        return np.zeros(len(depth))
    length = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2)
    flatness = np.hypot(d[0], d[1])
    sine = np.clip(np.abs(facing) / (length * np.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2)), 1e-9, 1.0)
    above = depth * length * sine
    angle = np.arcsin(sine)
    flatter = np.maximum(angle - REACH_95 * sigma, sigma / 4.0)
    far = above * (1.0 / np.tan(flatter) - 1.0 / np.tan(angle)) / REACH_95
    metres2 = np.maximum(far**2 - (above * sigma / sine**2) ** 2, 0.0)
    return np.where(flatness > 1e-9, metres2 / np.maximum(flatness, 1e-9) ** 2, 0.0)


def gentle(normal: FloatArray) -> FloatArray:
    """The normals with slopes steeper than 30° taken as 30°.

    A facet of a height model that is a wall or a roof is smaller than the ellipse: a ray that errs passes it by.
    """
    if normal.ndim == 1 and not normal[:2].any():
        return normal
    slope = np.hypot(normal[..., 0], normal[..., 1]) / np.maximum(normal[..., 2], 1e-9)
    factor = np.minimum(1.0, STEEPEST / np.maximum(slope, 1e-9))
    gentle: FloatArray = normal * np.stack([factor, factor, np.ones_like(factor)], axis=-1)
    return gentle


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
