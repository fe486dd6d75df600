"""线索: when a person may make a lead of alerts, and with which next step. The tables are rule rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enforcement.errors import (
    NextStepUnknown,
    NoVerdict,
    OutfallNeedsFootCheck,
    RoutineVisitToListed,
    VerdictForbidsStep,
)
from enforcement.policy import Policy, load
from enforcement.verdicts import VerdictValue, verdict_value

OPEN = "open"
NEXT_STEPS: tuple[str, ...] = tuple(load().latest("lead_steps").table())


@dataclass(frozen=True, slots=True)
class JudgedAlert:
    """What a lead needs to know of an alert: its label, and the latest word of a person on it."""

    id: str
    label: str
    verdict: str | None
    foot_checked: bool = False


@dataclass(frozen=True, slots=True)
class LeadPermission:
    """That a lead may be opened, in which state it begins, whether it is a mandate, and the rows that say so."""

    state: str
    mandate: bool
    rules: tuple[str, ...]


def may_open(
    alerts: Sequence[JudgedAlert], next_step: str, *, positive_listed: bool, policy: Policy, on: date
) -> LeadPermission:
    """Whether a lead on these alerts, with this next step, is lawful.

    Args:
        alerts: one or more.
        next_step: one of `NEXT_STEPS`.
        positive_listed: whether the firm behind them is on the positive list on that day.
        policy: the rule rows.
        on: the day of the act.

    Raises:
        NextStepUnknown: no row has this step.
        NoVerdict: no alert was given, or one has no verdict.
        VerdictForbidsStep: no alert has a verdict that carries this step.
        OutfallNeedsFootCheck: the step speaks to a firm, and what was seen on the water was not confirmed on foot.
        RoutineVisitToListed: a visit to a firm on the positive list without a confirmed verdict.
    """
    steps, visits = policy.at("lead_steps", on), policy.at("lead_visits", on)
    afoot = policy.at("lead_steps_after_foot_check", on)
    if next_step not in steps.table():
        raise NextStepUnknown(next_step or "(empty)", f"one of {', '.join(steps.table())}")
    _refuse_unjudged(alerts)
    words = {verdict_value(alert.verdict or "") for alert in alerts}
    carrying = steps.words(next_step)
    if not words.intersection(carrying):
        said = ", ".join(sorted(words))
        raise VerdictForbidsStep(next_step, f"{steps.ref}: needs {' or '.join(carrying)}, the verdict is {said}")
    unchecked = [alert.id for alert in alerts if alert.label in afoot.words("labels") and not alert.foot_checked]
    if unchecked and next_step in afoot.words("steps"):
        raise OutfallNeedsFootCheck(", ".join(unchecked), f"{afoot.ref}: {next_step} waits for the foot check")
    confirmed = VerdictValue.CONFIRMED in words
    if positive_listed and not confirmed and next_step in visits.words():
        raise RoutineVisitToListed(next_step, f"{visits.ref}: without a confirmed verdict nothing mandates the visit")
    mandate = next_step in visits.words() and confirmed
    return LeadPermission(OPEN, mandate, (steps.ref, afoot.ref, visits.ref))


def _refuse_unjudged(alerts: Sequence[JudgedAlert]) -> None:
    if not alerts:
        raise NoVerdict("lead", "no alert was given")
    unjudged = [alert.id for alert in alerts if alert.verdict is None]
    if unjudged:
        raise NoVerdict(", ".join(unjudged), "judge it first: yaoxun verdict ALERT VALUE")
