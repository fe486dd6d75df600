"""Rows that the acts at the station's desk write. Only `casework` calls these; a row is added, none changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipelines.store import rows
from pipelines.store.canonical import instant
from pipelines.store.case_records import Signed
from pipelines.store.desk_records import AuditEvidence, DeskExceedance, ReportDelivery, ReportFile
from pipelines.store.transaction import Tx


def insert_exceedance(tx: Tx, one: DeskExceedance, signed: Signed) -> None:
    """Write down an exceedance that was read elsewhere."""
    cells: dict[str, object] = {
        "id": one.id, "mn": one.mn, "point": one.point, "enterprise_uscc": one.enterprise_uscc,
        "pollutant": one.pollutant, "period": one.period, "begins_at": instant(one.begin), "ends_at": instant(one.end),
        "value": one.value, "limit_value": one.limit, "below": int(one.below), "unit": one.unit,
        "limit_link": one.limit_link, "document": one.document, **_signed(signed),
    }  # fmt: skip
    tx.execute(rows.insert_statement("written_exceedance", cells), cells)


def insert_evidence(tx: Tx, one: AuditEvidence) -> int:
    """Add what was looked at; gives its number."""
    cells: dict[str, object] = {
        "exceedance": one.exceedance, "kind": one.kind, "link": one.link, "seen_from": instant(one.seen_from),
        "showed": one.showed, **_signed(one.signed),
    }  # fmt: skip
    return int(tx.execute(rows.insert_statement("audit_evidence", cells), cells).lastrowid or 0)


def insert_files(tx: Tx, report_id: str, files: Iterable[ReportFile], at: datetime) -> None:
    """Say which originals are the files of a report; they are written already."""
    for one in files:
        cells = {
            "report_id": report_id, "kind": one.kind, "name": one.name, "file_sha256": one.sha256, "at": instant(at),
        }  # fmt: skip
        tx.execute(rows.insert_statement("report_file", cells), cells)


def insert_delivery(tx: Tx, one: ReportDelivery) -> int:
    """Say that a report went to the brigade; once, which the database holds, too."""
    cells: dict[str, object] = {"report_id": one.report_id, "document": one.document, **_signed(one.signed)}
    return int(tx.execute(rows.insert_statement("report_delivery", cells), cells).lastrowid or 0)


def _signed(signed: Signed) -> dict[str, object]:
    return {"by": signed.by, "role": signed.role, "at": instant(signed.at), "simulated": int(signed.simulated)}
