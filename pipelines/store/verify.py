"""Does the record still stand? Chain, head, every journaled row as it is today, the bytes of originals and segments.

What this finds: an entry that was changed, removed, added or moved; a row that was changed, removed or added behind the
journal's back; an original that is gone or has other bytes; a journal that was cut at its end, as long as its head was
not cut with it; a journal rewritten after a head was signed. What it cannot find: a home in which somebody rewrote
everything, heads and their key included, where no head and no key were kept elsewhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.store import files, head, signed_heads
from pipelines.store.canonical import row_digest, to_json
from pipelines.store.chain import entry_hash, rows_digest
from pipelines.store.errors import NotADatabase, StoreRefusal
from pipelines.store.journaled import select_all, tables
from pipelines.store.telemetry import segments

if TYPE_CHECKING:
    from pipelines.store.home import Store


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that does not stand. `entry` is the journal entry concerned, or None where there is none."""

    entry: int | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what does not stand."""

    entries: int
    files: int
    breaks: tuple[Break, ...]
    heads: int = 0
    """Signed heads that were held against the journal."""

    @property
    def ok(self) -> bool:
        """Whether everything stands."""
        return not self.breaks


def verify(
    store: Store, *, kept: Sequence[signed_heads.SignedHead] = (), public_key: str | None = None
) -> Verification:
    """Hold the whole record against its journal, as of one state of the database.

    Args:
        store: the home.
        kept: signed heads that were kept outside the home; those inside are looked at always.
        public_key: the key (base64) with which all heads must be signed, kept outside; None takes the home's own.

    Returns:
        How many entries and originals were looked at, and each break with the entry it concerns. A database that cannot
        be read gives the break `database_damaged`, with what could be looked at until then.
    """
    breaks: list[Break] = []
    originals: list[_Original] = []
    entries = 0
    heads, unreadable = _signed(store, kept)
    breaks += unreadable
    told = head.in_file(store.home)  # before the snapshot: the file only ever follows the database
    try:
        with store.snapshot():
            entries = _entries(store)
            originals = _originals(store)
            breaks += _chain(store)
            breaks += _head(store, told)
            breaks += _rows(store)
            breaks += _signed_heads(store, heads, public_key)
    except (sqlite3.DatabaseError, NotADatabase, UnicodeDecodeError) as error:
        breaks.append(Break(None, "database_damaged", str(error)))
    breaks += _bytes(originals)
    return Verification(entries, len(originals), tuple(breaks), len(heads))


@dataclass(frozen=True, slots=True)
class _Original:
    """A file that the record rests on: an original, or a sealed segment of what devices sent."""

    sha256: str
    name: str
    place: Path
    entry: int | None


def _entries(store: Store) -> int:
    row = store.row("SELECT count(*) FROM journal")
    return 0 if row is None else int(row[0])


def _chain(store: Store) -> Iterator[Break]:
    written = _written_by_entry(store)
    expected, previous = 1, head.GENESIS
    for row in store.rows("SELECT * FROM journal ORDER BY seq"):
        seq = row["seq"]
        if seq != expected:
            yield Break(expected, "journal_gap", f"entries {expected} to {seq - 1} are not there")
        elif row["previous_hash"] != previous:
            yield Break(seq, "entry_order", f"it names {row['previous_hash'][:12]} before it, and {previous[:12]} is")
        if entry_hash(tuple(row)[:8]) != row["hash"]:
            yield Break(seq, "entry_changed", f"{row['kind']} {row['subject']}: its text does not give its hash")
        elif _told(row["payload"]) != written.pop(seq, (0, rows_digest(()))):
            yield Break(seq, "entry_rows_changed", f"{row['kind']} {row['subject']}: its list of rows is another")
        written.pop(seq, None)
        expected, previous = seq + 1, row["hash"]
    for seq in sorted(written):
        yield Break(seq, "entry_rows_changed", "rows are listed for an entry that is not there")


def _written_by_entry(store: Store) -> dict[int, tuple[int, str]]:
    listed = store.rows("SELECT seq, table_name, row_id, sha256 FROM journal_row ORDER BY seq, table_name, row_id")
    found = {}
    for seq, group in groupby(listed, key=itemgetter(0)):
        digests = [(row[1], row[2], row[3]) for row in group]
        found[int(seq)] = (len(digests), rows_digest(digests))
    return found


def _told(payload: str) -> tuple[int, str] | None:
    try:
        told = json.loads(payload)
        return (int(told["rows"]), str(told["rows_sha256"])) if to_json(told) == payload else None
    except (ValueError, KeyError, TypeError):
        return None


def _head(store: Store, told: head.Head | None) -> Iterator[Break]:
    last = head.in_database(store)
    if told is None:
        yield Break(None, "head_missing", f"{head.FILE} is not there or cannot be read")
    elif told.seq > last.seq:
        yield Break(
            last.seq + 1, "journal_cut", f"entries up to {told.seq} were written, the last one here is {last.seq}"
        )
    elif not head.stands_in(store, told):
        yield Break(told.seq, "head_differs", f"{head.FILE} names {told.hash[:12]}, and the entry has another hash")


def _signed(store: Store, kept: Sequence[signed_heads.SignedHead]) -> tuple[list[signed_heads.SignedHead], list[Break]]:
    """The heads to look at, read before the snapshot; what of the home's cannot be read is a break."""
    try:
        return [*signed_heads.in_home(store.home), *kept], []
    except StoreRefusal as error:
        return list(kept), [Break(None, error.reason, f"{error.where} {error.detail}")]


def _signed_heads(store: Store, heads: list[signed_heads.SignedHead], public_key: str | None) -> Iterator[Break]:
    try:
        trusted = public_key or signed_heads.public_key(store.home)
    except StoreRefusal as error:
        yield Break(None, error.reason, f"{error.where} {error.detail}")
        trusted = None
    yield from (Break(*fault) for fault in signed_heads.faults(store, heads, trusted))


def _rows(store: Store) -> Iterator[Break]:
    for table, key in tables():
        journaled = _latest_digests(store, table)
        for row in store.rows(select_all(table)):
            name = str(row[key])
            digest, entry = journaled.pop(name, (None, None))
            if digest is None:
                yield Break(None, "row_not_journaled", f"{table} {name}")
            elif _digest(row) != digest:
                yield Break(entry, "row_changed", f"{table} {name}")
        for name, (_, entry) in sorted(journaled.items()):
            yield Break(entry, "row_removed", f"{table} {name}")


def _latest_digests(store: Store, table: str) -> dict[str, tuple[str, int]]:
    sql = "SELECT row_id, sha256, max(seq) AS seq FROM journal_row WHERE table_name = ? GROUP BY row_id"
    return {row["row_id"]: (row["sha256"], row["seq"]) for row in store.rows(sql, (table,))}


def _digest(row: sqlite3.Row) -> str | None:
    try:
        return row_digest(dict(row))
    except ValueError:  # a number that JSON does not have: nothing of ours wrote it
        return None


def _originals(store: Store) -> list[_Original]:
    entries = {key: entry for key, (_, entry) in _latest_digests(store, "file").items()}
    held = store.rows("SELECT sha256, name FROM file ORDER BY sha256")
    files_ = [
        _Original(row["sha256"], row["name"], files.place_of(store.home, row["sha256"]), entries.get(row["sha256"]))
        for row in held
    ]
    return files_ + _segments(store)


def _segments(store: Store) -> list[_Original]:
    entries = {key: entry for key, (_, entry) in _latest_digests(store, "raw_segment").items()}
    sealed = store.rows("SELECT sha256, name FROM raw_segment ORDER BY name")
    folder = store.home / segments.FOLDER
    return [_Original(row["sha256"], row["name"], folder / row["name"], entries.get(row["name"])) for row in sealed]


def _bytes(originals: list[_Original]) -> Iterator[Break]:
    for original in originals:
        said = f"{original.name} ({original.sha256[:12]})"
        try:
            seen = files.sha256_of(original.place)
        except OSError as error:
            yield Break(original.entry, "evidence_missing", f"{said}: {error.strerror}")
            continue
        if seen != original.sha256:
            yield Break(original.entry, "evidence_changed", said)
