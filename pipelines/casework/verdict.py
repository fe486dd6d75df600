"""A person's word on an alert."""

from __future__ import annotations

from datetime import datetime

from enforcement.verdicts import verdict_value
from pipelines.casework.acting import acting, alert_known, noted
from pipelines.records import Act, Verdict
from pipelines.store import Store, numbers
from pipelines.store.read import alerts
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import people


def record_verdict(store: Store, alert_id: str, value: str, *, by: str | None, at: datetime, reason: str = "") -> Act:
    """Say what an alert is. An earlier word stays; the latest counts.

    Args:
        store: the home.
        alert_id: an alert that was there at `at`.
        value: one of `enforcement.verdicts.VALUES`.
        by: the account, or None for the local owner.
        at: when.
        reason: in the person's own words.

    Returns:
        The verdict's id; state `judged`, or `lead` where the alert stands behind one. The same word said again by the
        same account as the latest one gives the earlier entry and writes nothing.

    Raises:
        Refusal: the role may not, `unknown_alert`, `verdict_unknown`.
    """
    with acting(store, by, "verdict", at) as (tx, user):
        word = verdict_value(value).value
        alert_known(store, alert_id, at)
        before = alerts.view(store, alert_id, at)
        state = "lead" if before.state == "lead" else "judged"
        latest = before.verdict
        if latest is not None and (latest.value, latest.by, latest.reason) == (word, user.id, reason):
            return Act(latest.id, state, first_entry_of_row(tx, "verdict", latest.id), True)
        verdict = Verdict(
            numbers.next_id(tx, "verdict", at), alert_id, word, user.id, user.role, at, reason, user.simulated
        )
        people.insert_verdict(tx, verdict)
        payload = {"verdict": verdict.id, "value": word, "reason": reason}
        return Act(verdict.id, state, noted(tx, user, at=at, kind="verdict", subject=alert_id, payload=payload))
