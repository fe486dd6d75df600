"""Making the poses of one flight agree with each other and with control points: bundle adjustment with priors.

What the tags say is believed as far as its standard deviations go, split into what the whole flight has in common and
what each frame has of its own; the pictures' own tie points, and points whose place a person gave, say the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.attitude import angles_of_camera, error_axes, rotation
from geo.bundle import Bundle, RowArray, Sightings, Spots
from geo.camera import Camera
from geo.errors import NothingToAdjust, ShapeError
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import Terrain
from geo.tie_points import NO_TIES, TiePoints
from geo.types import FloatArray
from geo.uncertainty import POSE_ERRORS

GROSS_SIGMAS = 6.0  # a sighting that far off after the first turn is a wrong match
CONTRADICTION_SIGMAS = 5.0
RELIEF_SIGMAS = 5.0  # tie points lie on trees and roofs as well: taken for bare ground they would pull the cameras down
_GRID = 5


@dataclass(frozen=True)
class ControlSighting:
    """A place that a person knows, pointed at in one picture.

    Attributes:
        name: places of one name are one place, seen in several pictures.
        frame: index of the picture.
        uv: pixel.
        xy_m: x east, y north in the poses' CRS.
        height_m: in the terrain's datum; None takes the terrain's own.
        sigma_m: standard deviation of each of x, y and height.
        sigma_px: of the pointing.
    """

    name: str
    frame: int
    uv: tuple[float, float]
    xy_m: tuple[float, float]
    height_m: float | None = None
    sigma_m: float = 0.5
    sigma_px: float = 1.0


@dataclass(frozen=True)
class Adjusted:
    """A flight made to agree.

    Attributes:
        cameras, poses: corrected, one a frame, in order; each pose holds its joint posterior covariance.
        common: what all frames err by together, as found: `POSE_ERRORS` to (value, posterior sigma) in m, radians,
            shares; of the first camera, where there are several.
        misfit_px: robust standard deviation of the tie points after the adjustment, pixels as stored.
        sightings, rejected: how many tie points and control points were used, and left out as wrong.
        control_m: of each control sighting, metres between the given place and where the corrected picture puts it
            (NaN where it cannot).
        strain: how many standard deviations the worst correction came to. Above `CONTRADICTION_SIGMAS` the pictures
            contradict the tags: something in them is no mere error (a yaw that is relative to the aircraft, say).
    """

    cameras: tuple[Camera, ...]
    poses: tuple[CameraPose, ...]
    common: dict[str, tuple[float, float]]
    misfit_px: float
    sightings: int
    rejected: int
    control_m: FloatArray
    strain: float


def adjust(
    cameras: Sequence[Camera],
    poses: Sequence[CameraPose],
    terrain: Terrain,
    ties: TiePoints = NO_TIES,
    control: Sequence[ControlSighting] = (),
    *,
    free: Sequence[str] = POSE_ERRORS,
) -> Adjusted:
    """Adjust the poses of one flight.

    Args:
        cameras: of each frame; equal ones are one camera, whose focal length and k1 are corrected for all its frames.
        poses: of each frame, all in one CRS, with the sigmas of what the tags are worth and their shared part.
        terrain: the ground; a tie point lies on it within its sigma.
        ties: spots seen in several frames.
        control: places that a person knows.
        free: which of `POSE_ERRORS` may be corrected; the others are believed as they stand.

    Returns:
        Corrected cameras and poses. Frames without a tie point move with what the flight has in common.

    Raises:
        NothingToAdjust: neither a usable tie point nor a control point.
        ShapeError: lengths or CRS differ.

    Source: bundle adjustment with prior information, Kraus, Photogrammetry (2007), 5.3; Triggs et al. (2000).
    """
    if len(cameras) != len(poses) or len({pose.crs for pose in poses}) > 1:
        raise ShapeError("adjust", "a camera and a pose for each frame, in one CRS, are expected")
    allowed = tuple(name in free for name in POSE_ERRORS)
    spots, seen = _beginning(cameras, poses, terrain, ties, control)
    if not len(seen.spot):
        raise NothingToAdjust("flight", "no spot is seen in two pictures and there is no control point")
    tied = len(seen.spot) - len(control)
    bundle = Bundle(list(cameras), list(poses), spots, seen, allowed)
    x, _ = bundle.solve()
    spots, seen, start = _without_gross(bundle, x, terrain, len(control))
    bundle = Bundle(list(cameras), list(poses), spots, seen, allowed)
    x, jacobian = bundle.solve(start)
    scale = _misfit(bundle, x)
    covariance = bundle.covariance(jacobian) * max(1.0, scale**2)
    new_cameras, new_poses = _corrected(bundle, x, covariance)
    return Adjusted(
        cameras=new_cameras,
        poses=new_poses,
        common=_common(bundle, x, covariance),
        misfit_px=scale * float(np.median(seen.sigma_px)),
        sightings=len(seen.spot),
        rejected=tied + len(control) - len(seen.spot),
        control_m=_control_misses(control, new_cameras, new_poses, terrain),
        strain=bundle.strain(x),
    )


def _beginning(
    cameras: Sequence[Camera],
    poses: Sequence[CameraPose],
    terrain: Terrain,
    ties: TiePoints,
    control: Sequence[ControlSighting],
) -> tuple[Spots, Sightings]:
    """Where the spots are taken to lie at first, and who sees them; those that no frame locates are left out."""
    crs = poses[0].crs if poses else ""
    places = located(ties, cameras, poses, terrain)
    middle = _means(places, ties.track, ties.tracks)
    good = np.flatnonzero(np.isfinite(middle).all(axis=1))
    number = np.full(ties.tracks, -1, dtype=np.intp)
    number[good] = np.arange(len(good))
    rows = number[ties.track] >= 0 if len(ties) else np.empty(0, dtype=bool)
    names = list(dict.fromkeys(point.name for point in control))
    given = [next(p for p in control if p.name == name) for name in names]
    xy = np.vstack([middle[good], np.array([p.xy_m for p in given], dtype=np.float64).reshape(-1, 2)])
    height = terrain.heights(xy, crs) if len(xy) else np.empty(0)
    height = np.where(np.isfinite(height), height, np.nanmedian(height) if np.isfinite(height).any() else 0.0)
    sigma_height = np.full(len(xy), max(RELIEF_SIGMAS * terrain.sigma_m, 0.1))
    sigma_height[len(good) :] = max(terrain.sigma_m, 0.01)
    sigma_xy = np.full(len(xy), np.inf)
    for at, point in enumerate(given, start=len(good)):
        sigma_xy[at] = max(point.sigma_m, 1e-3)
        if point.height_m is not None:
            height[at], sigma_height[at] = point.height_m, max(point.sigma_m, 1e-3)
    spots = Spots(np.column_stack([xy, height]), sigma_xy, height, sigma_height)
    of_control = np.array([len(good) + names.index(p.name) for p in control], dtype=np.intp)
    return spots, Sightings(
        spot=np.concatenate([number[ties.track[rows]], of_control]),
        frame=np.concatenate([ties.frame[rows], np.array([p.frame for p in control], dtype=np.intp)]),
        uv=np.vstack([ties.uv[rows], np.array([p.uv for p in control], dtype=np.float64).reshape(-1, 2)]),
        sigma_px=np.concatenate([ties.sigma_px[rows], np.array([p.sigma_px for p in control], dtype=np.float64)]),
    )


def _without_gross(
    bundle: Bundle, x: FloatArray, terrain: Terrain, controls: int
) -> tuple[Spots, Sightings, FloatArray]:
    """The equations again without wrong matches, heights of the ground taken where the spots now lie."""
    seen, spots = bundle.seen, bundle.spots
    miss = np.sqrt((bundle.misses(x) ** 2).sum(axis=1)) / seen.sigma_px
    limit = GROSS_SIGMAS * max(1.0, _misfit(bundle, x))
    kept = miss <= limit
    if controls:
        kept[-controls:] = True  # a person's word is never left out in silence
    surveyed = np.isfinite(spots.sigma_xy_m)
    count = np.bincount(seen.spot[kept], minlength=len(spots.xyz_m))
    kept &= (count[seen.spot] >= 2) | surveyed[seen.spot]
    stays = np.unique(np.concatenate([seen.spot[kept], np.flatnonzero(surveyed)])).astype(np.intp)
    now = bundle.spots_of(x)
    ground = terrain.heights(now[:, :2], bundle.poses[0].crs)
    own = surveyed | ~np.isfinite(ground)
    height = np.where(own, spots.height_m, ground)
    moved = Spots(
        np.where(surveyed[:, None], spots.xyz_m, now)[stays],
        spots.sigma_xy_m[stays], height[stays], spots.sigma_height_m[stays],
    )  # fmt: skip
    again = Sightings(np.searchsorted(stays, seen.spot[kept]), seen.frame[kept], seen.uv[kept], seen.sigma_px[kept])
    start = np.concatenate([x[: bundle.before_spots], (now[stays] - moved.xyz_m).ravel()])
    return moved, again, start


def _misfit(bundle: Bundle, x: FloatArray) -> float:
    """Robust standard deviation of the sightings in units of their sigma, what the spots swallowed given back."""
    miss = np.abs(bundle.misses(x) / bundle.seen.sigma_px[:, None]).ravel()
    free = 2 * len(bundle.spots.xyz_m) + 6
    return float(1.4826 * np.median(miss) * np.sqrt(len(miss) / max(len(miss) - free, 1))) if len(miss) > free else 1.0


def _corrected(
    bundle: Bundle, x: FloatArray, covariance: FloatArray
) -> tuple[tuple[Camera, ...], tuple[CameraPose, ...]]:
    _, turn = bundle.poses_of(x)
    wrong, lens = bundle.errors_of(x)
    moved = np.array([pose.position_m for pose in bundle.poses]) + wrong[:, :3]
    cameras, poses = [], []
    for i, (camera, pose) in enumerate(zip(bundle.cameras, bundle.poses, strict=True)):
        joint = bundle.joint_of(i, covariance)
        stated = rotation(pose.yaw_grid_deg, pose.pitch_deg, pose.roll_deg)
        # Boresight and lever arm stay as they are: the correction turns and moves the gimbal.
        yaw, pitch, roll = angles_of_camera(turn[i] @ bundle.turn[i].T @ stated)
        # The axes about which angles err have turned with the heading.
        carry = np.eye(len(POSE_ERRORS))
        carry[3:6, 3:6] = error_axes(yaw) @ error_axes(pose.yaw_grid_deg).T
        joint = carry @ joint @ carry.T
        sigma = np.sqrt(np.maximum(np.diag(joint), 0.0))
        cameras.append(_camera_with(camera, lens[bundle.kind[i]], float(sigma[6])))
        poses.append(
            replace(
                pose, x_m=float(moved[i, 0]), y_m=float(moved[i, 1]), height_m=float(moved[i, 2]), yaw_grid_deg=yaw,
                pitch_deg=pitch, roll_deg=roll, sigma_xy_m=float(np.sqrt((sigma[0] ** 2 + sigma[1] ** 2) / 2)),
                sigma_height_m=float(sigma[2]), sigma_yaw_deg=float(np.degrees(sigma[3])),
                sigma_pitch_deg=float(np.degrees(sigma[4])), sigma_roll_deg=float(np.degrees(sigma[5])),
                joint=tuple(tuple(float(v) for v in row) for row in joint),
            )
        )  # fmt: skip
    return tuple(cameras), tuple(poses)


def _camera_with(camera: Camera, lens: FloatArray, sigma: float) -> Camera:
    (focal, k1), terms = lens.tolist(), camera.distortion
    if k1 and not any(terms):
        terms = (float(k1), 0.0, 0.0, 0.0)
    return replace(
        camera, fx_px=camera.fx_px * (1.0 + focal), fy_px=camera.fy_px * (1.0 + focal), distortion=terms,
        focal_sigma_fraction=sigma,
    )  # fmt: skip


def _common(bundle: Bundle, x: FloatArray, covariance: FloatArray) -> dict[str, tuple[float, float]]:
    common, of_camera, _, _ = bundle.parts(x)
    scale = np.concatenate([bundle.common_sigma.mean(axis=0), bundle.camera_sigma[0]])
    value = scale * np.concatenate([common, of_camera[0]])
    sigma = scale * np.sqrt(np.maximum(np.diag(covariance)[: len(scale)], 0.0))
    return {name: (float(v), float(s)) for name, v, s in zip(POSE_ERRORS, value, sigma, strict=True)}


def _control_misses(
    control: Sequence[ControlSighting], cameras: Sequence[Camera], poses: Sequence[CameraPose], terrain: Terrain
) -> FloatArray:
    misses = np.full(len(control), np.nan)
    for frame in {point.frame for point in control}:
        rows = [row for row, point in enumerate(control) if point.frame == frame]
        uv = np.array([control[row].uv for row in rows], dtype=np.float64)
        places = pixel_to_ground(uv, cameras[frame], poses[frame], terrain).xy_m
        misses[rows] = np.hypot(*(places - np.array([control[row].xy_m for row in rows])).T)
    return misses


def located(ties: TiePoints, cameras: Sequence[Camera], poses: Sequence[CameraPose], terrain: Terrain) -> FloatArray:
    """Each sighting put on the ground by its own frame alone: (m, 2) metres in the poses' CRS, NaN where it is not."""
    places = np.full((len(ties), 2), np.nan)
    for frame in sorted(ties.connected):
        rows = ties.frame == frame
        places[rows] = pixel_to_ground(ties.uv[rows], cameras[frame], poses[frame], terrain).xy_m
    return places


def spread_of(ties: TiePoints, cameras: Sequence[Camera], poses: Sequence[CameraPose], terrain: Terrain) -> FloatArray:
    """How far apart the frames put the same spot.

    Args:
        ties: spots that were not used to correct anything, where a gain is to be measured.
        cameras: of each frame.
        poses: of each frame, in one CRS.
        terrain: the ground.

    Returns:
        (t,) metres: root mean square distance of a spot's located sightings from their mean, made unbiased for their
        number. NaN where fewer than two frames put it on the ground.
    """
    places = located(ties, cameras, poses, terrain)
    good = np.isfinite(places).all(axis=1)
    count = np.bincount(ties.track[good], minlength=ties.tracks)
    middle = _means(places, ties.track, ties.tracks)
    off = ((places - middle[ties.track])[good] ** 2).sum(axis=1)
    total = np.bincount(ties.track[good], weights=off, minlength=ties.tracks)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count >= 2, np.sqrt(total / (count - 1)), np.nan)


def _means(places: FloatArray, track: RowArray, tracks: int) -> FloatArray:
    """(t, 2) mean of the finite places of each spot; NaN where there is none."""
    good = np.isfinite(places).all(axis=1)
    count = np.bincount(track[good], minlength=tracks)
    sums = [np.bincount(track[good], weights=places[good, axis], minlength=tracks) for axis in (0, 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.column_stack(sums) / np.where(count, count, np.nan)[:, None])


def overlapping(
    cameras: Sequence[Camera], poses: Sequence[CameraPose], terrain: Terrain, *, most: int = 12
) -> list[tuple[int, int]]:
    """Which pictures can share ground, as far as their poses and the doubt of these say.

    Args:
        cameras: of each frame.
        poses: of each frame, in one CRS.
        terrain: the ground.
        most: so many nearest neighbours of each picture.

    Returns:
        Pairs (i, j), i < j, in order.
    """
    boxes = np.array([_box(camera, pose, terrain) for camera, pose in zip(cameras, poses, strict=True)]).reshape(-1, 4)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    pairs: set[tuple[int, int]] = set()
    for i in range(len(boxes)):
        meets = (boxes[i, :2] <= boxes[:, 2:]).all(axis=1) & (boxes[:, :2] <= boxes[i, 2:]).all(axis=1)
        others = np.setdiff1d(np.flatnonzero(meets), [i])
        near = others[np.argsort(np.hypot(*(middle[others] - middle[i]).T), kind="stable")][:most]
        pairs.update((min(i, int(j)), max(i, int(j))) for j in near)
    return sorted(pairs)


def _box(camera: Camera, pose: CameraPose, terrain: Terrain) -> FloatArray:
    """West, south, east, north of what a picture sees, widened by its doubt; NaN where it sees no ground."""
    u = np.linspace(0.0, camera.width_px, _GRID)
    v = np.linspace(0.0, camera.height_px, _GRID)
    grid = np.array(np.meshgrid(u, v)).reshape(2, -1).T
    points = pixel_to_ground(grid, camera, pose, terrain)
    xy = points.xy_m[points.ok]
    if not len(xy):
        return np.full(4, np.nan)
    doubt = 2.0 * float(np.sqrt(np.median(points.covariance_m2[points.ok][:, [0, 1], [0, 1]].max(axis=1))))
    return np.concatenate([xy.min(axis=0) - doubt, xy.max(axis=0) + doubt])
