"""A write transaction: whole or not at all, and never without its journal entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from pipelines.store.errors import NotJournaled, refusal_of

Values = Sequence[Any] | Mapping[str, Any]


class Asked(Protocol):
    """Whatever answers questions: an open store, or a transaction, which sees what it wrote."""

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of a question."""

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row of a question, or None."""


class Tx:
    """What write functions take. Use `Store.transaction()` to get one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, many: Iterable[Values]) -> None:
        """Run one statement for each set of values."""
        self._connection.executemany(sql, many)

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of a question, as this transaction sees them."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row of a question, or None."""
        found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def touched(self) -> list[tuple[str, str]]:
        """(table, key) of each row written since the last entry, sorted."""
        rows = self._connection.execute("SELECT table_name, row_id FROM touched ORDER BY table_name, row_id")
        return [(row[0], row[1]) for row in rows]

    def forget_touched(self) -> None:
        """Said by the journal, once an entry holds the digests of these rows."""
        self._connection.execute("DELETE FROM touched")


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[Tx]:
    """Begin as the only writer, and commit, or roll back whole whatever is raised.

    Raises:
        NotJournaled: rows were written and no entry holds them; nothing of it is kept.
        HomeUnusable: another process wrote for longer than one waits.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise refusal_of("database", error) from error
    try:
        tx = Tx(connection)
        yield tx
        left = tx.touched()
        if left:
            raise NotJournaled(f"{len(left)} rows without an entry, the first {left[0][0]} {left[0][1]}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
