"""Numbered migrations, forward only; each runs in one transaction together with the record that it ran."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pipelines import clock
from pipelines.store.canonical import instant
from pipelines.store.errors import HomeIsNewer

TABLE = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number      INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    applied_at  TEXT NOT NULL
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `migrations/`: `0001_first.sql` is number 1, name `first`."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@cache
def known() -> tuple[Migration, ...]:
    """The migrations of this version, in their order.

    Raises:
        ValueError: two files of one number, or a gap.
    """
    folder = resources.files("pipelines.store") / "migrations"
    found = []
    for file in folder.iterdir():
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(number), name, file.read_text("utf-8")))
    found.sort(key=lambda m: m.number)
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations are not numbered 1 to {len(found)}: {[m.number for m in found]}")
    return tuple(found)


def bring_up_to_date(connection: sqlite3.Connection, where: str, migrations: Sequence[Migration] | None = None) -> int:
    """Run what this database has not seen yet.

    Args:
        connection: in autocommit mode, outside a transaction.
        where: the database's name, for the refusal.
        migrations: default: those of this version.

    Returns:
        How many ran; 0 for a database that is up to date.

    Raises:
        HomeIsNewer: the database has seen a migration that this version does not know.
    """
    wanted = known() if migrations is None else migrations
    if _seen(connection) == len(wanted):
        return 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(TABLE)
        seen = _seen(connection)
        if seen > len(wanted):
            raise HomeIsNewer(where, f"its form is number {seen}, this version knows {len(wanted)}")
        for migration in wanted[seen:]:
            _apply(connection, migration)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return len(wanted) - seen


def _seen(connection: sqlite3.Connection) -> int:
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migration'").fetchone()
    if there is None:
        return 0
    return int(connection.execute("SELECT coalesce(max(number), 0) FROM schema_migration").fetchone()[0])


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in statements(migration.sql):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO schema_migration (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)",
        (migration.number, migration.name, migration.sha256, instant(clock.now())),
    )


def statements(sql: str) -> Iterator[str]:
    """The single statements of a script (a trigger's body stays in one piece). `executescript` would commit first."""
    gathered = ""
    for piece in re.split(r"(?<=;)", sql):
        gathered += piece
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
    if any(line.strip() and not line.strip().startswith("--") for line in gathered.splitlines()):
        raise ValueError(f"a statement without its end: {gathered.strip()[:60]}")
