"""Correcting where a flight's cameras stood: by control points that a person gives, by the pictures' overlap, or both.

What is computed here holds from a person's act on; `yaoxun run` then locates anew exactly the frames that it corrects.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from geo.adjust import CONTRADICTION_SIGMAS, Adjusted, ControlSighting, adjust, overlapping, spread_of
from geo.control import ControlPoint, read_control
from geo.crs import project
from geo.errors import GeoError
from geo.terrain import Terrain
from geo.tie_points import NO_TIES, TiePoints, thinned, tie_points_of
from pipelines import locate
from pipelines.casework.flight_geometry import UNDONE, correct_flight
from pipelines.casework.flight_papers import known_flight
from pipelines.casework.people import permitted
from pipelines.engine.execute import Progress, silent
from pipelines.engine.posed import NO_FEATURES, Posed, features_in, posed_frames, searched
from pipelines.engine.stage import Context
from pipelines.errors import Refusal
from pipelines.records import Act, FrameCorrection, Refused, StoredFile
from pipelines.store import Store, files
from pipelines.store.canonical import sha256_of_text, to_json
from pipelines.store.read import frames as read_frames
from pipelines.store.read import geometry as read
from pipelines.store.records import FlightGeometry
from pipelines.version import CODE_VERSION

MOST_SPOTS = 3000
"""Tie points beyond so many change nothing but the time it takes."""
ACT = "flight_geometry"


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of it. `report` as docs/cli.md has it; `refused` are rows of the table, and frames without a pose."""

    act: Act
    report: Mapping[str, Any]
    refused: tuple[Refused, ...]


def control_flight(
    store: Store, flight_id: str, table: Path, context: Context, *, by: str | None, progress: Progress = silent
) -> Corrected:
    """Correct a flight by control points; an adjustment that was made before is made anew with them.

    Args:
        store: the home.
        flight_id: a flight of it.
        table: CSV as `geo.control.read_control` takes it; its original is held.
        context: instant and settings (the terrain).
        by: who gives them; needs the right to `flight_geometry`.
        progress: told how many pairs of pictures are matched.

    Raises:
        Refusal: the role may not, `unknown_flight`, `bad_control` where no row of the table can be used, or what
            `adjust_flight` refuses.
    """
    known_flight(store, flight_id, context.as_of)
    permitted(store, by, ACT, at=context.as_of)
    frames = read_frames.all(store, flight_id=flight_id)
    sizes = {frame.name: (frame.width_px, frame.height_px) for frame in frames}
    try:
        read_in = read_control(table.read_text("utf-8-sig"), sizes, table.name)
    except GeoError as error:
        raise Refusal(table.name, error.reason, error.detail) from error
    except UnicodeDecodeError as error:
        raise Refusal(table.name, "bad_control", "the table is not UTF-8") from error
    refused = [Refused(f"row {row}", "bad_control", why) for row, why in read_in.refused]
    if not read_in.points:
        raise Refusal(table.name, "bad_control", "; ".join(f"{r.item}: {r.detail}" for r in refused[:5]))
    sha256 = files.sha256_of(table)
    files.hold(store, table, sha256)
    media_type = mimetypes.guess_type(table.name)[0] or "text/csv"
    source = StoredFile(sha256, table.stat().st_size, table.name, media_type, context.as_of)
    now = read.current(store, flight_id)
    ties = now is not None and now.kind != UNDONE and now.ties
    done = _correct(store, flight_id, context, ties, read_in.points, source, by, progress)
    return replace(done, refused=(*refused, *done.refused))


def adjust_flight(
    store: Store, flight_id: str, context: Context, *, by: str | None, progress: Progress = silent
) -> Corrected:
    """Adjust a flight by the overlap of its pictures, and by the control points that hold, if any.

    Raises:
        Refusal: the role may not, `unknown_flight`, `nothing_to_adjust`, `tags_contradict_pictures`.
    """
    known_flight(store, flight_id, context.as_of)
    permitted(store, by, ACT, at=context.as_of)
    now = read.current(store, flight_id)
    points = () if now is None else tuple(_point_of(row) for row in now.control)
    return _correct(store, flight_id, context, True, points, None, by, progress)


def _point_of(row: Mapping[str, Any]) -> ControlPoint:
    return ControlPoint(**row)


def _correct(
    store: Store,
    flight_id: str,
    context: Context,
    ties: bool,
    points: Sequence[ControlPoint],
    source: StoredFile | None,
    by: str | None,
    progress: Progress,
) -> Corrected:
    locate.require_terrain(context.settings.locate)
    terrain, ground = locate.terrain_of(context.settings.locate.terrain), locate.terrain_digest(context.settings.locate)
    posed = posed_frames(store, flight_id, context, terrain)
    control = [asdict(point) for point in points]
    key = _key(posed, ties, control, ground)
    now = read.current(store, flight_id)
    if now is not None and now.key == key:
        return Corrected(_said(store, now, by, context, source), now.report, tuple(posed.refused))
    found = _tie_points(store, posed, terrain, progress) if ties else NO_TIES
    adjusted = _adjusted(flight_id, posed, terrain, found, points)
    report = _report(posed, terrain, found, adjusted)
    act = correct_flight(
        store, flight_id, kind="controlled" if points else "adjusted", key=key, ties=ties, control=control,
        source=source, terrain_sha256=ground, report=report, corrections=_corrections(posed, adjusted), by=by,
        at=context.as_of,
    )  # fmt: skip
    return Corrected(act, report, tuple(posed.refused))


def _said(store: Store, now: FlightGeometry, by: str | None, context: Context, source: StoredFile | None) -> Act:
    """The act that stands already: nothing is computed and nothing written."""
    return correct_flight(
        store, now.flight_id, kind=now.kind, key=now.key, ties=now.ties, control=now.control, source=source,
        terrain_sha256=now.terrain_sha256, report=now.report, corrections=(), by=by, at=context.as_of,
    )  # fmt: skip


def _key(posed: Posed, ties: bool, control: Sequence[Mapping[str, Any]], terrain_sha256: str | None) -> str:
    stated = [
        [f.id, c.to_json(), p.to_json()] for f, c, p in zip(posed.frames, posed.cameras, posed.poses, strict=True)
    ]
    parts = {"frames": stated, "ties": ties, "control": control, "terrain": terrain_sha256, "code": CODE_VERSION}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _tie_points(store: Store, posed: Posed, terrain: Terrain, progress: Progress) -> TiePoints:
    features, rows = [NO_FEATURES] * len(posed.frames), sorted(searched(posed.frames))
    for count, row in enumerate(rows, start=1):
        features[row] = features_in(store, posed.frames[row])
        progress("features", count, len(rows))
    cameras, poses = [posed.cameras[row] for row in rows], [posed.poses[row] for row in rows]
    pairs = [(rows[i], rows[j]) for i, j in overlapping(cameras, poses, terrain)]
    ties = tie_points_of(features, pairs=pairs, progress=lambda done, total: progress("matches", done, total))
    return thinned(ties, MOST_SPOTS, [(frame.width_px, frame.height_px) for frame in posed.frames])


def _adjusted(
    flight_id: str, posed: Posed, terrain: Terrain, ties: TiePoints, points: Sequence[ControlPoint]
) -> Adjusted:
    names = {frame.name: at for at, frame in enumerate(posed.frames)}
    missing = [point.image for point in points if point.image not in names]
    if missing:
        raise Refusal(missing[0], "control_without_pose")
    xy = project(np.array([point.place for point in points]).reshape(-1, 2), posed.poses[0].crs)
    control = [
        ControlSighting(p.name, names[p.image], (p.u, p.v), (float(x), float(y)), p.elevation_m, p.sigma_m)
        for p, (x, y) in zip(points, xy, strict=True)
    ]
    try:
        found = adjust(posed.cameras, posed.poses, terrain, ties, control)
    except GeoError as error:
        raise Refusal(flight_id, error.reason, error.detail) from error
    if found.strain > CONTRADICTION_SIGMAS:
        raise Refusal(flight_id, "tags_contradict_pictures", f"{found.strain:.1f} standard deviations")
    return found


def _report(posed: Posed, terrain: Terrain, ties: TiePoints, adjusted: Adjusted) -> dict[str, Any]:
    half, held_out = ties.halves()
    report: dict[str, Any] = {
        "frames": len(posed.frames), "tie_points": ties.tracks, "sightings": adjusted.sightings,
        "left_out": adjusted.rejected, "misfit_px": round(adjusted.misfit_px, 2), "strain": round(adjusted.strain, 2),
        "control_m": [None if np.isnan(m) else round(float(m), 2) for m in adjusted.control_m],
        "common": {name: [float(f"{v:.4g}"), float(f"{s:.2g}")] for name, (v, s) in adjusted.common.items()},
        "spread_before_m": None, "spread_after_m": None,
    }  # fmt: skip
    if half.tracks and held_out.tracks:
        other = adjust(posed.cameras, posed.poses, terrain, half)
        before = spread_of(held_out, posed.cameras, posed.poses, terrain)
        after = spread_of(held_out, other.cameras, other.poses, terrain)
        report["spread_before_m"], report["spread_after_m"] = _median(before), _median(after)
    return report


def _median(spread: np.ndarray) -> float | None:
    good = spread[np.isfinite(spread)]
    return round(float(np.median(good)), 2) if good.size else None


def _corrections(posed: Posed, adjusted: Adjusted) -> list[FrameCorrection]:
    rows = []
    for frame, camera, pose in zip(posed.frames, adjusted.cameras, adjusted.poses, strict=True):
        told = [camera.to_json(), pose.to_json()]
        rows.append(FrameCorrection(frame.id, told[0], told[1], sha256_of_text(to_json(told))))
    return rows
