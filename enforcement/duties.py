"""履职台账: which entry of the journal gives whom something to do, and which one says that it is done.

A pure fold over entries: the acts write its events into the record as they happen, and anybody can compute them again
from the journal alone and compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from enforcement import clocks
from enforcement.clocks import Change
from enforcement.policy import Policy, load

PREFIX = "duty_"
ESCALATES = "duty_escalates_to"
DUTIES: tuple[str, ...] = tuple(row.removeprefix(PREFIX) for row in load().ids(PREFIX) if row != ESCALATES)
BEGAN, ENDED = "began", "ended"
ACTOR, NAMED, OF_ROLE = "actor", "named", "role:"


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the journal, as far as duties need it."""

    kind: str
    subject: str
    payload: Mapping[str, Any]
    actor: str
    role: str
    at: datetime
    on: date
    """The Beijing day of `at`."""


@dataclass(frozen=True, slots=True)
class DutyEvent:
    """That a duty began, or ended with a word. `holder`: an account, or `role:` and a role."""

    duty: str
    subject: str
    event: str  # began | ended
    word: str
    holder: str
    by: str
    role: str
    at: datetime
    on: date
    due_on: date | None = None
    days: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a handler says; whether it becomes an event depends on what is open."""

    duty: str
    subject: str
    event: str
    word: str
    named: str = ""
    due_on: date | None = None
    days: int | None = None


def events_of(told: Told, is_open: Callable[[str, str], str | None], *, policy: Policy) -> tuple[DutyEvent, ...]:
    """What an entry begins and ends.

    Args:
        told: the entry.
        is_open: who holds a duty (name, subject) before this entry; None where it is not open.
        policy: the rule rows.

    Returns:
        Ends first. What is open does not begin again, and what is not open does not end.
    """
    held: dict[tuple[str, str], str | None] = {}
    found = []
    for wish in HANDLERS.get(told.kind, _nothing)(told):
        key = (wish.duty, wish.subject)
        before = held.get(key, is_open(*key))
        if (before is None) == (wish.event == ENDED):
            continue
        holder = before if before is not None else _holder(wish, told, policy)
        held[key] = None if wish.event == ENDED else holder
        found.append(
            DutyEvent(
                wish.duty,
                wish.subject,
                wish.event,
                wish.word,
                holder,
                told.actor,
                told.role,
                told.at,
                told.on,
                wish.due_on,
                wish.days,
                str(told.payload.get("reason") or "") if wish.event == ENDED else "",
            )
        )
    return tuple(found)


def fold(entries: Iterable[Told], *, policy: Policy) -> tuple[DutyEvent, ...]:
    """Every event that a journal gives, in the order of its entries."""
    held: dict[tuple[str, str], str | None] = {}
    found: list[DutyEvent] = []

    def holder(duty: str, subject: str) -> str | None:
        return held.get((duty, subject))

    for told in entries:
        events = events_of(told, holder, policy=policy)
        held.update({(one.duty, one.subject): one.holder if one.event == BEGAN else None for one in events})
        found += events
    return tuple(found)


def change_of(told: Told) -> Change | None:
    """What an entry did to a clock; None where it did nothing to one."""
    kind = CHANGES.get(told.kind)
    if kind is None:
        return None
    said = told.payload
    subject = "" if kind == clocks.COUNTING else told.subject
    return Change(
        kind, subject, str(said["rule"]), date.fromisoformat(said["day"]), said["days"], said["counting"],
        said["reason"], said["document"],
    )  # fmt: skip


def _holder(wish: _Wish, told: Told, policy: Policy) -> str:
    how = str(policy.at(PREFIX + wish.duty, told.on).table()["holder"])
    if how == NAMED:
        return wish.named
    return told.actor if how == ACTOR else OF_ROLE + how


def _nothing(told: Told) -> Iterable[_Wish]:
    del told
    return ()


def _lead_opened(told: Told) -> Iterable[_Wish]:
    yield _Wish("filing", told.subject, BEGAN, "opened")


def _receipt_recorded(told: Told) -> Iterable[_Wish]:
    yield _Wish("receiving", told.subject, ENDED, "received")
    yield _Wish("report_filing", told.subject, BEGAN, "received")


def _exceedance_entered(told: Told) -> Iterable[_Wish]:
    yield _Wish("auditing", told.subject, BEGAN, "entered")


def _report_issued(told: Told) -> Iterable[_Wish]:
    if told.payload.get("valid") is False:
        yield _Wish("auditing", told.subject, ENDED, "not_valid")


def _report_delivered(told: Told) -> Iterable[_Wish]:
    yield _Wish("auditing", str(told.payload["exceedance"]), ENDED, "delivered")
    yield _Wish("receiving", told.subject, BEGAN, "delivered")


def _case_filed(told: Told) -> Iterable[_Wish]:
    yield _Wish("filing", str(told.payload["lead"]), ENDED, "filed")
    yield from (_Wish("report_filing", one, ENDED, "filed") for one in _reports(told.payload["evidence"]))
    yield _Wish("deciding", told.subject, BEGAN, "filed")


def _lead_closed(told: Told) -> Iterable[_Wish]:
    yield _Wish("filing", told.subject, ENDED, "declined")
    yield from (_Wish("report_filing", one, ENDED, "declined") for one in _reports(told.payload.get("others", ())))


def _reports(things: Iterable[str]) -> Iterable[str]:
    """Of texts like `report AR-1`, `alert A-1`: the reports."""
    return (name for kind, _, name in (str(one).partition(" ") for one in things) if kind == "report")


def _case_step(told: Told) -> Iterable[_Wish]:
    to = str(told.payload["to"])
    if to in load().at(clocks.PREFIX + "case_decision", told.on).words("ends"):
        yield _Wish("deciding", told.subject, ENDED, to)


def _check_opened(told: Told) -> Iterable[_Wish]:
    yield _Wish("checking", told.subject, BEGAN, "opened")


def _check_closed(told: Told) -> Iterable[_Wish]:
    yield _Wish("checking", told.subject, ENDED, str(told.payload["judgement"]))
    if told.payload["within_days"] is not None:
        yield _Wish("recheck", told.subject, BEGAN, "ordered", days=int(told.payload["within_days"]))


def _check_rechecked(told: Told) -> Iterable[_Wish]:
    yield _Wish("recheck", told.subject, ENDED, "mended" if told.payload["mended"] else "not_mended")


def _verdict(told: Told) -> Iterable[_Wish]:
    value = str(told.payload["value"])
    yield _Wish("second", told.subject, ENDED, "seconded" if told.payload.get("seconds") else value)
    if told.payload.get("needs_second"):
        yield _Wish("second", told.subject, BEGAN, value)


def _verdict_undone(told: Told) -> Iterable[_Wish]:
    yield _Wish("second", told.subject, ENDED, "undone")


def _task_begins(told: Told, word: str) -> _Wish:
    due = told.payload["due_on"]
    day = None if due is None else date.fromisoformat(due)
    return _Wish("task", told.subject, BEGAN, word, str(told.payload["to"]), day)


def _task_assigned(told: Told) -> Iterable[_Wish]:
    yield _task_begins(told, "assigned")


def _task_submitted(told: Told) -> Iterable[_Wish]:
    yield _Wish("task", told.subject, ENDED, "submitted")
    yield _Wish("acceptance", told.subject, BEGAN, "submitted", str(told.payload["given_by"]))


def _task_accepted(told: Told) -> Iterable[_Wish]:
    yield _Wish("acceptance", told.subject, ENDED, "accepted")


def _task_returned(told: Told) -> Iterable[_Wish]:
    yield _Wish("acceptance", told.subject, ENDED, "returned")
    yield _task_begins(told, "returned")


def _task_withdrawn(told: Told) -> Iterable[_Wish]:
    yield _Wish("acceptance", told.subject, ENDED, "withdrawn")
    yield _Wish("task", told.subject, ENDED, "withdrawn")


HANDLERS: Mapping[str, Callable[[Told], Iterable[_Wish]]] = {
    "lead_opened": _lead_opened,
    "exceedance_entered": _exceedance_entered,
    "report_issued": _report_issued,
    "report_replaced": _report_issued,
    "report_delivered": _report_delivered,
    "receipt_recorded": _receipt_recorded,
    "case_filed": _case_filed,
    "lead_closed": _lead_closed,
    "case_step": _case_step,
    "check_opened": _check_opened,
    "check_closed": _check_closed,
    "check_rechecked": _check_rechecked,
    "verdict": _verdict,
    "verdict_undone": _verdict_undone,
    "task_assigned": _task_assigned,
    "task_submitted": _task_submitted,
    "task_accepted": _task_accepted,
    "task_returned": _task_returned,
    "task_withdrawn": _task_withdrawn,
}
"""Every kind of entry that begins or ends a duty."""
CHANGES = {
    "clock_paused": clocks.PAUSE,
    "clock_resumed": clocks.RESUME,
    "clock_extended": clocks.EXTEND,
    "counting_fixed": clocks.COUNTING,
    "counting_accepted": clocks.ACCEPT,
}
"""Every kind of entry that moves a clock."""
