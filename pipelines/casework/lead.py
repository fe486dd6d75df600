"""线索: a person decides that alerts are worth a lawful next step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from enforcement import policy as law
from enforcement.leads import JudgedAlert, may_open
from enforcement.registry import Enterprise
from pipelines.casework.acting import acting, alert_known, beijing_day, noted
from pipelines.errors import Refusal
from pipelines.records import Act, AlertView, Lead
from pipelines.store import Store, Tx, numbers
from pipelines.store.read import alerts, firms, registry
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import people


def open_lead(
    store: Store,
    alert_ids: Sequence[str],
    *,
    by: str | None,
    at: datetime,
    next_step: str,
    reason: str = "",
    enterprise: str | None = None,
) -> Act:
    """Open a lead on alerts that people have judged.

    Args:
        store: the home.
        alert_ids: one or more, each with a verdict.
        by: the account, or None for the local owner.
        at: when; the rule rows of that Beijing day decide.
        next_step: one of `enforcement.leads.NEXT_STEPS`.
        reason: in the person's own words.
        enterprise: credit code of the firm it is about; None takes the one that all the alerts name, or none.

    Returns:
        The lead's id and state. The same lead asked for again by the same account gives the earlier entry and writes
        nothing.

    Raises:
        Refusal: the role may not, `unknown_alert`, `unknown_enterprise`, `alert_in_other_lead`, or what
            `enforcement.leads.may_open` forbids, naming the row.
    """
    with acting(store, by, "lead_open", at) as (tx, user):
        wanted = tuple(dict.fromkeys(alert_ids))
        views = [_known(store, alert_id, at) for alert_id in wanted]
        firm = _registered(store, enterprise, at) if enterprise is not None else _named_by_all(views)
        same = _same_lead(tx, wanted, (next_step, user.id, firm))
        if same is not None:
            return Act(same.id, same.state, first_entry_of_row(tx, "lead", same.id), True)
        permission = may_open(
            [JudgedAlert(v.alert.id, v.alert.kind, None if v.verdict is None else v.verdict.value) for v in views],
            next_step,
            positive_listed=firm is not None and firms.listed_until_of(store, firm, at) is not None,
            policy=law.load(),
            on=beijing_day(at),
        )
        simulated = user.simulated or any(v.verdict is not None and v.verdict.simulated for v in views)
        name = numbers.next_id(tx, "lead", at)
        lead = Lead(name, wanted, permission.state, firm, next_step, user.id, at, reason, simulated)
        people.insert_lead(tx, lead, role=user.role, mandate=permission.mandate)
        payload = {
            "alerts": list(wanted),
            "next_step": next_step,
            "enterprise": firm,
            "mandate": permission.mandate,
            "rules": list(permission.rules),
            "reason": reason,
        }
        return Act(name, lead.state, noted(tx, user, at=at, kind="lead_opened", subject=name, payload=payload))


def _known(store: Store, alert_id: str, at: datetime) -> AlertView:
    return alerts.view(store, alert_known(store, alert_id, at).id, at)


def _registered(store: Store, uscc: str, at: datetime) -> str:
    if uscc not in {firm.uscc for firm in registry.facts(store, Enterprise, at)}:
        raise Refusal(uscc, "unknown_enterprise")
    return uscc


def _named_by_all(views: Sequence[AlertView]) -> str | None:
    """The one firm that every alert's attribution names, if there is one."""
    named = set()
    for view in views:
        found = [c.enterprise for c in view.attribution.candidates if c.id == view.attribution.named]
        named.add(found[0] if found and view.attribution.answer == "named" else None)
    return named.pop() if len(named) == 1 else None


def _same_lead(tx: Tx, wanted: Sequence[str], said: tuple[str, str, str | None]) -> Lead | None:
    """The lead that is open already and says the same of the same alerts.

    Raises:
        Refusal: `alert_in_other_lead`: an alert stands behind an open lead that says something else.
    """
    held = alerts.open_leads_on(tx, wanted)
    for lead in held:
        if set(lead.alert_ids) == set(wanted) and (lead.next_step, lead.by, lead.enterprise_uscc) == said:
            return lead
    if held:
        raise Refusal(", ".join(wanted), "alert_in_other_lead", f"open: {', '.join(lead.id for lead in held)}")
    return None
