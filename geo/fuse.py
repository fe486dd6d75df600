"""One place out of several sights of the same spot, whose errors are partly the same.

Weights are those of the single covariances; the doubt of the result is propagated with all correlations, so that the
fused ellipse does not shrink below what the frames have in common. Sights that contradict the majority are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.camera import Camera
from geo.errors import ShapeError
from geo.ground import GroundPoints
from geo.pose import CameraPose
from geo.station import station_of
from geo.terrain import Terrain
from geo.types import FloatArray, pairs
from geo.uncertainty import ERRORS, EVERYWHERE, shared_factors

OUTLIER_SQUARED = 13.816  # chi-square, 2 d.f., 99.9 %: one true sight in a thousand is left out
NORMAL_STEP_M = 2.0


@dataclass(frozen=True)
class Fused:
    """One place from several sights.

    Attributes:
        xy_m: (2,) x east, y north.
        covariance_m2: (2, 2), correlations within and between flights included.
        weights: (n, 2, 2) by which each place counts, rows east and north; they add up to the unit matrix, and are 0
            for what was left out.
        kept: (n,) False where a sight contradicts the others and was left out.
        misfit: of the kept ones: mean squared distance in units of what the errors allow; 1 is as expected. Where it
            is above 1 what is each sight's own has been made as much larger in the covariance.
    """

    xy_m: FloatArray
    covariance_m2: FloatArray
    weights: FloatArray
    kept: NDArray[np.bool_]
    misfit: float

    @property
    def rejected(self) -> list[int]:
        """Rows that were left out."""
        return [int(row) for row in np.flatnonzero(~self.kept)]


def shared_of(points: GroundPoints, camera: Camera, pose: CameraPose, terrain: Terrain) -> FloatArray:
    """What located pixels have in common with other sights of the same ground.

    Args:
        points: from `pixel_to_ground` with the same camera, pose and terrain.
        camera: whose picture it is.
        pose: where it stood.
        terrain: the ground.

    Returns:
        (n, 2, 9) metres east and north by one standard deviation of each of `geo.uncertainty.ERRORS`; NaN where the
        point is not OK.
    """
    at = station_of(camera, pose)
    turn = at.turn
    reach = np.column_stack([points.xy_m, points.height_m]) - at.position_m
    depth = reach @ turn[:, 2]
    with np.errstate(invalid="ignore"):
        direction = reach / depth[:, None]
    normal = _normals(points, terrain)
    return shared_factors(direction, depth, normal, turn, camera, pose, terrain.sigma_m)


def _normals(points: GroundPoints, terrain: Terrain) -> FloatArray:
    """(n, 3) upward normals over two metres each way; straight up where the ground beside a point is unknown."""
    normal = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    if not points.ok.any():
        return normal
    for axis in (0, 1):
        step = np.zeros(2)
        step[axis] = NORMAL_STEP_M
        places = np.where(points.ok[:, None], points.xy_m, points.xy_m[points.ok][0])
        rise = terrain.heights(places + step, points.crs) - terrain.heights(places - step, points.crs)
        normal[:, axis] = -np.nan_to_num(rise) / (2.0 * NORMAL_STEP_M)
    return normal


def fuse(
    points: FloatArray,
    covariances: FloatArray,
    shared: FloatArray,
    flight: Sequence[str],
    *,
    everywhere: Sequence[bool] | None = None,
) -> Fused:
    """Fuse sights of one spot by weighted least squares, leaving out what contradicts the majority.

    Args:
        points: (n, 2) x east, y north in one metric CRS.
        covariances: (n, 2, 2) of each, whole.
        shared: (n, 2, m) factors of what is common: sights i and j of one flight have the covariance F_i·F_jᵀ. A
            common covariance S without factors is given as its root (`geo.uncertainty.root_of`).
        flight: (n,) names; errors of different flights are independent but for `everywhere`.
        everywhere: (m,) which factors are common to all flights; None takes `geo.uncertainty.EVERYWHERE` where m is 9,
            and none else.

    Returns:
        The place. Two sights that contradict each other are both kept, with `misfit` above 1 and an ellipse as much
        wider: nobody can say which is wrong.

    Raises:
        ShapeError: lengths differ, or there is no point.

    Source: propagation with full covariance, Koch, Parameter Estimation (1999), 2.6 and 3.2; widening by the misfit,
    Birge (1932). Why the weights ignore the correlation: docs/ideas/uncertainty.md.
    """
    xy = pairs(points, "points")
    n = len(xy)
    if n == 0 or covariances.shape != (n, 2, 2) or shared.shape[:2] != (n, 2) or len(flight) != n:
        raise ShapeError("fuse", f"{n} points with {covariances.shape}, {shared.shape}, {len(flight)} flights")
    whole = _joint_covariance(covariances, shared, flight, _everywhere(shared.shape[2], everywhere))
    own = covariances - np.einsum("iak,ibk->iab", shared, shared)
    kept = _majority(xy, whole)
    for _ in range(10):
        again = _weighed(xy, whole, kept)[2] <= OUTLIER_SQUARED
        if (again == kept).all() or again.sum() <= n / 2:
            break
        kept = again
    return _combined(xy, whole, own, kept)


def _everywhere(m: int, given: Sequence[bool] | None) -> NDArray[np.bool_]:
    if given is None:
        given = EVERYWHERE if m == len(ERRORS) else [False] * m
    if len(given) != m:
        raise ShapeError("everywhere", f"{m} expected, {len(given)} given")
    return np.array(given, dtype=bool)


def _joint_covariance(
    covariances: FloatArray, shared: FloatArray, flight: Sequence[str], everywhere: NDArray[np.bool_]
) -> FloatArray:
    """(n, n, 2, 2): the sights' own covariances on the diagonal, what they have in common beside it."""
    names = np.array(flight)
    same = (names[:, None] == names[None, :])[:, :, None, None]
    of_flight = np.einsum("iak,jbk->ijab", shared[:, :, ~everywhere], shared[:, :, ~everywhere])
    of_all = np.einsum("iak,jbk->ijab", shared[:, :, everywhere], shared[:, :, everywhere])
    whole: FloatArray = np.where(same, of_flight, 0.0) + of_all
    rows = np.arange(len(names))
    whole[rows, rows] = covariances
    return whole


def _combined(xy: FloatArray, whole: FloatArray, own: FloatArray, kept: NDArray[np.bool_]) -> Fused:
    """Fuse what belongs together; where it lies wider apart than it should, what is each sight's own is widened."""
    place, cover, squared = _weighed(xy, whole, kept)
    misfit = float(squared[kept].mean()) / 2.0 if kept.sum() > 1 else 1.0
    used = np.flatnonzero(kept)
    weights = _weights(whole[np.ix_(used, used)])
    apart = np.einsum("iab,ibc,idc->ad", weights, own[used], weights)
    cover = cover + max(misfit - 1.0, 0.0) * apart
    every = np.zeros((len(xy), 2, 2))
    every[used] = weights
    return Fused(place, (cover + cover.T) / 2.0, every, kept, misfit)


def _weighed(xy: FloatArray, whole: FloatArray, kept: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fused place and covariance of the kept ones, and (n,) how far all lie from it, squared, as both errors allow."""
    used, rows = np.flatnonzero(kept), np.arange(len(xy))
    inner = whole[np.ix_(used, used)]
    weights = _weights(inner)
    place = np.einsum("iab,ib->a", weights, xy[used])
    cover = np.einsum("iab,ijbc,jdc->ad", weights, inner, weights)
    cross = np.einsum("iab,ijbc->jac", weights, whole[used])
    between = whole[rows, rows] + cover - cross - np.swapaxes(cross, 1, 2)
    return place, cover, _distances_squared(xy - place, between)


def _weights(whole: FloatArray) -> FloatArray:
    """(n, 2, 2) weights by the single covariances; they add up to the unit matrix."""
    rows = np.arange(len(whole))
    inverse = np.linalg.inv(whole[rows, rows])
    return np.asarray(np.linalg.solve(inverse.sum(axis=0), inverse), dtype=np.float64)


def _distances_squared(delta: FloatArray, covariance: FloatArray) -> FloatArray:
    """Squared lengths of (…, 2) in units of (…, 2, 2), which a hair of 1 mm keeps invertible."""
    solved = np.linalg.solve(covariance + 1e-6 * np.eye(2), delta[..., None])[..., 0]
    return np.asarray((delta * solved).sum(axis=-1), dtype=np.float64)


def _majority(xy: FloatArray, whole: FloatArray) -> NDArray[np.bool_]:
    """The largest company of sights that all agree with each other, where it is more than half; else all.

    Agreeing with one that says hardly anything is no company: each must agree with each.
    """
    rows = np.arange(len(xy))
    own = whole[rows, rows]
    between = own[:, None] + own[None, :] - whole - np.swapaxes(whole, 0, 1)
    apart = _distances_squared(xy[:, None] - xy[None, :], between)
    agree = apart <= OUTLIER_SQUARED
    best, least = np.zeros(len(xy), dtype=bool), np.inf
    for seed in rows:
        company = np.zeros(len(xy), dtype=bool)
        for row in np.argsort(apart[seed], kind="stable"):
            company[row] = bool(agree[row, company].all())
        strain = float(apart[np.ix_(company, company)].sum())
        if (company.sum(), -strain) > (best.sum(), -least):
            best, least = company, strain
    return best if best.sum() > len(xy) / 2 else np.ones(len(xy), dtype=bool)
