"""Leads, cases, reports, receipts and tasks as they stood at an instant."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from sqlite3 import Row

from pipelines.records import StoredFile
from pipelines.store import rows
from pipelines.store.canonical import from_instant_or_none, instant
from pipelines.store.case_records import (
    AuditReport,
    CaseEvidence,
    CaseFile,
    CaseStep,
    EvidenceReview,
    LeadBasis,
    LeadClose,
    LegalOpinion,
    Mark,
    Receipt,
    Task,
)
from pipelines.store.read.checks import signed_of
from pipelines.store.transaction import Asked

CASES = """
SELECT * FROM casefile WHERE at <= ?1 AND (?2 IS NULL OR id = ?2) AND (?3 IS NULL OR lead_id = ?3)
ORDER BY at DESC, id DESC
"""
STEPS = "SELECT * FROM case_step WHERE at <= ?1 AND (?2 IS NULL OR case_id = ?2) ORDER BY case_id, number"
EVIDENCE = "SELECT * FROM case_evidence WHERE at <= ?1 AND (?2 IS NULL OR case_id = ?2) ORDER BY id"
REVIEWS = """
SELECT r.* FROM case_review AS r JOIN case_evidence AS e ON e.id = r.evidence_id
WHERE r.at <= ?1 AND (?2 IS NULL OR e.case_id = ?2) ORDER BY r.id
"""
OPINIONS = "SELECT * FROM case_opinion WHERE at <= ?1 AND (?2 IS NULL OR case_id = ?2) ORDER BY id"
MARKS = "SELECT * FROM mark WHERE at <= ?1 ORDER BY id"
BASES = "SELECT * FROM lead_basis WHERE at <= ?1 AND (?2 IS NULL OR lead_id = ?2) ORDER BY id"
LEADS_ON = "SELECT DISTINCT lead_id FROM lead_basis WHERE kind = ? AND ref = ? AND at <= ?"
CLOSES = "SELECT * FROM lead_close WHERE at <= ?1 AND (?2 IS NULL OR lead_id = ?2)"
REPORTS = """
SELECT r.*, d.at AS delivered_at FROM audit_report AS r
LEFT JOIN report_delivery AS d ON d.report_id = r.id AND d.at <= ?1
WHERE r.issued_at <= ?1 AND (?2 IS NULL OR r.id = ?2) AND (?3 IS NULL OR r.exceedance = ?3) ORDER BY r.issued_at, r.id
"""
RECEIPTS = "SELECT * FROM receipt WHERE at <= ?1 AND (?2 IS NULL OR report_id = ?2) ORDER BY at, id"
TASKS = "SELECT * FROM task WHERE at <= ?1 AND (?2 IS NULL OR assigned_to = ?2) ORDER BY at DESC, id DESC"


def cases(asked: Asked, as_of: datetime, *, case_id: str | None = None, lead_id: str | None = None) -> list[CaseFile]:
    """The cases filed by an instant, as they stood then, youngest first; also inside a transaction."""
    now = (instant(as_of), case_id)
    steps: defaultdict[str, list[CaseStep]] = defaultdict(list)
    opinions: defaultdict[str, list[LegalOpinion]] = defaultdict(list)
    for row in asked.rows(STEPS, now):
        steps[row["case_id"]].append(_step(row))
    for row in asked.rows(OPINIONS, now):
        opinions[row["case_id"]].append(_opinion(row))
    evidence, marks = _evidence(asked, now), marks_of(asked, as_of)
    return [
        CaseFile(
            id=row["id"],
            lead_id=row["lead_id"],
            signed=signed_of(row),
            steps=tuple(steps[row["id"]]),
            evidence=tuple(evidence[row["id"]]),
            opinions=tuple(opinions[row["id"]]),
            marks=tuple(marks.get(row["lead_id"], []) + marks.get(row["id"], [])),
        )
        for row in asked.rows(CASES, (*now, lead_id))
    ]


def case(asked: Asked, case_id: str, as_of: datetime) -> CaseFile | None:
    """One case, or None."""
    found = cases(asked, as_of, case_id=case_id)
    return found[0] if found else None


def marks_of(asked: Asked, as_of: datetime) -> dict[str, list[Mark]]:
    """Every mark by its lead or case, oldest first."""
    found: defaultdict[str, list[Mark]] = defaultdict(list)
    for row in asked.rows(MARKS, (instant(as_of),)):
        one = Mark(row["subject"], row["name"], bool(row["holds"]), row["reason"], signed_of(row))
        found[row["subject"]].append(one)
    return dict(found)


def bases(asked: Asked, as_of: datetime, *, lead_id: str | None = None) -> dict[str, list[LeadBasis]]:
    """What leads rest on beside alerts, by lead."""
    found: defaultdict[str, list[LeadBasis]] = defaultdict(list)
    for row in asked.rows(BASES, (instant(as_of), lead_id)):
        found[row["lead_id"]].append(LeadBasis(row["kind"], row["ref"]))
    return dict(found)


def leads_on(asked: Asked, kind: str, ref: str, as_of: datetime) -> list[str]:
    """The leads that rest on a check or report."""
    return [row["lead_id"] for row in asked.rows(LEADS_ON, (kind, ref, instant(as_of)))]


def closes(asked: Asked, as_of: datetime, *, lead_id: str | None = None) -> dict[str, LeadClose]:
    """How leads ended without a case, by lead."""
    found = asked.rows(CLOSES, (instant(as_of), lead_id))
    return {row["lead_id"]: LeadClose(row["outcome"], row["reason"], signed_of(row)) for row in found}


def reports(
    asked: Asked, as_of: datetime, *, report_id: str | None = None, exceedance: str | None = None
) -> list[AuditReport]:
    """The audit reports issued by an instant, oldest first; also inside a transaction."""
    return [
        AuditReport(
            id=row["id"],
            exceedance=row["exceedance"],
            monitor=row["monitor"],
            enterprise_uscc=row["enterprise_uscc"],
            valid=bool(row["valid"]),
            judgement=row["judgement"],
            handed_over_at=from_instant_or_none(row["delivered_at"] or row["handed_over_at"]),
            signed=signed_of(row, by="issued_by", at="issued_at"),
            cause=row["cause"],
            reason=row["reason"] or "",
            not_looked_at=tuple(json.loads(row["not_looked_at"] or "[]")),
            replaces=row["replaces"],
            rules=tuple(json.loads(row["rules"] or "[]")),
        )
        for row in asked.rows(REPORTS, (instant(as_of), report_id, exceedance))
    ]


def receipts(asked: Asked, as_of: datetime, *, report_id: str | None = None) -> list[Receipt]:
    """The receipts recorded by an instant, oldest first."""
    found = asked.rows(RECEIPTS, (instant(as_of), report_id))
    return [Receipt(row["id"], row["report_id"], row["reason"], signed_of(row)) for row in found]


def tasks(asked: Asked, as_of: datetime, *, assigned_to: str | None = None) -> list[Task]:
    """The tasks given by an instant, youngest first."""
    return [
        Task(
            id=row["id"],
            kind=row["kind"],
            assigned_to=row["assigned_to"],
            subject=row["subject"],
            text=row["text"],
            due_on=None if row["due_on"] is None else date.fromisoformat(row["due_on"]),
            signed=signed_of(row),
        )
        for row in asked.rows(TASKS, (instant(as_of), assigned_to))
    ]


def step_row(asked: Asked, case_id: str, number: int) -> int:
    """The row's number of a step.

    Raises:
        LookupError: there is no such step.
    """
    row = asked.row("SELECT id FROM case_step WHERE case_id = ? AND number = ?", (case_id, number))
    if row is None:
        raise LookupError(f"{case_id} step {number}")
    return int(row["id"])


def file_received(asked: Asked, sha256: str) -> datetime | None:
    """When an original was taken in; None where it is not held."""
    row = asked.row("SELECT received_at FROM file WHERE sha256 = ?", (sha256,))
    return None if row is None else from_instant_or_none(row["received_at"])


def held_file(asked: Asked, sha256: str) -> StoredFile | None:
    """What is known of an original; None where it is not held."""
    row = asked.row("SELECT * FROM file WHERE sha256 = ?", (sha256,))
    return None if row is None else rows.file_of(row)


def _evidence(asked: Asked, now: tuple[str, str | None]) -> dict[str, list[CaseEvidence]]:
    reviews: defaultdict[int, list[EvidenceReview]] = defaultdict(list)
    found: defaultdict[str, list[CaseEvidence]] = defaultdict(list)
    for row in asked.rows(REVIEWS, now):
        word = EvidenceReview(row["kind"], row["opinion"], row["reason"], signed_of(row))
        reviews[row["evidence_id"]].append(word)
    for row in asked.rows(EVIDENCE, now):
        one = CaseEvidence(row["id"], row["kind"], row["ref"], signed_of(row), tuple(reviews[row["id"]]))
        found[row["case_id"]].append(one)
    return found


def _step(row: Row) -> CaseStep:
    return CaseStep(
        number=row["number"],
        step=row["step"],
        from_state=row["from_state"],
        to_state=row["to_state"],
        enterprise_uscc=row["enterprise_uscc"],
        document=row["document"],
        rules=tuple(json.loads(row["rules"])),
        reason=row["reason"],
        signed=signed_of(row),
    )


def _opinion(row: Row) -> LegalOpinion:
    return LegalOpinion(row["opinion"], row["document"], row["reason"], signed_of(row))
