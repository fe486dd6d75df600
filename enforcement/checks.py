"""非现场检查: how a check is opened, what may be looked at, when it may be closed, and what follows, by rule rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from enforcement.errors import (
    CheckBasisUnknown,
    ChecklistOpen,
    CheckWithoutItems,
    DaysMissing,
    JudgementForbidsStep,
    JudgementUnknown,
    LinkUnfit,
    LookedAtUnknown,
    ReasonMissing,
)
from enforcement.policy import Policy, load

OPEN, CLOSED, RECTIFYING, RECHECKED = "open", "closed", "rectifying", "rechecked"
BASES: tuple[str, ...] = load().latest("check_bases").words()
LOOKED_AT: tuple[str, ...] = tuple(load().latest("check_looked_at").table())
JUDGEMENTS: tuple[str, ...] = tuple(load().latest("check_judgements").table())
NEXT_STEPS: tuple[str, ...] = tuple(load().latest("check_next_steps").table())
QUESTIONS: tuple[str, ...] = load().latest("criminal_checklist").words("questions")


@dataclass(frozen=True, slots=True)
class Closing:
    """That a check may be closed: the verdict it counts as, whether it mandates a visit, and the rows that say so."""

    verdict: str
    mandate: bool
    state: str
    rules: tuple[str, ...]


def may_open(basis: str, *, policy: Policy, on: date) -> str:
    """The row that lets a check be opened on such a basis.

    Raises:
        CheckBasisUnknown: no row has this basis.
    """
    row = policy.at("check_bases", on)
    if basis not in row.words():
        raise CheckBasisUnknown(basis or "(empty)", f"one of {', '.join(row.words())}")
    return row.ref


def may_record(kind: str, link: str, showed: str, *, policy: Policy, on: date) -> tuple[str, str]:
    """The two parts of a link, as `alert` and `A-1`, where this kind of thing may be found by it.

    Args:
        kind: one of `LOOKED_AT`.
        link: `alert:A-1`, `permit:NUMBER`, `document:…` and so on.
        showed: what it showed, in words.
        policy: the rule rows.
        on: the day of the act.

    Raises:
        LookedAtUnknown: not one of the kinds.
        LinkUnfit: another form, or not a link of this kind.
        ReasonMissing: what it showed is not said.
    """
    row = policy.at("check_looked_at", on)
    if kind not in row.table():
        raise LookedAtUnknown(kind or "(empty)", f"one of {', '.join(row.table())}")
    where, colon, name = link.partition(":")
    if not colon or not name.strip() or where not in row.words(kind):
        fit = ", ".join(f"{one}:…" for one in row.words(kind))
        raise LinkUnfit(link or "(empty)", f"{row.ref}: {kind} is linked by {fit}")
    if not showed.strip():
        raise ReasonMissing(kind, "say what it showed")
    return where, name.strip()


def may_close(
    check: str,
    items: Sequence[str],
    judgement: str,
    next_step: str,
    *,
    within_days: int | None,
    checklist: Mapping[str, bool],
    policy: Policy,
    on: date,
) -> Closing:
    """Whether a check may be closed with this judgement and this next step.

    Args:
        check: its id, for the refusal.
        items: the kinds of what was looked at.
        judgement: one of `JUDGEMENTS`.
        next_step: one of `NEXT_STEPS`.
        within_days: the days given for a remote rectification, else None.
        checklist: the answers to `QUESTIONS`, for a criminal referral.
        policy: the rule rows.
        on: the day of the act.

    Raises:
        CheckWithoutItems: nothing was looked at.
        JudgementUnknown: not one of the judgements.
        JudgementForbidsStep: the judgement does not carry this step, or there is no such step.
        DaysMissing: the step needs a number of days from 1 to the longest, or takes none.
        ChecklistOpen: the step needs each question answered, and no other.
    """
    judged, steps = policy.at("check_judgements", on), policy.at("check_next_steps", on)
    mending, mandates = policy.at("check_rectification", on), policy.at("check_mandates", on)
    if not items:
        raise CheckWithoutItems(check, "record first what was looked at: yaoxun check record")
    if judgement not in judged.table():
        raise JudgementUnknown(judgement or "(empty)", f"one of {', '.join(judged.table())}")
    if next_step not in steps.table() or judgement not in steps.words(next_step):
        carried = [step for step, words in steps.table().items() if judgement in words]
        raise JudgementForbidsStep(next_step or "(empty)", f"{steps.ref}: {judgement} carries {', '.join(carried)}")
    rectifies = next_step in mending.words("next_steps")
    longest = int(mending.number("longest_days"))
    if rectifies != (within_days is not None) or (within_days is not None and not 0 < within_days <= longest):
        raise DaysMissing(next_step, f"{mending.ref}: 1 to {longest} days for {', '.join(mending.words('next_steps'))}")
    _refuse_open_checklist(next_step, checklist, policy, on)
    mandate = judgement in mandates.words("judgements") and next_step in mandates.words("next_steps")
    state = RECTIFYING if rectifies else CLOSED
    return Closing(str(judged.table()[judgement]), mandate, state, (judged.ref, steps.ref, mandates.ref, mending.ref))


def _refuse_open_checklist(next_step: str, checklist: Mapping[str, bool], policy: Policy, on: date) -> None:
    row = policy.at("criminal_checklist", on)
    asked = set(row.words("questions")) if next_step in row.words("next_steps") else set()
    if set(checklist) != asked:
        left = ", ".join(sorted(asked ^ set(checklist)))
        raise ChecklistOpen(next_step, f"{row.ref}: {left}")
