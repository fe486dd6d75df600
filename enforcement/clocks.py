"""Which clocks a lead, report, case or check has, from the rows `clock_of_…`, and what people did to them.

A matter has exactly the clocks of the rows of its kind whose first event has happened; a clock keeps the rule row that
was in force on the day it started. How it is counted from there stands in `enforcement.deadlines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from enforcement.calendar import Calendar
from enforcement.deadlines import COUNTINGS, UNKNOWN, Clock, ClockState, DueDates, Pause, due_dates, state_of, warn_from
from enforcement.errors import (
    CountingBackdated,
    CountingUnknown,
    ExtensionForbidden,
    PauseForbidden,
    PauseImpossible,
    ReasonMissing,
)
from enforcement.policy import Policy, Rule

PREFIX = "clock_of_"
PAUSE, RESUME, EXTEND, COUNTING, ACCEPT = "pause", "resume", "extend", "counting", "accept"


@dataclass(frozen=True, slots=True)
class Matter:
    """What clocks run for: its kind (`lead`, `report`, `case`, `check`), the days on which things happened to it.

    `days` is the number that a person set, for a clock whose row names none.
    """

    kind: str
    id: str
    events: Mapping[str, date]
    marks: frozenset[str] = frozenset()
    days: int | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a person did to a clock. `subject` "" is every clock of that rule that starts on or after `day`."""

    kind: str  # pause | resume | extend | counting | accept
    subject: str
    rule: str
    day: date
    days: int | None = None
    counting: str | None = None
    reason: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock as it stands on a day."""

    clock: Clock
    name: str
    due: DueDates
    state: ClockState
    warn_from: date
    days_left: int
    matter: Matter = field(compare=False)


def clocks_of(matter: Matter, changes: Sequence[Change], *, policy: Policy) -> tuple[tuple[str, Clock], ...]:
    """The clocks of a matter, each under its name.

    Args:
        matter: what happened to it until the instant that is asked about.
        changes: of any clock, in the order in which they were made; those of others are left out.
        policy: the rule rows.

    Raises:
        NoRuleInForce: no row of a clock was in force on the day it started.
        PauseImpossible: a pause is ended that was not begun.
    """
    found = []
    for row_id in policy.ids(PREFIX):
        name = row_id.removeprefix(PREFIX)
        start = matter.events.get(str(policy.latest(row_id).table()["starts"]))
        if start is None or policy.latest(row_id).table()["of"] != matter.kind:
            continue
        how = policy.at(row_id, start)
        ended = min((matter.events[e] for e in how.words("ends") if e in matter.events), default=None)
        rule = policy.at(_rule_name(name, how, matter.marks), start)
        mine = [change for change in changes if change.subject == matter.id and change.rule == name]
        clock = Clock(
            subject=matter.id,
            rule=rule,
            started=start,
            ended=ended,
            pauses=_pauses(mine),
            extra_days=(matter.days or 0) + sum(change.days or 0 for change in mine if change.kind == EXTEND),
            counting=_counting(name, start, mine, changes),
        )
        found.append((name, clock))
    return tuple(found)


def deadlines(
    matters: Sequence[Matter], changes: Sequence[Change], *, on: date, policy: Policy, calendar: Calendar
) -> tuple[Deadline, ...]:
    """Every clock of these matters as it stands on a day, the earliest date first.

    Args:
        matters: cut at the instant that is asked about.
        changes: until then.
        on: its Beijing day.
        policy: the rule rows.
        calendar: working days.
    """
    warn_days = int(policy.at("clock_warning", on).number())
    found = []
    for matter in matters:
        for name, clock in clocks_of(matter, changes, policy=policy):
            due = due_dates(clock, calendar, as_of=min(on, clock.ended or on))
            state = state_of(clock, due, on=on, warn_days=warn_days)
            left = (due.earliest - on).days
            found.append(Deadline(clock, name, due, state, warn_from(due, warn_days), left, matter))
    found.sort(key=lambda one: (one.due.earliest, one.clock.subject, one.name))
    return tuple(found)


def may_pause(name: str, clock: Clock, day: date, reason: str, *, policy: Policy, today: date) -> Clock:
    """The clock with this pause, from `day` on.

    Raises:
        PauseForbidden: this clock does not stand still for that reason, or has ended.
        PauseImpossible: before it began, in the future, or while it stands still already.
    """
    row = policy.at("clock_pauses", today)
    if name not in row.table() or reason not in row.words(name):
        fit = ", ".join(f"{clock}: {', '.join(words)}" for clock, words in row.table().items())
        raise PauseForbidden(f"{clock.subject} {name}", f"{row.ref}: {fit}")
    if clock.ended is not None:
        raise PauseForbidden(f"{clock.subject} {name}", f"it ended on {clock.ended}")
    held = [pause for pause in clock.pauses if pause.until is None or pause.until > day]
    if held or not clock.started <= day <= today:
        why = f"it stands still from {held[0].first}" if held else f"it began on {clock.started}, today is {today}"
        raise PauseImpossible(f"{clock.subject} {name} {day}", why)
    return replace(clock, pauses=(*clock.pauses, Pause(day, None, reason)))


def may_resume(name: str, clock: Clock, day: date, *, today: date) -> Clock:
    """The clock going on from `day`.

    Raises:
        PauseImpossible: it does not stand still, or went on before it stood still, or in the future.
    """
    last = clock.pauses[-1] if clock.pauses else None
    if last is None or last.until is not None or not last.first <= day <= today:
        since = "it does not stand still" if last is None or last.until else f"it stands still since {last.first}"
        raise PauseImpossible(f"{clock.subject} {name} {day}", since)
    return replace(clock, pauses=(*clock.pauses[:-1], replace(last, until=day)))


def may_extend(name: str, clock: Clock, days: int, extended: int, *, policy: Policy, today: date) -> str:
    """The row that lets a clock have more days.

    Args:
        name: of the clock.
        clock: as it stands.
        days: more days.
        extended: those that earlier extensions gave.
        policy: the rule rows.
        today: the day of the act.

    Raises:
        ExtensionForbidden: this clock cannot be extended, not by so many days, or has ended.
    """
    row = policy.at("clock_extensions", today)
    if name not in row.table() or not 0 < days <= row.number(name) - extended or clock.ended is not None:
        most = ", ".join(f"{one} {number}" for one, number in row.table().items())
        raise ExtensionForbidden(f"{clock.subject} {name}", f"{row.ref}: days at most {most}; given before: {extended}")
    return row.ref


def counting_known(counting: str, reason: str, *, day: date | None = None, today: date | None = None) -> str:
    """The way of counting of that name, with the reason that the legal office must give.

    Args:
        counting: `calendar`, `rolled`, `working`, or `unknown` for all three.
        reason: on what it rests.
        day: from which day on clocks start with it; None for one running clock.
        today: the day of the act.

    Raises:
        CountingUnknown: there is none.
        CountingBackdated: from a day that is not after today: a running clock keeps what it started with.
        ReasonMissing: no reason.
    """
    if day is not None and today is not None and day <= today:
        raise CountingBackdated(f"{counting} {day}", f"today is {today}")
    if counting not in (*COUNTINGS, UNKNOWN):
        raise CountingUnknown(counting or "(empty)", f"one of {', '.join((*COUNTINGS, UNKNOWN))}")
    if not reason.strip():
        raise ReasonMissing(counting, "say on what this rests")
    return counting


def _rule_name(name: str, how: Rule, marks: frozenset[str]) -> str:
    longer = how.table().get("longer")
    return str(longer["rule"]) if longer is not None and longer["mark"] in marks else name


def _pauses(changes: Sequence[Change]) -> tuple[Pause, ...]:
    found: list[Pause] = []
    for change in changes:
        if change.kind == PAUSE:
            found.append(Pause(change.day, None, change.reason, change.document))
        elif change.kind == RESUME:
            if not found or found[-1].until is not None:
                raise PauseImpossible(f"{change.subject} {change.rule}", "a pause is ended that was not begun")
            found[-1] = replace(found[-1], until=change.day)
    return tuple(found)


def _counting(name: str, start: date, mine: Sequence[Change], changes: Sequence[Change]) -> str | None:
    """How the legal office fixed it for clocks that start that day, or for this running one; None: as the row says."""
    general = [c for c in changes if c.kind == COUNTING and not c.subject and c.rule == name and c.day <= start]
    accepted = [change.counting for change in mine if change.kind == ACCEPT]
    if accepted:
        return accepted[-1]
    return sorted(general, key=lambda change: change.day)[-1].counting if general else None
