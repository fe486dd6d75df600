"""The journal: one entry for every change of state, in the transaction of that change, chained by hashes.

An entry's hash is SHA-256 over the canonical JSON of [seq, at, actor, role, kind, subject, payload, previous_hash], the
payload being its own canonical JSON text. The payload ends with `rows` and `rows_sha256`: how many rows the transaction
wrote, and one digest over the lines `table key digest` of all of them, which stand one by one in `journal_row`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.records import JournalEntry
from pipelines.store.canonical import from_instant, instant, row_digest, to_json
from pipelines.store.chain import entry_hash, rows_digest
from pipelines.store.head import GENESIS
from pipelines.store.journaled import KEYS, select_touched
from pipelines.store.transaction import Tx
from pipelines.store.verify import Break, Verification, verify

__all__ = ["Break", "Verification", "append", "append_chunk", "entry_of", "verify"]

SYSTEM = "system"


def append(
    tx: Tx, *, at: datetime, actor: str, role: str, kind: str, subject: str, payload: Mapping[str, Any]
) -> JournalEntry:
    """Add one entry that answers for every row this transaction wrote since the last one.

    Args:
        tx: the transaction of the change itself.
        at: when it happened, as the caller was told.
        actor: the account's id, or `system`.
        role: the role in which it was done.
        kind: what happened, one word: `verdict`, `lead_opened`, `stage_chunk` …
        subject: the id of what it is about.
        payload: what a reader needs to understand it, as JSON values.

    Raises:
        NaiveInstant: `at` has no zone.
        ValueError: the payload has a key of the journal's own, or a number that JSON lacks.
    """
    if {"rows", "rows_sha256"} & set(payload):
        raise ValueError("rows and rows_sha256 are the journal's own")
    digests = _digests_now(tx)
    tx.forget_touched()
    text = to_json({**payload, "rows": len(digests), "rows_sha256": rows_digest(digests)})
    last = tx.row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    seq, previous = (1, GENESIS) if last is None else (last["seq"] + 1, last["hash"])
    cells = (seq, instant(at), actor, role, kind, subject, text, previous)
    tx.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*cells, entry_hash(cells)))
    tx.executemany("INSERT INTO journal_row VALUES (?, ?, ?, ?)", ((seq, *digest) for digest in digests))
    return JournalEntry(seq, at, actor, role, kind, subject, json.loads(text), previous, entry_hash(cells))


def append_chunk(
    tx: Tx, *, at: datetime, run_id: str, stage: str, counts: Mapping[str, int] | None = None
) -> JournalEntry:
    """Add the entry of a chunk of machine work: what one transaction of a stage stored.

    Args:
        tx: the chunk's transaction, after all its writes.
        at: the instant.
        run_id: the run it belongs to; the entry's subject.
        stage: the stage's name.
        counts: how the items ended, as `{"done": 14, "refused": 2}`.
    """
    payload = {"stage": stage, "counts": dict(counts or {})}
    return append(tx, at=at, actor=SYSTEM, role=SYSTEM, kind="stage_chunk", subject=run_id, payload=payload)


def entry_of(row: sqlite3.Row) -> JournalEntry:
    """The entry that a row of `journal` holds."""
    return JournalEntry(
        seq=row["seq"],
        at=from_instant(row["at"]),
        actor=row["actor"],
        role=row["role"],
        kind=row["kind"],
        subject=row["subject"],
        payload=json.loads(row["payload"]),
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )


def _digests_now(tx: Tx) -> list[tuple[str, str, str]]:
    """(table, key, digest) of each row that was touched, sorted by table and key as text; one question a table."""
    touched = tx.touched()
    found: dict[tuple[str, str], str] = {}
    for table in dict.fromkeys(table for table, _ in touched):
        for row in tx.rows(select_touched(table)):
            found[table, str(row[KEYS[table]])] = row_digest(dict(row))
    missing = [pair for pair in touched if pair not in found]
    if missing:
        raise LookupError(f"{missing[0][0]} {missing[0][1]} was written and is not there")
    return [(table, key, found[table, key]) for table, key in touched]
