"""Plain types of checks, findings, reports, leads and cases as stored. Each act is a row: who, as what, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from enforcement import checks


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did it, in which role, when; and whether that person is made up."""

    by: str
    role: str
    at: datetime
    simulated: bool


@dataclass(frozen=True, slots=True)
class CheckItem:
    """What was looked at in a check: `link` finds it again, `seen_from` is when that was so."""

    id: int
    kind: str
    link: str
    seen_from: datetime
    showed: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class CheckClosing:
    """The judgement of a check, its next step, and whether it mandates a visit."""

    judgement: str
    next_step: str
    within_days: int | None
    checklist: Mapping[str, bool]
    mandate: bool
    rules: tuple[str, ...]
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class Recheck:
    """复查: whether what was to be mended is mended, and where that was seen."""

    mended: bool
    link: str
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class NonSiteCheck:
    """非现场检查, as it stands at an instant."""

    id: str
    basis: str  # alert | plan | complaint | clue
    basis_ref: str
    enterprise_uscc: str | None
    reason: str
    signed: Signed
    items: tuple[CheckItem, ...] = ()
    closing: CheckClosing | None = None
    recheck: Recheck | None = None

    @property
    def state(self) -> str:
        """`open`, `closed`, `rectifying` or `rechecked`."""
        if self.closing is None:
            return checks.OPEN
        if self.closing.within_days is None:
            return checks.CLOSED
        return checks.RECTIFYING if self.recheck is None else checks.RECHECKED


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """What somebody found where a lead led. `alert_id`: of which of its alerts it speaks; None: of the place."""

    id: str
    lead_id: str
    alert_id: str | None
    found: str
    really: str | None
    text: str
    seen_on: date
    signed: Signed


@dataclass(frozen=True, slots=True)
class AuditReport:
    """超标数据审核报告: which exceedance, of whom, valid or not, why, and what was not looked at."""

    id: str
    exceedance: str
    monitor: str
    enterprise_uscc: str | None
    valid: bool
    judgement: str
    handed_over_at: datetime | None
    signed: Signed
    cause: str | None = None
    reason: str = ""
    not_looked_at: tuple[str, ...] = ()
    replaces: str | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """That the brigade holds a report."""

    id: str
    report_id: str
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One step of a case."""

    number: int
    step: str
    from_state: str
    to_state: str
    enterprise_uscc: str | None
    document: str
    rules: tuple[str, ...]
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class EvidenceReview:
    """One word of one reviewer on a piece of evidence."""

    kind: str  # legal | technical
    opinion: str  # admit | reject
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """A piece of evidence in a file, with every word of its reviewers, oldest first."""

    id: int
    kind: str
    ref: str
    signed: Signed
    reviews: tuple[EvidenceReview, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalOpinion:
    """The legal office's word on a decision that is meant."""

    opinion: str  # agree | disagree
    document: str
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's mark on a lead or case, or that it holds no longer."""

    subject: str
    name: str
    holds: bool
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class CaseFile:
    """案件, as it stands at an instant."""

    id: str
    lead_id: str
    signed: Signed
    steps: tuple[CaseStep, ...]
    evidence: tuple[CaseEvidence, ...]
    opinions: tuple[LegalOpinion, ...]
    marks: tuple[Mark, ...]

    @property
    def state(self) -> str:
        """Where its last step led."""
        return self.steps[-1].to_state

    @property
    def party(self) -> str | None:
        """The firm that the last step which named one named."""
        named = [step.enterprise_uscc for step in self.steps if step.enterprise_uscc is not None]
        return named[-1] if named else None

    @property
    def marked(self) -> frozenset[str]:
        """The marks that hold: of each name the last word counts."""
        last = {mark.name: mark.holds for mark in self.marks}
        return frozenset(name for name, holds in last.items() if holds)


@dataclass(frozen=True, slots=True)
class LeadBasis:
    """What a lead rests on beside alerts."""

    kind: str  # check | report
    ref: str


@dataclass(frozen=True, slots=True)
class LeadClose:
    """How a lead ended without a case."""

    outcome: str
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class Task:
    """Work that was given to one account."""

    id: str
    kind: str
    assigned_to: str
    subject: str
    text: str
    due_on: date | None
    signed: Signed
