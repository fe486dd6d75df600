"""Deliveries of the offices: what came in as one, taken back as one, and the mappings of their headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.store.canonical import instant, to_json
from pipelines.store.records import RegistryImport, Undone
from pipelines.store.rows import insert_statement
from pipelines.store.transaction import Tx

END_WRITTEN = "UPDATE registry_row SET superseded_at = :at WHERE import_id = :import AND superseded_at IS NULL"
SAY_AGAIN = """
INSERT INTO registry_row (
    kind, key, enterprise_uscc, valid_from, valid_to, received_at, source_sha256, source_row,
    content_sha256, content, min_lon, min_lat, max_lon, max_lat, import_id
)
SELECT kind, key, enterprise_uscc, valid_from, valid_to, :at, source_sha256, source_row,
    content_sha256, content, min_lon, min_lat, max_lon, max_lat, import_id
FROM registry_row WHERE superseded_by_import = :import ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many statements an undo ended, and how many it said again."""

    ended: int
    said_again: int


def rows_may_come_first(tx: Tx) -> None:
    """Until the transaction ends, rows may name an import that is written after them, once its counts are known."""
    tx.execute("PRAGMA defer_foreign_keys = ON")


def insert_import(tx: Tx, done: RegistryImport) -> None:
    """Write an import. `undone` is not looked at."""
    cells = {
        "id": done.id,
        "file_sha256": done.file_sha256,
        "file_name": done.file_name,
        "kind": done.kind,
        "office": done.office,
        "mapping_id": done.mapping_id,
        "crs": done.crs,
        "crs_evidence": to_json(dict(done.crs_evidence)),
        "encoding": done.encoding,
        "rows": done.rows,
        "imported": done.imported,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "refused": done.refused,
        "by": done.by,
        "role": done.role,
        "at": instant(done.at),
    }
    tx.execute(insert_statement("registry_import", cells), cells)


def undo_import(tx: Tx, import_id: str, undone: Undone, *, role: str) -> TakenBack:
    """Take an import back: what it wrote and still holds is ended, what it had ended is said again, at one instant.

    A statement that is said again keeps its file, its row and its import, so that this one, too, can be taken back.
    Whether a later import changed the same things is asked before: see `read.registry_imports.changed_since`.

    Args:
        tx: the transaction.
        import_id: of an import that is not undone.
        undone: who, when and why.
        role: in which it was undone.
    """
    places = {"import": import_id, "at": instant(undone.at)}
    ended = tx.execute(END_WRITTEN, places).rowcount
    said_again = tx.execute(SAY_AGAIN, places).rowcount
    cells = {"import_id": import_id, "by": undone.by, "role": role, "at": places["at"], "reason": undone.reason}
    tx.execute(insert_statement("registry_undo", cells), cells)
    return TakenBack(ended, said_again)


def save_mapping(tx: Tx, name: str, kind: str, content: Mapping[str, Any], *, by: str, role: str, at: datetime) -> int:
    """Write a mapping under an office's name; the earlier one is ended. Where it is the same nothing is written.

    Returns:
        The number of the row that holds now.
    """
    text = to_json(dict(content))
    same = "SELECT id FROM registry_mapping WHERE name = ? AND kind = ? AND content = ? AND superseded_at IS NULL"
    known = tx.row(same, (name, kind, text))
    if known is not None:
        return int(known["id"])
    now = instant(at)
    tx.execute("UPDATE registry_mapping SET superseded_at = ? WHERE name = ? AND superseded_at IS NULL", (now, name))
    cells = {"name": name, "kind": kind, "content": text, "by": by, "role": role, "received_at": now}
    return tx.execute(insert_statement("registry_mapping", cells), cells).lastrowid or 0
