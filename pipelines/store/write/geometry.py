"""What people had corrected of a flight's cameras: a row is added, the earlier one ends; poses stay with their row."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.records import FrameCorrection
from pipelines.store.canonical import instant, to_json
from pipelines.store.records import FlightGeometry
from pipelines.store.rows import insert_statement
from pipelines.store.transaction import Tx

END = "UPDATE flight_geometry SET superseded_at = ? WHERE flight_id = ? AND superseded_at IS NULL"


def set_geometry(tx: Tx, geometry: FlightGeometry, corrections: Iterable[FrameCorrection]) -> int:
    """Say how a flight is corrected from `geometry.at` on.

    Args:
        tx: the act's transaction.
        geometry: its `id` is not looked at.
        corrections: one for each corrected frame of the flight; none where it is undone.

    Returns:
        The number of the row that holds now.
    """
    tx.execute(END, (instant(geometry.at), geometry.flight_id))
    cells = {
        "flight_id": geometry.flight_id,
        "kind": geometry.kind,
        "key": geometry.key,
        "ties": int(geometry.ties),
        "control": to_json(list(geometry.control)),
        "source_sha256": geometry.source_sha256,
        "terrain_sha256": geometry.terrain_sha256,
        "report": to_json(dict(geometry.report)),
        "code_version": geometry.code_version,
        "by": geometry.by,
        "role": geometry.role,
        "at": instant(geometry.at),
        "simulated": int(geometry.simulated),
    }
    number = int(tx.execute(insert_statement("flight_geometry", cells), cells).lastrowid or 0)
    tx.executemany(
        "INSERT INTO frame_pose (geometry_id, frame_id, camera, pose, sha256) VALUES (?, ?, ?, ?, ?)",
        ((number, c.frame_id, to_json(dict(c.camera)), to_json(dict(c.pose)), c.sha256) for c in corrections),
    )
    return number
