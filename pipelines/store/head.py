"""The journal's head, kept a second time outside the database: `journal.head`, number and hash of the last entry.

It is written after each commit. A home whose journal ends before its head was cut; one that was killed between commit
and this file has a head that lags, which is lawful. Who can write the database *and* this file can still cut both:
against that only a signed head helps that lies elsewhere.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.store.home import Store

FILE = "journal.head"
LOCK = "journal.head.lock"
GENESIS = "0" * 64
"""What stands as the previous hash in the first entry."""


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of an entry; number 0 is the empty journal."""

    seq: int
    hash: str


def in_database(store: Store) -> Head:
    """The last entry of the journal."""
    row = store.row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    return Head(0, GENESIS) if row is None else Head(row["seq"], row["hash"])


def in_file(home: Path) -> Head | None:
    """What the file says, or None where it is missing or unreadable."""
    try:
        told = json.loads((home / FILE).read_text("utf-8"))
        return Head(int(told["seq"]), str(told["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def begin(store: Store) -> None:
    """Write the first head of a home that was just made; a head that is there already stays."""
    with locked(store.home):
        if not (store.home / FILE).exists():
            _write(store.home, in_database(store))


def stands_in(store: Store, told: Head) -> bool:
    """Whether the journal has the entry that a head names, with that hash."""
    if told.seq == 0:
        return told.hash == GENESIS
    row = store.row("SELECT hash FROM journal WHERE seq = ?", (told.seq,))
    return row is not None and row["hash"] == told.hash


def catch_up(store: Store) -> None:
    """Bring the file to the journal's last entry.

    It only ever goes forward, and only from a head that the journal still has: one that was taken away stays away, and
    one that tells of a cut or rewritten journal goes on telling. A full disk does not undo what was committed just
    before: the head then lags, which is lawful.
    """
    latest = in_database(store)
    with suppress(OSError), locked(store.home):
        told = in_file(store.home)
        if told is not None and told.seq < latest.seq and stands_in(store, told):
            _write(store.home, latest)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the lock under which heads are written, among all processes of a home."""
    descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(home: Path, head: Head) -> None:
    temporary = home / f"{FILE}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({"seq": head.seq, "hash": head.hash}, file)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(home / FILE)
