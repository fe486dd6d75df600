"""The equations of a bundle adjustment: what errs, what is seen, and how sure the answer is.

Unknowns are the errors themselves, each in units of its own standard deviation, so that the priors are plain: those
that the whole flight has in common, two of each camera (focal length, k1), six of each frame, three of each spot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, vstack

from geo.attitude import error_axes
from geo.camera import Camera
from geo.lens import normalised_to_pixels
from geo.pose import CameraPose
from geo.station import station_of
from geo.types import FloatArray
from geo.uncertainty import pose_sigmas, shared_shares

COMMON, OF_CAMERA, OF_FRAME, OF_SPOT = 6, 2, 6, 3
LOST_PX = 1e6
MOST_STEPS = 40
ENOUGH = 1e-6
POINTING = 3.0  # people point at control points so much worse than they say; ours
STEP = 1e-5  # sigmas, and metres of the spots
RowArray = NDArray[np.intp]


@dataclass(frozen=True)
class Spots:
    """Places on the ground: start (t, 3); how sure height (t,) and, of control points, x and y (t,) are; inf if not."""

    xyz_m: FloatArray
    sigma_xy_m: FloatArray
    height_m: FloatArray
    sigma_height_m: FloatArray


@dataclass(frozen=True)
class Sightings:
    """Columns of one length: spot, frame, uv (m, 2), sigma_px."""

    spot: RowArray
    frame: RowArray
    uv: FloatArray
    sigma_px: FloatArray


class Bundle:
    """One flight's equations. Unknowns in order: common, of cameras, of frames, of spots."""

    def __init__(
        self, cameras: list[Camera], poses: list[CameraPose], spots: Spots, seen: Sightings, free: tuple[bool, ...]
    ) -> None:
        self.cameras, self.poses, self.spots, self.seen = cameras, poses, spots, seen
        self.kinds = list(dict.fromkeys(cameras))
        self.kind = np.array([self.kinds.index(camera) for camera in cameras], dtype=np.intp)
        sigmas = np.array([pose_sigmas(c, p) for c, p in zip(cameras, poses, strict=True)]) * np.array(free)
        shares = np.array([shared_shares(pose) for pose in poses])
        self.common_sigma = (sigmas * np.sqrt(shares))[:, :COMMON]
        self.own_sigma = (sigmas * np.sqrt(1.0 - shares))[:, :COMMON]
        first = [int(np.flatnonzero(self.kind == k)[0]) for k in range(len(self.kinds))]
        self.camera_sigma = sigmas[first, COMMON:]
        stations = [station_of(camera, pose) for camera, pose in zip(cameras, poses, strict=True)]
        self.turn = np.array([station.turn for station in stations])
        self.axes = np.array([error_axes(p.yaw_grid_deg) for p in poses])
        self.place = np.array([station.position_m for station in stations])
        self.surveyed = np.flatnonzero(np.isfinite(spots.sigma_xy_m))

    @property
    def before_spots(self) -> int:
        """How many unknowns come before those of the spots."""
        return COMMON + OF_CAMERA * len(self.kinds) + OF_FRAME * len(self.poses)

    @property
    def unknowns(self) -> int:
        """How many unknowns."""
        return self.before_spots + OF_SPOT * len(self.spots.xyz_m)

    def parts(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Common (6,), of cameras (k, 2), of frames (n, 6), of spots (t, 3)."""
        a, b = COMMON, COMMON + OF_CAMERA * len(self.kinds)
        c = self.before_spots
        return x[:a], x[a:b].reshape(-1, OF_CAMERA), x[b:c].reshape(-1, OF_FRAME), x[c:].reshape(-1, OF_SPOT)

    def errors_of(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(n, 6) metres and radians that each frame errs by, and (k, 2) focal share and k1 of each camera."""
        common, of_camera, of_frame, _ = self.parts(x)
        return self.common_sigma * common + self.own_sigma * of_frame, self.camera_sigma * of_camera

    def poses_of(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """True places (n, 3) and turns (n, 3, 3)."""
        wrong, _ = self.errors_of(x)
        vector = np.einsum("nk,nka->na", wrong[:, 3:], self.axes)
        return self.place + wrong[:, :3], turns(vector) @ self.turn

    def spots_of(self, x: FloatArray) -> FloatArray:
        """(t, 3) places of the spots."""
        return np.asarray(self.spots.xyz_m + self.parts(x)[3])

    def misses(self, x: FloatArray) -> FloatArray:
        """(m, 2) pixels between where the spots would be seen and where they were."""
        place, turn = self.poses_of(x)
        focal = self.errors_of(x)[1]
        seen = self.seen
        reach = self.spots_of(x)[seen.spot] - place[seen.frame]
        inside = np.einsum("mi,mij->mj", reach, turn[seen.frame])
        with np.errstate(divide="ignore", invalid="ignore"):
            xy = np.where(inside[:, 2:] > 0.0, inside[:, :2] / inside[:, 2:], np.nan)
        uv = np.empty((len(xy), 2))
        of_sighting = self.kind[seen.frame]
        for k, camera in enumerate(self.kinds):
            rows = of_sighting == k
            uv[rows] = bent_pixels(xy[rows], camera, float(focal[k, 0]), float(focal[k, 1]))
        miss = uv - seen.uv
        return np.where(np.isfinite(miss), np.clip(miss, -LOST_PX, LOST_PX), LOST_PX)

    def residuals(self, x: FloatArray) -> FloatArray:
        """What least squares makes small: sightings first, then what was believed before."""
        common, of_camera, of_frame, _ = self.parts(x)
        spots = self.spots_of(x)
        height = (spots[:, 2] - self.spots.height_m) / self.spots.sigma_height_m
        plan = (spots - self.spots.xyz_m)[self.surveyed, :2] / self.spots.sigma_xy_m[self.surveyed, None]
        misses = self.misses(x) / self.seen.sigma_px[:, None]
        return np.concatenate([misses.ravel(), common, of_camera.ravel(), of_frame.ravel(), height, plan.ravel()])

    def jacobian(self, x: FloatArray) -> csr_matrix[Any]:
        """∂residuals/∂unknowns. A sighting depends on one camera, frame and spot: each column of a kind is one step."""
        base = self.misses(x)
        spot, frame = self.seen.spot, self.seen.frame
        camera_at, frame_at = COMMON, COMMON + OF_CAMERA * len(self.kinds)
        blocks = (
            (np.zeros_like(spot), COMMON, 0, 1),
            (self.kind[frame], OF_CAMERA, camera_at, len(self.kinds)),
            (frame, OF_FRAME, frame_at, len(self.poses)),
            (spot, OF_SPOT, self.before_spots, len(self.spots.xyz_m)),
        )
        values, columns = [], []
        for which, width, start, count in blocks:
            for k in range(width):
                moved = x.copy()
                moved[start + k + width * np.arange(count)] += STEP
                values.append(((self.misses(moved) - base) / STEP / self.seen.sigma_px[:, None]).ravel())
                columns.append(np.repeat(start + k + width * which, 2))
        rows = [np.arange(2 * len(spot))] * len(values)
        shape = (2 * len(spot), self.unknowns)
        cells = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return csr_matrix(vstack([coo_matrix(cells, shape=shape), self._of_priors()]))

    def _of_priors(self) -> coo_matrix[Any]:
        """The rows of what was believed before: the unknowns themselves, heights, and places that a person gave."""
        c, t, s = self.before_spots, len(self.spots.xyz_m), len(self.surveyed)
        columns = np.concatenate(
            [np.arange(c), c + 3 * np.arange(t) + 2, (c + 3 * self.surveyed[:, None] + np.arange(2)).ravel()]
        )
        plan = np.repeat(1.0 / self.spots.sigma_xy_m[self.surveyed], 2)
        values = np.concatenate([np.ones(c), 1.0 / self.spots.sigma_height_m, plan])
        return coo_matrix((values, (np.arange(c + t + 2 * s), columns)), shape=(c + t + 2 * s, self.unknowns))

    def weights(self, residuals: FloatArray) -> FloatArray:
        """How much each residual counts: sightings and heights of tie points less the more they are off (soft L1)."""
        weight = np.ones(len(residuals))
        pixels, c = 2 * len(self.seen.spot), self.before_spots
        soft = np.zeros(len(residuals), dtype=bool)
        of_nobody = ~np.isfinite(self.spots.sigma_xy_m)  # a control point counts whole: it is a person's word
        soft[:pixels] = np.repeat(of_nobody[self.seen.spot], 2)
        soft[pixels + c : pixels + c + len(of_nobody)] = of_nobody
        weight[soft] = 1.0 / np.sqrt(1.0 + residuals[soft] ** 2)
        return weight

    def _cost(self, residuals: FloatArray) -> float:
        weight = self.weights(residuals)
        soft = 2.0 * (np.sqrt(1.0 + residuals**2) - 1.0)
        return float(np.where(weight == 1.0, residuals**2, soft).sum())

    def solve(self, start: FloatArray | None = None) -> tuple[FloatArray, csr_matrix[Any]]:
        """The unknowns that fit best, and the weighted Jacobian there: Levenberg–Marquardt, the spots eliminated."""
        x = np.zeros(self.unknowns) if start is None else start.copy()
        residuals, damping = self.residuals(x), 1e-4
        cost = self._cost(residuals)
        for _ in range(MOST_STEPS):
            root = np.sqrt(self.weights(residuals))
            jacobian = csr_matrix(self.jacobian(x).multiply(root[:, None]))
            before = cost
            while damping < 1e8:
                trial = x - self._step(jacobian, root * residuals, damping)
                there = self.residuals(trial)
                if self._cost(there) < cost:
                    x, residuals, cost = trial, there, self._cost(there)
                    damping = max(damping / 10.0, 1e-9)
                    break
                damping *= 10.0
            if before - cost <= ENOUGH * before:
                break
        root = np.sqrt(self.weights(residuals))
        return x, csr_matrix(self.jacobian(x).multiply(root[:, None]))

    def _step(self, jacobian: csr_matrix[Any], residuals: FloatArray, damping: float) -> FloatArray:
        reduced, beside, inverse, right = self._reduced(jacobian, residuals, damping)
        c = self.before_spots
        first = np.linalg.solve(reduced, right[:c] - beside @ _times(inverse, right[c:]))
        return np.concatenate([first, _times(inverse, right[c:] - beside.T @ first)])

    def _reduced(
        self, jacobian: csr_matrix[Any], residuals: FloatArray, damping: float
    ) -> tuple[FloatArray, csr_matrix[Any], FloatArray, FloatArray]:
        """Normal equations without the spots (Schur), what joins both, inverse blocks of the spots, right-hand side."""
        c, t = self.before_spots, len(self.spots.xyz_m)
        left, right = jacobian[:, :c], jacobian[:, c:]
        first = (left.T @ left).toarray()
        first[np.arange(c), np.arange(c)] *= 1.0 + damping
        blocks = _diagonal_blocks(csr_matrix(right.T @ right), t)
        blocks[:, np.arange(3), np.arange(3)] *= 1.0 + damping
        inverse: FloatArray = np.asarray(np.linalg.inv(blocks), dtype=np.float64)
        beside = csr_matrix(left.T @ right)
        base = OF_SPOT * np.arange(t)[:, None, None]
        i = np.broadcast_to(base + np.arange(3)[None, :, None], inverse.shape)
        j = np.broadcast_to(base + np.arange(3)[None, None, :], inverse.shape)
        middle = coo_matrix((inverse.ravel(), (i.ravel(), j.ravel())), shape=(3 * t, 3 * t)).tocsr()
        reduced = first - (beside @ middle @ beside.T).toarray()
        return (reduced + reduced.T) / 2.0, beside, inverse, np.asarray(jacobian.T @ residuals)

    def covariance(self, jacobian: csr_matrix[Any]) -> FloatArray:
        """Of the unknowns before the spots'."""
        return np.asarray(np.linalg.inv(self._reduced(jacobian, np.zeros(jacobian.shape[0]), 0.0)[0]))

    def strain(self, x: FloatArray) -> float:
        """How many standard deviations the worst error of camera, frame or pointing at a control point came to."""
        six, lens = self.errors_of(x)
        whole = np.sqrt(self.common_sigma**2 + self.own_sigma**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = [
                np.where(whole > 0, six / whole, 0.0),
                np.where(self.camera_sigma > 0, lens / self.camera_sigma, 0),
            ]
        given = np.isfinite(self.spots.sigma_xy_m[self.seen.spot])
        off = np.abs(self.misses(x)[given] / self.seen.sigma_px[given, None] / POINTING)
        return float(max([np.abs(share).max() for share in shares] + [off.max(initial=0.0)]))

    def joint_of(self, frame: int, covariance: FloatArray) -> FloatArray:
        """(8, 8) covariance of one frame's errors, in the order of `geo.uncertainty.POSE_ERRORS`."""
        spread = np.zeros((COMMON + OF_CAMERA, self.before_spots))
        k, own = int(self.kind[frame]), COMMON + OF_CAMERA * len(self.kinds) + OF_FRAME * frame
        six = np.arange(COMMON)
        spread[six, six] = self.common_sigma[frame]
        spread[six, own + six] = self.own_sigma[frame]
        for column in range(OF_CAMERA):
            spread[COMMON + column, COMMON + OF_CAMERA * k + column] = self.camera_sigma[k, column]
        return np.asarray(spread @ covariance @ spread.T)


def bent_pixels(xy: FloatArray, camera: Camera, focal: float, k1: float) -> FloatArray:
    """Normalised points in pixels of a camera whose focal length is longer by a share and whose k1 is larger."""
    bent = xy * (1.0 + k1 * (xy**2).sum(axis=1))[:, None]
    centre = np.array([camera.cx_px, camera.cy_px])
    return np.asarray(centre + (normalised_to_pixels(bent, camera) - centre) * (1.0 + focal))


def turns(vector: FloatArray) -> FloatArray:
    """Rotation matrices (n, 3, 3) of rotation vectors (n, 3): Rodrigues."""
    angle = np.sqrt((vector**2).sum(axis=1))
    axis = vector / np.maximum(angle, 1e-15)[:, None]
    cross = np.zeros((len(vector), 3, 3))
    cross[:, 0, 1], cross[:, 0, 2], cross[:, 1, 2] = -axis[:, 2], axis[:, 1], -axis[:, 0]
    cross = cross - np.swapaxes(cross, 1, 2)
    sine, versine = np.sin(angle)[:, None, None], (1.0 - np.cos(angle))[:, None, None]
    return np.asarray(np.eye(3) + sine * cross + versine * (cross @ cross))


def _times(blocks: FloatArray, vector: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("tij,tj->ti", blocks, vector.reshape(-1, 3)).ravel())


def _diagonal_blocks(matrix: csr_matrix[Any], count: int) -> FloatArray:
    blocks = np.zeros((count, 3, 3))
    entries = matrix.tocoo()
    i, j = entries.row, entries.col
    inside = i // 3 == j // 3
    blocks[i[inside] // 3, i[inside] % 3, j[inside] % 3] = entries.data[inside]
    return blocks
