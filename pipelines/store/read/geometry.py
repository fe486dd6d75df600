"""How flights are corrected by people, and the poses that came of it."""

from __future__ import annotations

import json
from datetime import datetime
from sqlite3 import Row

from pipelines.records import FrameCorrection
from pipelines.store.canonical import from_instant, instant_or_none
from pipelines.store.records import FlightGeometry
from pipelines.store.transaction import Asked

HELD = """
CASE WHEN ?1 IS NULL THEN g.superseded_at IS NULL
ELSE g.at <= ?1 AND (g.superseded_at IS NULL OR g.superseded_at > ?1) END
"""
CURRENT = f"SELECT g.* FROM flight_geometry AS g WHERE {HELD} AND g.flight_id = ?2 ORDER BY g.id DESC LIMIT 1"  # noqa: S608
POSES = f"""
SELECT p.* FROM frame_pose AS p JOIN flight_geometry AS g ON g.id = p.geometry_id
WHERE {HELD} AND g.terrain_sha256 IS ?2 ORDER BY g.id, p.id
"""  # noqa: S608
HISTORY = "SELECT g.* FROM flight_geometry AS g WHERE g.flight_id = ? ORDER BY g.id"


def current(asked: Asked, flight_id: str, *, as_of: datetime | None = None) -> FlightGeometry | None:
    """How a flight is corrected now, or was at an instant; None where nobody ever said anything."""
    row = asked.row(CURRENT, (instant_or_none(as_of), flight_id))
    return None if row is None else _geometry_of(row)


def history(asked: Asked, flight_id: str) -> list[FlightGeometry]:
    """What people said of a flight's geometry, oldest first."""
    return [_geometry_of(row) for row in asked.rows(HISTORY, (flight_id,))]


def corrections(
    asked: Asked, terrain_sha256: str | None, *, as_of: datetime | None = None
) -> dict[str, FrameCorrection]:
    """The corrected cameras and poses that hold, or held at an instant, by frame id.

    Args:
        asked: the home.
        terrain_sha256: of the height model in use; a correction that was computed on another ground does not hold.
        as_of: the instant; None is now.
    """
    found = asked.rows(POSES, (instant_or_none(as_of), terrain_sha256))
    return {
        row["frame_id"]: FrameCorrection(
            row["frame_id"], json.loads(row["camera"]), json.loads(row["pose"]), row["sha256"]
        )
        for row in found
    }


def _geometry_of(row: Row) -> FlightGeometry:
    return FlightGeometry(
        id=row["id"], flight_id=row["flight_id"], kind=row["kind"], key=row["key"], ties=bool(row["ties"]),
        control=tuple(json.loads(row["control"])), source_sha256=row["source_sha256"],
        terrain_sha256=row["terrain_sha256"], report=json.loads(row["report"]), code_version=row["code_version"],
        by=row["by"], role=row["role"], at=from_instant(row["at"]), simulated=bool(row["simulated"]),
    )  # fmt: skip
