"""Deliveries: what came, and how each frame stands at each stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pipelines.records import Flight, Status
from pipelines.store import rows
from pipelines.store.canonical import from_instant_or_none, to_json
from pipelines.store.errors import UnknownRow
from pipelines.store.home import Store
from pipelines.store.read import frames, runs
from pipelines.store.records import FlightDetail, FlightSummary, FrameState, StageState

SUMMARIES = """
SELECT f.*,
    (SELECT count(*) FROM frame WHERE flight_id = f.id) AS frames,
    (SELECT count(*) FROM track WHERE flight_id = f.id) AS tracks,
    (SELECT count(*) FROM refusal WHERE flight_id = f.id AND stage = 'intake') AS refused,
    (SELECT count(*) FROM detection AS d JOIN frame AS p ON p.id = d.frame_id
        WHERE p.flight_id = f.id AND d.superseded_by_run IS NULL) AS detections,
    (SELECT count(DISTINCT l.alert_id) FROM alert_observation AS l JOIN observation AS o ON o.id = l.observation_id
        WHERE o.flight_id = f.id AND l.ended_at IS NULL) AS alerts,
    (SELECT min(observed_at) FROM frame WHERE flight_id = f.id) AS first_observed_at,
    (SELECT max(observed_at) FROM frame WHERE flight_id = f.id) AS last_observed_at
FROM flight AS f ORDER BY f.received_at DESC, f.id DESC
"""
STAGES_OF_FLIGHTS = """
SELECT p.flight_id, w.stage, w.status, count(*) AS frames FROM work_done AS w JOIN frame AS p ON p.id = w.item
WHERE w.superseded_by_run IS NULL GROUP BY p.flight_id, w.stage, w.status
"""
STAGES_OF_FRAMES = """
SELECT w.* FROM work_done AS w JOIN frame AS p ON p.id = w.item
WHERE p.flight_id = ? AND w.superseded_by_run IS NULL ORDER BY w.id
"""
COUNTS = """
SELECT p.id,
    (SELECT count(*) FROM detection WHERE frame_id = p.id AND superseded_by_run IS NULL) AS detections,
    (SELECT count(*) FROM observation WHERE frame_id = p.id AND superseded_by_run IS NULL AND status = 'ok')
        AS observations
FROM frame AS p WHERE p.flight_id = ?
"""
FILES = """
SELECT f.sha256, f.size_bytes, l.name, f.media_type, l.received_at FROM flight_file AS l
JOIN file AS f ON f.sha256 = l.file_sha256 WHERE l.flight_id = ? ORDER BY l.name, l.id
"""
OF_FILES = """
SELECT file_sha256, flight_id FROM flight_file WHERE file_sha256 IN (SELECT value FROM json_each(?)) ORDER BY id DESC
"""


def all(store: Store) -> list[FlightSummary]:
    """All deliveries, youngest first."""
    with store.snapshot():
        stages = _stages_by_flight(store)
        found = store.rows(SUMMARIES)
    return [
        FlightSummary(
            flight=rows.flight_of(row), frames=row["frames"], tracks=row["tracks"], refused=row["refused"],
            detections=row["detections"], alerts=row["alerts"],
            first_observed_at=from_instant_or_none(row["first_observed_at"]),
            last_observed_at=from_instant_or_none(row["last_observed_at"]), stages=stages.get(row["id"], {}),
        )
        for row in found
    ]  # fmt: skip


def get(store: Store, flight_id: str) -> Flight:
    """One delivery.

    Raises:
        UnknownRow: no such flight.
    """
    row = store.row("SELECT * FROM flight WHERE id = ?", (flight_id,))
    if row is None:
        raise UnknownRow(f"flight {flight_id}")
    return rows.flight_of(row)


def detail(store: Store, flight_id: str) -> FlightDetail:
    """One delivery whole.

    Raises:
        UnknownRow: no such flight.
    """
    with store.snapshot():
        flight = get(store, flight_id)
        stages: dict[str, dict[str, StageState]] = defaultdict(dict)
        for row in store.rows(STAGES_OF_FRAMES, (flight_id,)):
            stages[row["item"]][row["stage"]] = runs.state_of(row)
        counts = {row["id"]: row for row in store.rows(COUNTS, (flight_id,))}
        footprints = frames.footprints(store, flight_id=flight_id)
        tracks = store.rows("SELECT * FROM track WHERE flight_id = ? ORDER BY name", (flight_id,))
        return FlightDetail(
            flight=flight,
            files=tuple(map(rows.file_of, store.rows(FILES, (flight_id,)))),
            frames=tuple(
                FrameState(
                    frame=frame,
                    stages=stages.get(frame.id, {}),
                    footprint=footprints.get(frame.id),
                    detections=counts[frame.id]["detections"],
                    observations=counts[frame.id]["observations"],
                )
                for frame in frames.all(store, flight_id=flight_id)
            ),
            tracks=tuple(map(rows.track_of, tracks)),
            refused=tuple(runs.refusals(store, flight_id=flight_id)),
        )


def of_files(store: Store, sha256s: Iterable[str]) -> dict[str, str]:
    """The flight with which each of these originals came first, by SHA-256; originals that are new are left out."""
    return {row["file_sha256"]: row["flight_id"] for row in store.rows(OF_FILES, (to_json(list(sha256s)),))}


def _stages_by_flight(store: Store) -> dict[str, Mapping[str, Mapping[Status, int]]]:
    found: dict[str, dict[str, dict[Status, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in store.rows(STAGES_OF_FLIGHTS):
        found[row["flight_id"]][row["stage"]][Status(row["status"])] = row["frames"]
    return {flight: {stage: dict(counts) for stage, counts in stages.items()} for flight, stages in found.items()}
