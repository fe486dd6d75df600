"""Deliveries: flights, the originals that came with them, their frames and tracks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pipelines.records import Flight, Frame, StoredFile, TrackSummary
from pipelines.store import numbers, rows
from pipelines.store.canonical import instant
from pipelines.store.transaction import Tx


def next_id(tx: Tx, at: datetime) -> str:
    """The next free flight name, as F-2026-1124-01 (Beijing day)."""
    return numbers.next_id(tx, "flight", at)


def insert_flight(tx: Tx, flight: Flight) -> None:
    """Write a delivery."""
    cells = (flight.id, flight.name, flight.added_by, instant(flight.received_at))
    tx.execute("INSERT INTO flight VALUES (?, ?, ?, ?)", cells)


def insert_files(tx: Tx, flight_id: str | None, files: Iterable[StoredFile]) -> None:
    """Write originals that `files.hold` holds, and that they came with a flight. What is known already stays as it is.

    Args:
        tx: the transaction.
        flight_id: the delivery; None for files that belong to none (registry files, outlines).
        files: one for each file of the delivery, with the name it had there.
    """
    files = list(files)
    tx.executemany(
        "INSERT INTO file VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING", map(rows.file_cells, files)
    )
    if flight_id is not None:
        tx.executemany(
            "INSERT INTO flight_file (flight_id, file_sha256, name, received_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            ((flight_id, f.sha256, f.name, instant(f.received_at)) for f in files),
        )


def insert_frames(tx: Tx, frames: Sequence[Frame], *, run_id: str) -> None:
    """Write frames; their originals are written already.

    Raises:
        sqlite3.IntegrityError: the frame, or its instant of that file, is there already.
    """
    tx.executemany(
        "INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (rows.frame_cells(f, run_id) for f in frames),
    )


def insert_tracks(tx: Tx, tracks: Iterable[TrackSummary], *, run_id: str, at: datetime) -> None:
    """Write what track files say; a file that is there already stays as it is."""
    received = instant(at)
    tx.executemany(
        "INSERT INTO track VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (file_sha256) DO NOTHING",
        (rows.track_cells(track, received, run_id) for track in tracks),
    )
