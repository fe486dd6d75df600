"""What the registry says of devices: which there are, which check sum each speaks, how often it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from enforcement.registry import MonitorPoint
from pipelines.store import Store
from pipelines.store.read import registry

SWAPPED = "crc_swapped"
UTC_CLOCK = "clock_utc"


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered device.

    Attributes:
        mn: its number.
        accept: check sums beside the standard's own that are taken from it.
        interval_s: how often data are due, where it is written down.
        clock_utc: its clock shows UTC.
    """

    mn: str
    accept: frozenset[str]
    interval_s: float | None
    clock_utc: bool


DIALECTS = {
    "modbus": ("modbus",),
    "hj212_swapped": ("swapped", "颠倒", "低位在前", "低字节在前"),
    "none": ("none", "不校验", "无校验"),
}
"""How registries write what `hj212.CrcMode` calls a dialect."""
NOBODY = Registered("", frozenset(), None, False)


def registered_at(store: Store, as_of: datetime) -> Mapping[str, Registered]:
    """Devices by MN. Two points of one logger share its number: what is accepted from either is accepted."""
    found: dict[str, Registered] = {}
    for point in registry.facts(store, MonitorPoint, as_of):
        if point.mn:
            found[point.mn] = _with(found.get(point.mn), point)
    return found


def dialect_of(written: str) -> frozenset[str]:
    """What a registry's word for a check sum allows beside the standard's own; a word that is none allows nothing."""
    word = "".join(letter for letter in written.lower() if letter.isalnum())
    return frozenset(mode for mode, words in DIALECTS.items() if any(part in word for part in words))


def _with(known: Registered | None, point: MonitorPoint) -> Registered:
    said = dialect_of(point.crc_mode) | ({"hj212_swapped"} if SWAPPED in point.quirks else frozenset())
    accept = frozenset(said) | (known.accept if known else frozenset())
    steps = [s for s in (point.interval_s, known.interval_s if known else None) if s]
    utc = UTC_CLOCK in point.quirks or (known is not None and known.clock_utc)
    return Registered(point.mn or "", accept, min(steps, default=None), utc)
