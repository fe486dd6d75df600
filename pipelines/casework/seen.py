"""One's own mark that an alert was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipelines.casework.acting import acting, alert_known, noted
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store
from pipelines.store.read import alerts
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import people


def mark_seen(store: Store, alert_ids: Sequence[str], *, by: str | None, at: datetime) -> Act:
    """Mark alerts as seen by the acting account.

    Args:
        store: the home.
        alert_ids: one or more.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The alerts' ids, state `seen`. Where all were marked before: the earlier entry, and nothing is written.

    Raises:
        Refusal: the role may not, `unknown_alert`.
    """
    with acting(store, by, "alert_seen", at) as (tx, user):
        wanted = [alert_known(store, alert_id, at).id for alert_id in dict.fromkeys(alert_ids)]
        if not wanted:
            raise Refusal("(empty)", "unknown_alert")
        name, marks = ", ".join(wanted), alerts.marks_of(tx, wanted, user.id)
        new = [alert_id for alert_id in wanted if alert_id not in marks]
        if not new:
            earlier = max(first_entry_of_row(tx, "alert_seen", mark) for mark in marks.values())
            return Act(name, "seen", earlier, unchanged=True)
        people.mark_seen(tx, new, user.id, at)
        entry = noted(tx, user, at=at, kind="alerts_seen", subject=new[0], payload={"alerts": new})
        return Act(name, "seen", entry)
