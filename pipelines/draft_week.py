"""Monday's draft: which firms the brigade should visit, why, and which it should leave alone. A person freezes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from enforcement import policy as law
from enforcement.errors import EnforcementError
from enforcement.weekly import ExemptFirm, FirmFacts, WeeklyTarget, plan_week
from pipelines.records import Done, Outcome, Refused


@dataclass(frozen=True, slots=True)
class WeekToDraft:
    """What was known of each firm by `as_of`, how many visits are possible, and the seed of the random arm."""

    week: str
    facts: tuple[FirmFacts, ...]
    targets: int
    seed: int


@dataclass(frozen=True, slots=True)
class DraftedWeek:
    """The machine's draft of one ISO week."""

    week: str
    targets: tuple[WeeklyTarget, ...]
    exempt: tuple[ExemptFirm, ...]


def run(work: Iterable[WeekToDraft], *, as_of: datetime, run_id: str, settings: object) -> Iterator[Outcome]:
    """Draft each week: mandated first, then by risk, then the random arm from the rest.

    Yields `Done(week, DraftedWeek)`, or `Refused` where `week` is not an ISO week or no rule holds.
    """
    rules = law.load()
    for item in work:
        try:
            monday = monday_of(item.week)
        except ValueError as error:
            yield Refused(item.week, "not_an_iso_week", str(error))
            continue
        try:
            targets, exempt = plan_week(item.facts, targets=item.targets, seed=item.seed, policy=rules, on=monday)
        except EnforcementError as error:
            yield Refused(item.week, error.reason, error.detail or error.where)
            continue
        yield Done(item.week, DraftedWeek(item.week, tuple(targets), tuple(exempt)))


def monday_of(week: str) -> date:
    """The Monday of an ISO week written 2026-W48.

    Raises:
        ValueError: another form, or a week that the year does not have.
    """
    year, _, number = week.partition("-W")
    if not (len(year) == 4 and year.isdigit() and len(number) == 2 and number.isdigit()):
        raise ValueError(f"{week!r} is not of the form 2026-W48")
    return date.fromisocalendar(int(year), int(number), 1)


def week_of(day: date) -> str:
    """The ISO week that holds a day, as 2026-W48."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"
