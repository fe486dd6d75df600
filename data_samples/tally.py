"""Judged answers counted: found and located, answered, right, wrong, with intervals, by any group. Plain rows in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

NAMED, NONE, CANNOT_TELL = "named", "none_registered", "cannot_tell"
Z_95 = 1.959964
SIGMAS_SQUARED_95 = 5.991464547
"""Chi-square, two degrees of freedom: within it lies the 95 % ellipse."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a chain said of one alert, held against what is true.

    Attributes:
        group: words that rows are grouped by: `class`, `height`, `light`, `view`, `flight`, `seed`.
        is_true: whether there is such a thing at all.
        source: id of what made it; None: nobody who is registered (or there is nothing).
        enterprise: the firm behind it.
        apart_m: from the true place.
        sigmas_squared: the same in units of the stated ellipse.
        answer: `named`, `none_registered` or `cannot_tell`.
        named: the id that was named.
        named_enterprise: the firm behind the one that was named.
    """

    group: Mapping[str, str]
    is_true: bool
    source: str | None
    enterprise: str | None
    apart_m: float
    sigmas_squared: float
    answer: str
    named: str | None = None
    named_enterprise: str | None = None

    @property
    def answered(self) -> bool:
        """Whether it names somebody, or says that nobody is registered."""
        return self.answer in (NAMED, NONE)

    @property
    def right(self) -> bool:
        """Whether an answer is right: the source itself, or the firm that answers for it; or truly nobody."""
        if not self.is_true:
            return False
        if self.answer == NONE:
            return self.source is None
        if self.answer != NAMED or self.source is None:
            return False
        own_firm = self.enterprise is not None and self.enterprise in (self.named, self.named_enterprise)
        return self.named == self.source or own_firm

    @property
    def accuses_wrongly(self) -> bool:
        """Whether it names one that is not the source: also where there is no such thing at all."""
        return self.answer == NAMED and not self.right


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the interval that Wilson gives at 95 %."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end.

        Source: Wilson 1927, without continuity correction.
        """
        if not self.of:
            return 0.0, 1.0
        p, n, z2 = self.value, self.of, Z_95 * Z_95
        middle, half = p + z2 / (2 * n), Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))

    def __str__(self) -> str:
        """As a table shows it: 0.93 [0.90, 0.95] of 312."""
        if not self.of:
            return "-"
        low, high = self.interval
        return f"{self.value:.3f} [{low:.3f}, {high:.3f}] of {self.of}"


@dataclass(frozen=True, slots=True)
class Tally:
    """All that is counted of some alerts."""

    ellipse_holds: Share
    answered: Share
    right_named: Share
    right_none: Share
    wrong: Share
    wrong_of_true: Share
    median_m: float
    median_interval_m: tuple[float, float]


def tally(rows: Sequence[Judged]) -> Tally:
    """Count.

    `ellipse_holds`, `answered` and the metres are of alerts about true things; `right_named` of all answers that name
    somebody; `right_none` of the answers "none registered" about true things; `wrong` of all answers, `wrong_of_true`
    of those about true things.
    """
    true = [row for row in rows if row.is_true]
    named = [row for row in rows if row.answer == NAMED]
    none = [row for row in true if row.answer == NONE]
    answered, answered_true = [r for r in rows if r.answered], [r for r in true if r.answered]
    metres = sorted(row.apart_m for row in true)
    return Tally(
        ellipse_holds=Share(sum(row.sigmas_squared <= SIGMAS_SQUARED_95 for row in true), len(true)),
        answered=Share(len(answered_true), len(true)),
        right_named=Share(sum(row.right for row in named), len(named)),
        right_none=Share(sum(row.right for row in none), len(none)),
        wrong=Share(sum(row.accuses_wrongly for row in answered), len(answered)),
        wrong_of_true=Share(sum(row.accuses_wrongly for row in answered_true), len(answered_true)),
        median_m=_quantile(metres, 0.5),
        median_interval_m=_median_interval(metres),
    )  # fmt: skip


def by_group(rows: Iterable[Judged], key: str) -> dict[str, list[Judged]]:
    """Rows by one of their groups, in the order of the words."""
    found: dict[str, list[Judged]] = {}
    for row in rows:
        if key in row.group:
            found.setdefault(row.group[key], []).append(row)
    return dict(sorted(found.items()))


def height_band(metres: float) -> str:
    """A word for a flight's height above the ground."""
    edges = (70, 100)
    low = max((e for e in edges if metres >= e), default=0)
    high = min((e for e in edges if metres < e), default=None)
    return f"{low:03d} to {high} m" if high else f"{low:03d} m and more"


def lines(rows: Sequence[Judged], keys: Sequence[str]) -> list[str]:
    """A table, a line a group of each key, the whole first."""
    columns = ("", "alerts", "ellipse holds", "answered", "named right", "none right", "wrong accusations", "median m")
    found = [columns, _line("all", rows)]
    for key in keys:
        found += [_line(f"{key}: {word}", part) for word, part in by_group(rows, key).items()]
    widths = [max(len(line[k]) for line in found) for k in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in found]


def _line(name: str, rows: Sequence[Judged]) -> tuple[str, ...]:
    told = tally(rows)
    low, high = told.median_interval_m
    metres = "-" if math.isnan(told.median_m) else f"{told.median_m:.1f} [{low:.1f}, {high:.1f}]"
    shares = (told.ellipse_holds, told.answered, told.right_named, told.right_none, told.wrong)
    return (name, str(len(rows)), *(str(share) for share in shares), metres)


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return math.nan
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def _median_interval(ordered: Sequence[float]) -> tuple[float, float]:
    """Order statistics that hold the median with 95 % (normal approximation of the binomial)."""
    if not ordered:
        return math.nan, math.nan
    half = Z_95 * math.sqrt(len(ordered)) / 2
    low, high = math.floor(len(ordered) / 2 - half), math.ceil(len(ordered) / 2 + half)
    return ordered[max(0, low)], ordered[min(len(ordered) - 1, high)]
