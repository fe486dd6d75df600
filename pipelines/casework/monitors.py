"""Every monitor as the dashboard shows it: what is the trouble with it, the worst first; and its curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from enforcement.limits import DUST_LIMITS
from enforcement.policy import Policy
from enforcement.pollutants import pollutant_code
from enforcement.validity import flags_that_count
from pipelines.casework.monitor_days import ONE_DAY, Known, said_of
from pipelines.monitor import curve as curves
from pipelines.monitor.devices import DUST, DUST_CODES, Device
from pipelines.monitor.silence import Gap, gaps
from pipelines.readings import Readings
from pipelines.store import Store
from pipelines.store.monitor_records import StoredClue, StoredExceedance
from pipelines.store.read import monitor as read
from pipelines.store.telemetry import readings, segments
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.packets import Lately

LATELY = timedelta(hours=1)
LEAST_PACKETS = 3
MOSTLY = 0.5
EXCEEDED, SILENT, REPEATS, DRIFTS, SMELLS, STRANGER, FINE = (
    "exceeded", "silent", "repeats", "drifts", "smells", "stranger", "fine",
)  # fmt: skip
TROUBLES = (EXCEEDED, SILENT, REPEATS, DRIFTS, SMELLS, STRANGER, FINE)
Found = TypeVar("Found", StoredExceedance, StoredClue)


@dataclass(frozen=True, slots=True)
class Monitor:
    """A device, and what is the trouble with it.

    Attributes:
        mn: its number.
        device: as it is registered; None: nobody registered it.
        troubles: words of `TROUBLES`, the worst first; `fine` alone where there is none.
        gap: since when it has been silent.
        last_at: when it was heard last; None: never.
        lately: what it sent in the last hour.
        exceedances: of the last days.
        clues: of the last week that was looked through.
    """

    mn: str
    device: Device | None
    troubles: tuple[str, ...]
    gap: Gap | None
    last_at: datetime | None
    lately: Lately | None
    exceedances: tuple[StoredExceedance, ...]
    clues: tuple[StoredClue, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A device's curve of some days with all that belongs to it.

    Attributes:
        curve: its points.
        bands: stretches of flags other than N.
        limits: those that were in force, by first and last day within the look.
        exceedances: of these days.
        clues: whose week ends in these days.
    """

    curve: curves.Curve
    bands: tuple[curves.Band, ...]
    limits: tuple[LimitLine, ...]
    exceedances: tuple[StoredExceedance, ...]
    clues: tuple[StoredClue, ...]


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit and the days on which it was in force."""

    value: float
    unit: str
    name: str
    first: date
    last: date


def board(store: Store, policy: Policy, *, as_of: datetime, days: int, drift_s: float) -> list[Monitor]:
    """All devices, those with the worst trouble first.

    Args:
        store: the home.
        policy: all rows.
        as_of: the instant; stored findings are those known then.
        days: exceedances of so many Beijing days up to it.
        drift_s: a clock further off than this drifts.
    """
    today = readings.day_of(as_of)
    devices = Known.of(store, as_of).devices(today)
    exceeded = _by_mn(read.exceedances(store, today - (days - 1) * ONE_DAY, today, as_of=as_of))
    smelt = _by_mn(_latest(read.clues(store, today - days * ONE_DAY, today, as_of=as_of)))
    with _heard(store) as index:
        heard = index.last_heard(as_of) if index else {}
        lately = index.lately(as_of - LATELY, as_of) if index else {}
    intervals = policy.at("silent_after_intervals", today).number()
    open_ = {gap.mn: gap for gap in gaps((), heard, devices, as_of=as_of, intervals=intervals)}
    found = []
    for mn in sorted(devices.keys() | heard.keys()):
        device, gap, now = devices.get(mn), open_.get(mn), lately.get(mn)
        here = exceeded.get(mn, ()), smelt.get(mn, ())
        troubles = tuple(troubles_of(device, gap, now, *here, drift_s=drift_s)) or (FINE,)
        found.append(Monitor(mn, device, troubles, gap, heard.get(mn), now, *here))
    return sorted(found, key=lambda m: (TROUBLES.index(m.troubles[0]), -len(m.exceedances), m.mn))


def look(store: Store, policy: Policy, mn: str, code: str, *, first: date, last: date, as_of: datetime) -> Look:
    """A device's curve from one Beijing day to another, both with them, with its limits, flags and findings.

    Args:
        store: the home.
        policy: all rows.
        mn: the device; one that nobody registered is shown in its own unit.
        code: pollutant or quantity.
        first: first day.
        last: last day.
        as_of: only what was known by then.
    """
    known = Known.of(store, as_of)
    device = known.devices(last).get(mn) or _stranger(mn)
    said = dict(_said(store, device, first, last, as_of))
    step = curves.step_for((last - first).days + 1)
    counting = flags_that_count(policy, last)
    found = [e for e in read.exceedances(store, first, last, mn=mn, as_of=as_of) if e.pollutant == code]
    return Look(
        curves.curve(said, device, code, counting=counting, minutes=step), tuple(curves.bands(said, device, code)),
        tuple(_limits(known, policy, mn, code, first, last)), tuple(found),
        tuple(c for c in read.clues(store, first, last + 7 * ONE_DAY, mn=mn, as_of=as_of) if c.pollutant == code),
    )  # fmt: skip


def reported(store: Store, mn: str, *, as_of: datetime, until: date, days: int) -> list[str]:
    """Pollutants and quantities that a device reported in some days up to one, by today's codes."""
    said = [readings.of_day(store.home, until - k * ONE_DAY, mn=mn, as_of=as_of) for k in range(days)]
    return sorted({pollutant_code(code) for part in said for code in set(part.code.tolist())})


@contextmanager
def _heard(store: Store) -> Iterator[PacketIndex | None]:
    """The index over packets as it stands; None where no device ever sent anything to this home."""
    if not segments.names(store.home):
        yield None
        return
    with PacketIndex.open(store.home) as index:
        yield index


def troubles_of(
    device: Device | None, gap: Gap | None, lately: Lately | None, exceedances: Sequence[StoredExceedance],
    clues: Sequence[StoredClue], *, drift_s: float,
) -> Iterator[str]:  # fmt: skip
    """Words of `TROUBLES` for a device, the worst first; arguments as the attributes of `Monitor`, and `board`'s."""
    if exceedances:
        yield EXCEEDED
    if gap is not None:
        yield SILENT
    if lately is not None and lately.packets >= LEAST_PACKETS:
        if lately.repeats > MOSTLY * lately.packets:
            yield REPEATS
        if lately.clock_s is not None and abs(lately.clock_s) > drift_s:
            yield DRIFTS
    if clues:
        yield SMELLS
    if device is None:
        yield STRANGER


def _latest(clues: Sequence[StoredClue]) -> list[StoredClue]:
    """Those of the last week that was looked through: each day's look tells the week's clues again."""
    last = max((one.last_day for one in clues), default=None)
    return [one for one in clues if one.last_day == last]


def _by_mn(found: Sequence[Found]) -> dict[str, tuple[Found, ...]]:
    by_mn: dict[str, list[Found]] = {}
    for one in found:
        by_mn.setdefault(one.mn, []).append(one)
    return {mn: tuple(mine) for mn, mine in by_mn.items()}


def _said(store: Store, device: Device, first: date, last: date, as_of: datetime) -> Iterator[tuple[date, Readings]]:
    for on in readings.days(store.home):
        if first <= on <= last:
            said = said_of(store.home, on, {device.mn: device}, as_of=as_of, mn=device.mn)
            if len(said):
                yield on, said


def _stranger(mn: str) -> Device:
    return Device(mn, "", "", "", None, None, None, None, 0, timedelta(0), {}, ())


def _limits(known: Known, policy: Policy, mn: str, code: str, first: date, last: date) -> list[LimitLine]:
    """Each limit as a line over the days on which it held; a limit that changed is two lines."""
    mine = known.only(mn)
    open_: dict[tuple[float, str, str], LimitLine] = {}
    lines: list[LimitLine] = []
    for on in (first + k * ONE_DAY for k in range((last - first).days + 1)):
        device = mine.devices(on).get(mn)
        now = {} if device is None else {key: LimitLine(*key, on, on) for key in _in_force(device, policy, code, on)}
        lines += [line for key, line in open_.items() if key not in now]
        open_ = {key: replace(open_[key], last=on) if key in open_ else line for key, line in now.items()}
    return sorted([*lines, *open_.values()], key=lambda line: (line.first, line.value))


def _in_force(device: Device, policy: Policy, code: str, on: date) -> Iterator[tuple[float, str, str]]:
    if device.source == DUST and code in DUST_CODES:
        for row in policy.rows:
            if row.id in DUST_LIMITS and row.holds(on):
                yield row.number("mean_above_mg_m3"), row.unit or "", row.ref
    for limit in device.limits.get(code, ()):
        yield from ((v, limit.unit, limit.permit_number) for v in (limit.value, limit.value_low) if v is not None)
