"""Non-site checks as they stood at an instant, and what was found in the field."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from sqlite3 import Row

from pipelines.store.canonical import from_instant, instant
from pipelines.store.case_records import CheckClosing, CheckItem, FieldFinding, NonSiteCheck, Recheck, Signed
from pipelines.store.transaction import Asked

CHECKS = "SELECT * FROM non_site_check WHERE at <= ?1 AND (?2 IS NULL OR id = ?2) ORDER BY at DESC, id DESC"
ITEMS = "SELECT * FROM check_item WHERE at <= ?1 AND (?2 IS NULL OR check_id = ?2) ORDER BY id"
CLOSINGS = "SELECT * FROM check_close WHERE at <= ?1 AND (?2 IS NULL OR check_id = ?2)"
RECHECKS = "SELECT * FROM check_recheck WHERE at <= ?1 AND (?2 IS NULL OR check_id = ?2)"
FINDINGS = """
SELECT * FROM field_finding
WHERE at <= ?1 AND (?2 IS NULL OR lead_id = ?2) AND (?3 IS NULL OR alert_id = ?3) ORDER BY at, id
"""


def checks(asked: Asked, as_of: datetime, *, check_id: str | None = None) -> list[NonSiteCheck]:
    """The checks opened by an instant, as they stood then, youngest first; also inside a transaction."""
    now = (instant(as_of), check_id)
    items: defaultdict[str, list[CheckItem]] = defaultdict(list)
    for row in asked.rows(ITEMS, now):
        items[row["check_id"]].append(_item(row))
    closings = {row["check_id"]: _closing(row) for row in asked.rows(CLOSINGS, now)}
    rechecks = {row["check_id"]: _recheck(row) for row in asked.rows(RECHECKS, now)}
    return [
        NonSiteCheck(
            id=row["id"],
            basis=row["basis"],
            basis_ref=row["basis_ref"],
            enterprise_uscc=row["enterprise_uscc"],
            reason=row["reason"],
            signed=signed_of(row),
            items=tuple(items[row["id"]]),
            closing=closings.get(row["id"]),
            recheck=rechecks.get(row["id"]),
        )
        for row in asked.rows(CHECKS, now)
    ]


def check(asked: Asked, check_id: str, as_of: datetime) -> NonSiteCheck | None:
    """One check, or None."""
    found = checks(asked, as_of, check_id=check_id)
    return found[0] if found else None


def of_alert(asked: Asked, alert_id: str, as_of: datetime) -> list[NonSiteCheck]:
    """The checks that an alert opened, youngest first."""
    return [one for one in checks(asked, as_of) if (one.basis, one.basis_ref) == ("alert", alert_id)]


def findings(
    asked: Asked, as_of: datetime, *, lead_id: str | None = None, alert_id: str | None = None
) -> list[FieldFinding]:
    """What was found in the field by an instant, oldest first."""
    return [
        FieldFinding(
            id=row["id"],
            lead_id=row["lead_id"],
            alert_id=row["alert_id"],
            found=row["found"],
            really=row["really"],
            text=row["text"],
            seen_on=date.fromisoformat(row["seen_on"]),
            signed=signed_of(row),
        )
        for row in asked.rows(FINDINGS, (instant(as_of), lead_id, alert_id))
    ]


def signed_of(row: Row, *, by: str = "by", at: str = "at", role: str = "role", simulated: str = "simulated") -> Signed:
    """Who signed a row."""
    return Signed(row[by], row[role], from_instant(row[at]), bool(row[simulated]))


def _item(row: Row) -> CheckItem:
    seen = from_instant(row["seen_from"])
    return CheckItem(row["id"], row["kind"], row["link"], seen, row["showed"], signed_of(row))


def _closing(row: Row) -> CheckClosing:
    return CheckClosing(
        judgement=row["judgement"],
        next_step=row["next_step"],
        within_days=row["within_days"],
        checklist=json.loads(row["checklist"]),
        mandate=bool(row["mandate"]),
        rules=tuple(json.loads(row["rules"])),
        reason=row["reason"],
        signed=signed_of(row),
    )


def _recheck(row: Row) -> Recheck:
    return Recheck(bool(row["mended"]), row["link"], row["reason"], signed_of(row))
