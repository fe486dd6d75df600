"""Files made from originals, and what people said of flights."""

from __future__ import annotations

import json
from datetime import datetime
from sqlite3 import Row

from pipelines.store.canonical import from_instant, from_instant_or_none, instant_or_none
from pipelines.store.errors import UnknownRow
from pipelines.store.records import DerivedFile, FlightPapers
from pipelines.store.transaction import Asked

CURRENT = "SELECT * FROM derived_file WHERE kind = ? AND subject = ? AND superseded_at IS NULL"
ALL_CURRENT = """
SELECT * FROM derived_file WHERE superseded_at IS NULL AND kind IN (SELECT value FROM json_each(?))
ORDER BY received_at DESC, id DESC
"""
PAPERS = "SELECT * FROM flight_papers WHERE flight_id = ? AND (?2 IS NULL OR at <= ?2) ORDER BY at, id"


def current(store: Asked, kind: str, subject: str) -> DerivedFile | None:
    """The current file of a kind and subject."""
    row = store.row(CURRENT, (kind, subject))
    return None if row is None else _file_of(row)


def all_current(store: Asked, *kinds: str) -> list[DerivedFile]:
    """The current files of some kinds, youngest first."""
    return [_file_of(row) for row in store.rows(ALL_CURRENT, (json.dumps(kinds),))]


def get(store: Asked, number: int) -> DerivedFile:
    """One file, current or not.

    Raises:
        UnknownRow: no such file.
    """
    row = store.row("SELECT * FROM derived_file WHERE id = ?", (number,))
    if row is None:
        raise UnknownRow(f"derived file {number}")
    return _file_of(row)


def papers(store: Asked, flight_id: str, *, as_of: datetime | None = None) -> list[FlightPapers]:
    """What was said of a flight, oldest first; the last one counts."""
    found = store.rows(PAPERS, (flight_id, instant_or_none(as_of)))
    return [
        FlightPapers(
            row["id"], row["flight_id"], row["pilot"], row["aircraft"], row["airspace_approval"], row["flight_plan"],
            row["by"], row["role"], from_instant(row["at"]), bool(row["simulated"]),
        )
        for row in found
    ]  # fmt: skip


def _file_of(row: Row) -> DerivedFile:
    return DerivedFile(
        row["id"], row["kind"], row["subject"], row["key"], row["name"], row["path"], row["sha256"], row["size_bytes"],
        json.loads(row["facts"]), row["made_by"], from_instant(row["received_at"]),
        from_instant_or_none(row["superseded_at"]),
    )  # fmt: skip
