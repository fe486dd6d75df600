"""What lies on the station's desk, as it stood at an instant."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from sqlite3 import Row

from pipelines.store.canonical import from_instant, instant
from pipelines.store.case_records import AuditReport
from pipelines.store.desk_records import (
    MONITOR,
    WRITTEN,
    AuditEvidence,
    DeskExceedance,
    DeskMatter,
    ReportDelivery,
    ReportFile,
)
from pipelines.store.read import cases
from pipelines.store.read.checks import signed_of
from pipelines.store.transaction import Asked

WRITTEN_ONES = """
SELECT * FROM written_exceedance WHERE at <= ?1 AND (?2 IS NULL OR id = ?2) ORDER BY begins_at DESC, id DESC
"""
OF_MONITORS = """
SELECT e.*, (SELECT min(received_at) FROM exceedance WHERE id = e.id) AS known_at,
    e.superseded_at IS NOT NULL AND e.superseded_at <= ?1 AS withdrawn
FROM exceedance AS e
WHERE e.row = (SELECT max(row) FROM exceedance WHERE id = e.id AND received_at <= ?1) AND (?2 IS NULL OR e.id = ?2)
  AND (e.superseded_at IS NULL OR e.superseded_at > ?1
       OR EXISTS (SELECT 1 FROM audit_evidence WHERE exceedance = e.id AND at <= ?1)
       OR EXISTS (SELECT 1 FROM audit_report WHERE exceedance = e.id AND issued_at <= ?1))
ORDER BY e.begins_at DESC, e.id DESC
"""
EVIDENCE = "SELECT * FROM audit_evidence WHERE at <= ?1 AND (?2 IS NULL OR exceedance = ?2) ORDER BY id"
DELIVERIES = "SELECT * FROM report_delivery WHERE at <= ? ORDER BY id"
FILES = "SELECT * FROM report_file WHERE report_id = ? ORDER BY id"


def exceedances(asked: Asked, as_of: datetime, *, exceedance_id: str | None = None) -> list[DeskExceedance]:
    """The exceedances known by an instant, written down or of monitors, youngest first; also inside a transaction."""
    asked_for = (instant(as_of), exceedance_id)
    found = [_written(row) for row in asked.rows(WRITTEN_ONES, asked_for)]
    found += [_of_monitor(row) for row in asked.rows(OF_MONITORS, asked_for)]
    return sorted(found, key=lambda one: (one.begin, one.id), reverse=True)


def matters(asked: Asked, as_of: datetime, *, exceedance_id: str | None = None) -> list[DeskMatter]:
    """Exceedances with all that was done about them by an instant, youngest first; also inside a transaction."""
    evidence: defaultdict[str, list[AuditEvidence]] = defaultdict(list)
    for row in asked.rows(EVIDENCE, (instant(as_of), exceedance_id)):
        evidence[row["exceedance"]].append(_evidence(row))
    reports: defaultdict[str, list[AuditReport]] = defaultdict(list)
    for report in cases.reports(asked, as_of, exceedance=exceedance_id):
        reports[report.exceedance].append(report)
    sent = {row["report_id"]: _delivery(row) for row in asked.rows(DELIVERIES, (instant(as_of),))}
    held = {one.report_id: one for one in cases.receipts(asked, as_of)}
    found = []
    for one in exceedances(asked, as_of, exceedance_id=exceedance_id):
        mine = tuple(reports[one.id])
        last = mine[-1].id if mine else ""
        found.append(DeskMatter(one, tuple(evidence[one.id]), mine, sent.get(last), held.get(last)))
    return found


def matter(asked: Asked, exceedance_id: str, as_of: datetime) -> DeskMatter | None:
    """One of them, or None."""
    found = matters(asked, as_of, exceedance_id=exceedance_id)
    return found[0] if found else None


def files_of(asked: Asked, report_id: str) -> list[ReportFile]:
    """The files of a report."""
    return [ReportFile(row["kind"], row["name"], row["file_sha256"]) for row in asked.rows(FILES, (report_id,))]


def _written(row: Row) -> DeskExceedance:
    signed = signed_of(row)
    return DeskExceedance(
        row["id"], WRITTEN, row["mn"], row["point"], row["enterprise_uscc"], row["pollutant"], row["period"],
        from_instant(row["begins_at"]), from_instant(row["ends_at"]), row["value"], row["limit_value"],
        bool(row["below"]), row["unit"], row["limit_link"], row["document"], signed.at, signed,
    )  # fmt: skip


def _of_monitor(row: Row) -> DeskExceedance:
    where = "rule" if "@" in row["rule"] else "permit"
    return DeskExceedance(
        row["id"], MONITOR, row["mn"], row["point"], row["enterprise_uscc"], row["pollutant"], row["kind"],
        from_instant(row["begins_at"]), from_instant(row["ends_at"]), row["worst"], row["limit_value"],
        bool(row["below"]), row["unit"], f"{where}:{row['rule']}", "", from_instant(row["known_at"]), None,
        tuple(json.loads(row["excused_by"])), len(json.loads(row["means"])), row["allowed"], bool(row["withdrawn"]),
    )  # fmt: skip


def _evidence(row: Row) -> AuditEvidence:
    seen = from_instant(row["seen_from"])
    return AuditEvidence(row["id"], row["exceedance"], row["kind"], row["link"], seen, row["showed"], signed_of(row))


def _delivery(row: Row) -> ReportDelivery:
    return ReportDelivery(row["report_id"], row["document"], signed_of(row))


def delivery_row(asked: Asked, report_id: str) -> int:
    """The number of the row by which a report was handed over.

    Raises:
        LookupError: it was not.
    """
    row = asked.row("SELECT id FROM report_delivery WHERE report_id = ?", (report_id,))
    if row is None:
        raise LookupError(f"{report_id} was not handed over")
    return int(row["id"])
