"""What all acts share: one transaction, the role looked up inside it, one journal entry: who, as what, when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from pipelines.casework.people import lawful, permitted
from pipelines.errors import Refusal
from pipelines.records import Alert, User
from pipelines.store import Store, Tx, journal
from pipelines.store.canonical import BEIJING
from pipelines.store.case_records import Signed
from pipelines.store.read import alerts


@contextmanager
def acting(store: Store, by: str | None, act: str, at: datetime) -> Iterator[tuple[Tx, User]]:
    """The transaction of an act, and the account whose role may do it.

    Raises:
        Refusal: the account or its role may not; whatever `enforcement` forbids inside; nothing is written then.
    """
    with store.transaction() as tx, lawful():
        yield tx, permitted(store, by, act, at=at)


def noted(tx: Tx, user: User, *, at: datetime, kind: str, subject: str, payload: Mapping[str, Any]) -> int:
    """Write the act's journal entry; gives its number. An act of a simulated account says so."""
    said = {**payload, "simulated": True} if user.simulated else payload
    entry = journal.append(tx, at=at, actor=user.id, role=user.role, kind=kind, subject=subject, payload=said)
    return entry.seq


def signed(user: User, at: datetime) -> Signed:
    """Who does it, in which role, when: what every row of an act holds."""
    return Signed(user.id, user.role, at, user.simulated)


def alert_known(store: Store, alert_id: str, at: datetime) -> Alert:
    """An alert that was there when somebody acts on it.

    Raises:
        Refusal: `unknown_alert`.
    """
    alert = alerts.get(store, alert_id)
    if alert is None or alert.received_at > at:
        raise Refusal(alert_id or "(empty)", "unknown_alert")
    return alert


def beijing_day(at: datetime) -> date:
    """The day on which an act takes place."""
    return at.astimezone(BEIJING).date()
