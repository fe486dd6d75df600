"""The journal, as it is read on pages."""

from __future__ import annotations

from pipelines.records import JournalEntry
from pipelines.store.errors import UnknownRow
from pipelines.store.home import Store
from pipelines.store.journal import entry_of
from pipelines.store.transaction import Asked


def tail(store: Store, count: int = 50) -> list[JournalEntry]:
    """The last entries, youngest first."""
    return [entry_of(row) for row in store.rows("SELECT * FROM journal ORDER BY seq DESC LIMIT ?", (count,))]


def entry(store: Store, seq: int) -> JournalEntry:
    """One entry.

    Raises:
        UnknownRow: no such entry.
    """
    row = store.row("SELECT * FROM journal WHERE seq = ?", (seq,))
    if row is None:
        raise UnknownRow(f"entry {seq}")
    return entry_of(row)


def of_subject(store: Store, subject: str) -> list[JournalEntry]:
    """The entries about one thing, oldest first."""
    return [entry_of(row) for row in store.rows("SELECT * FROM journal WHERE subject = ? ORDER BY seq", (subject,))]


def rows_of(store: Store, seq: int) -> list[tuple[str, str, str]]:
    """(table, key, SHA-256) of each row that an entry answers for."""
    sql = "SELECT table_name, row_id, sha256 FROM journal_row WHERE seq = ? ORDER BY table_name, row_id"
    return [(row[0], row[1], row[2]) for row in store.rows(sql, (seq,))]


def first_entry_of_row(asked: Asked, table: str, key: str) -> int:
    """The number of the entry that first answered for a row: what an act that was done before refers to.

    Raises:
        LookupError: no entry answers for it.
    """
    sql = "SELECT min(seq) AS seq FROM journal_row WHERE table_name = ? AND row_id = ?"
    return _number(asked, sql, (table, key))


def first_entry_of_kind(asked: Asked, subject: str, kind: str) -> int:
    """The number of the first entry of a kind about one thing.

    Raises:
        LookupError: there is none.
    """
    return _number(asked, "SELECT min(seq) AS seq FROM journal WHERE subject = ? AND kind = ?", (subject, kind))


def last_entry_of_kind(asked: Asked, subject: str, kind: str) -> int:
    """The number of the last entry of a kind about one thing; of the last entry at all where there is none."""
    row = asked.row("SELECT max(seq) AS seq FROM journal WHERE subject = ? AND kind = ?", (subject, kind))
    if row is None or row["seq"] is None:
        row = asked.row("SELECT coalesce(max(seq), 0) AS seq FROM journal", ())
    return int(row["seq"]) if row is not None else 0


def _number(asked: Asked, sql: str, values: tuple[str, str]) -> int:
    row = asked.row(sql, values)
    if row is None or row["seq"] is None:
        raise LookupError(f"no entry answers for {' '.join(values)}")
    return int(row["seq"])
