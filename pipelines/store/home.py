"""The data home: its database, and the lock under which threads share it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from pipelines.store import files, head, journaled, migrate
from pipelines.store.errors import HomeUnusable, NoHome, refusal_of
from pipelines.store.transaction import Tx, Values, writing

DATABASE = "yaoxun.sqlite"
BUSY_TIMEOUT_MS = 60_000
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA temp_store = MEMORY",
)


class Store:
    """An open home. One connection, shared by threads under one lock; other processes have their own.

    Reads are `rows` and `row` (the modules of `read` ask through them), writes happen inside `transaction`. A `Store`
    is not carried over a fork: a child process opens its own.
    """

    def __init__(self, home: Path, connection: sqlite3.Connection) -> None:
        self.home = home
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, home: Path, *, create: bool = True) -> Self:
        """Open a home, make it where there is none, and bring it to this version's form.

        Args:
            home: the folder that holds database, evidence and settings.
            create: whether to make a home where there is none.

        Raises:
            NoHome: there is none, and none was to be made.
            NotADatabase: the database is damaged or something else.
            HomeUnusable: no right, no room, or another process keeps it to itself.
            HomeIsNewer: a later version wrote it.
        """
        database = home / DATABASE
        if not database.is_file():
            if not create:
                raise NoHome(str(home))
            _make(home)
        connection = _connect(database)
        try:
            fresh = migrate.bring_up_to_date(connection, str(database)) == len(migrate.known())
            journaled.watch(connection)
            store = cls(home, connection)
            if fresh:
                head.begin(store)
            files.clean(home)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise refusal_of(str(database), error) from error
        except BaseException:
            connection.close()
            raise
        return store

    def close(self) -> None:
        """Close the connection. A second time does nothing."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Write: the only writer from here on, committed whole at the end, rolled back whole when anything is raised.

        Raises:
            NotJournaled: rows of a journaled table were written and `journal.append` was not called after them.
            HomeUnusable: another process wrote for longer than one waits.
        """
        with self._lock:
            with writing(self._connection) as tx:
                yield tx
            head.catch_up(self)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several reads of one and the same state. Inside another snapshot or a transaction it is that one's."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of a question.

        Raises:
            NotADatabase: the part of the file that is asked for is damaged.
        """
        with self._lock, self._damage_named():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row of a question, or None.

        Raises:
            NotADatabase: the part of the file that is asked for is damaged.
        """
        with self._lock, self._damage_named():
            found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return found

    @contextmanager
    def _damage_named(self) -> Iterator[None]:
        """Name the file where it is damaged; any other failure of a question is a defect of ours and stays one."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            raise refusal_of(str(self.home / DATABASE), error) from error


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeUnusable(str(home), error.strerror or type(error).__name__) from error


def _connect(database: Path) -> sqlite3.Connection:
    connection = None
    try:
        connection = sqlite3.connect(
            database, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        for pragma in PRAGMAS:
            connection.execute(pragma)
    except sqlite3.DatabaseError as error:
        if connection is not None:
            connection.close()
        raise refusal_of(str(database), error) from error
    return connection
