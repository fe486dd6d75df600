"""Which periods of a device are missing, and how far its clock is off: pure, from the times that it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from hj212.words import DAY, HOUR, MINUTE

STEPS = {HOUR: timedelta(hours=1), DAY: timedelta(days=1)}
CLOCK_SIGHTS = 5
"""So many QN in a row show a clock's drift: one late packet does not."""


def step_of(cn: str, interval_s: float | None, seen: Sequence[datetime]) -> timedelta | None:
    """How far apart the periods of a command are.

    Args:
        cn: 2051, 2061 or 2031; others have no periods.
        interval_s: as registered; counts for minute data where it is a whole number of minutes up to an hour.
        seen: `DataTime` of minute data, in order; without a registered interval the least distance counts.

    Returns:
        None where nobody can say yet.
    """
    if cn != MINUTE:
        return STEPS.get(cn)
    if interval_s and interval_s % 60 == 0 and 60 <= interval_s <= 3600:
        return timedelta(seconds=interval_s)
    apart = [b - a for a, b in pairwise(seen) if b > a]
    return min(apart) if len(apart) >= 3 else None


def between(
    latest: datetime, came: datetime, step: timedelta, *, back: timedelta, longest: timedelta
) -> tuple[datetime, datetime] | None:
    """First and last missing period between the latest known and the one that came; None where none is missing.

    Args:
        latest: the last period known before.
        came: the one that has come now.
        step: how far apart periods are.
        back: devices keep their data only so long: nothing older is asked for.
        longest: of what one request asks for, the youngest part.
    """
    if came - latest < 1.5 * step:
        return None
    last = came - step
    first = max(latest + step, last - longest, came - back)
    return (first, last) if first <= last else None


def drift_s(offsets_s: Sequence[float]) -> float | None:
    """By how much a clock is ahead: the median of what was seen of it last; None before that is enough."""
    return median(offsets_s) if len(offsets_s) >= CLOCK_SIGHTS else None
