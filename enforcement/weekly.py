"""The week's list: what must be visited, what risk points at, and a few drawn at random so that the rest can be judged.

A draft by rule rows. No probability is shown until a calibrated model stands behind it: `score` is a sum of points,
and each reason names the row that gave them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

from enforcement.errors import FirmTwice, MandateUnknown, TargetsImpossible
from enforcement.policy import Policy, Rule
from enforcement.weekly_score import FirmFacts, Mandate, WeeklyReason, score_of

__all__ = [
    "ExemptFirm",
    "FirmFacts",
    "Mandate",
    "WeeklyReason",
    "WeeklyTarget",
    "mandated_beyond",
    "plan_week",
    "score_of",
]

MANDATED, RISK, RANDOM = "mandated", "risk", "random"


@dataclass(frozen=True, slots=True)
class WeeklyTarget:
    """A firm on the week's list. `propensity` is its chance to be drawn, given in the random arm only."""

    rank: int
    enterprise: str
    name: str
    arm: str  # mandated | risk | random
    score: float | None  # sum of points, not a probability
    probability: float | None
    reasons: tuple[WeeklyReason, ...]
    propensity: float | None


@dataclass(frozen=True, slots=True)
class ExemptFirm:
    """A firm that is not visited this week, until when, and by which rule row."""

    enterprise: str
    name: str
    reason: str
    until: date | None
    rule: str = ""


def plan_week(
    facts: Sequence[FirmFacts], *, targets: int, seed: int, policy: Policy, on: date
) -> tuple[tuple[WeeklyTarget, ...], tuple[ExemptFirm, ...]]:
    """The week's draft: mandated first, then by score, then drawn at random from the rest.

    Args:
        facts: every firm that may be visited, once each, in any order.
        targets: how many firms can be visited.
        seed: of the draw; the same seed and facts give the same list.
        policy: the rule rows.
        on: the week's first day, in whose rows the list is made.

    Returns:
        At most `targets` targets in order of rank, and the exempt firms: those on the positive list that nothing
        mandates. A risk target has a score above 0. `mandated_beyond` tells of mandates that found no room.

    Raises:
        FirmTwice: a firm stands twice among the facts.
        MandateUnknown: a mandate of a kind that no row names.
        TargetsImpossible: fewer than 0 targets.

    The draw: firms that are left, sorted by credit code, each take the next `random()` of `random.Random(seed)`
    (Mersenne Twister, 53 bits); the k smallest are drawn. Each has the same chance k / n, its propensity.
    """
    _refuse_bad(facts, targets, policy, on)
    by_code = sorted(facts, key=lambda firm: firm.enterprise)
    exempting = policy.at("positive_list_non_site_only", on)
    exempt = [firm for firm in by_code if _is_exempt(firm, exempting, on)]
    mandated = _mandated(facts, policy, on)[:targets]
    free = [firm for firm in by_code if not firm.mandates and not _is_exempt(firm, exempting, on)]
    room = targets - len(mandated)
    risky = _by_risk(free, policy, on)[: room - _random_places(room, targets, policy, on)]
    left = [firm for firm in free if firm not in risky]
    drawn = _drawn(left, room - len(risky), seed)
    rows = [_target(firm, MANDATED, policy, on) for firm in mandated]
    rows += [_target(firm, RISK, policy, on) for firm in risky]
    rows += [_drawn_target(firm, seed, (len(drawn), len(left)), policy, on) for firm in drawn]
    ranked = tuple(replace(row, rank=rank) for rank, row in enumerate(rows, start=1))
    return ranked, tuple(
        ExemptFirm(firm.enterprise, firm.name, "positive_listed", firm.positive_listed_until, exempting.ref)
        for firm in exempt
    )


def mandated_beyond(facts: Sequence[FirmFacts], *, targets: int, policy: Policy, on: date) -> tuple[FirmFacts, ...]:
    """The firms with a mandate that find no room among `targets`, most urgent first.

    Raises:
        FirmTwice, MandateUnknown, TargetsImpossible: as `plan_week`.
    """
    _refuse_bad(facts, targets, policy, on)
    return tuple(_mandated(facts, policy, on)[targets:])


def _mandated(facts: Sequence[FirmFacts], policy: Policy, on: date) -> list[FirmFacts]:
    order = policy.at("weekly_mandates", on).words()

    def urgency(firm: FirmFacts) -> tuple[int, date, str]:
        kind, since = min((order.index(mandate.kind), mandate.since) for mandate in firm.mandates)
        return kind, since, firm.enterprise

    return sorted((firm for firm in facts if firm.mandates), key=urgency)


def _by_risk(free: Sequence[FirmFacts], policy: Policy, on: date) -> list[FirmFacts]:
    scored = [(score_of(firm, policy=policy, on=on)[0], firm) for firm in free]
    risky = [(points, firm) for points, firm in scored if points > 0]
    risky.sort(key=lambda pair: (-pair[0], pair[1].last_inspection_on or date.min, pair[1].enterprise))
    return [firm for _, firm in risky]


def _random_places(room: int, targets: int, policy: Policy, on: date) -> int:
    row = policy.at("weekly_random_share", on)
    return min(room, max(int(row.number("at_least")), ceil(row.number("share") * targets)))


def _drawn(left: Sequence[FirmFacts], places: int, seed: int) -> list[FirmFacts]:
    source = random.Random(seed)  # noqa: S311 - a draw that anybody can replay, not a secret
    tickets = sorted((source.random(), firm.enterprise, firm) for firm in left)
    return [firm for _, _, firm in tickets[:places]]


def _target(firm: FirmFacts, arm: str, policy: Policy, on: date) -> WeeklyTarget:
    points, reasons = score_of(firm, policy=policy, on=on)
    rule = policy.at("weekly_mandates", on).ref
    due = tuple(
        WeeklyReason(f"mandate_{mandate.kind}", {"id": mandate.id, "since": mandate.since.isoformat(), "rule": rule})
        for mandate in firm.mandates
    )
    if firm.mandates and firm.positive_listed_until is not None and firm.positive_listed_until >= on:
        due += (WeeklyReason("listed_but_mandated", {"until": firm.positive_listed_until.isoformat()}),)
    return WeeklyTarget(0, firm.enterprise, firm.name, arm, points, None, due + reasons, None)


def _drawn_target(firm: FirmFacts, seed: int, drawn_of: tuple[int, int], policy: Policy, on: date) -> WeeklyTarget:
    points, reasons = score_of(firm, policy=policy, on=on)
    drawn, left = drawn_of
    rule = policy.at("weekly_random_share", on).ref
    why = WeeklyReason("drawn_at_random", {"seed": seed, "drawn": drawn, "of": left, "rule": rule})
    return WeeklyTarget(0, firm.enterprise, firm.name, RANDOM, points, None, (why, *reasons), drawn / left)


def _is_exempt(firm: FirmFacts, exempting: Rule, on: date) -> bool:
    until = firm.positive_listed_until
    return exempting.value is True and until is not None and until >= on and not firm.mandates


def _refuse_bad(facts: Sequence[FirmFacts], targets: int, policy: Policy, on: date) -> None:
    if targets < 0:
        raise TargetsImpossible(str(targets), "0 or more")
    seen: set[str] = set()
    known = policy.at("weekly_mandates", on).words()
    for firm in facts:
        if firm.enterprise in seen:
            raise FirmTwice(firm.enterprise, firm.name)
        seen.add(firm.enterprise)
        strangers = [mandate.kind for mandate in firm.mandates if mandate.kind not in known]
        if strangers:
            raise MandateUnknown(firm.enterprise, f"{strangers[0]} is none of {', '.join(known)}")
