"""Rows of files made from originals, and what people say of a flight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.store import rows
from pipelines.store.canonical import instant, to_json
from pipelines.store.records import FlightPapers
from pipelines.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class NewDerived:
    """A file that `pipelines.store.derived.keep` holds, about to become the current one of its kind and subject."""

    kind: str
    subject: str
    key: str
    name: str
    path: str
    sha256: str
    size_bytes: int
    facts: Mapping[str, Any]


def set_current(tx: Tx, file: NewDerived, *, made_by: str, run_id: str | None, at: datetime) -> str | None:
    """Make a file the current one of its kind and subject.

    Returns:
        The path of the one that was current before, which may be dropped once this commits; None where there was none,
        or where it lies at the same path.
    """
    before = tx.row(
        "SELECT id, path FROM derived_file WHERE kind = ? AND subject = ? AND superseded_at IS NULL",
        (file.kind, file.subject),
    )
    if before is not None:
        tx.execute("UPDATE derived_file SET superseded_at = ? WHERE id = ?", (instant(at), before["id"]))
    cells = {
        "kind": file.kind, "subject": file.subject, "key": file.key, "name": file.name, "path": file.path,
        "sha256": file.sha256, "size_bytes": file.size_bytes, "facts": to_json(dict(file.facts)), "made_by": made_by,
        "run_id": run_id, "received_at": instant(at),
    }  # fmt: skip
    tx.execute(rows.insert_statement("derived_file", cells), cells)
    return None if before is None or before["path"] == file.path else str(before["path"])


def insert_papers(tx: Tx, papers: FlightPapers) -> int:
    """Add what a person says of a flight, whatever number it holds; gives the row's."""
    cells = {
        "flight_id": papers.flight_id, "pilot": papers.pilot, "aircraft": papers.aircraft,
        "airspace_approval": papers.airspace_approval, "flight_plan": papers.flight_plan, "by": papers.by,
        "role": papers.role, "at": instant(papers.at), "simulated": int(papers.simulated),
    }  # fmt: skip
    return int(tx.execute(rows.insert_statement("flight_papers", cells), cells).lastrowid or 0)
