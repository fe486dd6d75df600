"""Rows that the acts on checks, leads and cases write. Only `casework` calls these; a row is added, none changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enforcement.clocks import Change
from pipelines.store import rows
from pipelines.store.canonical import instant, instant_or_none, to_json
from pipelines.store.case_records import (
    AuditReport,
    CaseStep,
    CheckClosing,
    CheckItem,
    EvidenceReview,
    FieldFinding,
    LeadBasis,
    LeadClose,
    LegalOpinion,
    Mark,
    NonSiteCheck,
    Receipt,
    Recheck,
    Signed,
    Task,
)
from pipelines.store.transaction import Tx


def insert_check(tx: Tx, check: NonSiteCheck) -> None:
    """Open a non-site check."""
    _add(
        tx, "non_site_check", check.signed, id=check.id, basis=check.basis, basis_ref=check.basis_ref,
        enterprise_uscc=check.enterprise_uscc, reason=check.reason,
    )  # fmt: skip


def insert_item(tx: Tx, check_id: str, item: CheckItem) -> int:
    """Add what was looked at; gives its number."""
    return _add(
        tx, "check_item", item.signed, check_id=check_id, kind=item.kind, link=item.link,
        seen_from=instant(item.seen_from), showed=item.showed,
    )  # fmt: skip


def insert_closing(tx: Tx, check_id: str, closing: CheckClosing) -> int:
    """Close a check; that it is closed once only is held by the database, too."""
    return _add(
        tx, "check_close", closing.signed, check_id=check_id, judgement=closing.judgement, next_step=closing.next_step,
        within_days=closing.within_days, checklist=to_json(dict(closing.checklist)), mandate=int(closing.mandate),
        rules=to_json(list(closing.rules)), reason=closing.reason,
    )  # fmt: skip


def insert_recheck(tx: Tx, check_id: str, recheck: Recheck) -> int:
    """Note the look again after a rectification."""
    return _add(
        tx, "check_recheck", recheck.signed, check_id=check_id, mended=int(recheck.mended), link=recheck.link,
        reason=recheck.reason,
    )  # fmt: skip


def insert_report(tx: Tx, report: AuditReport) -> None:
    """Write an audit report."""
    signed = report.signed
    cells = {
        "id": report.id, "exceedance": report.exceedance, "monitor": report.monitor,
        "enterprise_uscc": report.enterprise_uscc, "valid": int(report.valid), "judgement": report.judgement,
        "issued_by": signed.by, "role": signed.role, "issued_at": instant(signed.at),
        "handed_over_at": instant_or_none(report.handed_over_at), "simulated": int(signed.simulated),
        "cause": report.cause, "reason": report.reason, "not_looked_at": to_json(list(report.not_looked_at)),
        "replaces": report.replaces, "rules": to_json(list(report.rules)),
    }  # fmt: skip
    tx.execute(rows.insert_statement("audit_report", cells), cells)


def insert_receipt(tx: Tx, receipt: Receipt) -> None:
    """Record that the brigade holds a report; one receipt a report is held by the database, too."""
    _add(tx, "receipt", receipt.signed, id=receipt.id, report_id=receipt.report_id, reason=receipt.reason)


def insert_bases(tx: Tx, lead_id: str, bases: Sequence[LeadBasis], signed: Signed) -> None:
    """Say on what a lead rests beside alerts."""
    for basis in bases:
        cells = {"lead_id": lead_id, "kind": basis.kind, "ref": basis.ref, "at": instant(signed.at)}
        tx.execute(rows.insert_statement("lead_basis", cells), cells)


def insert_lead_close(tx: Tx, lead_id: str, close: LeadClose) -> int:
    """End a lead without a case."""
    return _add(tx, "lead_close", close.signed, lead_id=lead_id, outcome=close.outcome, reason=close.reason)


def insert_finding(tx: Tx, finding: FieldFinding) -> None:
    """Write what was found in the field."""
    _add(
        tx, "field_finding", finding.signed, id=finding.id, lead_id=finding.lead_id, alert_id=finding.alert_id,
        found=finding.found, really=finding.really, text=finding.text, seen_on=finding.seen_on.isoformat(),
    )  # fmt: skip


def insert_case(tx: Tx, case_id: str, lead_id: str, signed: Signed) -> None:
    """Begin a case; one case a lead is held by the database, too."""
    _add(tx, "casefile", signed, id=case_id, lead_id=lead_id)


def insert_step(tx: Tx, case_id: str, step: CaseStep) -> int:
    """Add a step; gives its row's number."""
    return _add(
        tx, "case_step", step.signed, case_id=case_id, number=step.number, step=step.step, from_state=step.from_state,
        to_state=step.to_state, enterprise_uscc=step.enterprise_uscc, document=step.document,
        rules=to_json(list(step.rules)), reason=step.reason,
    )  # fmt: skip


def insert_evidence(tx: Tx, case_id: str, kind: str, ref: str, signed: Signed) -> int:
    """Put a piece of evidence into a file; gives its number."""
    return _add(tx, "case_evidence", signed, case_id=case_id, kind=kind, ref=ref)


def insert_review(tx: Tx, evidence_id: int, review: EvidenceReview) -> int:
    """Add a reviewer's word on a piece of evidence."""
    return _add(
        tx, "case_review", review.signed, evidence_id=evidence_id, kind=review.kind, opinion=review.opinion,
        reason=review.reason,
    )  # fmt: skip


def insert_opinion(tx: Tx, case_id: str, opinion: LegalOpinion) -> int:
    """Add the legal office's opinion."""
    return _add(
        tx, "case_opinion", opinion.signed, case_id=case_id, opinion=opinion.opinion, document=opinion.document,
        reason=opinion.reason,
    )  # fmt: skip


def insert_mark(tx: Tx, mark: Mark) -> int:
    """Set a mark, or take it off."""
    return _add(
        tx, "mark", mark.signed, subject=mark.subject, name=mark.name, holds=int(mark.holds), reason=mark.reason
    )


def insert_change(tx: Tx, change: Change, signed: Signed) -> int:
    """Write what was done to a clock."""
    return _add(
        tx, "clock_change", signed, kind=change.kind, subject=change.subject, rule=change.rule,
        day=change.day.isoformat(), days=change.days, counting=change.counting, reason=change.reason,
        document=change.document,
    )  # fmt: skip


def insert_task(tx: Tx, task: Task) -> None:
    """Give work to an account."""
    due = None if task.due_on is None else task.due_on.isoformat()
    _add(
        tx, "task", task.signed, id=task.id, kind=task.kind, assigned_to=task.assigned_to, subject=task.subject,
        text=task.text, due_on=due,
    )  # fmt: skip


def _add(tx: Tx, table: str, signed: Signed, **cells: Any) -> int:
    """One row with who signed it; gives its number where its key is one."""
    cells |= {"by": signed.by, "role": signed.role, "at": instant(signed.at), "simulated": int(signed.simulated)}
    return int(tx.execute(rows.insert_statement(table, cells), cells).lastrowid or 0)
