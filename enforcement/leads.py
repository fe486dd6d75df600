"""线索: when a person may make a lead, and with which next step. The tables are rule rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enforcement.errors import (
    LeadWithoutBasis,
    NextStepUnknown,
    NoVerdict,
    OutcomeUnknown,
    OutfallNeedsFootCheck,
    RoutineVisitToListed,
    VerdictForbidsStep,
    VerdictNeedsSecond,
)
from enforcement.policy import Policy, load
from enforcement.verdicts import VerdictValue, verdict_value

OPEN, FILED, CLOSED = "open", "filed", "closed"
"""How a lead stands: nobody has decided, a case was filed on it, or it ended without one."""
NEXT_STEPS: tuple[str, ...] = tuple(load().latest("lead_steps").table())
OUTCOMES: tuple[str, ...] = load().latest("lead_outcomes").words()


@dataclass(frozen=True, slots=True)
class JudgedAlert:
    """What a lead needs to know of an alert: its label, the standing word of a person on it, whether one is enough.

    `foot_checked`: somebody was there and found the thing.
    """

    id: str
    label: str
    verdict: str | None
    foot_checked: bool = False
    awaits_second: bool = False


@dataclass(frozen=True, slots=True)
class OtherBasis:
    """What else a lead may rest on: a closed check or a received report, with the verdict that it counts as."""

    id: str
    verdict: str
    mandate: bool


@dataclass(frozen=True, slots=True)
class LeadPermission:
    """That a lead may be opened, in which state it begins, whether it is a mandate, and the rows that say so."""

    state: str
    mandate: bool
    rules: tuple[str, ...]


def may_open(
    alerts: Sequence[JudgedAlert],
    next_step: str,
    *,
    positive_listed: bool,
    policy: Policy,
    on: date,
    others: Sequence[OtherBasis] = (),
) -> LeadPermission:
    """Whether a lead on these alerts, with this next step, is lawful.

    Args:
        alerts: one or more, unless there are `others`.
        next_step: one of `NEXT_STEPS`.
        positive_listed: whether the firm behind them is on the positive list on that day.
        policy: the rule rows.
        on: the day of the act.
        others: closed checks and received reports that it rests on as well, or alone.

    Raises:
        NextStepUnknown: no row has this step.
        LeadWithoutBasis: neither an alert nor anything else.
        NoVerdict: an alert has no verdict.
        VerdictNeedsSecond: an alert's verdict waits for a second person.
        VerdictForbidsStep: nothing has a verdict that carries this step.
        OutfallNeedsFootCheck: the step speaks to a firm, and what was seen on the water was not confirmed on foot.
        RoutineVisitToListed: a visit to a firm on the positive list that nothing mandates.
    """
    steps, visits = policy.at("lead_steps", on), policy.at("lead_visits", on)
    afoot = policy.at("lead_steps_after_foot_check", on)
    if next_step not in steps.table():
        raise NextStepUnknown(next_step or "(empty)", f"one of {', '.join(steps.table())}")
    if not alerts and not others:
        raise LeadWithoutBasis("lead", "name an alert, a closed check or a received report")
    _refuse_unjudged(alerts)
    words = {verdict_value(alert.verdict or "") for alert in alerts} | {verdict_value(o.verdict) for o in others}
    carrying = steps.words(next_step)
    if not words.intersection(carrying):
        said = ", ".join(sorted(words))
        raise VerdictForbidsStep(next_step, f"{steps.ref}: needs {' or '.join(carrying)}, the verdict is {said}")
    unchecked = [alert.id for alert in alerts if alert.label in afoot.words("labels") and not alert.foot_checked]
    if unchecked and next_step in afoot.words("steps"):
        raise OutfallNeedsFootCheck(", ".join(unchecked), f"{afoot.ref}: {next_step} waits for the foot check")
    mandated = VerdictValue.CONFIRMED in words or any(other.mandate for other in others)
    if positive_listed and not mandated and next_step in visits.words():
        raise RoutineVisitToListed(next_step, f"{visits.ref}: nothing mandates the visit")
    return LeadPermission(OPEN, next_step in visits.words() and mandated, (steps.ref, afoot.ref, visits.ref))


def may_close(outcome: str, *, policy: Policy, on: date) -> str:
    """The word with which a lead ends without a case.

    Raises:
        OutcomeUnknown: no row has it.
    """
    words = policy.at("lead_outcomes", on).words()
    if outcome not in words:
        raise OutcomeUnknown(outcome or "(empty)", f"one of {', '.join(words)}")
    return outcome


def _refuse_unjudged(alerts: Sequence[JudgedAlert]) -> None:
    unjudged = [alert.id for alert in alerts if alert.verdict is None]
    if unjudged:
        raise NoVerdict(", ".join(unjudged), "judge it first: yaoxun verdict ALERT VALUE")
    waiting = [alert.id for alert in alerts if alert.awaits_second]
    if waiting:
        raise VerdictNeedsSecond(", ".join(waiting), "a second person has to say the same, or another word")
