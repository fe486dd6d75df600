"""Deliveries of the offices: what came in as one, taken back as one, and the mappings of their headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
WITH gone AS (
    SELECT kind, key, coalesce(valid_from, '') AS first_day FROM registry_row
    WHERE import_id = :import AND superseded_at = :at AND superseded_by_import IS NULL
), standing AS (
    SELECT id, at, file_sha256 FROM registry_import
    WHERE id <> :import AND id NOT IN (SELECT import_id FROM registry_undo)
), spoken AS (
    SELECT r.id, r.import_id, r.source_sha256, r.source_row, coalesce(i.at, r.received_at) AS at
    FROM gone AS g JOIN registry_row AS r ON r.kind = g.kind AND r.key = g.key
        AND coalesce(r.valid_from, '') = g.first_day
    LEFT JOIN standing AS i ON i.id = r.import_id
    WHERE r.import_id IS NULL OR i.id IS NOT NULL
    UNION ALL
    SELECT r.id, i.id, i.file_sha256, json_extract(s.value, '$[1]'), i.at
    FROM standing AS i JOIN registry_repeat AS q ON q.import_id = i.id, json_each(q.said) AS s
    JOIN registry_row AS r ON r.id = json_extract(s.value, '$[0]')
    JOIN gone AS g ON r.kind = g.kind AND r.key = g.key AND coalesce(r.valid_from, '') = g.first_day
), latest AS (
    SELECT s.*, row_number() OVER (
        PARTITION BY r.kind, r.key, coalesce(r.valid_from, '') ORDER BY s.at DESC, s.import_id DESC, s.id DESC
    ) AS place
    FROM spoken AS s JOIN registry_row AS r ON r.id = s.id
)
SELECT r.kind, r.key, r.enterprise_uscc, r.valid_from, r.valid_to, :at, l.source_sha256, l.source_row,
    r.content_sha256, r.content, r.min_lon, r.min_lat, r.max_lon, r.max_lat, l.import_id
FROM latest AS l JOIN registry_row AS r ON r.id = l.id WHERE l.place = 1 ORDER BY r.id
"""
"""Of each thing whose statement goes: what the latest import that is not undone said of it, as written or repeated."""


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


def insert_repeats(tx: Tx, import_id: str, repeated: Sequence[tuple[int, str]]) -> None:
    """Write what an import said that was known already; nothing where it repeated nothing."""
    if repeated:
        cells = {"import_id": import_id, "said": to_json([list(one) for one in repeated])}
        tx.execute(insert_statement("registry_repeat", cells), cells)


def undo_import(tx: Tx, import_id: str, undone: Undone, *, role: str) -> TakenBack:
    """Take an import back: what holds by it is ended, and the latest import that still stands is said again there.

    So the registry holds what the imports that stand have said, in whatever order they are taken back. A statement that
    is said again keeps its file, its row and its import, so that this one, too, can be taken back.

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
