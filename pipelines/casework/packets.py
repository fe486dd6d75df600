"""Packets of devices that a person brings in as files: who may, and who did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from pipelines.casework.acting import noted
from pipelines.casework.people import permitted
from pipelines.records import User
from pipelines.store import Store

ACT = "packets_import"


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it was taken in.

    Attributes:
        name: of the file.
        sha256: of its bytes.
        packets: taken out of it.
        rejected: kept, and not taken.
    """

    name: str
    sha256: str
    packets: int
    rejected: int


def may_bring(store: Store, *, by: str | None, at: datetime) -> User:
    """The account that brings packets in.

    Raises:
        Refusal: the account or its role may not.
    """
    return permitted(store, by, ACT, at=at)


def note_brought(store: Store, files: Sequence[Brought], *, by: str | None, at: datetime) -> int | None:
    """Enter in the journal who brought which files in; gives the entry's number, None where there was none.

    Their bytes stand in segments, which an entry of their own seals.

    Raises:
        Refusal: as `may_bring`.
    """
    if not files:
        return None
    with store.transaction() as tx:
        payload = {"files": [asdict(one) for one in files]}
        user = permitted(store, by, ACT, at=at)
        return noted(tx, user, at=at, kind="packets_imported", subject=files[0].sha256, payload=payload)
