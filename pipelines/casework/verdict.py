"""A person's word on an alert, and taking one back. Nothing is overwritten: both are entries."""

from __future__ import annotations

from datetime import datetime

from enforcement import policy as law
from enforcement.roles import may
from enforcement.verdicts import UNDONE, VerdictPermission, may_say
from pipelines.casework.acting import acting, alert_known, beijing_day, noted
from pipelines.errors import Refusal
from pipelines.records import Act, User, Verdict
from pipelines.store import Store, Tx, numbers
from pipelines.store.read import alerts
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import people


def record_verdict(
    store: Store,
    alert_id: str,
    value: str,
    *,
    by: str | None,
    at: datetime,
    reason: str = "",
    really: str | None = None,
    duplicate_of: str | None = None,
) -> Act:
    """Say what an alert is. An earlier word stays; the latest counts.

    Args:
        store: the home.
        alert_id: an alert that was there at `at`.
        value: one of `enforcement.verdicts.VALUES`.
        by: the account, or None for the local owner.
        at: when.
        reason: in the person's own words.
        really: what it was, one of `enforcement.verdicts.REALLY`; needed where the machine was wrong.
        duplicate_of: the alert that it repeats, where it is a duplicate.

    Returns:
        The verdict's id; state `second` where the rows ask for a second person who says the same, `lead` where the
        alert stands behind one, else `judged`. The same word said again by the same account as the latest one gives
        the earlier entry and writes nothing.

    Raises:
        Refusal: the role may not, `unknown_alert`, `verdict_unknown`, `really_missing`, `really_unknown`,
            `duplicate_of_itself`.
    """
    with acting(store, by, "verdict", at) as (tx, user):
        alert = alert_known(store, alert_id, at)
        permission = may_say(value, alert.kind, really, policy=law.load(), on=beijing_day(at))
        _refuse_itself(store, alert_id, duplicate_of, at)
        latest = alerts.view(store, alert_id, at).verdict
        said = (permission.value.value, reason, permission.really, duplicate_of)
        if latest is not None and (latest.value, latest.reason, latest.really, latest.duplicate_of) == said:
            if latest.by == user.id:
                entry = first_entry_of_row(tx, "verdict", latest.id)
                return Act(latest.id, alerts.view(store, alert_id, at).state, entry, True)
        verdict = _verdict(
            tx, user, alert_id, permission, at, reason, duplicate_of, _seconded(latest, permission, user)
        )
        people.insert_verdict(tx, verdict)
        payload: dict[str, object] = {
            "verdict": verdict.id,
            "value": verdict.value,
            "reason": reason,
            "rules": list(permission.rules),
        }
        payload |= {key: text for key, text in _extras(verdict).items() if text}
        entry = noted(tx, user, at=at, kind="verdict", subject=alert_id, payload=payload)
        return Act(verdict.id, alerts.view(store, alert_id, at).state, entry)


def undo_verdict(store: Store, alert_id: str, *, by: str | None, at: datetime, reason: str) -> Act:
    """Take back the word that stands on an alert. It stays on record; the word before it stands again, if there is one.

    Args:
        store: the home.
        alert_id: an alert with a standing verdict.
        by: the account that gave it, or one that may take back others'; None for the local owner.
        at: when.
        reason: why, in the person's own words.

    Returns:
        The id of the entry that takes it back, and the alert's state then.

    Raises:
        Refusal: the role may not, `unknown_alert`, `no_word_to_undo`, `reason_missing`, or `verdict_behind_lead` where
            an open lead rests on the alert.
    """
    with acting(store, by, "verdict", at) as (tx, user):
        alert_known(store, alert_id, at)
        before = alerts.view(store, alert_id, at)
        if before.verdict is None:
            raise Refusal(alert_id, "no_word_to_undo")
        if not reason.strip():
            raise Refusal(alert_id, "reason_missing", "say why the word is taken back")
        if alerts.open_leads_on(tx, [alert_id]):
            raise Refusal(alert_id, "verdict_behind_lead")
        if before.verdict.by != user.id:
            may(user.role, "verdict_undo_others", on=beijing_day(at))
        name = numbers.next_id(tx, "verdict", at)
        undo = Verdict(name, alert_id, UNDONE, user.id, user.role, at, reason, user.simulated, undoes=before.verdict.id)
        people.insert_verdict(tx, undo)
        payload = {"verdict": name, "undoes": undo.undoes, "value": before.verdict.value, "reason": reason}
        entry = noted(tx, user, at=at, kind="verdict_undone", subject=alert_id, payload=payload)
        return Act(name, alerts.view(store, alert_id, at).state, entry)


def _refuse_itself(store: Store, alert_id: str, duplicate_of: str | None, at: datetime) -> None:
    if duplicate_of is None:
        return
    if alert_known(store, duplicate_of, at).id == alert_id:
        raise Refusal(alert_id, "duplicate_of_itself")


def _seconded(latest: Verdict | None, permission: VerdictPermission, user: User) -> str | None:
    """The word of another person that this one seconds: the latest, where it waits for that and says the same."""
    if latest is None or not latest.needs_second or latest.by == user.id:
        return None
    same = (latest.value, latest.really) == (permission.value.value, permission.really)
    return latest.id if same else None


def _verdict(
    tx: Tx,
    user: User,
    alert_id: str,
    permission: VerdictPermission,
    at: datetime,
    reason: str,
    duplicate_of: str | None,
    seconds: str | None,
) -> Verdict:
    return Verdict(
        id=numbers.next_id(tx, "verdict", at),
        alert_id=alert_id,
        value=permission.value.value,
        by=user.id,
        role=user.role,
        at=at,
        reason=reason,
        simulated=user.simulated,
        really=permission.really,
        duplicate_of=duplicate_of,
        needs_second=permission.needs_second and seconds is None,
        seconds=seconds,
    )


def _extras(verdict: Verdict) -> dict[str, object]:
    return {
        "really": verdict.really,
        "duplicate_of": verdict.duplicate_of,
        "needs_second": verdict.needs_second,
        "seconds": verdict.seconds,
    }
