"""The stages of monitor data: each day judged, each week's series looked through; what was found is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from enforcement import policy as law
from pipelines.casework.monitor_days import ONE_DAY, Known, judged
from pipelines.engine.monitor_clues import WEEK_DAYS, DeviceClue, clues
from pipelines.engine.readings import enter_readings
from pipelines.engine.stage import Context, Stage, Work, results
from pipelines.gateway.serve import caught_up
from pipelines.monitor.judging import Judged
from pipelines.records import Done, Outcome, Provenance
from pipelines.settings import MonitorSettings
from pipelines.store import Store
from pipelines.store.monitor_records import StoredClue, StoredExceedance, StoredMean
from pipelines.store.telemetry import readings, segments
from pipelines.store.transaction import Tx
from pipelines.store.write import monitor as write_monitor


@dataclass(frozen=True, slots=True)
class DayToJudge:
    """A Beijing day, and what the registry says."""

    on: date
    home: Path
    known: Known


def brought_up(store: Store, today: date) -> None:
    """Let the readings hold all packets that came. A home without any stays as it is."""
    if segments.names(store.home):
        with caught_up(store) as index:
            enter_readings(store, index)
        with readings.entering(store.home):
            readings.tidy(store.home, before=today - ONE_DAY)


# ---- exceedances ----------------------------------------------------------------------------------------------------


def _days_to_judge(store: Store, context: Context) -> list[Work]:
    """Days of which something came since they were judged, and those of the last weeks where the registry changed."""
    today = readings.day_of(context.as_of)
    brought_up(store, today)
    days = readings.days(store.home)
    if not days:
        return []
    known = Known.of(store, context.as_of)
    said = known.sha256()
    recent = today - context.settings.monitor.judged_again_days * ONE_DAY
    work = []
    for on in (day for day in days if day <= today):
        key = MONITOR.key(context, on.isoformat(), *_shown(store.home, on), said if on > recent else "")
        work.append(Work(on.isoformat(), key, DayToJudge(on, store.home, known)))
    return work


def _shown(home: Path, on: date) -> list[str]:
    """Which packets a day's judgement rests on: those of the day, and of those beside it."""
    return [part for k in (-1, 0, 1) for part in readings.parts(home, on + k * ONE_DAY)]


def _judge(
    days: Sequence[DayToJudge], as_of: datetime, run_id: str, settings: MonitorSettings
) -> Iterator[Outcome]:  # every stage takes these
    policy = law.load()
    for day in days:
        found = judged(day.home, day.known, day.on, policy, as_of=as_of)
        yield Done(day.on.isoformat(), found.judged if found else ())


def _save_exceedances(
    tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    for work, found in zip(works, results(outcomes), strict=True):
        rows = [_exceedance(one, context.as_of) for one in found]
        write_monitor.replace_exceedances(tx, work.payload.on, rows, provenance, at=context.as_of)


def _exceedance(one: Judged, at: datetime) -> StoredExceedance:
    told, device = one.exceedance, one.device
    means = tuple(StoredMean(m.begin, m.value, m.valid) for m in told.over if m.value is not None)
    return StoredExceedance(
        one.id, device.mn, device.point, device.enterprise, device.site, told.pollutant, told.kind, told.on, told.begin,
        told.end, told.worst, told.limit, told.unit, told.rule, told.comparison, told.allowed, told.below,
        told.without_flag, means, tuple(f.filing_id for f in one.excused_by), one.values_sha256, at,
    )  # fmt: skip


MONITOR = Stage("monitor", _days_to_judge, _judge, lambda s: s.monitor, _save_exceedances, lawful=True, spread=True)


# ---- clues ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WeekToLookThrough:
    """The week that ends with a Beijing day."""

    last: date
    home: Path
    known: Known


def _weeks_to_look_through(store: Store, context: Context) -> list[Work]:
    """The week up to yesterday: of a day that is not over nobody can say that it lacks something."""
    last = readings.day_of(context.as_of) - ONE_DAY
    shown = [part for k in range(WEEK_DAYS) for part in readings.parts(store.home, last - k * ONE_DAY)]
    if not shown:
        return []
    known = Known.of(store, context.as_of)
    key = CLUES.key(context, last.isoformat(), *shown, known.sha256())
    return [Work(last.isoformat(), key, WeekToLookThrough(last, store.home, known))]


def _look_through(
    weeks: Sequence[WeekToLookThrough], as_of: datetime, run_id: str, settings: MonitorSettings
) -> Iterator[Outcome]:
    policy = law.load()
    for week in weeks:
        devices = week.known.devices(week.last)
        found = clues(week.home, devices, policy, settings, last=week.last, as_of=as_of)
        yield Done(week.last.isoformat(), tuple(found))


def _save_clues(
    tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    for work, found in zip(works, results(outcomes), strict=True):
        last = work.payload.last
        rows = [_clue(one, last, context.as_of) for one in found]
        write_monitor.replace_clues(tx, last, rows, provenance, at=context.as_of)


def _clue(one: DeviceClue, last: date, at: datetime) -> StoredClue:
    told = f"{one.clue.kind}|{one.device.mn}|{one.pollutant}|{one.other}|{last}"
    return StoredClue(
        f"clue-{hashlib.sha256(told.encode()).hexdigest()[:12]}", one.clue.kind, one.device.mn, one.device.point,
        one.pollutant, one.other, last, one.begin, one.end, one.clue.chance, one.clue.figures, one.clue.innocent, at,
    )  # fmt: skip


CLUES = Stage(
    "clues", _weeks_to_look_through, _look_through, lambda s: s.monitor, _save_clues, lawful=True, spread=False
)
