"""How duties stand on a day: pairs of beginning and end, when each is due, what is late, figures of a period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from enforcement import clocks
from enforcement.calendar import Calendar
from enforcement.clocks import Change, Matter
from enforcement.deadlines import DueDates
from enforcement.duties import BEGAN, PREFIX, DutyEvent
from enforcement.policy import Policy

OPEN, DONE = "open", "done"
RUNNING, WARNING, OVERDUE, MET, MET_LATE = "running", "warning", "overdue", "met", "met_late"
LATE = (OVERDUE, MET_LATE)
"""States of what is late by every way of counting."""
URGENT = (WARNING, "disputed", OVERDUE)
"""States of what is open and pressing."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody had to do, as it stands on a day.

    `due`: its three dates where a clock runs for it; `due_on`: the earliest date, or the day that was given; None
    where nothing says when. `state`: that of the clock, or of the given day in the same words; `open` and `done` where
    it is never due.
    """

    duty: str
    subject: str
    holder: str
    began: DutyEvent
    ended: DutyEvent | None
    due: DueDates | None
    due_on: date | None
    state: str
    reason: str

    @property
    def unexplained(self) -> bool:
        """Whether it is late, and nobody said why."""
        return self.state in LATE and not self.reason.strip()


def standing(
    events: Iterable[DutyEvent],
    changes: Sequence[Change],
    reasons: Mapping[tuple[str, str], str],
    *,
    on: date,
    policy: Policy,
    calendar: Calendar,
) -> tuple[Duty, ...]:
    """Every duty as it stands on a day, in the order in which they began.

    Args:
        events: until that day, in order.
        changes: of clocks, until that day, in order.
        reasons: by duty and subject, why it is late, as its holder said.
        on: the Beijing day.
        policy: the rule rows.
        calendar: working days.
    """
    found: list[tuple[DutyEvent, DutyEvent | None]] = []
    held: dict[tuple[str, str], int] = {}
    for event in events:
        key = (event.duty, event.subject)
        if event.event == BEGAN:
            held[key] = len(found)
            found.append((event, None))
        elif key in held:
            number = held.pop(key)
            found[number] = (found[number][0], event)
    return tuple(_duty(began, ended, changes, reasons, on, policy, calendar) for began, ended in found)


def _duty(
    began: DutyEvent,
    ended: DutyEvent | None,
    changes: Sequence[Change],
    reasons: Mapping[tuple[str, str], str],
    on: date,
    policy: Policy,
    calendar: Calendar,
) -> Duty:
    row = policy.at(PREFIX + began.duty, began.on).table()
    last = None if ended is None else ended.on
    due, due_on = None, began.due_on
    if "clock" in row:
        due, state = _by_clock(str(row["clock"]), began, last, changes, on, policy, calendar)
        due_on = due.earliest
    else:
        state = _by_day(due_on, last, on, int(policy.at("clock_warning", on).number()))
    said = reasons.get((began.duty, began.subject), "") or ("" if ended is None else ended.reason)
    return Duty(began.duty, began.subject, began.holder, began, ended, due, due_on, state, said)


def _by_clock(
    name: str,
    began: DutyEvent,
    last: date | None,
    changes: Sequence[Change],
    on: date,
    policy: Policy,
    calendar: Calendar,
) -> tuple[DueDates, str]:
    clock = policy.at(clocks.PREFIX + name, began.on)
    happened = {str(clock.table()["starts"]): began.on}
    if last is not None:
        happened[clock.words("ends")[0]] = last
    matter = Matter(str(clock.table()["of"]), began.subject, happened, days=began.days)
    found = clocks.deadlines([matter], changes, on=on, policy=policy, calendar=calendar)
    (mine,) = [one for one in found if one.name == name]
    return mine.due, mine.state.value


def _by_day(due: date | None, last: date | None, on: date, warn_days: int) -> str:
    if due is None:
        return OPEN if last is None else DONE
    if last is not None:
        return MET if last <= due else MET_LATE
    if on > due:
        return OVERDUE
    return WARNING if on >= due - timedelta(days=warn_days) else RUNNING


@dataclass(frozen=True, slots=True)
class DutyFigures:
    """What one holder did of one kind of duty in a period. Days belong to it at both ends.

    `begun`: duties that began in it; of these `done`, in time (`met`), in time by one way of counting only
    (`met_disputed`), `met_late`, done without a day on which they were due (`undated`); still `open_now`, of which
    `overdue`; `unexplained`: late without a reason. The state is that of the day that is asked about.
    """

    holder: str
    duty: str
    begun: int
    done: int
    met: int
    met_disputed: int
    met_late: int
    undated: int
    open_now: int
    overdue: int
    unexplained: int


def figures(duties: Iterable[Duty], *, first: date, last: date) -> tuple[DutyFigures, ...]:
    """The figures of a period, by holder and duty."""
    of: dict[tuple[str, str], list[Duty]] = {}
    for one in duties:
        if first <= one.began.on <= last:
            of.setdefault((one.holder, one.duty), []).append(one)
    found = []
    for (holder, duty), mine in sorted(of.items()):
        states = Counter(one.state for one in mine)
        done = sum(one.ended is not None for one in mine)
        found.append(
            DutyFigures(
                holder,
                duty,
                len(mine),
                done,
                states[MET],
                states["met_disputed"],
                states[MET_LATE],
                states[DONE],
                len(mine) - done,
                states[OVERDUE],
                sum(one.unexplained for one in mine),
            )
        )
    return tuple(found)
