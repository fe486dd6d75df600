"""线索: a person decides that alerts, checks or reports are worth a lawful next step, or that nothing follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from enforcement import policy as law
from enforcement.cases import Asked, CaseFacts, may_step
from enforcement.leads import JudgedAlert, LeadPermission, OtherBasis, may_close, may_open
from enforcement.registry import Enterprise
from pipelines.casework.acting import acting, alert_known, beijing_day, noted, signed
from pipelines.casework.foot import foot_checked
from pipelines.errors import Refusal
from pipelines.records import Act, AlertView, Lead, User
from pipelines.store import Store, Tx, numbers
from pipelines.store.case_records import LeadBasis, LeadClose
from pipelines.store.read import alerts, cases, checks, firms, registry
from pipelines.store.read.journal import first_entry_of_row, last_entry_of_kind
from pipelines.store.write import cases as write
from pipelines.store.write import people

REPORT_VERDICTS = {True: "confirmed", False: "lawful"}
"""A report that holds an exceedance valid counts as a confirmed finding, one that does not as a lawful one."""


def open_lead(
    store: Store,
    alert_ids: Sequence[str],
    *,
    by: str | None,
    at: datetime,
    next_step: str,
    reason: str = "",
    enterprise: str | None = None,
    check_ids: Sequence[str] = (),
    report_ids: Sequence[str] = (),
) -> Act:
    """Open a lead on alerts that people have judged, on closed checks, on received reports.

    Args:
        store: the home.
        alert_ids: each with a standing verdict.
        by: the account, or None for the local owner.
        at: when; the rule rows of that Beijing day decide.
        next_step: one of `enforcement.leads.NEXT_STEPS`.
        reason: in the person's own words.
        enterprise: credit code of the firm it is about; None takes the one that all name, or none.
        check_ids: closed non-site checks; one that mandates a visit does so for a firm on the positive list, too.
        report_ids: audit reports that the brigade has received.

    Returns:
        The lead's id and state. The same lead asked for again by the same account gives the earlier entry and writes
        nothing.

    Raises:
        Refusal: the role may not, `unknown_alert`, `unknown_check`, `check_not_closed`, `unknown_report`,
            `report_not_received`, `unknown_enterprise`, `alert_in_other_lead`, or what `enforcement.leads.may_open`
            forbids, naming the row.
    """
    with acting(store, by, "lead_open", at) as (tx, user):
        wanted = tuple(dict.fromkeys(alert_ids))
        views = [_known(store, alert_id, at) for alert_id in wanted]
        others = [*(_check(tx, one, at) for one in check_ids), *(_report(tx, one, at) for one in report_ids)]
        named = _named_by_all(views, [firm for _, _, firm in others])
        firm = _registered(store, enterprise, at) if enterprise is not None else named
        bases = tuple(basis for basis, _, _ in others)
        same = _same_lead(tx, wanted, bases, (next_step, user.id, firm), at)
        if same is not None:
            return Act(same.id, same.state, first_entry_of_row(tx, "lead", same.id), True)
        permission = may_open(
            [_judged(store, view, at) for view in views],
            next_step,
            positive_listed=firm is not None and firms.listed_until_of(store, firm, at) is not None,
            policy=law.load(),
            on=beijing_day(at),
            others=[other for _, other, _ in others],
        )
        simulated = user.simulated or any(v.verdict is not None and v.verdict.simulated for v in views)
        name = numbers.next_id(tx, "lead", at)
        lead = Lead(name, wanted, permission.state, firm, next_step, user.id, at, reason, simulated)
        return _written(tx, user, lead, bases, permission)


def close_lead(store: Store, lead_id: str, outcome: str, *, by: str | None, at: datetime, reason: str) -> Act:
    """End a lead without a case 不予立案. Its alerts may then stand behind another lead.

    Args:
        store: the home.
        lead_id: an open lead.
        outcome: one of `enforcement.leads.OUTCOMES`.
        by: the account, or None for the local owner.
        at: when.
        reason: why, in the person's own words.

    Returns:
        The lead's id, state `closed`; the same again by the same account gives the earlier entry and writes nothing.

    Raises:
        Refusal: the role may not, `unknown_lead`, `outcome_unknown`, or what the row `case_step_decline` forbids.
    """
    with acting(store, by, "lead_close", at) as (tx, user):
        lead = known_lead(store, lead_id, at)
        before = cases.closes(tx, at, lead_id=lead.id).get(lead.id)
        if before is not None and (before.outcome, before.reason, before.signed.by) == (outcome, reason, user.id):
            return Act(lead.id, "closed", last_entry_of_kind(tx, lead.id, "lead_closed"), True)
        word = may_close(outcome, policy=law.load(), on=beijing_day(at))
        facts = CaseFacts(lead_state(lead))
        permission = may_step(lead.id, "decline", facts, Asked(reason), policy=law.load(), on=beijing_day(at))
        write.insert_lead_close(tx, lead.id, LeadClose(word, reason, signed(user, at)))
        held = cases.bases(tx, at, lead_id=lead.id).get(lead.id, [])
        others = [f"{basis.kind} {basis.ref}" for basis in held]
        payload = {"outcome": word, "reason": reason, "others": others, "rules": list(permission.rules)}
        return Act(lead.id, "closed", noted(tx, user, at=at, kind="lead_closed", subject=lead.id, payload=payload))


def known_lead(store: Store, lead_id: str, at: datetime) -> Lead:
    """A lead that was there when somebody acts on it, as it stands.

    Raises:
        Refusal: `unknown_lead`.
    """
    found = alerts.leads(store, at, lead_id=lead_id)
    if not found:
        raise Refusal(lead_id or "(empty)", "unknown_lead")
    return found[0]


def lead_state(lead: Lead) -> str:
    """The lead's state in the words of the table of steps."""
    return {"open": "lead", "closed": "declined"}.get(lead.state, lead.state)


def _written(tx: Tx, user: User, lead: Lead, bases: Sequence[LeadBasis], permission: LeadPermission) -> Act:
    people.insert_lead(tx, lead, role=user.role, mandate=permission.mandate)
    write.insert_bases(tx, lead.id, bases, signed(user, lead.at))
    payload = {
        "alerts": list(lead.alert_ids),
        "others": [f"{basis.kind} {basis.ref}" for basis in bases],
        "next_step": lead.next_step,
        "enterprise": lead.enterprise_uscc,
        "mandate": permission.mandate,
        "rules": list(permission.rules),
        "reason": lead.reason,
    }
    entry = noted(tx, user, at=lead.at, kind="lead_opened", subject=lead.id, payload=payload)
    return Act(lead.id, lead.state, entry)


def _judged(store: Store, view: AlertView, at: datetime) -> JudgedAlert:
    word = view.verdict
    return JudgedAlert(
        id=view.alert.id,
        label=view.alert.kind,
        verdict=None if word is None else word.value,
        foot_checked=foot_checked(store, view.alert.id, at),
        awaits_second=word is not None and word.needs_second,
    )


def _check(tx: Tx, check_id: str, at: datetime) -> tuple[LeadBasis, OtherBasis, str | None]:
    found = checks.check(tx, check_id, at)
    if found is None:
        raise Refusal(check_id or "(empty)", "unknown_check")
    if found.closing is None:
        raise Refusal(found.id, "check_not_closed")
    verdict = str(law.load().at("check_judgements", beijing_day(at)).table()[found.closing.judgement])
    return LeadBasis("check", found.id), OtherBasis(found.id, verdict, found.closing.mandate), found.enterprise_uscc


def _report(tx: Tx, report_id: str, at: datetime) -> tuple[LeadBasis, OtherBasis, str | None]:
    found = known_received_report(tx, report_id, at)
    verdict = OtherBasis(found.id, REPORT_VERDICTS[found.valid], found.valid)
    return LeadBasis("report", found.id), verdict, found.enterprise_uscc


def known_received_report(tx: Tx, report_id: str, at: datetime) -> cases.AuditReport:
    """A report of which the brigade has recorded the receipt.

    Raises:
        Refusal: `unknown_report`, `report_not_received`.
    """
    found = cases.reports(tx, at, report_id=report_id)
    if not found:
        raise Refusal(report_id or "(empty)", "unknown_report")
    if not cases.receipts(tx, at, report_id=report_id):
        raise Refusal(report_id, "report_not_received")
    return found[0]


def _known(store: Store, alert_id: str, at: datetime) -> AlertView:
    return alerts.view(store, alert_known(store, alert_id, at).id, at)


def _registered(store: Store, uscc: str, at: datetime) -> str:
    if uscc not in {firm.uscc for firm in registry.facts(store, Enterprise, at)}:
        raise Refusal(uscc, "unknown_enterprise")
    return uscc


def _named_by_all(views: Sequence[AlertView], others: Sequence[str | None]) -> str | None:
    """The one firm that every alert's attribution, check and report names, if there is one."""
    named = set(others)
    for view in views:
        found = [c.enterprise for c in view.attribution.candidates if c.id == view.attribution.named]
        named.add(found[0] if found and view.attribution.answer == "named" else None)
    return named.pop() if len(named) == 1 else None


def _same_lead(
    tx: Tx, wanted: Sequence[str], bases: Sequence[LeadBasis], said: tuple[str, str, str | None], at: datetime
) -> Lead | None:
    """The lead that is open already and says the same of the same alerts, checks and reports.

    Raises:
        Refusal: `alert_in_other_lead`: an alert, check or report stands behind an open lead that says something else.
    """
    held = alerts.open_leads_on(tx, wanted)
    resting = {lead for basis in bases for lead in cases.leads_on(tx, basis.kind, basis.ref, at)}
    held += [lead for lead in alerts.open_leads(tx, resting) if lead.id not in {one.id for one in held}]
    of_lead = cases.bases(tx, at)
    for lead in held:
        same = set(lead.alert_ids) == set(wanted) and set(of_lead.get(lead.id, ())) == set(bases)
        if same and (lead.next_step, lead.by, lead.enterprise_uscc) == said:
            return lead
    if held:
        everything = [*wanted, *(basis.ref for basis in bases)]
        raise Refusal(", ".join(everything), "alert_in_other_lead", f"open: {', '.join(lead.id for lead in held)}")
    return None
