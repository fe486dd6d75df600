"""The covariance of many points whose errors are independent: every error's way over the ground, written out.

The same propagation as the general one in `geo.uncertainty` (a test holds them against each other), for the case that
nearly every pixel is: in single precision and without what is zero, since this is most of what a pixel costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo.types import FloatArray

Single: TypeAlias = NDArray[np.float32]
STEEPEST = float(np.tan(np.radians(30.0)))
REACH_95 = float(np.sqrt(-2.0 * np.log(0.05)))


@dataclass(frozen=True)
class Sigmas:
    """Standard deviations of independent errors: metres, radians about up, right and ahead, shares, k1, pixels."""

    xy_m: float
    height_m: float  # camera and ground together
    yaw: float
    across: float
    along: float
    focal: float
    lens: float
    pixel: float


def independent_spread(
    direction: FloatArray,
    depth: FloatArray,
    normal: FloatArray,
    turn: FloatArray,
    axes: FloatArray,
    focal_px: tuple[float, float],
    sigmas: Sigmas,
) -> tuple[FloatArray, FloatArray]:
    """Covariance (n, 2, 2) and GSD (n,) on the ground.

    Args:
        direction: (n, 3) rays, the optical axis of length 1.
        depth: (n,) along the optical axis.
        normal: (3,) or (n, 3) of the ground.
        turn: (3, 3) from camera axes to the world's.
        axes: (3, 3) up, right, ahead.
        focal_px: along u and v.
        sigmas: of the errors.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        view = _View.of(direction, depth, normal)
        xx, xy, yy = view.of_place(sigmas)
        for error in _turned(view, axes, sigmas):
            _squared(view.slid(*error), xx, xy, yy)
        _stretched(view, turn, sigmas, xx, xy, yy)
        gxx, gxy, gyy = _pixels(view, turn, focal_px)
        bend = _bend(view, max(sigmas.across, sigmas.along))
        p2 = np.float32(sigmas.pixel**2)
        total = np.empty((len(depth), 2, 2))
        total[:, 0, 0] = xx + p2 * gxx + bend * view.dx * view.dx
        total[:, 1, 1] = yy + p2 * gyy + bend * view.dy * view.dy
        total[:, 0, 1] = total[:, 1, 0] = xy + p2 * gxy + bend * view.dx * view.dy
        half = (gxx - gyy) * np.float32(0.5)
        gsd = np.sqrt((gxx + gyy) * np.float32(0.5) + np.sqrt(half * half + gxy * gxy))
    return total, gsd.astype(np.float64)


@dataclass(frozen=True)
class _View:
    """Rays, their depth, the ground's normal there (slopes no steeper than 30°), and how a hit slides along the ray."""

    dx: Single
    dy: Single
    dz: Single
    depth: Single
    nx: Any
    ny: Any
    nz: Any
    facing: Single
    slide_x: Single
    slide_y: Single

    @classmethod
    def of(cls, direction: FloatArray, depth: FloatArray, normal: FloatArray) -> _View:
        dx, dy, dz = (direction[:, axis].astype(np.float32) for axis in range(3))
        nx, ny, nz = (np.asarray(normal[..., axis], dtype=np.float32) for axis in range(3))
        if nx.any() or ny.any():
            slope = np.sqrt(nx * nx + ny * ny) / nz
            gentle = np.float32(STEEPEST) / np.maximum(slope, np.float32(STEEPEST))
            nx, ny = np.asarray(nx * gentle, np.float32), np.asarray(ny * gentle, np.float32)
        facing: Any = nx * dx + ny * dy + nz * dz
        return cls(dx, dy, dz, depth.astype(np.float32), nx, ny, nz, facing, dx / facing, dy / facing)

    def slid(self, ex: Any, ey: Any, ez: Any) -> tuple[Single, Single]:
        """Where on the ground an error of the hit ends."""
        along = self.nx * ex + self.ny * ey + self.nz * ez
        return ex - self.slide_x * along, ey - self.slide_y * along

    def of_place(self, sigmas: Sigmas) -> tuple[Single, Single, Single]:
        """xx, xy, yy by the camera's place and the ground's height."""
        if not (np.any(self.nx) or np.any(self.ny)):
            up_x, up_y = self.slide_x * np.float32(sigmas.height_m), self.slide_y * np.float32(sigmas.height_m)
            level = np.float32(sigmas.xy_m**2)
            return up_x * up_x + level, up_x * up_y, up_y * up_y + level
        level, up = np.float32(sigmas.xy_m**2), np.float32(sigmas.height_m**2)
        along = level * (self.nx * self.nx + self.ny * self.ny) + up * self.nz * self.nz
        xx = self.slide_x * (self.slide_x * along - np.float32(2.0) * level * self.nx) + level
        yy = self.slide_y * (self.slide_y * along - np.float32(2.0) * level * self.ny) + level
        xy = self.slide_x * (self.slide_y * along - level * self.ny) - self.slide_y * (level * self.nx)
        return xx, xy, yy


def _squared(moved: tuple[Single, Single], xx: Single, xy: Single, yy: Single) -> None:
    x, y = moved
    xx += x * x
    xy += x * y
    yy += y * y


def _turned(view: _View, axes: FloatArray, sigmas: Sigmas) -> list[tuple[Any, Any, Any]]:
    """What the three angles do at the hit: depth · (axis × ray)."""
    east, north, fall = view.depth * view.dx, view.depth * view.dy, view.depth * view.dz
    errors: list[tuple[Any, Any, Any]] = []
    if sigmas.yaw:
        s = np.float32(sigmas.yaw)
        errors.append((-s * north, s * east, np.float32(0.0)))
    for sigma, (ax, ay, _) in zip((sigmas.across, sigmas.along), axes[1:], strict=True):
        if sigma:
            x, y = np.float32(ax * sigma), np.float32(ay * sigma)
            errors.append((y * fall, -x * fall, x * north - y * east))
    return errors


def _stretched(view: _View, turn: FloatArray, sigmas: Sigmas, xx: Single, xy: Single, yy: Single) -> None:
    """What the focal length and an unknown lens do: both move the hit away from the optical axis."""
    if not (sigmas.focal or sigmas.lens):
        return
    forward = turn[:, 2].astype(np.float32)
    ax, ay, az = view.dx - forward[0], view.dy - forward[1], view.dz - forward[2]
    x, y = view.slid(ax * view.depth, ay * view.depth, az * view.depth)
    weight: Any = np.float32(sigmas.focal**2)
    if sigmas.lens:
        r2 = ax * ax + ay * ay + az * az
        weight = weight + np.float32(sigmas.lens**2) * r2 * r2
    xx += weight * x * x
    xy += weight * x * y
    yy += weight * y * y


def _pixels(view: _View, turn: FloatArray, focal_px: tuple[float, float]) -> tuple[Single, Single, Single]:
    """xx, xy, yy of J·Jᵀ, J = ∂(ground)/∂(pixel)."""
    (ux, uy), (vx, vy) = (view.slid(*(turn[:, axis] / focal).astype(np.float32)) for axis, focal in enumerate(focal_px))
    depth2 = view.depth * view.depth
    return depth2 * (ux * ux + vx * vx), depth2 * (ux * uy + vx * vy), depth2 * (uy * uy + vy * vy)


def _bend(view: _View, sigma: float) -> Any:
    """What bending adds near the horizon, as a factor on the outer product of the ray's horizontal part.

    Along the ray the distance is h·cot θ. The 95 % ellipse must reach as far as a ray that is flatter by δ = 2.4477 σ:
    cot(θ − δ) − cot θ = (1 + cot² θ) / (cot δ − cot θ), no flatter than σ/4.
    """
    if not sigma:
        return np.float32(0.0)
    delta = REACH_95 * sigma
    length2 = view.dx * view.dx + view.dy * view.dy + view.dz * view.dz
    steep = length2 * (view.nx * view.nx + view.ny * view.ny + view.nz * view.nz)
    squared = np.maximum(steep / (view.facing * view.facing), np.float32(1.0))  # 1 / sin² θ
    cotangent = np.sqrt(squared - np.float32(1.0))
    reach = np.float32(1.0 / REACH_95) / (np.float32(1.0 / np.tan(delta)) - cotangent)
    flattest = np.float32(1.0 / np.tan(delta + sigma / 4.0))
    if (cotangent > flattest).any():
        most = np.float32(1.0 / np.tan(sigma / 4.0) / REACH_95) - cotangent * np.float32(1.0 / REACH_95)
        reach = np.where(cotangent > flattest, most / squared, reach)
    more = np.maximum(reach * reach - np.float32(sigma**2), np.float32(0.0))
    # Straight down the ray has no horizontal part, and what this factor multiplies is nothing.
    flat2 = view.dx * view.dx + view.dy * view.dy + np.float32(1e-18)
    return view.depth * view.depth * length2 * squared * more / flat2
