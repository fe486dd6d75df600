"""Work that was asked for."""

from __future__ import annotations

from pipelines.records import Job
from pipelines.store import rows
from pipelines.store.errors import UnknownRow
from pipelines.store.home import Store


def all(store: Store, *, limit: int = 100) -> list[Job]:
    """Jobs, youngest first."""
    return [rows.job_of(row) for row in store.rows("SELECT * FROM job ORDER BY id DESC LIMIT ?", (limit,))]


def pending(store: Store) -> list[Job]:
    """Jobs that wait or are being worked on, in the order in which they come."""
    sql = "SELECT * FROM job WHERE state IN ('waiting', 'leased') ORDER BY due_at, id"
    return [rows.job_of(row) for row in store.rows(sql)]


def get(store: Store, job_id: int) -> Job:
    """One job.

    Raises:
        UnknownRow: no such job.
    """
    row = store.row("SELECT * FROM job WHERE id = ?", (job_id,))
    if row is None:
        raise UnknownRow(f"job {job_id}")
    return rows.job_of(row)
