"""What all acts share: one transaction, the role looked up inside it, one journal entry: who, as what, when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from enforcement import policy as law
from enforcement.duties import Told, events_of
from pipelines.casework.people import lawful, permitted
from pipelines.errors import Refusal
from pipelines.records import Alert, User
from pipelines.store import Store, Tx, journal
from pipelines.store.canonical import BEIJING
from pipelines.store.case_records import Signed
from pipelines.store.read import alerts, duties, people
from pipelines.store.task_records import RefusedAct
from pipelines.store.write import duties as write


@contextmanager
def acting(store: Store, by: str | None, act: str, at: datetime) -> Iterator[tuple[Tx, User]]:
    """The transaction of an act, and the account whose role may do it.

    That a role may not is itself noted, for the leader's list 问责: once an account, act and day.

    Raises:
        Refusal: the account or its role may not; whatever `enforcement` forbids inside; of the act nothing is written.
    """
    try:
        with store.transaction() as tx, lawful():
            yield tx, permitted(store, by, act, at=at)
    except Refusal as refusal:
        if refusal.reason == ROLE_FORBIDS:
            _note_refused(store, by, act, refusal, at)
        raise


ROLE_FORBIDS = "role_forbids"


def _note_refused(store: Store, by: str | None, act: str, refusal: Refusal, at: datetime) -> None:
    user = None if by is None else people.user(store, by)
    if user is None:
        return
    day = beijing_day(at)
    with store.transaction() as tx:
        for _, before in duties.refused_acts(tx, at):
            if (before.act, before.signed.by, before.signed.role, before.on) == (act, user.id, user.role, day):
                return
        number = write.insert_refused(tx, RefusedAct(act, refusal.detail, day, signed(user, at)))
        payload = {"refused": number, "act": act, "rule": refusal.detail}
        noted(tx, user, at=at, kind="act_refused", subject=user.id, payload=payload)


def noted(tx: Tx, user: User, *, at: datetime, kind: str, subject: str, payload: Mapping[str, Any]) -> int:
    """Write the act's journal entry, and what it gives whom to do; gives the entry's number.

    An act of a simulated account says so. What the duty log gains stands under the same entry.
    """
    said = {**payload, "simulated": True} if user.simulated else payload
    told = Told(kind, subject, said, user.id, user.role, at, beijing_day(at))
    found = events_of(told, lambda duty, about: duties.holder(tx, duty, about), policy=law.load())
    write.insert_events(tx, found, simulated=user.simulated)
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
