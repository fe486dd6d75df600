"""Frames, and what they see of the ground."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from pipelines.records import Frame, FrameFootprint
from pipelines.store import rows
from pipelines.store.canonical import instant, instant_or_none, to_json
from pipelines.store.errors import UnknownRow
from pipelines.store.home import Store

ALL = """
SELECT * FROM frame
WHERE (?1 IS NULL OR received_at <= ?1) AND (?2 IS NULL OR flight_id = ?2)
ORDER BY flight_id, name, time_s, id
"""
BY_FILE = "SELECT * FROM frame WHERE file_sha256 IN (SELECT value FROM json_each(?)) ORDER BY file_sha256, time_s"
SEEN = """
SELECT f.* FROM frame AS f JOIN frame_footprint_span AS p ON p.frame_id = f.id
WHERE f.observed_at BETWEEN ?1 AND ?2 AND f.received_at <= ?3
  AND p.known_from <= ?3 AND (p.known_until IS NULL OR p.known_until > ?3)
  AND ?4 BETWEEN p.min_lon AND p.max_lon AND ?5 BETWEEN p.min_lat AND p.max_lat
ORDER BY f.observed_at, f.id
"""
FOOTPRINTS = """
SELECT p.* FROM frame_footprint_span AS p JOIN frame AS f ON f.id = p.frame_id
WHERE CASE WHEN ?1 IS NULL THEN p.superseded_by_run IS NULL
    ELSE p.known_from <= ?1 AND (p.known_until IS NULL OR p.known_until > ?1) END
  AND (?2 IS NULL OR f.flight_id = ?2)
"""


def all(store: Store, *, as_of: datetime | None = None, flight_id: str | None = None) -> list[Frame]:
    """All frames, or those received by an instant, or those of a flight; in order of flight and name."""
    return [rows.frame_of(row) for row in store.rows(ALL, (instant_or_none(as_of), flight_id))]


def get(store: Store, frame_id: str) -> Frame:
    """One frame.

    Raises:
        UnknownRow: no such frame.
    """
    row = store.row("SELECT * FROM frame WHERE id = ?", (frame_id,))
    if row is None:
        raise UnknownRow(f"frame {frame_id}")
    return rows.frame_of(row)


def by_file(store: Store, sha256s: Iterable[str]) -> dict[str, list[Frame]]:
    """The frames of these originals, by the original's SHA-256; originals without frames are left out."""
    found = defaultdict(list)
    for row in store.rows(BY_FILE, (to_json(list(sha256s)),)):
        found[row["file_sha256"]].append(rows.frame_of(row))
    return dict(found)


def that_saw(store: Store, lon: float, lat: float, *, since: datetime, until: datetime, as_of: datetime) -> list[Frame]:
    """Frames of a stretch of time in the box around whose footprint a place (degrees, WGS 84) lies."""
    return [rows.frame_of(row) for row in store.rows(SEEN, (instant(since), instant(until), instant(as_of), lon, lat))]


def footprints(
    store: Store, *, as_of: datetime | None = None, flight_id: str | None = None
) -> dict[str, FrameFootprint]:
    """What frames see of the ground, as known now or at an instant, by frame id; one not looked at yet is left out."""
    found = store.rows(FOOTPRINTS, (instant_or_none(as_of), flight_id))
    return {row["frame_id"]: rows.footprint_of(row) for row in found}
