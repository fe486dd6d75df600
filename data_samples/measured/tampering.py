"""What is wrong with the data and why: faults, frauds, innocent causes and real offences, each written down.

The kinds are those that real networks show: values that stick, that hardly vary, that are pressed under a limit, that
jump at a visit, gaps at work, impossible ratios, two devices that say the same, clocks, data filled in afterwards, and
a point that sees nothing while everybody else does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_samples.measured.weather import Times, Weather, hour_of, minute_of, weekday_of

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

FAULT, FRAUD, INNOCENT, OFFENCE = "fault", "fraud", "innocent", "offence"
WORK_FROM, WORK_TO = 8, 18
CLOCK_AHEAD_MIN = 180


@dataclass(frozen=True)
class Injected:
    """Something that was done to a point's data, or that really happened there.

    `clue` is the kind of clue that a look at the series can give; empty: none that is known today, or none that should
    be given.
    """

    id: str
    point: str
    what: str
    cause: str
    begin: str
    end: str
    clue: str
    says: str


INJECTED = (
    Injected(
        "M01", "YC-004", "stuck", FAULT, "2026-11-18T00:00", "2026-11-20T12:00", "flat_line",
        "the sensor repeats its last value",
    ),
    Injected(
        "M02", "FS-004", "smoothed", FRAUD, "2026-11-17T00:00", "2026-11-23T23:59", "little_variance",
        "the probe stands in a bottle",
    ),
    Injected(
        "M03", "FQ-002", "pressed", FRAUD, "2026-11-17T00:00", "2026-11-23T23:59", "pressed_under_limit",
        "what exceeds is written just below the limit",
    ),
    Injected(
        "M04", "FS-003", "scaled", FRAUD, "2026-11-20T10:00", "2026-11-24T08:00", "",
        "a factor set at the calibration of 20 November",
    ),
    Injected(
        "M05", "YC-008", "off_at_work", FRAUD, "2026-11-17T00:00", "2026-11-23T23:59", "gaps_at_work",
        "switched off in working hours",
    ),
    Injected(
        "M06", "YC-010", "part_above_whole", FAULT, "2026-11-18T00:00", "2026-11-23T23:59", "impossible_ratio",
        "PM2.5 channel without its drying tube",
    ),
    Injected(
        "M07", "YC-012", "copied", FRAUD, "2026-11-17T00:00", "2026-11-23T23:59", "same_values",
        "sends the values of YC-011",
    ),
    Injected(
        "M08", "YC-016", "clock_ahead", FAULT, "2026-11-23T10:00", "2026-11-23T12:00", "",
        "its clock is three hours ahead",
    ),
    Injected(
        "M09", "YC-015", "filled_in", FRAUD, "2026-11-22T08:00", "2026-11-22T14:00", "",
        "a straight line sent afterwards for six lost hours",
    ),
    Injected(
        "M10", "YC-001", "bagged", FRAUD, "2026-11-23T08:00", "2026-11-23T18:00", "",
        "a bag over the inlet; the flight of 13:04 sees the plume pass over it",
    ),
    Injected(
        "M11", "YC-006", "silent", INNOCENT, "2026-11-21T03:00", "2026-11-22T09:00", "",
        "no power on the site",
    ),
    Injected(
        "M12", "FS-006", "stands_still", INNOCENT, "2026-10-26T00:00", "2026-11-08T23:59", "",
        "filed: production stopped",
    ),
    Injected(
        "M13", "YC-017", "fog", INNOCENT, "2026-11-20T01:00", "2026-11-20T07:00", "",
        "fog droplets count as dust",
    ),
    Injected(
        "M14", "FQ-001", "flagged", INNOCENT, "2026-11-21T00:00", "2026-11-21T12:00", "",
        "filed: filter bags changed, values flagged M",
    ),
    Injected(
        "M15", "FS-009", "exceeds", OFFENCE, "2026-11-12T00:00", "2026-11-13T23:59", "",
        "chemical oxygen demand nearly twice as high for two days",
    ),
    Injected(
        "M16", "FQ-003", "exceeds", OFFENCE, "2026-11-23T09:00", "2026-11-23T12:00", "",
        "nitrogen oxides high for three hours",
    ),
)  # fmt: skip


@dataclass
class Series:
    """What a point reports: values (times, codes) in the unit of limits, flags, and which times are sent at all.

    `late_min` is how many minutes after its own minute each is sent, `label_min` what `DataTime` is off by.
    """

    at: Times
    values: FloatArray
    flags: NDArray[np.object_]
    sent: Mask
    late_min: NDArray[np.int64]
    label_min: NDArray[np.int64]

    @classmethod
    def of(cls, at: Times, values: FloatArray) -> Series:
        """A series as it was measured."""
        n = len(at)
        return cls(at, values.copy(), np.full(n, "N", object), np.ones(n, bool), np.zeros(n, int), np.zeros(n, int))


def tampered(series: dict[str, Series], limits: dict[str, list[float | None]], sky: Weather, seed: int) -> None:
    """Do to the series what `INJECTED` says.

    Args:
        series: by code of the point; changed in place.
        limits: of each point's codes, in their order.
        sky: the weather, with what is in the air anyway.
        seed: of the chance in it.
    """
    rng = np.random.default_rng([seed, 45])
    for one in INJECTED:
        own = series[one.point]
        during = (own.at >= minute_of(one.begin)) & (own.at <= minute_of(one.end))
        if one.what == "copied":
            own.values[during] = series["YC-011"].values[during]
        elif one.what == "bagged":
            there = np.interp(own.at[during].astype(float), sky.at.astype(float), sky.background)
            own.values[during] = there[:, None] * np.array([1.0, 0.62, 0.36])
        elif one.what == "pressed":
            _pressed(own, during, limits[one.point], rng)
        elif one.what in CHANGES:
            CHANGES[one.what](own, during)


def _stuck(own: Series, during: Mask) -> None:
    own.values[during] = own.values[int(np.argmax(during))]


def _smoothed(own: Series, during: Mask) -> None:
    middle = np.median(own.values[during], axis=0)
    own.values[during] = middle + 0.06 * (own.values[during] - middle)


def _pressed(own: Series, during: Mask, limits: list[float | None], rng: np.random.Generator) -> None:
    """What really comes out exceeds the first limit half of the time; what is sent stays below it."""
    limit = limits[0]
    if limit is None:
        raise ValueError("nothing to press under")
    true = own.values[during, 0] * (1.02 * limit / np.median(own.values[during, 0]))
    below = limit * rng.uniform(0.93, 0.995, int(during.sum()))
    own.values[during, 0] = np.where(true > 0.95 * limit, below, true)


def _scaled(own: Series, during: Mask) -> None:
    own.values[during, 1] *= 0.45


def _off_at_work(own: Series, during: Mask) -> None:
    hour = hour_of(own.at)
    own.sent[during & (hour >= WORK_FROM) & (hour < WORK_TO) & (weekday_of(own.at) < 6)] = False


def _part_above_whole(own: Series, during: Mask) -> None:
    own.values[during, 2] = 1.3 * own.values[during, 1]


def _clock_ahead(own: Series, during: Mask) -> None:
    own.label_min[during] = CLOCK_AHEAD_MIN


def _filled_in(own: Series, during: Mask) -> None:
    where = np.flatnonzero(during)
    share = np.linspace(0, 1, len(where))[:, None]
    own.values[where] = (1 - share) * own.values[where[0] - 1] + share * own.values[where[-1] + 1]
    own.late_min[where] = (own.at[where[-1]] - own.at[where]).astype(int) + 60


def _silent(own: Series, during: Mask) -> None:
    own.sent[during] = False


def _fog(own: Series, during: Mask) -> None:
    own.values[during] *= 1.8


def _flagged(own: Series, during: Mask) -> None:
    own.values[during] *= 0.2
    own.flags[during] = "M"


CHANGES: dict[str, Callable[[Series, Mask], None]] = {
    "stuck": _stuck, "smoothed": _smoothed, "scaled": _scaled, "off_at_work": _off_at_work,
    "part_above_whole": _part_above_whole, "clock_ahead": _clock_ahead, "filled_in": _filled_in, "silent": _silent,
    "fog": _fog, "flagged": _flagged,
}  # fmt: skip
"""`stands_still` and `exceeds` are in what was measured already."""
