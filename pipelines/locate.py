"""Putting boxes on the ground: pose from the tags, a ray through the box, and an ellipse that says how sure.

Without attitude there is no position: a camera that wrote no gimbal angles is refused, never taken as looking down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import shapely

from geo.camera import Camera, camera_of
from geo.crs import convergence_deg, unproject
from geo.errors import GeoError
from geo.footprint import footprint_of
from geo.ground import GroundPoints, pixel_to_ground
from geo.pose import CameraPose, pose_of
from geo.tags import Tags
from geo.terrain import Dem, Terrain, flat
from geo.types import LonLat
from geo.uncertainty import ellipse_of
from pipelines.errors import Refusal
from pipelines.records import (
    Done,
    Frame,
    FrameDetection,
    FrameFootprint,
    GroundEllipse,
    Observation,
    Outcome,
    Refused,
    Status,
)
from pipelines.settings import LocateSettings

SHARE_OF_SIDE_SQUARED = {
    "dust_plume": 1 / 4, "smoke": 1 / 4, "discharge": 1 / 4, "foam": 1 / 12, "bare_soil": 1 / 12,
}  # fmt: skip
"""What joins the ellipse of a thing that is no point, as a share of its box's squared side on the ground.

A plume starts at one of its ends, upwind, and a discharge at its mouth: all of the variance that a box allows, 1/4.
Soil and foam lie anywhere in theirs: uniform, 1/12."""


@dataclass(frozen=True, slots=True)
class FrameToLocate:
    """A frame with the boxes that were found in it, and the key of this work, which names its rows."""

    frame: Frame
    detections: tuple[FrameDetection, ...]
    key: str


@dataclass(frozen=True, slots=True)
class LocatedFrame:
    """What the frame sees of the ground, and where each of its boxes lies."""

    footprint: FrameFootprint
    observations: tuple[Observation, ...]


def run(work: Iterable[FrameToLocate], *, as_of: datetime, run_id: str, settings: LocateSettings) -> Iterator[Outcome]:
    """Put the detections of each frame on the ground.

    Yields, one for each frame and in its order, `Done(frame id, LocatedFrame)` or `Refused(frame id, reason, detail)`.
    A box that has no place (above the horizon, off the terrain, ellipse too large) keeps its reason in its observation.
    """
    terrain = terrain_of(settings.terrain)
    for item in work:
        try:
            tags = Tags.from_json(item.frame.tags)
            camera = camera_in(item.frame) or camera_of(tags)
            pose = pose_of(tags, terrain)
            observations = _observations(item, camera, pose, terrain, as_of, settings)
            footprint = _footprint(item.frame, camera, pose, terrain)
        except GeoError as error:
            yield Refused(item.frame.id, error.reason, error.detail)
            continue
        yield Done(item.frame.id, LocatedFrame(footprint, observations))


def camera_in(frame: Frame) -> Camera | None:
    """The camera that the operator gave with the flight, where one was given."""
    given = frame.tags.get("camera")
    return Camera.from_json(given) if given else None


def require_terrain(settings: LocateSettings) -> None:
    """Look whether the height model can be opened, before any frame could be blamed for it.

    Raises:
        Refusal: it is not there, or is none.
    """
    try:
        terrain_of(settings.terrain)
    except GeoError as error:
        raise Refusal(settings.terrain, error.reason, error.detail) from error


def terrain_digest(settings: LocateSettings) -> str | None:
    """SHA-256 of the height model in use: part of the key by which a frame counts as located."""
    if not settings.terrain:
        return None
    try:
        held = Path(settings.terrain).stat()
    except OSError as error:
        raise Refusal(settings.terrain, "unreadable_terrain", error.strerror or "") from error
    return _file_digest(settings.terrain, held.st_mtime_ns, held.st_size)


@cache
def _file_digest(path: str, changed_at_ns: int, size_bytes: int) -> str:
    """SHA-256 of a file; read again only where its time or size is another."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def terrain_of(path: str) -> Terrain:
    """Ground heights from a file, or flat ground at the height of take-off."""
    return Dem.open(Path(path)) if path else flat()


def _observations(
    item: FrameToLocate,
    camera: Camera,
    pose: CameraPose,
    terrain: Terrain,
    as_of: datetime,
    settings: LocateSettings,
) -> tuple[Observation, ...]:
    if not item.detections:
        return ()
    anchors = np.array([anchor_of(d, pose, settings) for d in item.detections])
    points = pixel_to_ground(anchors, camera, pose, terrain)
    covariance = points.covariance_m2 + _extents_m2(item.detections, points, camera, pose, terrain)
    here = unproject(points.xy_m, pose.crs)
    gamma = convergence_deg(LonLat(*unproject(np.array([[pose.x_m, pose.y_m]]), pose.crs)[0]), pose.crs)
    ellipses = ellipse_of(covariance, gamma)
    reasons = points.reasons()
    rows = []
    for i, detection in enumerate(item.detections):
        status, reason = _verdict(reasons[i], float(ellipses[i, 0]), settings)
        ground = _ground(points, i, here[i], covariance[i], ellipses[i], pose.crs) if status is Status.OK else None
        rows.append(_observation(item, detection, status, reason, ground, float(points.gsd_m[i]), as_of))
    return tuple(rows)


def anchor_of(detection: FrameDetection, pose: CameraPose, settings: LocateSettings) -> tuple[float, float]:
    """The pixel that stands for the thing's place: the middle from above, where it meets the ground from aside."""
    u0, v0, u1, v1 = detection.box
    from_above = pose.pitch_deg <= -90.0 + settings.nadir_within_deg or detection.label in {
        "discharge",
        "foam",
        "bare_soil",
    }
    return (u0 + u1) / 2, (v0 + v1) / 2 if from_above else v1


def _extents_m2(
    detections: Sequence[FrameDetection], points: GroundPoints, camera: Camera, pose: CameraPose, terrain: Terrain
) -> np.ndarray:
    """(n, 2, 2) covariance of where in its box the source lies, as `SHARE_OF_SIDE_SQUARED` says.

    The sides are the ground distances between the middles of opposite edges; where one of these does not meet the
    ground (a plume that reaches above the horizon) the other side's length stands for it.
    """
    box = np.array([d.box for d in detections])
    mid_u, mid_v = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    edges = np.stack(
        [
            np.column_stack([box[:, 0], mid_v]), np.column_stack([box[:, 2], mid_v]),
            np.column_stack([mid_u, box[:, 1]]), np.column_stack([mid_u, box[:, 3]]),
        ]
    )  # fmt: skip
    xy = pixel_to_ground(edges.reshape(-1, 2), camera, pose, terrain).xy_m.reshape(4, -1, 2)
    across, along = xy[1] - xy[0], xy[3] - xy[2]
    turned = np.column_stack([-across[:, 1], across[:, 0]])
    along = np.where(np.isfinite(along), along, turned)
    spread = across[:, :, None] * across[:, None, :] + along[:, :, None] * along[:, None, :]
    share = np.array([SHARE_OF_SIDE_SQUARED.get(d.label, 0.0) for d in detections])
    return share[:, None, None] * np.nan_to_num(spread)


def _verdict(reason: str | None, sigma_major_m: float, settings: LocateSettings) -> tuple[Status, str | None]:
    if reason is not None:
        return Status.REFUSED, reason
    if not sigma_major_m <= settings.max_sigma_major_m:
        return Status.REFUSED, "ellipse_too_large"
    return Status.OK, None


def _ground(
    points: GroundPoints, i: int, here: np.ndarray, covariance: np.ndarray, ellipse: np.ndarray, crs: str
) -> GroundEllipse:
    return GroundEllipse(
        lon=round(float(here[0]), 9), lat=round(float(here[1]), 9), elevation_m=round(float(points.height_m[i]), 3),
        crs=crs, x_m=round(float(points.xy_m[i, 0]), 4), y_m=round(float(points.xy_m[i, 1]), 4),
        cov_xx_m2=round(float(covariance[0, 0]), 6), cov_xy_m2=round(float(covariance[0, 1]), 6),
        cov_yy_m2=round(float(covariance[1, 1]), 6), sigma_major_m=round(float(ellipse[0]), 4),
        sigma_minor_m=round(float(ellipse[1]), 4), sigma_azimuth_deg=round(float(ellipse[2]), 4),
    )  # fmt: skip


def _observation(
    item: FrameToLocate,
    detection: FrameDetection,
    status: Status,
    reason: str | None,
    ground: GroundEllipse | None,
    gsd_m: float,
    as_of: datetime,
) -> Observation:
    frame, text = item.frame, f"{item.key} {detection.id}"
    return Observation(
        id="ob-" + hashlib.sha256(text.encode()).hexdigest()[:16], detection_id=detection.id, frame_id=frame.id,
        flight_id=frame.flight_id, label=detection.label, confidence=detection.confidence,
        probability=detection.probability, status=status, reason=reason, ground=ground,
        gsd_m=round(gsd_m, 5) if gsd_m == gsd_m else None, observed_at=frame.observed_at, received_at=as_of,
    )  # fmt: skip


def _footprint(frame: Frame, camera: Camera, pose: CameraPose, terrain: Terrain) -> FrameFootprint:
    seen = footprint_of(camera, pose, terrain)
    camera_at = unproject(np.array([[pose.x_m, pose.y_m]]), pose.crs)[0]
    return FrameFootprint(
        frame_id=frame.id, status=Status(seen.status), reason=seen.reason,
        polygon_wkb=None if seen.polygon is None else shapely.to_wkb(seen.polygon), gsd_m=seen.gsd_m,
        camera_lon=float(camera_at[0]), camera_lat=float(camera_at[1]),
    )  # fmt: skip
