"""The law's clocks: how each stands, and what people may do to one: a pause, more days, a way of counting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from enforcement import calendar
from enforcement import policy as law
from enforcement.clocks import (
    ACCEPT,
    COUNTING,
    EXTEND,
    PAUSE,
    RESUME,
    Change,
    Deadline,
    counting_known,
    may_extend,
    may_pause,
    may_resume,
)
from enforcement.clocks import PREFIX as CLOCK_PREFIX
from enforcement.clocks import deadlines as computed
from enforcement.deadlines import due_dates
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.people import lawful, may_look
from pipelines.errors import Refusal
from pipelines.records import Act, User
from pipelines.store import Store, Tx
from pipelines.store.read import clocks as read
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write.cases import insert_change


def deadlines(store: Store, *, by: str | None, as_of: datetime) -> tuple[Deadline, ...]:
    """Every clock as it stood on the Beijing day of an instant, as known then; the earliest date first.

    Args:
        store: the home.
        by: who looks; None where nobody was named.
        as_of: what was done later is not seen.

    Raises:
        Refusal: the role may not look at cases.
    """
    may_look(store, by, "cases", at=as_of)
    with store.snapshot(), lawful():
        return standing(store, as_of)


def standing(store: Store, as_of: datetime) -> tuple[Deadline, ...]:
    """As `deadlines`, for an act that holds its own transaction."""
    return computed(
        read.matters(store, as_of),
        read.changes(store, as_of),
        on=beijing_day(as_of),
        policy=law.load(),
        calendar=calendar.load(),
    )


def pause_clock(
    store: Store, subject: str, rule: str, *, by: str | None, at: datetime, day: date, reason: str, document: str
) -> Act:
    """Let a clock stand still from a day on.

    Args:
        store: the home.
        subject: the case, lead, report or check whose clock it is.
        rule: the clock's name.
        by: the account, or None for the local owner.
        at: when.
        day: the first day that does not count; today or before.
        reason: one of the words that the row `clock_pauses` gives this clock.
        document: number of the document by which it stands still.

    Raises:
        Refusal: the role may not, `unknown_clock`, `document_missing`, `pause_forbidden`, `pause_impossible`,
            `clock_impossible`.
    """
    with acting(store, by, "clock_pause", at) as (tx, user):
        found, today = _clock(store, subject, rule, at), beijing_day(at)
        if not document.strip():
            raise Refusal(subject, "document_missing", "name the document by which it stands still")
        change = Change(PAUSE, subject, rule, day, reason=reason, document=document.strip())
        done = _done(tx, change, user, at)
        if done is not None:
            return done
        clock = may_pause(rule, found.clock, day, reason, policy=law.load(), today=today)
        due_dates(clock, calendar.load(), as_of=today)
        return _written(tx, user, change, at, "clock_paused", "paused")


def resume_clock(
    store: Store, subject: str, rule: str, *, by: str | None, at: datetime, day: date, document: str
) -> Act:
    """Let a clock that stands still go on: `day` is the first that counts again.

    Raises:
        Refusal: the role may not, `unknown_clock`, `document_missing`, `pause_impossible`.
    """
    with acting(store, by, "clock_pause", at) as (tx, user):
        found = _clock(store, subject, rule, at)
        if not document.strip():
            raise Refusal(subject, "document_missing", "name the document by which it goes on")
        change = Change(RESUME, subject, rule, day, document=document.strip())
        done = _done(tx, change, user, at)
        if done is not None:
            return done
        may_resume(rule, found.clock, day, today=beijing_day(at))
        return _written(tx, user, change, at, "clock_resumed", "running")


def extend_clock(
    store: Store, subject: str, rule: str, *, by: str | None, at: datetime, days: int, reason: str, document: str
) -> Act:
    """Give a clock more days, by an approval.

    Raises:
        Refusal: the role may not, `unknown_clock`, `document_missing`, `reason_missing`, `extension_forbidden`.
    """
    with acting(store, by, "clock_extend", at) as (tx, user):
        found = _clock(store, subject, rule, at)
        if not document.strip() or not reason.strip():
            missing = "reason_missing" if document.strip() else "document_missing"
            raise Refusal(subject, missing, "an extension names its approval and its reason")
        change = Change(EXTEND, subject, rule, beijing_day(at), days, None, reason, document.strip())
        mine = [one for one in read.changes(store, at) if (one.kind, one.subject, one.rule) == (EXTEND, subject, rule)]
        done = _done(tx, change, user, at)
        if done is not None:
            return done
        extended = sum(one.days or 0 for one in mine)
        may_extend(rule, found.clock, days, extended, policy=law.load(), today=beijing_day(at))
        return _written(tx, user, change, at, "clock_extended", "running")


def fix_counting(
    store: Store, rule: str, counting: str, *, by: str | None, at: datetime, day: date, reason: str, document: str = ""
) -> Act:
    """The legal office says how days are counted for clocks of a rule that start on or after a day to come.

    Clocks that run keep what they started with; `accept_counting` changes one of them.

    Raises:
        Refusal: the role may not, `unknown_clock`, `counting_unknown`, `counting_backdated`, `reason_missing`.
    """
    with acting(store, by, "clock_counting", at) as (tx, user):
        if CLOCK_PREFIX + rule not in law.load().ids(CLOCK_PREFIX):
            raise Refusal(rule or "(empty)", "unknown_clock")
        counting_known(counting, reason, day=day, today=beijing_day(at))
        change = Change(COUNTING, "", rule, day, None, counting, reason, document)
        return _done(tx, change, user, at) or _written(tx, user, change, at, "counting_fixed", counting)


def accept_counting(
    store: Store, subject: str, rule: str, counting: str, *, by: str | None, at: datetime, reason: str
) -> Act:
    """The legal office accepts a way of counting for one clock that runs already.

    Raises:
        Refusal: the role may not, `unknown_clock`, `counting_unknown`, `reason_missing`.
    """
    with acting(store, by, "clock_counting", at) as (tx, user):
        _clock(store, subject, rule, at)
        counting_known(counting, reason)
        change = Change(ACCEPT, subject, rule, beijing_day(at), None, counting, reason)
        return _done(tx, change, user, at) or _written(tx, user, change, at, "counting_accepted", counting)


def _clock(store: Store, subject: str, rule: str, at: datetime) -> Deadline:
    found = [one for one in standing(store, at) if (one.clock.subject, one.name) == (subject, rule)]
    if not found:
        held = sorted({one.name for one in standing(store, at) if one.clock.subject == subject})
        raise Refusal(f"{subject} {rule}", "unknown_clock", f"clocks of it: {', '.join(held) or 'none'}")
    return found[0]


def _done(tx: Tx, change: Change, user: User, at: datetime) -> Act | None:
    """The act by which this account did the same before, if nothing was done to that clock since."""
    number = read.last_change(tx, change, user.id, at)
    if number is None:
        return None
    return Act(str(number), STATES[change.kind] or change.counting or "", _entry(tx, number), True)


STATES = {PAUSE: "paused", RESUME: "running", EXTEND: "running", COUNTING: "", ACCEPT: ""}
"""The state that an act on a clock prints; of counting, the way itself."""


def _entry(tx: Tx, number: int) -> int:
    return first_entry_of_row(tx, "clock_change", str(number))


def _written(tx: Tx, user: User, change: Change, at: datetime, kind: str, state: str) -> Act:
    number = insert_change(tx, change, signed(user, at))
    payload = {
        "rule": change.rule,
        "day": change.day.isoformat(),
        "days": change.days,
        "counting": change.counting,
        "reason": change.reason,
        "document": change.document,
    }
    subject = change.subject or change.rule
    entry = noted(tx, user, at=at, kind=kind, subject=subject, payload=payload)
    return Act(str(number), state, entry)


def late_for(clocks: Sequence[Deadline], subjects: Sequence[str], to: str, *, on: date) -> tuple[str, ...]:
    """The clocks of these matters that a step to that state would end past the last of their possible dates."""
    return tuple(
        one.name
        for one in clocks
        if one.clock.subject in subjects
        and one.clock.ended is None
        and one.name != LIMITATION
        and one.state == "overdue"
        and to in law.load().at(CLOCK_PREFIX + one.name, on).words("ends")
    )


LIMITATION = "limitation"


def limitation_over(clocks: Sequence[Deadline], lead_id: str) -> bool:
    """Whether the period in which the act behind a lead may be punished is over."""
    mine = [one for one in clocks if one.clock.subject == lead_id and one.name == LIMITATION]
    return any(one.state == "overdue" for one in mine)
