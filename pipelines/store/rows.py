"""Records into cells and back: one place for each record that is stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from sqlite3 import Row
from typing import Any

from pipelines.records import (
    Alert,
    Flight,
    Frame,
    FrameDetection,
    FrameFootprint,
    GroundEllipse,
    Job,
    Observation,
    Provenance,
    Reason,
    Run,
    Status,
    StoredFile,
    TrackSummary,
    User,
    Verdict,
)
from pipelines.store.canonical import from_instant, from_instant_or_none, instant, instant_or_none, to_json

GROUND = (
    "lon",
    "lat",
    "elevation_m",
    "crs",
    "x_m",
    "y_m",
    "cov_xx_m2",
    "cov_xy_m2",
    "cov_yy_m2",
    "sigma_major_m",
    "sigma_minor_m",
    "sigma_azimuth_deg",
)
"""The columns of a place on the ground, in `alert` and in `observation`."""


def reasons_json(reasons: Iterable[Any]) -> str:
    """Reasons with their figures (anything with `code` and `values`) as canonical JSON."""
    return to_json([{"code": r.code, "values": dict(r.values)} for r in reasons])


def reasons_of(text: str) -> tuple[Reason, ...]:
    """The reasons again."""
    return tuple(Reason(r["code"], r["values"]) for r in json.loads(text))


def file_cells(file: StoredFile) -> tuple[Any, ...]:
    """In the order of the table."""
    return file.sha256, file.size_bytes, file.name, file.media_type, instant(file.received_at)


def file_of(row: Row) -> StoredFile:
    """A row of `file`."""
    return StoredFile(
        row["sha256"], row["size_bytes"], row["name"], row["media_type"], from_instant(row["received_at"])
    )


def run_cells(run: Run) -> tuple[Any, ...]:
    """In the order of the table."""
    return (
        run.id,
        run.stage,
        instant(run.as_of),
        instant(run.started_at),
        instant_or_none(run.ended_at),
        run.code_version,
        run.settings_sha256,
        run.model_sha256,
        run.policy_version,
        run.seed,
        run.done,
        run.skipped,
        run.refused,
        run.failed,
    )


def run_of(row: Row) -> Run:
    """A row of `run`."""
    cells = dict(row)
    for name in ("as_of", "started_at"):
        cells[name] = from_instant(cells[name])
    return Run(**{**cells, "ended_at": from_instant_or_none(row["ended_at"])})


def flight_of(row: Row) -> Flight:
    """A row of `flight`."""
    return Flight(row["id"], row["name"], row["added_by"], from_instant(row["received_at"]))


def frame_cells(frame: Frame, run_id: str) -> tuple[Any, ...]:
    """In the order of the table."""
    return (
        frame.id,
        frame.flight_id,
        frame.file_sha256,
        frame.name,
        frame.kind,
        frame.time_s,
        instant_or_none(frame.observed_at),
        instant(frame.received_at),
        frame.width_px,
        frame.height_px,
        to_json(dict(frame.tags)),
        reasons_json(frame.warnings),
        run_id,
    )


def frame_of(row: Row) -> Frame:
    """A row of `frame`."""
    return Frame(
        id=row["id"],
        flight_id=row["flight_id"],
        file_sha256=row["file_sha256"],
        name=row["name"],
        kind=row["kind"],
        time_s=row["time_s"],
        observed_at=from_instant_or_none(row["observed_at"]),
        received_at=from_instant(row["received_at"]),
        width_px=row["width_px"],
        height_px=row["height_px"],
        tags=json.loads(row["tags"]),
        warnings=reasons_of(row["warnings"]),
    )


def track_cells(track: TrackSummary, received_at: str, run_id: str) -> tuple[Any, ...]:
    """In the order of the table."""
    return (
        track.file_sha256,
        track.flight_id,
        track.name,
        track.format,
        track.frames,
        track.dropped,
        None if track.first is None else to_json(dict(track.first)),
        None if track.last is None else to_json(dict(track.last)),
        reasons_json(track.warnings),
        received_at,
        run_id,
    )


def track_of(row: Row) -> TrackSummary:
    """A row of `track`."""
    return TrackSummary(
        file_sha256=row["file_sha256"],
        flight_id=row["flight_id"],
        name=row["name"],
        format=row["format"],
        frames=row["frames"],
        dropped=row["dropped"],
        first=_json_or_none(row["first"]),
        last=_json_or_none(row["last"]),
        warnings=reasons_of(row["warnings"]),
    )


def detection_cells(detection: FrameDetection, provenance: Provenance, received_at: str) -> dict[str, Any]:
    """By column name; what `write.sources` derives is left to it."""
    u0, v0, u1, v1 = detection.box
    return {
        "id": detection.id,
        "frame_id": detection.frame_id,
        "label": detection.label,
        "u0": u0,
        "v0": v0,
        "u1": u1,
        "v1": v1,
        "confidence": detection.confidence,
        "probability": detection.probability,
        "cues": to_json({name: float(value) for name, value in detection.cues.items()}),
        "model": detection.model,
        "model_sha256": detection.model_sha256,
        "received_at": received_at,
        "run_id": provenance.run_id,
    }


def detection_of(row: Row) -> FrameDetection:
    """A row of `detection`."""
    return FrameDetection(
        id=row["id"],
        frame_id=row["frame_id"],
        label=row["label"],
        box=(row["u0"], row["v0"], row["u1"], row["v1"]),
        confidence=row["confidence"],
        probability=row["probability"],
        cues=json.loads(row["cues"]),
        model=row["model"],
        model_sha256=row["model_sha256"],
    )


def footprint_of(row: Row) -> FrameFootprint:
    """A row of `frame_footprint`."""
    return FrameFootprint(
        frame_id=row["frame_id"],
        status=Status(row["status"]),
        reason=row["reason"],
        polygon_wkb=row["polygon_wkb"],
        gsd_m=row["gsd_m"],
        camera_lon=row["camera_lon"],
        camera_lat=row["camera_lat"],
    )


def ground_cells(ground: GroundEllipse | None) -> dict[str, Any]:
    """By column name; all None where there is no place."""
    return {name: None if ground is None else getattr(ground, name) for name in GROUND}


def ground_of(row: Row) -> GroundEllipse:
    """The place that a row of `alert` or `observation` holds."""
    return GroundEllipse(**{name: row[name] for name in GROUND})


def observation_cells(observation: Observation, provenance: Provenance, received_at: str) -> dict[str, Any]:
    """By column name; what `write.sources` derives is left to it."""
    return {
        "id": observation.id,
        "detection_id": observation.detection_id,
        "frame_id": observation.frame_id,
        "flight_id": observation.flight_id,
        "label": observation.label,
        "confidence": observation.confidence,
        "probability": observation.probability,
        "status": observation.status.value,
        "reason": observation.reason,
        **ground_cells(observation.ground),
        "shared": None if observation.shared is None else to_json([list(axis) for axis in observation.shared]),
        "gsd_m": observation.gsd_m,
        "observed_at": instant_or_none(observation.observed_at),
        "received_at": received_at,
        "run_id": provenance.run_id,
    }


def observation_of(row: Row) -> Observation:
    """A row of `observation`."""
    return Observation(
        id=row["id"],
        detection_id=row["detection_id"],
        frame_id=row["frame_id"],
        flight_id=row["flight_id"],
        label=row["label"],
        confidence=row["confidence"],
        probability=row["probability"],
        status=Status(row["status"]),
        reason=row["reason"],
        ground=None if row["lon"] is None else ground_of(row),
        gsd_m=row["gsd_m"],
        observed_at=from_instant_or_none(row["observed_at"]),
        received_at=from_instant(row["received_at"]),
        shared=None if row["shared"] is None else tuple(tuple(axis) for axis in json.loads(row["shared"])),
    )


def alert_cells(alert: Alert, provenance: Provenance) -> dict[str, Any]:
    """By column name."""
    return {
        "id": alert.id,
        "kind": alert.kind,
        "probability": alert.probability,
        "confidence": alert.confidence,
        **ground_cells(alert.ground),
        "observed_at": instant(alert.observed_at),
        "received_at": instant(alert.received_at),
        "why": reasons_json(alert.why),
        "alternatives": reasons_json(alert.alternatives),
        "run_id": provenance.run_id,
        "policy_version": provenance.policy_version,
    }


def alert_of(row: Row) -> Alert:
    """A row of `alert`."""
    return Alert(
        id=row["id"],
        kind=row["kind"],
        probability=row["probability"],
        confidence=row["confidence"],
        ground=ground_of(row),
        observed_at=from_instant(row["observed_at"]),
        received_at=from_instant(row["received_at"]),
        why=reasons_of(row["why"]),
        alternatives=reasons_of(row["alternatives"]),
    )


def user_of(row: Row) -> User:
    """A row of `app_user`."""
    return User(row["id"], row["name"], row["role"], bool(row["simulated"]))


def verdict_of(row: Row) -> Verdict:
    """A row of `verdict`."""
    return Verdict(
        id=row["id"],
        alert_id=row["alert_id"],
        value=row["value"],
        by=row["by"],
        role=row["role"],
        at=from_instant(row["at"]),
        reason=row["reason"],
        simulated=bool(row["simulated"]),
        really=row["really"],
        duplicate_of=row["duplicate_of"],
        needs_second=bool(row["needs_second"]),
        seconds=row["seconds"],
        undoes=row["undoes"],
    )


def job_of(row: Row) -> Job:
    """A row of `job`."""
    return Job(
        id=row["id"],
        kind=row["kind"],
        payload=json.loads(row["payload"]),
        state=row["state"],
        due_at=from_instant(row["due_at"]),
        leased_until=from_instant_or_none(row["leased_until"]),
        lease_owner=row["lease_owner"],
        attempts=row["attempts"],
        reason=row["reason"],
        asked_by=row["asked_by"],
        asked_at=from_instant(row["asked_at"]),
    )


def _json_or_none(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else json.loads(text)


def insert_statement(table: str, cells: Iterable[str], derived: Mapping[str, str] | None = None) -> str:
    """`INSERT` with a named place for each of these columns. Table, column names and expressions are ours, never input.

    Args:
        table: the table.
        cells: the columns whose values are given.
        derived: further columns, each with the SQL expression that finds its value; it may name the given ones' places.
    """
    found = {name: f":{name}" for name in cells} | dict(derived or {})
    columns, places = ", ".join(found), ", ".join(found.values())
    return f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
