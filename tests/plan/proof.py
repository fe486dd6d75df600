"""What a test of a requirement must show, and the clerk that sees to it that it did.

Such a test acts as its role through the command line, is refused for a wrong role and for one illegal step, opens the
document made, and replays the journal entry. `covers` says so in words, which the page docs/plan_coverage.md is made
from; the clerk notes what happened, and the test fails where the words say more than that.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

COVERS = "__covers__"
CHAINED = ("seq", "at", "actor", "role", "kind", "subject", "payload", "previous_hash")


@dataclass(frozen=True)
class Covers:
    """The words of a test: which requirement, as whom, who is refused, which step is, what document is opened."""

    id: str
    acts: tuple[str, ...]
    wrong: tuple[str, ...]
    illegal: tuple[str, ...]
    document: str
    lacks: str = ""


def covers(id: str, *, acts: str, wrong: str, illegal: str, document: str, lacks: str = "") -> Callable[[Any], Any]:
    """Say what a test shows. All arguments are literals: the page is made without running anything.

    Args:
        id: of the requirement.
        acts: the roles that act, by blanks.
        wrong: the roles that are refused.
        illegal: the reason words of steps that are refused.
        document: what kind of document is opened: `XLSX`, `PDF`, `BagIt`, `ICS`, `JSON` …
        lacks: what of the requirement it does not show, in words.
    """

    def mark(test: Any) -> Any:
        said = Covers(id, tuple(acts.split()), tuple(wrong.split()), tuple(illegal.split()), document, lacks)
        setattr(test, COVERS, said)
        return test

    return mark


@dataclass
class Clerk:
    """Runs commands on one home, at a day that the test moves, and notes what was shown."""

    home: Path
    yaoxun: Callable[..., Any]
    set_now: Callable[[datetime], None]
    start: datetime
    roles: dict[str, str]
    acted: set[str] = field(default_factory=set)
    refused_roles: set[str] = field(default_factory=set)
    refused_steps: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    replayed: list[int] = field(default_factory=list)

    def on(self, days: float) -> None:
        """Let it be so many days after the home was made."""
        self.set_now(self.start + timedelta(days=days))

    def act(self, who: str, *words: object) -> Any:
        """Do something, or look at something, as an account; gives the document."""
        said = self.yaoxun(*words, "--as", who, "--json")
        assert said.code == 0, said
        self.acted.add(self.roles[who])
        return said.document

    def machine(self, *words: object) -> Any:
        """What the machine does when its time comes."""
        said = self.yaoxun(*words, "--json")
        assert said.code == 0, said
        return said.document

    def wrong_role(self, who: str, *words: object) -> None:
        """Somebody asks for it whose role may not; the row that refuses is named."""
        (item,) = self._refused(who, *words)
        assert item["reason"] == "role_forbids", item
        assert "roles.toml row" in item["detail"]
        self.refused_roles.add(self.roles[who])

    def illegal(self, reason: str, who: str, *words: object) -> None:
        """Somebody who may asks for a step that is not lawful now."""
        (item,) = self._refused(who, *words)
        assert item["reason"] == reason, item
        self.refused_steps.add(reason)

    def _refused(self, who: str, *words: object) -> list[dict[str, str]]:
        said = self.yaoxun(*words, "--as", who, "--json")
        assert (said.code, len(said.err)) == (2, 1), said
        return said.document["refused"]

    def opened(self, kind: str) -> None:
        """Note that the test opened a document of a kind and found in it what it should hold."""
        self.documents.add(kind)

    def home_row(self, sql: str) -> Any:
        """One figure, asked of the database itself."""
        with sqlite3.connect(f"file:{self.home / 'yaoxun.sqlite'}?mode=ro", uri=True) as connection:
            (found,) = connection.execute(sql).fetchone()
        connection.close()
        return found

    def replay(self, entry: int, *, kind: str, by: str, **holds: object) -> dict[str, Any]:
        """Read an entry of the journal as docs/ideas/journal.md describes it, with nothing of the product.

        Its hash follows from its cells, its list of rows from the rows as they stand, its payload holds these values;
        and the whole record verifies. Gives the payload.
        """
        with sqlite3.connect(f"file:{self.home / 'yaoxun.sqlite'}?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute("SELECT * FROM journal WHERE seq = ?", (entry,)).fetchone()
            assert row["hash"] == sha256(canonical([row[cell] for cell in CHAINED]))
            payload = json.loads(row["payload"])
            lines = [
                f"{one['table_name']} {one['row_id']} {digest_of(connection, one['table_name'], one['row_id'])}"
                for one in connection.execute(
                    "SELECT * FROM journal_row WHERE seq = ? ORDER BY table_name, row_id", (entry,)
                )
            ]
        connection.close()
        assert (payload["rows"], payload["rows_sha256"]) == (len(lines), sha256("".join(f"{x}\n" for x in lines)))
        assert (row["kind"], row["actor"]) == (kind, by)
        assert {name: payload.get(name) for name in holds} == holds
        assert self.machine("evidence", "verify")["ok"] is True
        assert self.machine("duty", "verify")["ok"] is True
        self.replayed.append(entry)
        return payload

    def close(self, said: Covers) -> None:
        """The words against what was shown."""
        assert self.acted >= set(said.acts), "a role did not act"
        assert self.refused_roles == set(said.wrong), "wrong roles"
        assert self.refused_steps == set(said.illegal), "illegal steps"
        assert self.documents == {said.document}, "document"
        assert self.refused_roles, "nobody was refused"
        assert self.refused_steps, "no step was refused"
        assert self.replayed, "no entry was replayed"


def canonical(value: Any) -> str:
    """Canonical JSON as the journal's page defines it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sha256(text: str) -> str:
    """In hexadecimal, of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(connection: sqlite3.Connection, table: str, key: str) -> str:
    """A row's digest: its columns without NULLs as a canonical JSON object, bytes in hexadecimal."""
    columns = connection.execute(f"SELECT name, pk FROM pragma_table_info('{table}')").fetchall()
    (row,) = [
        one
        for name in (c["name"] for c in columns if c["pk"])
        for one in connection.execute(f'SELECT * FROM "{table}" WHERE CAST("{name}" AS TEXT) = ?', (key,))
    ]
    cells = {c: row[c].hex() if isinstance(row[c], bytes) else row[c] for c in row.keys() if row[c] is not None}
    return sha256(canonical(cells))


def closing(request: pytest.FixtureRequest, clerk: Clerk) -> None:
    """Hold the test's words against what the clerk noted."""
    said = getattr(request.function, COVERS, None)
    if said is not None:
        clerk.close(said)
