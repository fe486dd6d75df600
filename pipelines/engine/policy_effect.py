"""What a changed set of rule rows would change: exceedances that would be judged otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from enforcement.policy import Policy
from pipelines.casework.monitor_days import ONE_DAY, Known, judged
from pipelines.monitor.judging import Judged
from pipelines.store import Store
from pipelines.store.telemetry import readings


@dataclass(frozen=True, slots=True)
class Effect:
    """Exceedances of some days by the one set of rows and not by the other; of both, but of another figure.

    Attributes:
        days: of which there were readings.
        gained: by the changed rows alone.
        lost: by the present rows alone.
        changed: by both, (present, changed), with another limit, count allowed or set of means.
    """

    days: int
    gained: tuple[Judged, ...]
    lost: tuple[Judged, ...]
    changed: tuple[tuple[Judged, Judged], ...]


def effect(store: Store, before: Policy, after: Policy, *, as_of: datetime, days: int) -> Effect:
    """Judge the last Beijing days up to an instant by both sets of rows. Nothing is stored.

    Args:
        store: the home.
        before: the present rows.
        after: the changed ones.
        as_of: the instant.
        days: how many, the present day with them.
    """
    known, last = Known.of(store, as_of), readings.day_of(as_of)
    there = [on for on in readings.days(store.home) if last - (days - 1) * ONE_DAY <= on <= last]
    old: dict[tuple[str, ...], Judged] = {}
    new: dict[tuple[str, ...], Judged] = {}
    for on in there:
        for policy, into in ((before, old), (after, new)):
            day = judged(store.home, known, on, policy, as_of=as_of)
            into.update({_of(one): one for one in (day.judged if day else ())})
    both = [(old[key], new[key]) for key in old if key in new]
    return Effect(
        len(there), tuple(one for key, one in new.items() if key not in old),
        tuple(one for key, one in old.items() if key not in new),
        tuple((was, is_) for was, is_ in both if _figures(was) != _figures(is_)),
    )  # fmt: skip


def _of(one: Judged) -> tuple[str, ...]:
    """The same exceedance under both sets: a row that begins anew has another `ref`, and the same id."""
    told = one.exceedance
    return one.device.mn, told.pollutant, told.on.isoformat(), told.kind, told.rule.partition("@")[0], str(told.below)


def _figures(one: Judged) -> tuple[object, ...]:
    told = one.exceedance
    return told.limit, told.allowed, tuple(mean.begin for mean in told.over)
