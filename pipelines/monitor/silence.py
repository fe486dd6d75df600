"""When devices were silent: one outage, one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipelines.monitor.devices import Device

STANDARD_S = 60.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without any packet of a device.

    Attributes:
        mn: the device.
        point: code of its monitor point.
        begin: its last packet before; None: none ever came.
        end: its first packet after; None: it is silent still.
        due_s: how often data were due.
    """

    mn: str
    point: str
    begin: datetime | None
    end: datetime | None
    due_s: float


class Heard(Protocol):
    """The index over packets, as far as it is asked here."""

    def silences(self, *, since: datetime, until: datetime, longer_s: float) -> list[tuple[str, datetime, datetime]]:
        """Stretches without packets (MN, last before, first after) that ended between two instants."""

    def last_heard(self, until: datetime) -> dict[str, datetime]:
        """Of each MN when its last packet before an instant came."""


def silent(
    heard: Heard, devices: Mapping[str, Device], *, since: datetime, as_of: datetime, intervals: float
) -> list[Gap]:
    """Gaps that ended since an instant or have not ended; arguments as in `gaps`."""
    over = heard.silences(since=since, until=as_of, longer_s=shortest_s(devices.values(), intervals))
    return gaps(over, heard.last_heard(as_of), devices, as_of=as_of, intervals=intervals)


def gaps(
    silences: Iterable[tuple[str, datetime, datetime]], last: Mapping[str, datetime], devices: Mapping[str, Device],
    *, as_of: datetime, intervals: float,
) -> list[Gap]:  # fmt: skip
    """Stretches in which a registered device brought nothing for longer than so many of its own intervals.

    Args:
        silences: stretches that are over, as (MN, last packet before, first after), at least the long ones.
        last: of each MN when its last packet came.
        devices: by MN.
        as_of: the instant; a device that is silent up to it has a gap without an end.
        intervals: of a rule row.

    Returns:
        By MN and begin.
    """
    found = [
        Gap(mn, devices[mn].point, before, after, _due_s(devices[mn]))
        for mn, before, after in silences
        if mn in devices and (after - before).total_seconds() > intervals * _due_s(devices[mn])
    ]
    for mn, device in devices.items():
        heard = last.get(mn)
        if heard is None or (as_of - heard).total_seconds() > intervals * _due_s(device):
            found.append(Gap(mn, device.point, heard, None, _due_s(device)))
    return sorted(found, key=lambda gap: (gap.mn, gap.begin is not None, gap.begin))


def shortest_s(devices: Iterable[Device], intervals: float) -> float:
    """The shortest silence that is an alarm for any of these devices."""
    return intervals * min((_due_s(device) for device in devices), default=STANDARD_S)


def _due_s(device: Device) -> float:
    return device.interval_s or STANDARD_S
