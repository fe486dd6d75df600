"""How good work was: found, confirmed, refused, late, each share with its interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from enforcement.intervals import Share, share

CONFIRMED, REFUSED = "confirmed", "refused"


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: a task, an alert, a report.

    `words`: of each thing found in it that was judged, `confirmed` or `refused`; `found`: how many things were found.
    `due_on`: the last day for it, None where none was given; `done_on`: when it was done.
    `again`: whether it was handed back once; None where nothing was judged yet, or nothing is handed back.
    """

    source: str  # contractor | drone | online
    who: str
    began_on: date
    found: int
    words: tuple[str, ...]
    due_on: date | None = None
    done_on: date | None = None
    again: bool | None = None


@dataclass(frozen=True, slots=True)
class QualityFigures:
    """The figures of one source in a period; a share of nothing has no value and no interval."""

    source: str
    who: str
    work: int
    found: int
    undecided: int
    confirmed: Share
    refused: Share
    late: Share
    accepted_at_once: Share


def quality(work: Iterable[Work], *, first: date, last: date, on: date, level: float) -> tuple[QualityFigures, ...]:
    """The figures of a period, by source and who.

    Args:
        work: all of it, as known on the day `on`.
        first: of the period; work belongs to it by the day on which it began.
        last: of the period, which belongs to it.
        on: the Beijing day of the look. What is not done counts as late from the day after it was due; before that it
            is not counted among what could be late.
        level: of the intervals.

    Returns:
        `confirmed` and `refused` are shares of what was judged; `late` of the work that is done or past its day, and
        had one; `accepted_at_once` of the work that was judged and could have been handed back.
    """
    of: dict[tuple[str, str], list[Work]] = {}
    for one in work:
        if first <= one.began_on <= last:
            of.setdefault((one.source, one.who), []).append(one)
    return tuple(_figures(source, who, mine, on, level) for (source, who), mine in sorted(of.items()))


def _figures(source: str, who: str, mine: list[Work], on: date, level: float) -> QualityFigures:
    words = [word for one in mine for word in one.words]
    found = sum(one.found for one in mine)
    timed = [late for late in (_late(one, on) for one in mine) if late is not None]
    again = [one.again for one in mine if one.again is not None]
    return QualityFigures(
        source=source,
        who=who,
        work=len(mine),
        found=found,
        undecided=found - len(words),
        confirmed=share(words.count(CONFIRMED), len(words), level=level),
        refused=share(words.count(REFUSED), len(words), level=level),
        late=share(sum(timed), len(timed), level=level),
        accepted_at_once=share(again.count(False), len(again), level=level),
    )


def _late(one: Work, on: date) -> bool | None:
    """Whether it was late; None where it had no day, or its day has not passed and it is not done."""
    if one.due_on is None:
        return None
    if one.done_on is not None:
        return one.done_on > one.due_on
    return True if on > one.due_on else None


def days_after(day: date, days: float) -> date:
    """The last day on which something that came on `day` is not late."""
    return day + timedelta(days=days)
