"""The frames of a flight that have a pose by their tags, pictures and those of videos, to be corrected together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from geo.camera import Camera
from geo.errors import GeoError
from geo.pose import CameraPose
from geo.terrain import Terrain
from geo.tie_points import Features, features_of, grey_picture
from models.errors import ModelsError
from models.vision.pictures import read_frame
from pipelines import locate
from pipelines.engine.stage import Context
from pipelines.errors import Refusal
from pipelines.records import Frame, Refused
from pipelines.store import Store, files
from pipelines.store.read import frames as read_frames

MOST_OF_A_VIDEO = 60
"""So many frames of a video, evenly spread, are searched for tie points; the others move with them."""
NO_FEATURES = Features(np.empty((0, 2)), np.empty((0, 128), np.float32), 1.0)


@dataclass(frozen=True)
class Posed:
    """The frames that have a pose, all in one CRS, and what was refused: pictures one by one, a video once a reason."""

    frames: list[Frame] = field(default_factory=list)
    cameras: list[Camera] = field(default_factory=list)
    poses: list[CameraPose] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def posed_frames(store: Store, flight_id: str, context: Context, terrain: Terrain) -> Posed:
    """Camera and pose of every frame of a flight, by its tags and by what the other frames say of them.

    Raises:
        Refusal: no frame has a pose; with the reason of the last one.
    """
    whole = read_frames.all(store, flight_id=flight_id)
    doubts, trust = locate.doubts_in(whole, context.settings.locate), locate.trust_of(context.settings.locate)
    found = Posed()
    for frame in whole:
        reason, detail = str(doubts[frame.id].refused or ""), ""
        if not reason:
            try:
                crs = found.poses[0].crs if found.poses else None
                camera, pose = locate.view_of(frame, terrain, doubts[frame.id], crs=crs, trust=trust)
            except GeoError as error:
                reason, detail = error.reason, error.detail
        if reason:
            found.refused.append(Refused(shown_name(frame), reason, detail))
            continue
        found.frames.append(frame)
        found.cameras.append(camera)
        found.poses.append(_with_own_doubt(frame, pose))
    once = list({(one.item, one.reason): one for one in found.refused}.values())
    if not found.frames:
        first = once[-1].reason if once else "nothing_to_adjust"
        raise Refusal(flight_id, first, "no frame of this flight has a pose")
    return replace(found, refused=once)


def shown_name(frame: Frame) -> str:
    """A picture's name, or that of a frame's video."""
    return frame.name.rpartition(" @ ")[0] if frame.kind == "video_frame" else frame.name


def _with_own_doubt(frame: Frame, pose: CameraPose) -> CameraPose:
    """A video frame's pose whose doubt by lag and rounding counts as its own.

    What the receiver errs by is common to the flight; how far the aircraft flew in the time by which fixes lag is not:
    it turns with the course.
    """
    doubt = frame.tags.get("position_doubt_m") or 0.0
    if frame.kind != "video_frame" or not doubt or not pose.sigma_xy_m:
        return pose
    common = max(0.0, 1.0 - (doubt / pose.sigma_xy_m) ** 2)
    return replace(pose, shared=replace(pose.shared, xy=pose.shared.xy * common))


def searched(frames: Sequence[Frame]) -> set[int]:
    """Rows of the frames that are searched for tie points: all pictures, and of each video a number evenly spread."""
    rows: dict[str, list[int]] = {}
    for row, frame in enumerate(frames):
        rows.setdefault(frame.file_sha256, []).append(row)
    chosen: set[int] = set()
    for own in rows.values():
        chosen.update(own[k] for k in np.linspace(0, len(own) - 1, min(len(own), MOST_OF_A_VIDEO)).astype(int))
    return chosen


def features_in(store: Store, frame: Frame) -> Features:
    """What can be found again in a frame; none where a video's frame cannot be decoded."""
    original = files.path_of(store, frame.file_sha256)
    if frame.time_s is None:
        return features_of(grey_picture(original))
    try:
        return features_of(cv2.cvtColor(read_frame(original, frame.time_s), cv2.COLOR_RGB2GRAY))
    except ModelsError:
        return NO_FEATURES
