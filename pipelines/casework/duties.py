"""The duty log 履职台账 as it stands, why something is late, what is overdue told on, and acts outside of a role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from enforcement import calendar
from enforcement import policy as law
from enforcement.duties import ESCALATES, OF_ROLE, DutyEvent
from enforcement.duty_states import LATE, OVERDUE, URGENT, WARNING, Duty, standing
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.people import SYSTEM, may_look, permitted
from pipelines.errors import Refusal
from pipelines.records import Act, User
from pipelines.store import Store, Tx, journal
from pipelines.store.read import clocks as read_clocks
from pipelines.store.read import duties as read
from pipelines.store.read.journal import first_entry_of_row, last_entry_of_kind
from pipelines.store.task_records import DutyReason, RefusedAct, Reminder
from pipelines.store.write import duties as write


def duties(store: Store, *, by: str | None, as_of: datetime) -> tuple[Duty, ...]:
    """Every duty as it stood at an instant, as known then, in the order in which they began.

    Raises:
        Refusal: the role may not look at the log.
    """
    may_look(store, by, "duties", at=as_of)
    with store.snapshot():
        return _standing(store, as_of)


def recomputed(store: Store, as_of: datetime) -> tuple[Duty, ...]:
    """The same, from the journal's entries and nothing else but the reasons that were given."""
    with store.snapshot():
        events, changes = read.from_journal(store, as_of)
        return standing(
            events, changes, _reasons(store, as_of), on=beijing_day(as_of), policy=law.load(), calendar=calendar.load()
        )


def _standing(store: Store, as_of: datetime) -> tuple[Duty, ...]:
    return standing(
        read.events(store, as_of), read_clocks.changes(store, as_of), _reasons(store, as_of), on=beijing_day(as_of),
        policy=law.load(), calendar=calendar.load(),
    )  # fmt: skip


def _reasons(store: Store, as_of: datetime) -> dict[tuple[str, str], str]:
    return {(one.duty, one.subject): one.reason for one in read.reasons(store, as_of)}


@dataclass(frozen=True, slots=True)
class LateDuty:
    """Something late without a reason, with the journal's entries about it."""

    duty: Duty
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Accountability:
    """问责: what goes to the leader."""

    late: tuple[LateDuty, ...]
    refused: tuple[tuple[RefusedAct, int], ...]
    """Each act outside of a role, with its journal entry."""


def accountability(store: Store, *, by: str | None, as_of: datetime) -> Accountability:
    """What is late without a reason, and what was asked for outside of a role.

    Raises:
        Refusal: the role may not look at it.
    """
    may_look(store, by, "accountability", at=as_of)
    with store.snapshot():
        late = [one for one in _standing(store, as_of) if one.unexplained]
        return Accountability(
            tuple(LateDuty(one, tuple(read.entries_about(store, one.subject, as_of))) for one in late),
            tuple(
                (one, first_entry_of_row(store, "refused_act", str(number)))
                for number, one in read.refused_acts(store, as_of)
            ),
        )


def explain_duty(store: Store, duty: str, subject: str, *, by: str | None, at: datetime, reason: str) -> Act:
    """Say why a duty is late. Who holds it says so; where a role holds it, an account of that role.

    Returns:
        The subject, state of the duty; the same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_duty`, `duty_not_late`, `duty_not_yours`, `reason_missing`.
    """
    with acting(store, by, "duty_explain", at) as (tx, user):
        mine = [one for one in _standing(store, at) if (one.duty, one.subject) == (duty, subject)]
        if not mine:
            raise Refusal(f"{duty} {subject}", "unknown_duty")
        one = mine[-1]
        if one.holder not in (user.id, OF_ROLE + user.role):
            raise Refusal(f"{duty} {subject}", "duty_not_yours", f"it is held by {one.holder}")
        if one.state not in LATE:
            raise Refusal(f"{duty} {subject}", "duty_not_late", f"it is {one.state}")
        if not reason.strip():
            raise Refusal(f"{duty} {subject}", "reason_missing", "say why it is late")
        said = [r for r in read.reasons(tx, at) if (r.duty, r.subject) == (duty, subject)]
        if said and (said[-1].reason, said[-1].signed.by) == (reason.strip(), user.id):
            return Act(subject, one.state, last_entry_of_kind(tx, subject, "duty_explained"), True)
        number = write.insert_reason(tx, DutyReason(duty, subject, reason.strip(), signed(user, at)))
        payload = {"number": number, "duty": duty, "reason": reason.strip(), "late": one.state}
        entry = noted(tx, user, at=at, kind="duty_explained", subject=subject, payload=payload)
        return Act(subject, one.state, entry)


def remind(store: Store, *, by: str | None, at: datetime) -> tuple[Reminder, ...]:
    """Tell whoever holds it of what presses, and the leader of what is overdue: once a duty and level.

    Machine work: the entry is the system's. Whoever is named must have the role to ask for it.

    Returns:
        The reminders that were due now and not given before.

    Raises:
        Refusal: the role may not ask for machine work.
    """
    if by is not None:
        permitted(store, by, "run_request", at=at)
    with store.transaction() as tx:
        given = {(one.duty, one.subject, one.began_at, one.level) for one in read.reminders(tx, at)}
        found = [
            one for one in _due_reminders(store, at) if (one.duty, one.subject, one.began_at, one.level) not in given
        ]
        if found:
            write.insert_reminders(tx, found)
            payload = {"reminders": [[one.duty, one.subject, one.level, one.to_whom] for one in found]}
            journal.append(
                tx, at=at, actor=SYSTEM, role=SYSTEM, kind="duties_reminded", subject="duties", payload=payload
            )
    return tuple(found)


def _due_reminders(store: Store, at: datetime) -> list[Reminder]:
    leader = OF_ROLE + str(law.load().at(ESCALATES, beijing_day(at)).value)
    found = []
    for one in _standing(store, at):
        if one.ended is None and one.state in URGENT:
            found.append(Reminder(one.duty, one.subject, one.began.at, WARNING, one.holder, at))
        if one.ended is None and one.state == OVERDUE:
            found.append(Reminder(one.duty, one.subject, one.began.at, OVERDUE, leader, at))
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """What the log holds and the journal does not give, and the other way round."""

    events: int
    missing: tuple[DutyEvent, ...]
    extra: tuple[DutyEvent, ...]


def compared(asked: Store | Tx, as_of: datetime) -> Compared:
    """Hold the stored log against what the journal's entries give."""
    stored, again = Counter(read.events(asked, as_of)), Counter(read.from_journal(asked, as_of)[0])
    return Compared(stored.total(), tuple((again - stored).elements()), tuple((stored - again).elements()))


def complete(store: Store, *, by: str | None, at: datetime) -> Act:
    """Write what the log lacks from before it was kept, as the journal gives it, each with its own day.

    Raises:
        Refusal: the role may not, or `duty_log_differs` where the log holds what the journal does not give.
    """
    with acting(store, by, "duty_complete", at) as (tx, user):
        found = compared(tx, at)
        if found.extra:
            one = found.extra[0]
            raise Refusal(f"{one.duty} {one.subject}", "duty_log_differs", f"{len(found.extra)} events")
        if not found.missing:
            return Act("duties", "complete", last_entry_of_kind(tx, "duties", "duty_log_completed"), True)
        return _completed(tx, user, found.missing, at)


def _completed(tx: Tx, user: User, missing: Sequence[DutyEvent], at: datetime) -> Act:
    write.insert_events(tx, missing, simulated=user.simulated)
    payload = {"events": len(missing)}
    return Act(
        "duties", "complete", noted(tx, user, at=at, kind="duty_log_completed", subject="duties", payload=payload)
    )
