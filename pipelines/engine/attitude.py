"""Frames that hold no attitude, matched to an orthophoto: what is found holds from a person's act on.

`yaoxun run` then locates exactly the frames that were matched; those that were not stay `no_attitude`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from geo.attitude_match import ORTHO_SIGMA_M, attitude_by_ortho
from geo.camera import camera_of
from geo.errors import GeoError, NoAttitude
from geo.pose import stand_of
from geo.positioning import Positioning
from geo.resection import Resected
from geo.tags import Tags
from geo.terrain import Terrain
from geo.tie_points import grey_picture
from geo.types import AnyArray
from models.errors import ModelsError
from models.vision.pictures import read_frame
from pipelines import locate
from pipelines.casework.flight_geometry import UNDONE, correct_flight
from pipelines.casework.flight_papers import known_flight
from pipelines.casework.people import permitted
from pipelines.engine.execute import Progress, silent
from pipelines.engine.geometry import ACT, Corrected
from pipelines.engine.stage import Context
from pipelines.errors import Refusal
from pipelines.records import Frame, FrameCorrection, Refused
from pipelines.store import Store, files
from pipelines.store.canonical import sha256_of_text, to_json
from pipelines.store.files import sha256_of
from pipelines.store.read import derived
from pipelines.store.read import frames as read_frames
from pipelines.store.read import geometry as read
from pipelines.version import CODE_VERSION

KIND = "adjusted"
BASEMAP = ("basemap", "home")


@dataclass(frozen=True, slots=True)
class Ortho:
    """What is matched to: the file, its hash, and by how much it may lie off as a whole (1 σ, metres)."""

    path: Path
    sha256: str
    sigma_m: float


def match_flight(
    store: Store,
    flight_id: str,
    context: Context,
    *,
    ortho: Path | None = None,
    ortho_sigma_m: float = ORTHO_SIGMA_M,
    by: str | None,
    progress: Progress = silent,
) -> Corrected:
    """Find where the frames of a flight looked that hold no attitude.

    Args:
        store: the home.
        flight_id: a flight of it.
        context: instant and settings (the terrain).
        ortho: what to match to; the home's basemap where None.
        ortho_sigma_m: by how much it may lie off as a whole.
        by: who has it done; needs the right to `flight_geometry`.
        progress: told how many frames are through.

    Returns:
        What came of it; each frame that was not matched is refused with its reason.

    Raises:
        Refusal: the role may not, `unknown_flight`, `no_orthophoto`, `attitude_known` where every frame has one,
            `no_attitude` where none was matched.
    """
    known_flight(store, flight_id, context.as_of)
    permitted(store, by, ACT, at=context.as_of)
    locate.require_terrain(context.settings.locate)
    terrain = locate.terrain_of(context.settings.locate.terrain)
    ground, chart = locate.terrain_digest(context.settings.locate), _ortho(store, ortho, ortho_sigma_m)
    wanted = _without_attitude(store, flight_id, context, terrain)
    trust = locate.trust_of(context.settings.locate)
    key = _key(wanted, chart, ground, trust)
    now = read.current(store, flight_id)
    if now is not None and now.key == key:
        act = correct_flight(
            store, flight_id, kind=now.kind, key=key, ties=now.ties, control=now.control, source=None,
            terrain_sha256=ground, report=now.report, corrections=(), by=by, at=context.as_of,
        )  # fmt: skip
        return Corrected(act, now.report, ())
    found, refused = _matched(store, wanted, chart, terrain, trust, progress)
    if not found:
        raise Refusal(flight_id, NoAttitude.reason, f"{refused[0].item}: {refused[0].detail}" if refused else "")
    report = _report(found, refused, chart)
    standing = _standing(store, flight_id, ground, {frame.id for frame, _ in found})
    act = correct_flight(
        store, flight_id, kind=KIND, key=key, ties=True, control=(), source=None, terrain_sha256=ground, report=report,
        corrections=[*standing, *(_correction(frame, one) for frame, one in found)], by=by, at=context.as_of,
    )  # fmt: skip
    return Corrected(act, report, tuple(refused))


def _ortho(store: Store, given: Path | None, sigma_m: float) -> Ortho:
    if given is not None:
        if not given.is_file():
            raise Refusal(str(given), "no_such_file")
        return Ortho(given, sha256_of(given), sigma_m)
    held = derived.current(store, *BASEMAP)
    if held is None:
        raise Refusal("basemap", "no_orthophoto")
    return Ortho(store.home / held.path, held.sha256, sigma_m)


def _without_attitude(store: Store, flight_id: str, context: Context, terrain: Terrain) -> list[tuple[Frame, Tags]]:
    """These frames, with their tags and what the flight says of them."""
    every = read_frames.all(store, flight_id=flight_id)
    doubts = locate.doubts_in(every, context.settings.locate)
    wanted = []
    for frame in every:
        try:
            locate.view_of(frame, terrain, doubts[frame.id], trust=locate.trust_of(context.settings.locate))
        except NoAttitude:
            wanted.append((frame, doubts[frame.id].applied(Tags.from_json(frame.tags))))
        except GeoError:
            continue  # no position, turned, no lens: an attitude would not help it, and its own reason stands
    if not wanted:
        raise Refusal(flight_id, "attitude_known")
    return wanted


def _key(frames: Sequence[tuple[Frame, Tags]], chart: Ortho, terrain_sha256: str | None, trust: Positioning) -> str:
    parts = {
        "frames": [[frame.id, dict(frame.tags), tags.to_json()] for frame, tags in frames],
        "ortho": [chart.sha256, chart.sigma_m], "terrain": terrain_sha256, "trust": asdict(trust),
        "code": CODE_VERSION,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _matched(
    store: Store,
    frames: Sequence[tuple[Frame, Tags]],
    chart: Ortho,
    terrain: Terrain,
    trust: Positioning,
    progress: Progress,
) -> tuple[list[tuple[Frame, Resected]], list[Refused]]:
    found: list[tuple[Frame, Resected]] = []
    refused: list[Refused] = []
    for frame, tags in frames:
        try:
            camera = locate.camera_in(frame) or camera_of(tags)
            stand = stand_of(tags, terrain, trust)
            grey = _grey(store, frame)
            found.append((frame, attitude_by_ortho(
                grey, camera, stand, chart.path, terrain, ortho_sigma_m=chart.sigma_m,
            )))  # fmt: skip
        except (GeoError, ModelsError) as error:
            refused.append(Refused(frame.name, error.reason, error.detail))
        progress("attitude", len(found) + len(refused), len(frames))
    return found, refused


def _grey(store: Store, frame: Frame) -> AnyArray:
    path = files.path_of(store, frame.file_sha256)
    if frame.time_s is None:
        return grey_picture(path)
    return np.asarray(cv2.cvtColor(read_frame(path, frame.time_s), cv2.COLOR_RGB2GRAY))


def _report(found: Sequence[tuple[Frame, Resected]], refused: Sequence[Refused], chart: Ortho) -> dict[str, Any]:
    return {
        "frames": len(found), "not_matched": len(refused), "matched_to_sha256": chart.sha256,
        "ortho_sigma_m": chart.sigma_m,
        "matched": {
            frame.name: {
                "points": one.points, "misfit_px": round(one.misfit_px, 2),
                "yaw_grid_deg": round(one.pose.yaw_grid_deg, 2), "pitch_deg": round(one.pose.pitch_deg, 2),
                "roll_deg": round(one.pose.roll_deg, 2), "sigma_tilt_deg": round(one.pose.sigma_pitch_deg, 2),
            }
            for frame, one in found
        },
    }  # fmt: skip


def _standing(store: Store, flight_id: str, terrain_sha256: str | None, anew: set[str]) -> list[FrameCorrection]:
    """Corrections of other frames of the flight that hold now, and go on holding."""
    now = read.current(store, flight_id)
    if now is None or now.kind == UNDONE:
        return []
    mine = {frame.id for frame in read_frames.all(store, flight_id=flight_id)}
    held = read.corrections(store, terrain_sha256)
    return [row for frame_id, row in sorted(held.items()) if frame_id in mine - anew]


def _correction(frame: Frame, found: Resected) -> FrameCorrection:
    told = [found.camera.to_json(), found.pose.to_json()]
    return FrameCorrection(frame.id, told[0], told[1], sha256_of_text(to_json(told)))
