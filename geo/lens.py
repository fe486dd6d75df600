"""Between pixels and directions in the camera's own frame: pinhole and Brown–Conrady, both ways.

Camera frame: x right, y down, z forward. A normalised point (x, y) is the direction (x, y, 1).
"""

from __future__ import annotations

import numpy as np

from geo.camera import Camera, from_opencv, to_opencv
from geo.types import FloatArray

_TURNS = 30
_TIGHT = 1e-13


def pixels_to_normalised(uv: FloatArray, camera: Camera) -> FloatArray:
    """Undistort pixels.

    Args:
        uv: (n, 2) pixels, (0, 0) the outer corner of the top left pixel.
        camera: whose picture it is.

    Returns:
        (n, 2) normalised points. NaN where the distortion has no inverse.
    """
    matrix = camera.opencv_matrix()
    distorted: FloatArray = (to_opencv(uv) - matrix[:2, 2]) / (matrix[0, 0], matrix[1, 1])
    if not any(camera.distortion):
        return distorted
    return _undistorted(distorted, camera)


def normalised_to_pixels(xy: FloatArray, camera: Camera) -> FloatArray:
    """Distort normalised points (n, 2) into pixels (n, 2). NaN beyond the radius where the distortion folds back."""
    matrix = camera.opencv_matrix()
    bent = xy
    if any(camera.distortion):
        inside = (xy**2).sum(axis=1) <= fold_radius2(camera)
        bent = np.where(inside[:, None], distort(xy, camera.distortion), np.nan)
    return from_opencv(bent * (matrix[0, 0], matrix[1, 1]) + matrix[:2, 2])


def distort(xy: FloatArray, terms: tuple[float, ...]) -> FloatArray:
    """Brown–Conrady on normalised points (n, 2); terms k1, k2, p1, p2[, k3] (OpenCV's order and signs)."""
    k1, k2, p1, p2, k3 = (*terms, 0.0)[:5]
    x, y = xy[:, 0], xy[:, 1]
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.column_stack(
        [
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        ]
    )


def fold_radius2(camera: Camera) -> float:
    """Squared normalised radius at which r·(1 + k1 r² + k2 r⁴ + k3 r⁶) stops growing; infinite where it never does."""
    if not camera.distortion:
        return np.inf
    k1, k2, _, _, k3 = (*camera.distortion, 0.0)[:5]
    roots = np.roots([7.0 * k3, 5.0 * k2, 3.0 * k1, 1.0])
    real = roots[np.abs(roots.imag) < 1e-12].real
    positive = real[real > 0]
    return float(positive.min()) if positive.size else float(np.inf)


def _undistorted(target: FloatArray, camera: Camera) -> FloatArray:
    """Newton's method on `distort`, each point on its own."""
    xy = target.copy()
    for _ in range(_TURNS):
        miss = target - distort(xy, camera.distortion)
        step = _solved(_slopes(xy, camera.distortion), miss)
        xy = xy + step
        if not np.any(np.abs(step) > _TIGHT):
            break
    good = np.abs(target - distort(xy, camera.distortion)).max(axis=1) < 1e-9
    good &= (xy**2).sum(axis=1) <= fold_radius2(camera)
    return np.where(good[:, None], xy, np.nan)


def _slopes(xy: FloatArray, terms: tuple[float, ...]) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """∂(distorted)/∂(x, y): the four columns xx, xy, yx, yy."""
    k1, k2, p1, p2, k3 = (*terms, 0.0)[:5]
    x, y = xy[:, 0], xy[:, 1]
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    rate = 2.0 * (k1 + r2 * (2.0 * k2 + 3.0 * k3 * r2))
    across = rate * x * y + 2.0 * p1 * x + 2.0 * p2 * y
    return (
        radial + rate * x * x + 2.0 * p1 * y + 6.0 * p2 * x,
        across,
        across,
        (radial + rate * y * y + 6.0 * p1 * y + 2.0 * p2 * x),
    )


def _solved(slopes: tuple[FloatArray, FloatArray, FloatArray, FloatArray], miss: FloatArray) -> FloatArray:
    a, b, c, d = slopes
    determinant = a * d - b * c
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        x = (d * miss[:, 0] - b * miss[:, 1]) / determinant
        y = (a * miss[:, 1] - c * miss[:, 0]) / determinant
    return np.column_stack([x, y])
