"""Days of monitor data judged one by one, each by the devices, limits and filings that were registered for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np

from enforcement.facts import Fact
from enforcement.permits import Filing, PermitLimit, PermitOutlet
from enforcement.policy import Policy
from enforcement.registry import MonitorPoint
from pipelines.monitor.devices import Device, devices_of
from pipelines.monitor.judging import Day, judge_day
from pipelines.readings import Readings
from pipelines.store import Store
from pipelines.store.read import registry
from pipelines.store.telemetry import readings

F = TypeVar("F", bound=Fact)
ONE_DAY = timedelta(days=1)
KINDS: tuple[type[Fact], ...] = (MonitorPoint, PermitOutlet, PermitLimit, Filing)


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry says of monitors, outlets, limits and filings, of all days, as it was known at an instant."""

    points: Sequence[MonitorPoint]
    outlets: Sequence[PermitOutlet]
    limits: Sequence[PermitLimit]
    filings: Sequence[Filing]

    @classmethod
    def of(cls, store: Store, as_of: datetime) -> Known:
        """Read it."""
        return cls(*(registry.ever(store, kind, as_of) for kind in KINDS))  # type: ignore[arg-type]

    def only(self, mn: str) -> Known:
        """What concerns one device, so that many of its days are soon asked."""
        points = [point for point in self.points if point.mn == mn]
        firms = {point.enterprise for point in points}
        outlets = [outlet for outlet in self.outlets if outlet.enterprise in firms]
        limits = [limit for limit in self.limits if limit.enterprise in firms]
        return Known(points, outlets, limits, self.filings)

    def sha256(self) -> str:
        """Over all that is said: another word makes another digest."""
        told = hashlib.sha256()
        for fact in (*self.points, *self.outlets, *self.limits, *self.filings):
            told.update(repr(fact).encode())
        return told.hexdigest()

    def devices(self, on: date) -> dict[str, Device]:
        """Devices by MN as they were registered for a day."""
        return devices_of(_on(self.points, on), _on(self.outlets, on), _on(self.limits, on), self.filings)


def judged(home: Path, known: Known, on: date, policy: Policy, *, as_of: datetime) -> Day | None:
    """A Beijing day's judgement; None where nothing had come of it."""
    devices = known.devices(on)
    said = said_of(home, on, devices, as_of=as_of)
    return judge_day(said, on, devices, policy) if len(said) else None


def said_of(
    home: Path, on: date, devices: Mapping[str, Device], *, as_of: datetime | None, mn: str | None = None
) -> Readings:
    """A day's readings, and of devices that name a period by its end, or whose clock is behind, those around it."""
    said = readings.of_day(home, on, mn=mn, as_of=as_of)
    moved = [m for m, device in devices.items() if (device.shift or device.behind) and mn in (None, m)]
    beside = [readings.of_day(home, on + k * ONE_DAY, mn=mn, as_of=as_of) for k in (-1, 1)] if moved else []
    more = [part.take(np.isin(part.mn.astype(str), moved)) for part in beside if len(part)]
    return Readings.concat([said, *more]).ordered().latest() if more else said


def _on(facts: Iterable[F], on: date) -> list[F]:
    """Those that hold on a day: of each thing the statement with the latest first day."""
    holding = [f for f in facts if (f.valid_from or date.min) <= on <= (f.valid_to or date.max)]
    holding.sort(key=lambda fact: (fact.valid_from or date.min, fact.received_at))
    return list({fact.key: fact for fact in holding}.values())  # type: ignore[attr-defined]
