"""The station's desk, second half: the judgement, the report 审核报告 with its files, and its way to the brigade."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from enforcement import policy as law
from enforcement.audit import Judgement, may_judge
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.audit_paper import paper_of
from pipelines.casework.exceedance import known_matter
from pipelines.documents import audit_report as document
from pipelines.errors import Refusal
from pipelines.records import Act, StoredFile, User
from pipelines.store import Store, Tx, files, numbers
from pipelines.store.case_records import AuditReport
from pipelines.store.desk_records import DELIVERED, DeskMatter, ReportDelivery, ReportFile
from pipelines.store.read import cases, desk
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import cases as write_cases
from pipelines.store.write import desk as write
from pipelines.store.write import flights

MEDIA = {"pdf": "application/pdf", "json": "application/json", "csv": "text/csv"}


def issue_report(
    store: Store,
    exceedance_id: str,
    judgement: str,
    *,
    by: str | None,
    at: datetime,
    reason: str,
    cause: str | None = None,
    replaces: str | None = None,
) -> Act:
    """Judge an exceedance, and issue the report: PDF and data, held among the originals by their SHA-256.

    Args:
        store: the home.
        exceedance_id: an exceedance on the desk.
        judgement: `valid` or `not_valid`.
        by: the account of the station, or None for the local owner.
        at: when.
        reason: in the person's own words.
        cause: why the value does not hold, one of `enforcement.audit.CAUSES`; None where it holds.
        replaces: the report that this one takes the place of, as long as the brigade has not received that one.

    Returns:
        The report's id; state `reported`, or `not_valid`. The same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_exceedance`, `report_issued_already` where one stands and is not named,
            `report_received_already`, or what `enforcement.audit.may_judge` forbids.
    """
    with acting(store, by, "report_issue", at) as (tx, user):
        matter = known_matter(tx, exceedance_id, at)
        allowed = may_judge(
            exceedance_id, judgement, {one.kind for one in matter.evidence}, cause, reason, policy=law.load(),
            on=beijing_day(at),
        )  # fmt: skip
        said = (judgement, cause, reason.strip(), replaces)
        last = matter.report
        if last is not None and last.signed.by == user.id:
            if (last.judgement, last.cause, last.reason, last.replaces or replaces) == said:
                return Act(last.id, matter.state, first_entry_of_row(tx, "audit_report", last.id), True)
        _refuse_standing(matter, replaces)
        report = _report(tx, matter, allowed, said, user, at)
        return _written(store, tx, matter, report, user)


def deliver_report(store: Store, report_id: str, *, by: str | None, at: datetime, document_number: str) -> Act:
    """The station hands a report over to the brigade. The brigade's own receipt is another act, by another office.

    Args:
        store: the home.
        report_id: the report that stands for its exceedance.
        by: the account of the station, or None for the local owner.
        at: when.
        document_number: of the letter or transmission it went with.

    Returns:
        The report's id, state `delivered`. A report is handed over once: again gives the first entry.

    Raises:
        Refusal: the role may not, `unknown_report`, `report_replaced`, `document_missing`.
    """
    with acting(store, by, "report_deliver", at) as (tx, user):
        found = cases.reports(tx, at, report_id=report_id)
        if not found:
            raise Refusal(report_id or "(empty)", "unknown_report")
        matter = known_matter(tx, found[0].exceedance, at)
        if matter.report is None or matter.report.id != report_id:
            raise Refusal(report_id, "report_replaced", f"{matter.reports[-1].id} stands")
        if matter.delivery is not None:
            entry = first_entry_of_row(tx, "report_delivery", str(_row_of(tx, report_id)))
            return Act(report_id, matter.state, entry, True)
        if not document_number.strip():
            raise Refusal(report_id, "document_missing", "name the letter or transmission")
        write.insert_delivery(tx, ReportDelivery(report_id, document_number.strip(), signed(user, at)))
        payload = {"document": document_number.strip(), "exceedance": matter.exceedance.id, "valid": found[0].valid}
        return Act(
            report_id, DELIVERED, noted(tx, user, at=at, kind="report_delivered", subject=report_id, payload=payload)
        )


def report_bytes(store: Store, report_id: str, at: datetime) -> Mapping[str, tuple[str, bytes]]:
    """The files of a report by kind, each with its name: the bytes that are held, checked against their SHA-256.

    Raises:
        Refusal: `unknown_report`, `evidence_changed` where the bytes are others than those that were issued.
    """
    if not cases.reports(store, at, report_id=report_id):
        raise Refusal(report_id or "(empty)", "unknown_report")
    found = {}
    for one in desk.files_of(store, report_id):
        content = files.path_of(store, one.sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != one.sha256:
            raise Refusal(one.name, "evidence_changed", one.sha256[:12])
        found[one.kind] = (one.name, content)
    return found


def _refuse_standing(matter: DeskMatter, replaces: str | None) -> None:
    """A report that stands is replaced only by name, and only until the brigade has it."""
    standing = None if matter.report is None else matter.report.id
    if standing != replaces:
        raise Refusal(matter.exceedance.id, "report_issued_already", f"it stands: {standing or 'none'}")
    if matter.receipt is not None:
        raise Refusal(standing or "", "report_received_already", matter.receipt.id)


def _report(
    tx: Tx,
    matter: DeskMatter,
    allowed: Judgement,
    said: tuple[str, str | None, str, str | None],
    user: User,
    at: datetime,
) -> AuditReport:
    one, (judgement, cause, reason, replaces) = matter.exceedance, said
    return AuditReport(
        numbers.next_id(tx, "audit_report", at), one.id, one.point or one.mn, one.enterprise_uscc, allowed.valid,
        judgement, None, signed(user, at), cause, reason, allowed.not_looked_at, replaces, allowed.rules,
    )  # fmt: skip


def _written(store: Store, tx: Tx, matter: DeskMatter, report: AuditReport, user: User) -> Act:
    """Row, files and entry in one transaction; a file that is held and then not named is found by the next try."""
    at, made = report.signed.at, document.files(paper_of(store, matter, report, user))
    held = []
    for kind, content in made.items():
        sha256, name = hashlib.sha256(content).hexdigest(), f"{report.id}.{kind}"
        files.hold(store, content, sha256)
        flights.insert_files(tx, None, [StoredFile(sha256, len(content), name, MEDIA[kind], at)])
        held.append(ReportFile(kind, name, sha256))
    write_cases.insert_report(tx, report)
    write.insert_files(tx, report.id, held, at)
    payload = {
        "report": report.id, "valid": report.valid, "cause": report.cause, "reason": report.reason,
        "not_looked_at": list(report.not_looked_at), "replaces": report.replaces, "rules": list(report.rules),
        "files": {one.kind: one.sha256 for one in held},
    }  # fmt: skip
    kind = "report_issued" if report.replaces is None else "report_replaced"
    entry = noted(tx, user, at=at, kind=kind, subject=matter.exceedance.id, payload=payload)
    return Act(report.id, "reported" if report.valid else "not_valid", entry)


def _row_of(tx: Tx, report_id: str) -> int:
    return desk.delivery_row(tx, report_id)
