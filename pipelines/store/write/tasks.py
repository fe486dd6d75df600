"""Rows that the acts on tasks write. Only `casework` calls these; a row is added, none changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipelines.records import StoredFile
from pipelines.store import rows
from pipelines.store.canonical import instant, instant_or_none
from pipelines.store.case_records import Signed
from pipelines.store.task_records import TaskItem, TaskStep
from pipelines.store.transaction import Tx
from pipelines.store.write.flights import insert_files


def insert_item(tx: Tx, task_id: str, item: TaskItem, file: StoredFile) -> int:
    """Add a piece of evidence and the original that `files.hold` holds; gives its number."""
    insert_files(tx, None, [file])
    return signed_row(
        tx, "task_item", item.signed, task_id=task_id, kind=item.kind, file_sha256=item.file_sha256, text=item.text,
        taken_at=instant_or_none(item.taken_at), lon=item.lon, lat=item.lat, device=item.device,
    )  # fmt: skip


def insert_step(tx: Tx, task_id: str, step: TaskStep) -> int:
    """Add a step; gives its row's number."""
    return signed_row(
        tx, "task_step", step.signed, task_id=task_id, number=step.number, step=step.step, from_state=step.from_state,
        to_state=step.to_state, reason=step.reason, rule=step.rule,
    )  # fmt: skip


def insert_judgements(tx: Tx, judged: Iterable[tuple[int, str, str]], signed: Signed) -> None:
    """Write (piece, word, reason) of an acceptance; that a piece is judged once is held by the database, too."""
    for item, word, reason in judged:
        signed_row(tx, "task_judgement", signed, item_id=item, word=word, reason=reason)


def signed_row(tx: Tx, table: str, signed: Signed, **cells: Any) -> int:
    """One row with who signed it; gives its number."""
    cells |= {"by": signed.by, "role": signed.role, "at": instant(signed.at), "simulated": int(signed.simulated)}
    return int(tx.execute(rows.insert_statement(table, cells), cells).lastrowid or 0)
