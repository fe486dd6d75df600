"""Putting boxes on the ground: pose from the tags, a ray through the box, and an ellipse that says how sure.

Without attitude there is no position: a camera that wrote no gimbal angles is refused, never taken as looking down.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import shapely

from geo.camera import Camera, camera_of
from geo.camera_height import flight_height, flight_takeoff
from geo.crs import convergence_deg, metric_crs_at, project, unproject
from geo.errors import GeoError
from geo.flight_checks import FrameDoubts, doubts_of
from geo.footprint import footprint_of
from geo.fuse import shared_of
from geo.ground import GroundPoints, pixel_to_ground
from geo.pose import CameraPose, pose_of
from geo.positioning import Positioning
from geo.tags import Tags
from geo.terrain import Dem, Terrain, flat
from geo.types import LonLat
from geo.uncertainty import ellipse_of, root_of
from geo.vertical import Datum
from pipelines.errors import Refusal
from pipelines.records import (
    Done,
    Frame,
    FrameCorrection,
    FrameDetection,
    FrameFootprint,
    GroundEllipse,
    Observation,
    Outcome,
    Reason,
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

THING_SHARE = 0.9
"""How much of that is the same in every frame: the source lies at one end of the plume whoever looks. The rest is the
box's own error. Ours, as `geo.pose.SharedOfFlight`."""


@dataclass(frozen=True, slots=True)
class FrameToLocate:
    """A frame with the boxes that were found in it, and the key of this work, which names its rows.

    `doubts` is what the other frames of its flight say against its tags; `correction` what a person had corrected of
    them, which settles the doubts.
    """

    frame: Frame
    detections: tuple[FrameDetection, ...]
    key: str
    doubts: FrameDoubts = field(default_factory=FrameDoubts)
    correction: FrameCorrection | None = None


@dataclass(frozen=True, slots=True)
class LocatedFrame:
    """What the frame sees of the ground, and where each of its boxes lies."""

    footprint: FrameFootprint
    observations: tuple[Observation, ...]


def run(work: Iterable[FrameToLocate], *, as_of: datetime, run_id: str, settings: LocateSettings) -> Iterator[Outcome]:
    """Put the detections of each frame on the ground.

    Yields, one for each frame and in its order, `Done(frame id, LocatedFrame)` or `Refused(frame id, reason, detail)`.
    A box that has no place (above the horizon, off the terrain, ellipse too large) keeps its reason in its observation.
    Where the flight contradicts the frame's tags, its ellipses are wider, or it is refused, and the outcome says why.
    """
    terrain, trust = terrain_of(settings.terrain), trust_of(settings)
    for item in work:
        if item.doubts.refused and item.correction is None:
            yield Refused(item.frame.id, item.doubts.refused, doubts_text(item.doubts))
            continue
        try:
            camera, pose = view_of(item.frame, terrain, item.doubts, item.correction, trust=trust)
            observations = _observations(item, camera, pose, terrain, as_of, settings)
            footprint = _footprint(item.frame, camera, pose, terrain)
        except GeoError as error:
            yield Refused(item.frame.id, error.reason, error.detail)
            continue
        notes = tuple(Reason(doubt.word, {"figure": doubt.figure}) for doubt in item.doubts.doubts)
        first = notes[0].code if notes else None
        yield Done(item.frame.id, LocatedFrame(footprint, observations), reason=first, warnings=notes)


def view_of(
    frame: Frame,
    terrain: Terrain,
    doubts: FrameDoubts,
    correction: FrameCorrection | None = None,
    *,
    crs: str | None = None,
    trust: Positioning | None = None,
) -> tuple[Camera, CameraPose]:
    """Camera and pose of a frame: as a person had them corrected, else by its tags and what its flight says of them.

    `trust` is what the home's settings say of positions and heights (`trust_of`).

    Raises:
        GeoError: the tags do not say.
    """
    if correction is not None:
        return Camera.from_json(correction.camera), CameraPose.from_json(correction.pose)
    tags = doubts.applied(Tags.from_json(frame.tags))
    return camera_in(frame) or camera_of(tags), pose_of(tags, terrain, trust, crs=crs)


def doubts_in(frames: Sequence[Frame], settings: LocateSettings) -> dict[str, FrameDoubts]:
    """What the frames of each flight say against each other's tags, by frame id.

    Args:
        frames: of any number of flights, each flight's in the order of its files.
        settings: whose height model is asked for the ground beneath each frame, where there is one.
    """
    groups: Mapping[tuple[str, str, str], list[Frame]] = defaultdict(list)
    for frame in frames:
        camera = str(frame.tags.get("model", "")) if frame.kind == "picture" else frame.file_sha256
        groups[frame.flight_id, frame.kind, camera].append(frame)
    found: dict[str, FrameDoubts] = {}
    for group in groups.values():
        tags = [Tags.from_json(frame.tags) for frame in group]
        doubts = doubts_of(tags, _ground_beneath(tags, settings))
        told = _with_heights(doubts, tags, settings)
        found.update({frame.id: doubt for frame, doubt in zip(group, told, strict=True)})
    return found


def _with_heights(doubts: Sequence[FrameDoubts], tags: Sequence[Tags], settings: LocateSettings) -> list[FrameDoubts]:
    """What the frames of a flight say together of their heights over the model, where there is one that can be read."""
    if not settings.terrain:
        return list(doubts)
    try:
        terrain, trust = terrain_of(settings.terrain), trust_of(settings)
        takeoff = flight_takeoff(tags, terrain, trust)
        told = [replace(doubt, takeoff_m=takeoff) for doubt in doubts]
        height = flight_height([d.applied(tag) for d, tag in zip(told, tags, strict=True)], terrain, trust)
    except GeoError:
        return list(doubts)  # `require_terrain` refuses the run; here it is only not asked
    return [replace(doubt, height=height) for doubt in told]


def trust_of(settings: LocateSettings) -> Positioning:
    """What the settings say of positions and heights."""
    datum = Datum(settings.terrain_datum) if settings.terrain_datum else Datum.UNDECLARED
    return Positioning(terrain_datum=datum, rtk_base_known=settings.rtk_base_known)


def _ground_beneath(tags: Sequence[Tags], settings: LocateSettings) -> np.ndarray | None:
    """Height of the model beneath each frame, NaN where there is none; None without a model that can be read."""
    placed = [LonLat(t.lon, t.lat) if t.lon is not None and t.lat is not None else None for t in tags]
    known = [place for place in placed if place is not None]
    if not settings.terrain or not known:
        return None
    try:
        crs = metric_crs_at(known[0])
        heights = iter(terrain_of(settings.terrain).heights(project(known, crs), crs))
    except GeoError:
        return None  # `require_terrain` refuses the run; here it is only not asked
    return np.array([np.nan if place is None else float(next(heights)) for place in placed])


def doubts_text(doubts: FrameDoubts) -> str:
    """The words with their figures: 'yaw_against_track 45.8; heights_disagree -12.1'."""
    return "; ".join(f"{doubt.word} {doubt.figure:g}" for doubt in doubts.doubts)


def camera_in(frame: Frame) -> Camera | None:
    """The camera that the operator gave with the flight, where one was given, for this frame's size.

    Raises:
        BadCamera: it is for pictures of another shape.
    """
    given = frame.tags.get("camera")
    return Camera.from_json(given).for_size(frame.width_px, frame.height_px) if given else None


def require_terrain(settings: LocateSettings) -> None:
    """Look whether the height model can be opened, before any frame could be blamed for it.

    Raises:
        Refusal: it is not there, or is none; or `bad_settings`, where its datum is no word for one.
    """
    if settings.terrain_datum not in ("", *(datum.value for datum in Datum if datum is not Datum.UNDECLARED)):
        raise Refusal("settings.toml [locate] terrain_datum", "bad_settings", f"{settings.terrain_datum!r} is no datum")
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
    extents = _extents_m2(item.detections, points, camera, pose, terrain)
    covariance = points.covariance_m2 + extents
    shared = np.concatenate([shared_of(points, camera, pose, terrain), THING_SHARE**0.5 * root_of(extents)], axis=2)
    here = unproject(points.xy_m, pose.crs)
    gamma = convergence_deg(LonLat(*unproject(np.array([[pose.x_m, pose.y_m]]), pose.crs)[0]), pose.crs)
    ellipses = ellipse_of(covariance, gamma)
    reasons = points.reasons()
    rows = []
    for i, detection in enumerate(item.detections):
        status, reason = _verdict(reasons[i], float(ellipses[i, 0]), settings)
        ground = _ground(points, i, here[i], covariance[i], ellipses[i], pose.crs) if status is Status.OK else None
        row = _observation(item, detection, status, reason, ground, float(points.gsd_m[i]), as_of)
        rows.append(row if ground is None else replace(row, shared=_rounded(shared[i])))
    return tuple(rows)


def _rounded(factors: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(metres), 4) for metres in axis) for axis in factors)


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
