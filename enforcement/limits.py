"""What exceeds a limit: dust at building sites by the counts of DB31/964-2016, water and gas by the permit's limits.

An exceedance is arithmetic on means that were valid; it accuses nobody. Whether the data hold, the monitoring station's
person judges (审核报告).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from enforcement.permits import Filing, PermitLimit
from enforcement.policy import Policy
from enforcement.pollutants import pollutant_code
from enforcement.validity import Mean

DUST_LIMITS = ("dust_quarter_hour_limit_1", "dust_quarter_hour_limit_2")
HOUR, DAY = "hour", "day"
STRICTLY = "strictly_greater"


@dataclass(frozen=True, slots=True)
class Exceedance:
    """Means above a limit.

    Attributes:
        kind: `dust_quarter_hour`, `permit_hour` or `permit_day`.
        pollutant: its code.
        on: the Beijing day.
        rule: the row (`Rule.ref`) or the permit's limit that was exceeded.
        comparison: the row that says what "above" is.
        limit: the figure.
        unit: of it.
        allowed: how many means a day may lie above it.
        over: the means that do, in order of time.
        below: whether they lie below a least value instead (pH).
    """

    kind: str
    pollutant: str
    on: date
    rule: str
    comparison: str
    limit: float
    unit: str
    allowed: int
    over: tuple[Mean, ...]
    below: bool = False

    @property
    def begin(self) -> datetime:
        """Begin of the first mean that counts."""
        return self.over[0].begin

    @property
    def end(self) -> datetime:
        """End of the last one."""
        return self.over[-1].end

    @property
    def worst(self) -> float:
        """The mean farthest beyond the limit."""
        values = [mean.value for mean in self.over if mean.value is not None]
        return min(values) if self.below else max(values)

    @property
    def without_flag(self) -> int:
        """How many values below these means carry no flag."""
        return sum(mean.without_flag for mean in self.over)


def dust_exceedances(quarters: Sequence[Mean], on: date, pollutant: str, policy: Policy) -> list[Exceedance]:
    """What of a day's quarter hours exceeds the dust limits: more means above a limit than that limit allows a day.

    Args:
        quarters: valid means in mg/m³ of one device and Beijing day, of `validity.means`.
        on: the day; the rows in force on it are used.
        pollutant: its code.
        policy: all rows.

    Raises:
        NoRuleInForce: no comparison is set on that day. A limit that is not in force is not exceeded.
    """
    found = []
    for rule_id in DUST_LIMITS:
        rows = [row for row in policy.rows if row.id == rule_id and row.holds(on)]
        for row in rows:
            limit, allowed = row.number("mean_above_mg_m3"), int(row.number("allowed_a_day"))
            compare = policy.at("dust_comparison", on)
            over = tuple(
                m for m in quarters if m.value is not None and _beyond(m.value, limit, compare.value == STRICTLY)
            )
            if len(over) > allowed:
                found.append(Exceedance("dust_quarter_hour", pollutant, on, row.ref, compare.ref, limit, row.unit or "",
                                        allowed, over))  # fmt: skip
    return found


def permit_exceedances(
    hours: Sequence[Mean], day: Mean, limit: PermitLimit, on: date, policy: Policy
) -> list[Exceedance]:
    """What exceeds a permit's limit of concentration: each hour by a limit of an hour, the day by a limit of a day.

    Args:
        hours: means of the Beijing day, in the limit's unit.
        day: its mean.
        limit: of the permit; limits of other periods, of rates and amounts, and without a figure give nothing.
        on: the day.
        policy: all rows.
    """
    if limit.what not in ("", "concentration") or limit.period not in (HOUR, DAY):
        return []
    compare = policy.at("permit_limit_comparison", on)
    strictly = compare.value == STRICTLY
    judged = [day] if limit.period == DAY else list(hours)
    found = []
    for figure, sign in ((limit.value, 1), (limit.value_low, -1)):
        if figure is None:
            continue
        over = tuple(m for m in judged if m.value is not None and _beyond(sign * m.value, sign * figure, strictly))
        if over:
            kind, code = f"permit_{limit.period}", pollutant_code(limit.pollutant)
            found.append(Exceedance(kind, code, on, limit.key, compare.ref, figure, limit.unit, 0, over, sign < 0))
    return found


def excuses(filings: Iterable[Filing], begin: datetime, end: datetime, kinds: frozenset[str]) -> list[Filing]:
    """Filings of the kinds that may explain what was measured between two instants: those that cover any of it.

    A filing without an end covers all that follows its begin, and one that the office refused covers nothing.
    """
    return [
        filing for filing in filings
        if filing.filing_kind in kinds and filing.accepted is not False
        and (filing.starts_at is None or filing.starts_at < end) and (filing.ends_at is None or filing.ends_at > begin)
        and (filing.starts_at is not None or filing.ends_at is not None)
    ]  # fmt: skip


def _beyond(value: float, limit: float, strictly: bool) -> bool:
    return value > limit or (value == limit and not strictly)
