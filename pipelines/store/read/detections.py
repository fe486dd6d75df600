"""What was found in frames: the rows of whatever run wrote them last, today or by an instant."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from pipelines.records import FrameDetection
from pipelines.store import rows
from pipelines.store.canonical import instant_or_none
from pipelines.store.errors import UnknownRow
from pipelines.store.home import Store

CURRENT = """
SELECT d.* FROM detection_span AS d JOIN frame AS f ON f.id = d.frame_id
WHERE CASE WHEN ?1 IS NULL THEN d.superseded_by_run IS NULL
    ELSE d.known_from <= ?1 AND (d.known_until IS NULL OR d.known_until > ?1) END
  AND (?2 IS NULL OR f.flight_id = ?2)
ORDER BY d.frame_id, d.row
"""
CURRENT_OF = "SELECT * FROM detection WHERE frame_id = ? AND superseded_by_run IS NULL ORDER BY row"


def current(
    store: Store, *, as_of: datetime | None = None, flight_id: str | None = None
) -> dict[str, list[FrameDetection]]:
    """The detections of each frame, by frame id; a frame without any is left out.

    Args:
        store: the home.
        as_of: what was current then; default: what is current.
        flight_id: only frames of that flight.
    """
    found = defaultdict(list)
    for row in store.rows(CURRENT, (instant_or_none(as_of), flight_id)):
        found[row["frame_id"]].append(rows.detection_of(row))
    return dict(found)


def current_of(store: Store, frame_id: str) -> list[FrameDetection]:
    """The detections of one frame."""
    return [rows.detection_of(row) for row in store.rows(CURRENT_OF, (frame_id,))]


def get(store: Store, detection_id: str) -> FrameDetection:
    """One detection, as it was written last.

    Raises:
        UnknownRow: no such detection.
    """
    row = store.row("SELECT * FROM detection WHERE id = ? ORDER BY row DESC LIMIT 1", (detection_id,))
    if row is None:
        raise UnknownRow(f"detection {detection_id}")
    return rows.detection_of(row)
