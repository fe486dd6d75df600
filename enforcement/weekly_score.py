"""What is known of a firm for the week's list, and the points that rule rows give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from enforcement.policy import Policy


@dataclass(frozen=True, slots=True)
class WeeklyReason:
    """A reason code with its figures; the sentence is made where it is shown."""

    code: str
    values: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mandate:
    """Something that makes a visit due: its kind (a word of the row `weekly_mandates`), its id, and since when."""

    kind: str
    id: str
    since: date


@dataclass(frozen=True, slots=True)
class FirmFacts:
    """What is known of a firm. The caller has cut it at the week's instant: nothing received later may be in here."""

    enterprise: str  # credit code
    name: str
    credit_class: str | None = None
    key_unit: bool = False
    positive_listed_until: date | None = None
    mandates: tuple[Mandate, ...] = ()
    confirmed: int = 0  # alerts that a person confirmed
    open_alerts: int = 0  # alerts that nobody has judged yet
    last_inspection_on: date | None = None
    violations: int = 0  # found within the row `weekly_look_back`
    complaints: int = 0  # received within it


def score_of(firm: FirmFacts, *, policy: Policy, on: date) -> tuple[float, tuple[WeeklyReason, ...]]:
    """The firm's points and what gave them, most points first. Each reason names its row.

    Args:
        firm: its facts, cut at the week's instant.
        policy: the rule rows.
        on: the week's first day.
    """
    reasons = [*_counted(firm, policy, on), *_flags(firm, policy, on), *_by_class(firm, policy, on)]
    reasons.sort(key=lambda reason: (-float(reason.values["points"]), reason.code))
    return sum((float(reason.values["points"]) for reason in reasons), 0.0), tuple(reasons)


def _counted(firm: FirmFacts, policy: Policy, on: date) -> list[WeeklyReason]:
    row, caps = policy.at("weekly_points", on), policy.at("weekly_points_cap", on)
    counts = {
        "confirmed": firm.confirmed,
        "open_alert": firm.open_alerts,
        "violation": firm.violations,
        "complaint": firm.complaints,
    }
    return [
        WeeklyReason(
            f"score_{word}",
            {"count": count, "points": row.number(word) * min(count, caps.number(word)), "rule": row.ref},
        )
        for word, count in counts.items()
        if count > 0
    ]


def _flags(firm: FirmFacts, policy: Policy, on: date) -> list[WeeklyReason]:
    row = policy.at("weekly_points", on)
    reasons = []
    if firm.key_unit:
        reasons.append(WeeklyReason("score_key_unit", {"points": row.number("key_unit"), "rule": row.ref}))
    if firm.last_inspection_on is None:
        reasons.append(
            WeeklyReason("score_never_inspected", {"points": row.number("never_inspected"), "rule": row.ref})
        )
    else:
        days = (on - firm.last_inspection_on).days
        if on - firm.last_inspection_on > timedelta(days=policy.at("weekly_not_inspected_lately", on).number()):
            points = row.number("not_inspected_lately")
            reasons.append(
                WeeklyReason("score_not_inspected_lately", {"days": days, "points": points, "rule": row.ref})
            )
    return reasons


def _by_class(firm: FirmFacts, policy: Policy, on: date) -> list[WeeklyReason]:
    row = policy.at("weekly_points_by_credit_class", on)
    points = row.table().get(firm.credit_class, 0) if firm.credit_class else 0
    if not points:
        return []
    return [WeeklyReason("score_credit_class", {"class": str(firm.credit_class), "points": points, "rule": row.ref})]
