"""Tasks with what was handed in for them, as they stood at an instant."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from sqlite3 import Row

from pipelines.store.canonical import from_instant_or_none, instant
from pipelines.store.read import cases
from pipelines.store.read.checks import signed_of
from pipelines.store.task_records import Judgement, TaskFile, TaskItem, TaskStep
from pipelines.store.transaction import Asked

ITEMS = """
SELECT i.*, j.word, j.reason AS why, j.by AS judged_by, j.role AS judged_role, j.at AS judged_at,
    j.simulated AS judged_simulated
FROM task_item AS i LEFT JOIN task_judgement AS j ON j.item_id = i.id AND j.at <= ?1
WHERE i.at <= ?1 AND (?2 IS NULL OR i.task_id = ?2) ORDER BY i.id
"""
STEPS = "SELECT * FROM task_step WHERE at <= ?1 AND (?2 IS NULL OR task_id = ?2) ORDER BY task_id, number"
STEP_ROW = "SELECT id FROM task_step WHERE task_id = ? AND number = ?"


def tasks(
    asked: Asked, as_of: datetime, *, task_id: str | None = None, assigned_to: str | None = None
) -> list[TaskFile]:
    """The tasks given by an instant, as they stood then, youngest first; also inside a transaction."""
    now = (instant(as_of), task_id)
    items: defaultdict[str, list[TaskItem]] = defaultdict(list)
    steps: defaultdict[str, list[TaskStep]] = defaultdict(list)
    for row in asked.rows(ITEMS, now):
        items[row["task_id"]].append(_item(row))
    for row in asked.rows(STEPS, now):
        steps[row["task_id"]].append(_step(row))
    return [
        TaskFile(one, tuple(items[one.id]), tuple(steps[one.id]))
        for one in cases.tasks(asked, as_of, assigned_to=assigned_to)
        if task_id in (None, one.id)
    ]


def task(asked: Asked, task_id: str, as_of: datetime) -> TaskFile | None:
    """One task, or None."""
    found = tasks(asked, as_of, task_id=task_id)
    return found[0] if found else None


def step_row(asked: Asked, task_id: str, number: int) -> int:
    """The row's number of a step.

    Raises:
        LookupError: there is no such step.
    """
    row = asked.row(STEP_ROW, (task_id, number))
    if row is None:
        raise LookupError(f"{task_id} step {number}")
    return int(row["id"])


def _item(row: Row) -> TaskItem:
    judged = None
    if row["word"] is not None:
        who = signed_of(row, by="judged_by", at="judged_at", role="judged_role", simulated="judged_simulated")
        judged = Judgement(row["word"], row["why"], who)
    return TaskItem(
        id=row["id"],
        kind=row["kind"],
        file_sha256=row["file_sha256"],
        text=row["text"],
        taken_at=from_instant_or_none(row["taken_at"]),
        lon=row["lon"],
        lat=row["lat"],
        device=row["device"],
        signed=signed_of(row),
        judgement=judged,
    )


def _step(row: Row) -> TaskStep:
    return TaskStep(
        row["number"], row["step"], row["from_state"], row["to_state"], row["reason"], row["rule"], signed_of(row)
    )
