"""The queue between those who ask for machine work and the worker: leases, attempts, final states.

A lease that ran out is taken by the next worker that asks; one that ran out too often is put aside as failed. Rows of
this table are not journaled: the asking is, by the act that asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pipelines.records import Job
from pipelines.store import rows
from pipelines.store.canonical import instant, to_json
from pipelines.store.home import Store
from pipelines.store.transaction import Tx

TAKEABLE = """
SELECT * FROM job
WHERE (state = 'waiting' AND due_at <= ?1) OR (state = 'leased' AND leased_until <= ?1)
ORDER BY due_at, id LIMIT 1
"""
MINE = "id = ? AND lease_owner = ? AND state = 'leased'"


def request(
    tx: Tx, kind: str, payload: Mapping[str, Any], *, by: str, at: datetime, due_at: datetime | None = None
) -> tuple[Job, bool]:
    """File a job; the same one that still waits is not filed twice.

    Args:
        tx: the transaction, with the asker's journal entry.
        kind: `run`, `add_flight`.
        payload: what the worker needs, as JSON values.
        by: who asks.
        at: now.
        due_at: not before; default `at`.

    Returns:
        The job, and whether it is new.
    """
    text = to_json(dict(payload))
    waiting = tx.row("SELECT * FROM job WHERE kind = ? AND payload = ? AND state = 'waiting'", (kind, text))
    if waiting is not None:
        return rows.job_of(waiting), False
    cells = {
        "kind": kind,
        "payload": text,
        "state": "waiting",
        "due_at": instant(due_at or at),
        "asked_by": by,
        "asked_at": instant(at),
    }
    number = tx.execute(rows.insert_statement("job", cells), cells).lastrowid
    return _job(tx, number), True


def lease(store: Store, owner: str, *, now: datetime, seconds: float, max_attempts: int = 3) -> Job | None:
    """Take the next job that is due, or whose worker went silent.

    Args:
        store: the home.
        owner: the worker's name, unlike any other's.
        now: the instant.
        seconds: how long the job is this worker's without a heartbeat.
        max_attempts: a job whose lease ran out so often is put aside as failed, with reason `worker_lost`.

    Returns:
        The job, now leased; None where nothing is due.
    """
    with store.transaction() as tx:
        while (row := tx.row(TAKEABLE, (instant(now),))) is not None:
            if row["attempts"] >= max_attempts:
                _end(tx, row["id"], "failed", "worker_lost", f"{row['attempts']} attempts without an end", now)
                continue
            tx.execute(
                "UPDATE job SET state = 'leased', leased_until = ?, lease_owner = ?, attempts = attempts + 1"
                " WHERE id = ?",
                (instant(now + timedelta(seconds=seconds)), owner, row["id"]),
            )
            return _job(tx, row["id"])
        return None


def heartbeat(store: Store, job_id: int, owner: str, *, now: datetime, seconds: float) -> bool:
    """Prolong a lease; False where it is no longer this worker's, who then must stop."""
    until = instant(now + timedelta(seconds=seconds))
    with store.transaction() as tx:
        changed = tx.execute(f"UPDATE job SET leased_until = ? WHERE {MINE}", (until, job_id, owner))  # noqa: S608
        return changed.rowcount == 1


def finish(
    store: Store,
    job_id: int,
    owner: str,
    *,
    now: datetime,
    state: str = "done",
    reason: str | None = None,
    detail: str = "",
) -> bool:
    """End a job as `done` or `refused`; False where it is no longer this worker's."""
    with store.transaction() as tx:
        if not _mine(tx, job_id, owner):
            return False
        _end(tx, job_id, state, reason, detail, now)
        return True


def fail(
    store: Store,
    job_id: int,
    owner: str,
    *,
    now: datetime,
    reason: str,
    detail: str = "",
    max_attempts: int = 3,
    again_after_s: float = 0.0,
) -> bool:
    """Say that an attempt failed: the job waits again, or is put aside with its reason after `max_attempts`.

    Returns:
        False where the job is no longer this worker's; nothing is changed then.
    """
    with store.transaction() as tx:
        if not _mine(tx, job_id, owner):
            return False
        if _job(tx, job_id).attempts >= max_attempts or _twin_waits(tx, job_id):
            _end(tx, job_id, "failed", reason, detail, now)
        else:
            due = instant(now + timedelta(seconds=again_after_s))
            tx.execute(
                "UPDATE job SET state = 'waiting', due_at = ?, leased_until = NULL, lease_owner = NULL, reason = ?,"
                " detail = ? WHERE id = ?",
                (due, reason, detail, job_id),
            )
        return True


def _end(tx: Tx, job_id: int, state: str, reason: str | None, detail: str, now: datetime) -> None:
    tx.execute(
        "UPDATE job SET state = ?, reason = ?, detail = ?, finished_at = ?, leased_until = NULL, lease_owner = NULL"
        " WHERE id = ?",
        (state, reason, detail, instant(now), job_id),
    )


def _mine(tx: Tx, job_id: int, owner: str) -> bool:
    return tx.row(f"SELECT 1 FROM job WHERE {MINE}", (job_id, owner)) is not None  # noqa: S608


def _twin_waits(tx: Tx, job_id: int) -> bool:
    """Whether the same work was asked for again meanwhile: then that one carries on."""
    sql = """
    SELECT 1 FROM job AS twin JOIN job AS this ON twin.kind = this.kind AND twin.payload = this.payload
    WHERE this.id = ? AND twin.id <> this.id AND twin.state = 'waiting'
    """
    return tx.row(sql, (job_id,)) is not None


def _job(tx: Tx, job_id: int | None) -> Job:
    row = tx.row("SELECT * FROM job WHERE id = ?", (job_id,))
    if row is None:
        raise LookupError(f"job {job_id} is not there")
    return rows.job_of(row)
