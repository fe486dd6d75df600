"""Names that people say aloud: F-2026-1124-01 is the first flight of that Beijing day."""

from __future__ import annotations

from datetime import datetime

from pipelines.store.canonical import BEIJING
from pipelines.store.transaction import Tx

TAKEN = {
    "audit_report": ("AR", 2, "SELECT id FROM audit_report WHERE id LIKE ? || '%'"),
    "case": ("C", 2, "SELECT id FROM casefile WHERE id LIKE ? || '%'"),
    "check": ("N", 2, "SELECT id FROM non_site_check WHERE id LIKE ? || '%'"),
    "exceedance": ("X", 2, "SELECT id FROM written_exceedance WHERE id LIKE ? || '%'"),
    "field_record": ("FR", 2, "SELECT id FROM field_record WHERE id LIKE ? || '%'"),
    "finding": ("FF", 2, "SELECT id FROM field_finding WHERE id LIKE ? || '%'"),
    "flight": ("F", 2, "SELECT id FROM flight WHERE id LIKE ? || '%'"),
    "lead": ("L", 2, "SELECT id FROM lead WHERE id LIKE ? || '%'"),
    "platform_import": ("PI", 2, "SELECT id FROM platform_import WHERE id LIKE ? || '%'"),
    "receipt": ("RC", 2, "SELECT id FROM receipt WHERE id LIKE ? || '%'"),
    "registry_import": ("RI", 2, "SELECT id FROM registry_import WHERE id LIKE ? || '%'"),
    "task": ("T", 2, "SELECT id FROM task WHERE id LIKE ? || '%'"),
    "verdict": ("V", 4, "SELECT id FROM verdict WHERE id LIKE ? || '%'"),
}
"""For each kind its letter, its least number of digits, and which names are taken; no row is ever deleted."""


def next_id(tx: Tx, kind: str, at: datetime) -> str:
    """The next free name of a kind.

    Args:
        tx: the transaction that will use it; nobody else can take it meanwhile.
        kind: one of `TAKEN`.
        at: aware; its Beijing day stands in the name.
    """
    letter, digits, question = TAKEN[kind]
    prefix = f"{letter}-{at.astimezone(BEIJING):%Y-%m%d}-"
    numbers = [
        int(row[0].removeprefix(prefix))
        for row in tx.rows(question, (prefix,))
        if row[0].removeprefix(prefix).isdigit()
    ]
    return f"{prefix}{max(numbers, default=0) + 1:0{digits}d}"
