"""Online monitors as of an instant: exceedances, gaps, and what could not be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from enforcement.facts import Fact
from enforcement.permits import Filing, PermitLimit, PermitOutlet
from enforcement.policy import Policy
from enforcement.registry import MonitorPoint
from pipelines.engine.monitor_clues import DeviceClue, clues
from pipelines.monitor.devices import Device, devices_of
from pipelines.monitor.judging import Judged, NotJudged, judge_day
from pipelines.monitor.silence import Gap, gaps, shortest_s
from pipelines.readings import Readings
from pipelines.settings import MonitorSettings
from pipelines.store import Store
from pipelines.store.read import registry
from pipelines.store.telemetry import readings
from pipelines.store.telemetry.index import PacketIndex

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in the days that were looked at."""

    first: date
    last: date
    exceedances: tuple[Judged, ...]
    clues: tuple[DeviceClue, ...]
    gaps: tuple[Gap, ...]
    not_judged: tuple[NotJudged, ...]


def check(
    store: Store, index: PacketIndex, policy: Policy, settings: MonitorSettings, *, as_of: datetime, days: int
) -> Checked:
    """Judge the last Beijing days up to an instant by what had come and was registered by then.

    Args:
        store: the home.
        index: of its packets.
        policy: all rows; those in force on each day are used.
        settings: of looking for clues.
        as_of: the instant.
        days: how many, the present day with them.
    """
    last = readings.day_of(as_of)
    first = last - (days - 1) * ONE_DAY
    known: Mapping[type[Fact], Sequence[Fact]] = {
        kind: registry.ever(store, kind, as_of) for kind in (MonitorPoint, PermitOutlet, PermitLimit)
    }
    filings = registry.ever(store, Filing, as_of)
    found: list[Judged] = []
    left: dict[tuple[str, str], NotJudged] = {}
    for on in (first + k * ONE_DAY for k in range(days)):
        devices = _devices_on(known, filings, on)
        said = _of_day_and_after(store, on, devices, as_of)
        if not len(said):
            continue
        day = judge_day(said, on, devices, policy)
        found += day.judged
        left |= {(one.mn, one.code): one for one in day.not_judged}
    since = as_of - days * ONE_DAY
    intervals = policy.at("silent_after_intervals", last).number()
    devices = _devices_on(known, filings, last)
    silences = index.silences(since=since, until=as_of, longer_s=shortest_s(devices.values(), intervals))
    silent = gaps(silences, index.last_heard(as_of), devices, as_of=as_of, intervals=intervals)
    smells = clues(store, devices, policy, settings, last=last, as_of=as_of)
    return Checked(first, last, tuple(found), tuple(smells), tuple(silent), tuple(left.values()))


def _of_day_and_after(store: Store, on: date, devices: Mapping[str, Device], as_of: datetime) -> Readings:
    """A day's readings, and of devices that name a period by its end, or whose clock is behind, those around it."""
    said = readings.of_day(store.home, on, as_of=as_of)
    moved = [mn for mn, device in devices.items() if device.shift or device.behind]
    beside = [readings.of_day(store.home, on + k * ONE_DAY, as_of=as_of) for k in (-1, 1)] if moved else []
    more = [part.take(np.isin(part.mn.astype(str), moved)) for part in beside if len(part)]
    return Readings.concat([said, *more]).ordered().latest() if more else said


def _devices_on(known: Mapping[type[Fact], Sequence[Fact]], filings: Iterable[Filing], on: date) -> dict[str, Device]:
    """Devices as they were registered for a day."""
    points, outlets, limits = (_on(known[kind], on) for kind in (MonitorPoint, PermitOutlet, PermitLimit))
    return devices_of(points, outlets, limits, list(filings))  # type: ignore[arg-type]


def _on(facts: Iterable[Fact], on: date) -> list[Fact]:
    """Those that hold on a day: of each thing the statement with the latest first day."""
    holding = [f for f in facts if (f.valid_from or date.min) <= on <= (f.valid_to or date.max)]
    holding.sort(key=lambda fact: (fact.valid_from or date.min, fact.received_at))
    return list({fact.key: fact for fact in holding}.values())  # type: ignore[attr-defined]
