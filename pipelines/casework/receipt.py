"""The brigade says that it holds an audit report 超标数据审核报告: from that day on the seven days run."""

from __future__ import annotations

from datetime import datetime

from pipelines.casework.acting import acting, noted, signed
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store, numbers
from pipelines.store.case_records import Receipt
from pipelines.store.read import cases
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import cases as write

RECEIVED = "received"


def record_receipt(store: Store, report_id: str, *, by: str | None, at: datetime, reason: str = "") -> Act:
    """Record the receipt of a report. It cannot be dated back: the day of this act is the day of receipt.

    Args:
        store: the home.
        report_id: a report that the station issued.
        by: the account of the brigade, or None for the local owner.
        at: when.
        reason: a remark.

    Returns:
        The receipt's id, state `received`. A report is received once: again gives the first entry and writes nothing.

    Raises:
        Refusal: the role may not, `unknown_report`, `report_not_delivered`.
    """
    with acting(store, by, "receipt_record", at) as (tx, user):
        found = cases.reports(tx, at, report_id=report_id)
        if not found:
            raise Refusal(report_id or "(empty)", "unknown_report")
        for before in cases.receipts(tx, at, report_id=report_id):
            return Act(before.id, RECEIVED, first_entry_of_row(tx, "receipt", before.id), True)
        if found[0].handed_over_at is None:
            raise Refusal(report_id, "report_not_delivered", "the station has not handed it over")
        name = numbers.next_id(tx, "receipt", at)
        write.insert_receipt(tx, Receipt(name, report_id, reason, signed(user, at)))
        payload = {"receipt": name, "exceedance": found[0].exceedance, "valid": found[0].valid, "reason": reason}
        entry = noted(tx, user, at=at, kind="receipt_recorded", subject=report_id, payload=payload)
        return Act(name, RECEIVED, entry)
