"""What was run, what is done, what was refused."""

from __future__ import annotations

from sqlite3 import Row

from pipelines.records import Run, Status
from pipelines.store import rows
from pipelines.store.canonical import from_instant
from pipelines.store.home import Store
from pipelines.store.records import StageState, StoredRefusal


def done_keys(store: Store, stage: str) -> set[str]:
    """The keys under which the items of a stage stand: their results are the current ones.

    An item that was done under another key since is not among them: going back to the earlier key is work again.
    """
    sql = "SELECT key FROM work_done WHERE stage = ? AND superseded_by_run IS NULL"
    return {row[0] for row in store.rows(sql, (stage,))}


def ever_done_keys(store: Store, stage: str) -> set[str]:
    """The keys under which items of a stage were ever dealt with, current or not."""
    return {row[0] for row in store.rows("SELECT DISTINCT key FROM work_done WHERE stage = ?", (stage,))}


def states(store: Store, stage: str) -> dict[str, StageState]:
    """How the items of a stage stand, by item."""
    sql = "SELECT * FROM work_done WHERE stage = ? AND superseded_by_run IS NULL ORDER BY id"
    return {row["item"]: state_of(row) for row in store.rows(sql, (stage,))}


def state_of(row: Row) -> StageState:
    """A row of `work_done`."""
    return StageState(
        stage=row["stage"],
        item=row["item"],
        status=Status(row["status"]),
        reason=row["reason"],
        detail=row["detail"],
        run_id=row["run_id"],
        finished_at=from_instant(row["finished_at"]),
    )


def run(store: Store, run_id: str) -> Run | None:
    """One run."""
    row = store.row("SELECT * FROM run WHERE id = ?", (run_id,))
    return None if row is None else rows.run_of(row)


def all_runs(store: Store, *, limit: int = 100) -> list[Run]:
    """Runs, youngest first."""
    return [rows.run_of(row) for row in store.rows("SELECT * FROM run ORDER BY started_at DESC, id LIMIT ?", (limit,))]


def latest(store: Store) -> dict[str, Run]:
    """The youngest run of each stage."""
    found = store.rows("SELECT * FROM run ORDER BY started_at, rowid")
    return {row["stage"]: rows.run_of(row) for row in found}


def refusals(store: Store, *, run_id: str | None = None, flight_id: str | None = None) -> list[StoredRefusal]:
    """What was refused: in all, by a run, or of a flight; oldest first."""
    sql = """
    SELECT run_id, stage, item, reason, detail, flight_id, received_at FROM refusal
    WHERE (?1 IS NULL OR run_id = ?1) AND (?2 IS NULL OR flight_id = ?2) ORDER BY id
    """
    return [
        StoredRefusal(
            run_id=row["run_id"],
            stage=row["stage"],
            item=row["item"],
            reason=row["reason"],
            detail=row["detail"],
            flight_id=row["flight_id"],
            received_at=from_instant(row["received_at"]),
        )
        for row in store.rows(sql, (run_id, flight_id))
    ]
