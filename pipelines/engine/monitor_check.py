"""Online monitors as of an instant: exceedances, clues, gaps, and what could not be judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from enforcement.policy import Policy
from pipelines.casework.monitor_days import ONE_DAY, Known, judged
from pipelines.engine.monitor_clues import DeviceClue, clues
from pipelines.monitor.judging import Judged, NotJudged
from pipelines.monitor.silence import Gap, silent
from pipelines.settings import MonitorSettings
from pipelines.store import Store
from pipelines.store.telemetry import readings
from pipelines.store.telemetry.index import PacketIndex


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
    known = Known.of(store, as_of)
    found: list[Judged] = []
    left: dict[tuple[str, str], NotJudged] = {}
    for on in (first + k * ONE_DAY for k in range(days)):
        day = judged(store.home, known, on, policy, as_of=as_of)
        if day is not None:
            found += day.judged
            left |= {(one.mn, one.code): one for one in day.not_judged}
    devices = known.devices(last)
    intervals = policy.at("silent_after_intervals", last).number()
    gaps = silent(index, devices, since=as_of - days * ONE_DAY, as_of=as_of, intervals=intervals)
    smells = clues(store.home, devices, policy, settings, last=last, as_of=as_of)
    return Checked(first, last, tuple(found), tuple(smells), tuple(gaps), tuple(left.values()))
