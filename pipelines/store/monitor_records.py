"""Rows of what was found in monitor data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class StoredMean:
    """A mean above (or below) a limit: when its period begins, its value, how many of its minutes are valid."""

    begin: datetime
    value: float
    valid: int


@dataclass(frozen=True, slots=True)
class StoredExceedance:
    """An exceedance as it was judged.

    Attributes:
        id: the same for the same device, pollutant, day and limit.
        mn: the device.
        point: code of its monitor point.
        enterprise_uscc: the firm, where the registry named one.
        site_id: the building site, likewise.
        pollutant: its code.
        kind: `dust_quarter_hour`, `permit_hour` or `permit_day`.
        day: the Beijing day.
        begin: of the first mean beyond the limit.
        end: of the last one.
        worst: the mean farthest beyond.
        limit: in `unit`.
        rule: the row or the permit's limit; `comparison`: the row that says what beyond is.
        allowed: how many means a day may lie beyond.
        below: whether they lie below a least value (pH).
        without_flag: how many values in these means carry no flag.
        means: those beyond the limit, in order of time.
        excused_by: filings that may explain it.
        values_sha256: over the minute values that it was computed from.
        received_at: since when it has been known.
    """

    id: str
    mn: str
    point: str
    enterprise_uscc: str | None
    site_id: str | None
    pollutant: str
    kind: str
    day: date
    begin: datetime
    end: datetime
    worst: float
    limit: float
    unit: str
    rule: str
    comparison: str
    allowed: int
    below: bool
    without_flag: int
    means: tuple[StoredMean, ...]
    excused_by: tuple[str, ...]
    values_sha256: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class StoredClue:
    """A clue as it was found.

    Attributes:
        id: the same for the same kind, series and week.
        kind: a word of `models.clues`.
        mn: the device.
        point: code of its monitor point.
        pollutant: its code.
        other: the device that it is like, where the clue is of two.
        last_day: the week ends with it.
        begin: first hour in which it is seen.
        end: end of the last one.
        chance: of so much in clean data.
        figures: what was measured.
        innocent: words for what else it could be.
        received_at: since when it has been known.
    """

    id: str
    kind: str
    mn: str
    point: str
    pollutant: str
    other: str | None
    last_day: date
    begin: datetime
    end: datetime
    chance: float
    figures: Mapping[str, float]
    innocent: tuple[str, ...]
    received_at: datetime
