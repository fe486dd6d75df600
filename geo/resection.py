"""Where a picture looked, from things in it whose places are known: resection, with the doubt that is left.

Nothing is assumed of the attitude. A first answer comes from the known places alone (perspective-n-point with
consensus), then position, angles and focal length are adjusted within what the file says of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from geo.adjust import Adjusted, ControlSighting, adjust
from geo.attitude import angles_of_camera, rotation
from geo.camera import Camera
from geo.errors import NoAttitude
from geo.lens import pixels_to_normalised, rays_to_pixels
from geo.pose import CameraPose, Stand
from geo.terrain import Terrain
from geo.types import FloatArray
from geo.uncertainty import POSE_ERRORS

FEWEST = 16
"""Agreeing points below which an attitude is chance: two unrelated textured pictures gave up to 9 (tests)."""
LEAST_AREA = 0.06
"""Share of the picture that the agreeing points must span."""
CONSENSUS_PX = 6.0
"""At the size at which features were sought: relief that the ground model lacks moves a point by so much."""
OFF_SIGMAS = 4.0
"""A first answer that stands farther from the stated place belongs to another place that looks alike."""
FREE_ANGLE_DEG = 20.0
"""How far the adjustment may turn the first answer, 1 sigma: as good as free."""
WORST_TILT_DEG = 5.0
MOST_POINTS = 400
OUTLIER_SIGMAS = 3.5
SEED = 7


@dataclass(frozen=True)
class KnownPlaces:
    """Pixels of a picture whose places are known.

    Attributes:
        uv: (n, 2) pixels as stored.
        xyz_m: (n, 3) east, north, height, in the stand's CRS and the terrain's datum.
        sigma_px: of the pointing.
        sigma_m: of each place by itself.
        common_sigma_m: by how much all of them may lie off together: what the orthophoto, or the picture that they
            were taken from, errs by as a whole.
        source: what they were taken from, for the record.
    """

    uv: FloatArray
    xyz_m: FloatArray
    sigma_px: float
    sigma_m: float
    common_sigma_m: float
    source: str

    def only(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> KnownPlaces:
        """Some of them."""
        return replace(self, uv=self.uv[rows], xyz_m=self.xyz_m[rows])


@dataclass(frozen=True)
class Resected:
    """A pose that was found. `camera` has the focal length that fits; `points` agreed; `misfit_px` is their spread."""

    camera: Camera
    pose: CameraPose
    points: int
    misfit_px: float
    source: str


def resect(camera: Camera, stand: Stand, known: KnownPlaces, terrain: Terrain) -> Resected:
    """Find where a picture looked.

    Args:
        camera: with the doubt of its focal length.
        stand: where it stood, as far as the file says.
        known: pixels with their places; wrong ones among them are left out.
        terrain: the ground, for the doubt of heights.

    Returns:
        Pose and camera, with the joint covariance of what is left uncertain; the common error of the places stands in
        the pose's position, since a camera that is off with its ground sees the same.

    Raises:
        NoAttitude: too few points agree, they span too little of the picture, two attitudes fit them alike, or the
            answer would stand elsewhere than the file says. The detail says which.

    Source: solvePnP of OpenCV with SQPnP (Terzakis and Lourakis 2020) for the first answer.
    """
    kept, turn, place = _first(camera, known)
    _require_span(camera, kept)
    _require_place(stand, place, known)
    pose = _prior(camera, stand, turn, place, known)
    for _ in range(2):
        found = _adjusted(camera, pose, kept, terrain)
        kept = kept.only(_fitting(found.cameras[0], found.poses[0], kept))
        _require_span(camera, kept)
    found = _adjusted(camera, pose, kept, terrain)
    _require_firm(found.poses[0])
    return Resected(found.cameras[0], _with_common(found.poses[0], known), len(kept.uv), found.misfit_px, known.source)


def _first(camera: Camera, known: KnownPlaces) -> tuple[KnownPlaces, FloatArray, FloatArray]:
    """Who agrees, the camera's turn (3, 3) to the world, and its place (3,)."""
    flat = pixels_to_normalised(known.uv, camera)
    good = np.asarray(np.isfinite(flat).all(axis=1) & np.isfinite(known.xyz_m).all(axis=1))
    known, flat = known.only(good), flat[good]
    if len(flat) < FEWEST:
        raise NoAttitude("picture", f"{len(flat)} points match {known.source}, at least {FEWEST} must")
    middle = known.xyz_m.mean(axis=0)
    cv2.setRNGSeed(SEED)
    fine, turned, moved, inside = cv2.solvePnPRansac(
        known.xyz_m - middle, flat, np.eye(3), np.zeros(4), iterationsCount=3000, confidence=0.9999,
        reprojectionError=CONSENSUS_PX * known.sigma_px / camera.fx_px, flags=cv2.SOLVEPNP_SQPNP,
    )  # fmt: skip
    if not fine or inside is None or len(inside) < FEWEST:
        agreeing = 0 if inside is None else len(inside)
        raise NoAttitude("picture", f"{agreeing} of {len(flat)} matches with {known.source} agree on one view")
    rows = inside.ravel().astype(np.intp)
    turn = np.asarray(cv2.Rodrigues(turned)[0], dtype=np.float64)
    place = np.asarray(-turn.T @ np.asarray(moved, dtype=np.float64).ravel() + middle)
    _require_single(known.xyz_m[rows] - middle, flat[rows], turn)
    return known.only(rows), turn.T, place


def _require_single(xyz: FloatArray, flat: FloatArray, turn: FloatArray) -> None:
    """On flat ground through a long lens a view and its mirror can fit alike."""
    heights = xyz[:, 2]
    if np.ptp(heights) > 0.05 * np.ptp(xyz[:, :2]):
        return
    level = np.column_stack([xyz[:, :2], np.zeros(len(xyz))])
    fine, turns, _, errors = cv2.solvePnPGeneric(level, flat, np.eye(3), np.zeros(4), flags=cv2.SOLVEPNP_IPPE)
    if not fine or len(turns) < 2:
        return
    first, second = (np.asarray(cv2.Rodrigues(t)[0]) for t in turns[:2])
    apart = np.degrees(np.arccos(np.clip((np.trace(first.T @ second) - 1) / 2, -1, 1)))
    worse, better = float(np.max(errors[:2])), float(np.min(errors[:2]))
    if apart > WORST_TILT_DEG and worse < 1.15 * better:
        raise NoAttitude("picture", f"two attitudes {apart:.0f}° apart fit the matches alike")


def _require_span(camera: Camera, known: KnownPlaces) -> None:
    if len(known.uv) < FEWEST:
        raise NoAttitude("picture", f"{len(known.uv)} matches with {known.source} fit, at least {FEWEST} must")
    if np.linalg.matrix_rank(known.uv - known.uv.mean(axis=0), tol=1.0) < 2:
        raise NoAttitude("picture", "the matches lie on a line")
    share = float(ConvexHull(known.uv).volume) / (camera.width_px * camera.height_px)
    if share < LEAST_AREA:
        raise NoAttitude("picture", f"the matches span {100 * share:.0f} % of the picture")


def _require_place(stand: Stand, place: FloatArray, known: KnownPlaces) -> None:
    off = float(np.hypot(place[0] - stand.x_m, place[1] - stand.y_m))
    allowed = OFF_SIGMAS * float(np.hypot(stand.sigma_xy_m, known.common_sigma_m)) + 0.25 * _range_of(place, known)
    if off > allowed or place[2] <= known.xyz_m[:, 2].mean():
        raise NoAttitude("picture", f"matched, it would stand {off:.0f} m from where its file says")


def _range_of(place: FloatArray, known: KnownPlaces) -> float:
    """How far the camera is from what it sees: along the view a lens and a place cannot be told apart well."""
    return float(np.linalg.norm(known.xyz_m.mean(axis=0) - place))


def _prior(camera: Camera, stand: Stand, turn: FloatArray, place: FloatArray, known: KnownPlaces) -> CameraPose:
    """What the adjustment starts from: place and height as the file says, angles as found and as good as free."""
    yaw, pitch, roll = angles_of_camera(turn)
    unknown = stand.height_m is None
    height = float(place[2]) if unknown else float(stand.height_m or 0.0)
    return CameraPose(
        crs=stand.crs, x_m=stand.x_m, y_m=stand.y_m, height_m=height,
        yaw_grid_deg=yaw, pitch_deg=pitch, roll_deg=roll,
        sigma_xy_m=float(np.hypot(stand.sigma_xy_m, known.common_sigma_m)),
        sigma_height_m=0.5 * _range_of(place, known) if unknown else max(stand.sigma_height_m, 0.1),
        sigma_yaw_deg=FREE_ANGLE_DEG, sigma_pitch_deg=FREE_ANGLE_DEG, sigma_roll_deg=FREE_ANGLE_DEG,
    )  # fmt: skip


def _adjusted(camera: Camera, pose: CameraPose, known: KnownPlaces, terrain: Terrain) -> Adjusted:
    rows = np.random.default_rng(SEED).permutation(len(known.uv))[:MOST_POINTS]
    control = [
        ControlSighting(
            str(row), 0, (float(known.uv[row, 0]), float(known.uv[row, 1])),
            (float(known.xyz_m[row, 0]), float(known.xyz_m[row, 1])), float(known.xyz_m[row, 2]),
            sigma_m=known.sigma_m, sigma_px=known.sigma_px,
        )
        for row in sorted(rows)
    ]  # fmt: skip
    return adjust([camera], [pose], terrain, control=control)


def _fitting(camera: Camera, pose: CameraPose, known: KnownPlaces) -> NDArray[np.bool_]:
    """(n,) whether each place is seen where the pose says, within a few robust standard deviations."""
    turn = rotation(pose.yaw_grid_deg, pose.pitch_deg, pose.roll_deg)
    rays = (known.xyz_m - pose.position_m) @ turn
    miss = np.linalg.norm(rays_to_pixels(rays, camera) - known.uv, axis=1)
    spread = 1.4826 * float(np.nanmedian(miss)) / 1.1774  # of a Rayleigh length to its sigma
    return np.asarray(np.nan_to_num(miss, nan=np.inf) <= OUTLIER_SIGMAS * max(spread, known.sigma_px))


def _require_firm(pose: CameraPose) -> None:
    worst = max(pose.sigma_pitch_deg, pose.sigma_roll_deg, pose.sigma_yaw_deg)
    if worst > WORST_TILT_DEG:
        raise NoAttitude("picture", f"the matches leave {worst:.0f}° of doubt")


def _with_common(pose: CameraPose, known: KnownPlaces) -> CameraPose:
    joint = np.array(pose.joint) if pose.joint is not None else np.zeros((len(POSE_ERRORS),) * 2)
    joint[[0, 1], [0, 1]] += known.common_sigma_m**2
    sigma = float(np.sqrt((joint[0, 0] + joint[1, 1]) / 2))
    return replace(pose, sigma_xy_m=sigma, joint=tuple(tuple(float(v) for v in row) for row in joint))
