"""案件: the steps from lead to the end of a case, a table of rule rows, and what each needs before it is lawful.

A case is in a state; a step leads from some states to one. What a step needs are words of its row, each checked here by
one function with a reason of its own. Nothing here knows a store: the caller says how the case stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from enforcement.errors import (
    CaseNotOpen,
    CaseStepIllegal,
    CaseStepUnknown,
    CaseWithoutEvidence,
    CaseWithoutParty,
    DocumentMissing,
    EvidenceNotReviewed,
    LateWithoutReason,
    LimitationPassed,
    MarkUnknown,
    NoSuspicion,
    OpinionMissing,
    OutfallNeedsFootCheck,
    ReasonMissing,
    ReviewerHandles,
    ReviewerTwice,
)
from enforcement.policy import Policy, Rule, load

LEAD = "lead"
"""The state before there is a case."""
STEP_PREFIX = "case_step_"
STEPS: tuple[str, ...] = tuple(row.removeprefix(STEP_PREFIX) for row in load().ids(STEP_PREFIX))
MARKS: tuple[str, ...] = load().latest("marks").words()
MAJOR = "major"
ADMIT, REJECT = "admit", "reject"
AGREE = "agree"


@dataclass(frozen=True, slots=True)
class Review:
    """The last word of one kind of review on a piece of evidence."""

    opinion: str  # admit | reject
    by: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence in the file, and its reviews by kind."""

    id: int
    kind: str
    ref: str
    reviews: Mapping[str, Review]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """How a case, or the lead before it, stands when a step is asked for."""

    state: str
    filed_by: str | None = None
    party: str | None = None
    evidence: tuple[Evidence, ...] = ()
    marks: frozenset[str] = frozenset()
    opinion: str | None = None
    suspicion: bool = True
    """Whether anything the lead rests on still says that the law may have been broken."""
    unchecked: tuple[str, ...] = ()
    """Alerts that need their foot check and do not have it."""
    late: tuple[str, ...] = ()
    """Clocks that this step would end past the last of their possible dates."""
    limitation_over: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What came with the wish: why, and under which document."""

    reason: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class StepPermission:
    """That a step is lawful: where it leads, and by which rows."""

    step: str
    to: str
    rules: tuple[str, ...]


def step_row(step: str, *, policy: Policy, on: date) -> Rule:
    """The row of a step.

    Raises:
        CaseStepUnknown: there is none.
    """
    if STEP_PREFIX + step not in policy.ids(STEP_PREFIX):
        known = ", ".join(row.removeprefix(STEP_PREFIX) for row in policy.ids(STEP_PREFIX))
        raise CaseStepUnknown(step or "(empty)", f"one of {known}")
    return policy.at(STEP_PREFIX + step, on)


def act_of(step: str, *, policy: Policy, on: date) -> str:
    """The act of the roles' table under which a step is done.

    Raises:
        CaseStepUnknown: there is no such step.
    """
    return str(step_row(step, policy=policy, on=on).table()["act"])


def may_step(case: str, step: str, facts: CaseFacts, asked: Asked, *, policy: Policy, on: date) -> StepPermission:
    """Whether a step is lawful.

    Args:
        case: id of the case or lead, for the refusal.
        step: one of `STEPS`.
        facts: how it stands.
        asked: reason and document that came with it.
        policy: the rule rows.
        on: the day of the step.

    Raises:
        CaseStepUnknown: no row has it.
        CaseStepIllegal: it does not lead on from this state.
        EnforcementError: what the row's `needs` ask for is not there: `ReasonMissing`, `DocumentMissing`,
            `NoSuspicion`, `OutfallNeedsFootCheck`, `LimitationPassed`, `LateWithoutReason`, `CaseWithoutEvidence`,
            `CaseWithoutParty`, `EvidenceNotReviewed`, `OpinionMissing`.
    """
    row = step_row(step, policy=policy, on=on)
    if facts.state not in row.words("from"):
        raise CaseStepIllegal(case, f"{row.ref}: from {', '.join(row.words('from'))}, and it is {facts.state}")
    for need in row.words("needs"):
        NEEDS[need](case, facts, asked, _Rows(row, policy.at("evidence_review", on)))
    return StepPermission(step, str(row.table()["to"]), (row.ref,))


def may_add(case: str, state: str, *, policy: Policy, on: date, opinion: bool = False) -> str:
    """The row that still lets evidence, reviews and marks be added; with `opinion`, the legal office's opinion.

    Raises:
        CaseNotOpen: not in this state.
    """
    row = policy.at("opinion_states" if opinion else "case_open_states", on)
    if state not in row.words():
        raise CaseNotOpen(case, f"{row.ref}: in {', '.join(row.words())}, and it is {state}")
    return row.ref


def may_review(case: str, facts: CaseFacts, evidence: Sequence[Evidence], kind: str, by: str) -> None:
    """Whether this person may review these pieces of evidence in this respect.

    Raises:
        ReviewerHandles: who filed the case does not review it.
        ReviewerTwice: the other respect of one of them was reviewed by the same person.
        CaseWithoutEvidence: there is nothing to review.
    """
    if not evidence:
        raise CaseWithoutEvidence(case, "nothing in the file needs this review")
    if by == facts.filed_by:
        raise ReviewerHandles(case, f"{by} filed it")
    for one in evidence:
        twice = [other for other, review in one.reviews.items() if other != kind and review.by == by]
        if twice:
            raise ReviewerTwice(f"{case} evidence {one.id}", f"{by} gave its {twice[0]} review")


def mark_known(name: str, *, policy: Policy, on: date) -> str:
    """The mark of that name.

    Raises:
        MarkUnknown: there is none.
    """
    words = policy.at("marks", on).words()
    if name not in words:
        raise MarkUnknown(name or "(empty)", f"one of {', '.join(words)}")
    return name


def needs_review(evidence: Evidence, row: Rule) -> bool:
    """Whether a piece of evidence rests on imagery or monitor data, by the row `evidence_review`."""
    return evidence.kind in row.words("evidence")


def standing(evidence: Evidence, row: Rule) -> str:
    """How a piece of evidence stands by the row `evidence_review`: `admitted`, `rejected`, or `waiting`."""
    if not needs_review(evidence, row):
        return "admitted"
    words = [evidence.reviews[kind] for kind in row.words("kinds") if kind in evidence.reviews]
    if any(word.opinion == REJECT for word in words):
        return "rejected"
    people = {word.by for word in words}
    whole = len(words) == len(row.words("kinds")) == len(people)
    return "admitted" if whole else "waiting"


@dataclass(frozen=True, slots=True)
class _Rows:
    step: Rule
    review: Rule


def _reason(case: str, _: CaseFacts, asked: Asked, rows: _Rows) -> None:
    if not asked.reason.strip():
        raise ReasonMissing(case, f"{rows.step.ref}: say why")


def _document(case: str, _: CaseFacts, asked: Asked, rows: _Rows) -> None:
    if not asked.document.strip():
        raise DocumentMissing(case, f"{rows.step.ref}: name the document")


def _suspicion(case: str, facts: CaseFacts, _: Asked, rows: _Rows) -> None:
    if not facts.suspicion:
        raise NoSuspicion(case, f"{rows.step.ref}: people have laid aside all that it rests on")


def _foot_check(case: str, facts: CaseFacts, _: Asked, rows: _Rows) -> None:
    if facts.unchecked:
        raise OutfallNeedsFootCheck(", ".join(facts.unchecked), f"{rows.step.ref}: {case} waits for the foot check")


def _within_limitation(case: str, facts: CaseFacts, _: Asked, rows: _Rows) -> None:
    if facts.limitation_over:
        raise LimitationPassed(case, f"{rows.step.ref}: mark it serious_harm where the longer period holds")


def _in_time_or_reason(case: str, facts: CaseFacts, asked: Asked, rows: _Rows) -> None:
    if facts.late and not asked.reason.strip():
        raise LateWithoutReason(case, f"{rows.step.ref}: past the latest date of {', '.join(facts.late)}")


def _evidence(case: str, facts: CaseFacts, _: Asked, rows: _Rows) -> None:
    if not facts.evidence:
        raise CaseWithoutEvidence(case, rows.step.ref)


def _party(case: str, facts: CaseFacts, _: Asked, rows: _Rows) -> None:
    if facts.party is None:
        raise CaseWithoutParty(case, f"{rows.step.ref}: name the firm with --enterprise")


def _evidence_reviewed(case: str, facts: CaseFacts, _: Asked, rows: _Rows) -> None:
    how = {one.id: standing(one, rows.review) for one in facts.evidence}
    waiting = [str(number) for number, word in how.items() if word == "waiting"]
    if waiting:
        raise EvidenceNotReviewed(case, f"{rows.review.ref}: evidence {', '.join(waiting)} waits for its two reviews")
    if "admitted" not in how.values():
        raise EvidenceNotReviewed(case, f"{rows.review.ref}: nothing in the file was admitted")


def _opinion_if_major(case: str, facts: CaseFacts, _: Asked, rows: _Rows) -> None:
    if MAJOR in facts.marks and facts.opinion != AGREE:
        said = facts.opinion or "none"
        raise OpinionMissing(case, f"{rows.step.ref}: marked major, the legal office's opinion is {said}")


NEEDS: Mapping[str, Callable[[str, CaseFacts, Asked, _Rows], None]] = {
    "reason": _reason,
    "document": _document,
    "suspicion": _suspicion,
    "foot_check": _foot_check,
    "within_limitation": _within_limitation,
    "in_time_or_reason": _in_time_or_reason,
    "evidence": _evidence,
    "party": _party,
    "evidence_reviewed": _evidence_reviewed,
    "opinion_if_major": _opinion_if_major,
}
"""What a row may ask for under `needs`."""
