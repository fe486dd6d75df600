"""Runs, what they dealt with, and what they refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pipelines.records import JournalEntry, Refused, Run
from pipelines.store import journal, rows
from pipelines.store.canonical import instant, instant_or_none
from pipelines.store.records import WorkDone
from pipelines.store.transaction import Tx
from pipelines.store.write import sources


def start_run(tx: Tx, run: Run) -> JournalEntry:
    """Write the row of a run that begins, with its own journal entry."""
    tx.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows.run_cells(run))
    payload = {"stage": run.stage, "as_of": instant(run.as_of), "code_version": run.code_version, "seed": run.seed}
    return _noted(tx, run, run.started_at, "run_started", payload)


def end_run(tx: Tx, run: Run) -> JournalEntry:
    """Write how a run ended, with its own journal entry.

    Raises:
        ValueError: `run.ended_at` is None.
        LookupError: no such run was started.
    """
    if run.ended_at is None:
        raise ValueError(f"run {run.id} has not ended")
    changed = tx.execute(
        "UPDATE run SET ended_at = ?, done = ?, skipped = ?, refused = ?, failed = ? WHERE id = ?",
        (instant_or_none(run.ended_at), run.done, run.skipped, run.refused, run.failed, run.id),
    )
    if changed.rowcount != 1:
        raise LookupError(f"run {run.id} was not started")
    counts = {"done": run.done, "skipped": run.skipped, "refused": run.refused, "failed": run.failed}
    return _noted(tx, run, run.ended_at, "run_ended", {"stage": run.stage, "counts": counts})


def done(tx: Tx, work: Iterable[WorkDone], *, run_id: str, at: datetime) -> None:
    """Note that items were dealt with, in the transaction that stores their results.

    What was noted of an item under another key is no longer current.

    Raises:
        sqlite3.IntegrityError: an item is done under this key already: somebody else was faster.
    """
    work, finished = list(work), instant(at)
    tx.executemany(
        "UPDATE work_done SET superseded_by_run = ?"
        " WHERE stage = ? AND item = ? AND key <> ? AND superseded_by_run IS NULL",
        ((run_id, w.stage, w.item, w.key) for w in work),
    )
    tx.executemany(
        "INSERT INTO work_done (key, stage, item, status, reason, detail, run_id, finished_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((w.key, w.stage, w.item, w.status.value, w.reason, w.detail, run_id, finished) for w in work),
    )


def refuse(
    tx: Tx, refused: Iterable[Refused], *, run_id: str | None, stage: str, at: datetime, flight_id: str | None = None
) -> None:
    """Keep what could not be used, with its reason, and the hash of its original where the item has one."""
    told = {"run_id": run_id, "stage": stage, "flight_id": flight_id, "received_at": instant(at)}
    many = [{**told, "item": r.item, "reason": r.reason, "detail": r.detail} for r in refused]
    if many:
        tx.executemany(rows.insert_statement("refusal", many[0], sources.OF_ITEM), many)


def _noted(tx: Tx, run: Run, at: datetime, kind: str, payload: Mapping[str, object]) -> JournalEntry:
    return journal.append(
        tx, at=at, actor=journal.SYSTEM, role=journal.SYSTEM, kind=kind, subject=run.id, payload=payload
    )
