"""What the store refuses, and the two defects it can find in its callers."""

from __future__ import annotations

import sqlite3

from pipelines.errors import Refusal


class StoreRefusal(Refusal):
    """A home or a row that cannot be used. Each class is one reason.

    Args:
        where: the home, the file or the row that it is about.
        detail: what exactly was seen.
    """

    reason: str

    def __init__(self, where: str, detail: str = "") -> None:
        super().__init__(where, self.reason, detail)


class NoHome(StoreRefusal):
    """There is no database under this path, and none was to be made."""

    reason = "no_home"


class HomeIsNewer(StoreRefusal):
    """The database was written by a later version; this one would misread it."""

    reason = "home_is_newer"


class NotADatabase(StoreRefusal):
    """The file that should be the database is something else, or is damaged."""

    reason = "not_a_database"


class HomeUnusable(StoreRefusal):
    """The home cannot be made, read or written now: no right, no room, or another process keeps it to itself."""

    reason = "home_unusable"


class HashDiffers(StoreRefusal):
    """The bytes to be held are not those that were announced: the file changed while it was read."""

    reason = "file_changed_while_read"


class HeadKeyUnusable(StoreRefusal):
    """The key that signs heads cannot be read, is something else, or is open to others."""

    reason = "head_key_unusable"


class SignedHeadUnreadable(StoreRefusal):
    """A file or a line that should be a signed head is something else."""

    reason = "signed_head_unreadable"


class SignedHeadDiffers(StoreRefusal):
    """The journal is not the one that a head was signed for."""

    reason = "signed_head_differs"


class UnknownRow(StoreRefusal):
    """No such row in this home."""

    reason = "unknown_row"


class NotJournaled(RuntimeError):
    """A transaction wrote rows without a journal entry: a defect of its author. It was rolled back."""


class NaiveInstant(ValueError):
    """An instant without a zone was about to be stored: a defect of its author."""


DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR})
"""Primary result codes that say the file itself is at fault; the others say that it cannot be used now."""


def refusal_of(where: str, error: sqlite3.DatabaseError) -> StoreRefusal:
    """What a failure of the database means to a person."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return (NotADatabase if code in DAMAGED else HomeUnusable)(where, str(error))
