"""Rows that people's acts write: accounts, verdicts, leads, marks. Only `casework` calls these."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipelines.records import Lead, User, Verdict
from pipelines.store import rows
from pipelines.store.canonical import instant
from pipelines.store.transaction import Tx


def insert_user(tx: Tx, user: User, *, added_by: str, at: datetime) -> None:
    """Write an account.

    Raises:
        sqlite3.IntegrityError: the id or the name is taken.
    """
    cells = (user.id, user.name, user.role, int(user.simulated), added_by, instant(at))
    tx.execute("INSERT INTO app_user VALUES (?, ?, ?, ?, ?, ?)", cells)


def insert_verdict(tx: Tx, verdict: Verdict) -> None:
    """Add a person's word on an alert."""
    cells = {
        "id": verdict.id, "alert_id": verdict.alert_id, "value": verdict.value, "by": verdict.by, "role": verdict.role,
        "at": instant(verdict.at), "reason": verdict.reason, "simulated": int(verdict.simulated),
        "really": verdict.really, "duplicate_of": verdict.duplicate_of,
        "needs_second": 1 if verdict.needs_second else None, "seconds": verdict.seconds, "undoes": verdict.undoes,
    }  # fmt: skip
    tx.execute(rows.insert_statement("verdict", cells), cells)


def insert_lead(tx: Tx, lead: Lead, *, role: str, mandate: bool) -> None:
    """Write a lead and the alerts it rests on.

    Args:
        tx: the transaction.
        lead: as opened.
        role: in which it was opened.
        mandate: whether its next step makes a visit due, also to a firm on the positive list.
    """
    tx.execute(
        "INSERT INTO lead VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            lead.id,
            lead.state,
            lead.enterprise_uscc,
            lead.next_step,
            int(mandate),
            lead.by,
            role,
            instant(lead.at),
            lead.reason,
            int(lead.simulated),
        ),
    )
    tx.executemany(
        "INSERT INTO lead_alert (lead_id, alert_id) VALUES (?, ?)", ((lead.id, name) for name in lead.alert_ids)
    )


def mark_seen(tx: Tx, alert_ids: Iterable[str], user_id: str, at: datetime) -> None:
    """Mark alerts as seen by a user; a mark that is there stays as it is."""
    seen = instant(at)
    tx.executemany(
        "INSERT INTO alert_seen (alert_id, user_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        ((alert_id, user_id, seen) for alert_id in alert_ids),
    )
