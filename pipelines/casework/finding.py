"""What somebody found where a lead led: it comes back to the alert, to the ranking and to the training set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from enforcement import policy as law
from enforcement.verdicts import finding_verdict, may_say
from pipelines.casework.acting import acting, alert_known, beijing_day, noted, signed
from pipelines.casework.lead import known_lead
from pipelines.errors import Refusal
from pipelines.records import Act, Lead, User
from pipelines.store import Store, Tx, numbers
from pipelines.store.case_records import FieldFinding
from pipelines.store.read import cases, checks
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import cases as write


def record_finding(
    store: Store,
    lead_id: str,
    found: str,
    *,
    by: str | None,
    at: datetime,
    text: str,
    alert_id: str | None = None,
    really: str | None = None,
    seen_on: date | None = None,
) -> Act:
    """Say what was found in the field.

    Args:
        store: the home.
        lead_id: the lead that sent somebody there; one that ended without a case takes no finding.
        found: one of `enforcement.verdicts.FINDINGS`.
        by: the account that was there, or None for the local owner.
        at: when it is recorded.
        text: what was seen, in the person's own words.
        alert_id: of which of the lead's alerts it speaks; may be left out where there is one, or none.
        really: what it was, where it was something other than the machine said.
        seen_on: the Beijing day of the visit; None takes the day of `at`.

    Returns:
        The finding's id, state: the word. The same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_lead`, `lead_is_closed`, `finding_unknown`, `which_alert`, `reason_missing`,
            `seen_in_future`, `really_missing`, `really_unknown`.
    """
    with acting(store, by, "finding_record", at) as (tx, user):
        finding = _said(store, user, lead_id, found, at, (text, alert_id, really, seen_on))
        done = _once(tx, finding)
        if done is not None:
            return done
        finding, payload = _written(tx, finding)
        entry = noted(tx, user, at=at, kind="field_found", subject=finding.lead_id, payload=payload)
        return Act(finding.id, finding.found, entry)


def found_in_the_field(
    store: Store,
    tx: Tx,
    user: User,
    lead_id: str,
    found: str,
    *,
    at: datetime,
    text: str,
    alert_id: str | None,
    really: str | None,
    seen_on: date,
) -> tuple[FieldFinding, dict[str, object]]:
    """Write a finding within another act; gives it and what that act's journal entry must say of it.

    Raises:
        Refusal: as `record_finding`.
    """
    return _written(tx, _said(store, user, lead_id, found, at, (text, alert_id, really, seen_on)))


def _said(
    store: Store,
    user: User,
    lead_id: str,
    found: str,
    at: datetime,
    said: tuple[str, str | None, str | None, date | None],
) -> FieldFinding:
    """The finding that is meant, once it may stand: text, alert, what it really was, day."""
    text, alert_id, really, seen_on = said
    lead, on = known_lead(store, lead_id, at), beijing_day(at)
    word = finding_verdict(found, policy=law.load(), on=on)
    alert = _alert_of(lead, alert_id)
    if lead.state == "closed":
        raise Refusal(lead.id, "lead_is_closed")
    if alert is not None:
        kind = alert_known(store, alert, at).kind
        really = may_say(word.value, kind, really or _silent(found), policy=law.load(), on=on).really
    if not text.strip():
        raise Refusal(lead.id, "reason_missing", "say what was found")
    day = seen_on or on
    if day > on:
        raise Refusal(day.isoformat(), "seen_in_future")
    return FieldFinding("", lead.id, alert, found, really, text.strip(), day, signed(user, at))


def _silent(found: str) -> str | None:
    """Where nothing was there, that is what it really was."""
    return "nothing" if found == "nothing" else None


def _alert_of(lead: Lead, alert_id: str | None) -> str | None:
    if alert_id is None and len(lead.alert_ids) <= 1:
        return lead.alert_ids[0] if lead.alert_ids else None
    if alert_id not in lead.alert_ids:
        raise Refusal(alert_id or lead.id, "which_alert", f"of {lead.id}: {', '.join(lead.alert_ids)}")
    return alert_id


def _once(tx: Tx, finding: FieldFinding) -> Act | None:
    """The act that recorded the same before."""
    for before in checks.findings(tx, finding.signed.at, lead_id=finding.lead_id):
        if before.signed.by == finding.signed.by and replace(before, id="", signed=finding.signed) == finding:
            return Act(before.id, before.found, first_entry_of_row(tx, "field_finding", before.id), True)
    return None


def _written(tx: Tx, finding: FieldFinding) -> tuple[FieldFinding, dict[str, object]]:
    """Write it; where a case was filed on the lead already, it goes into the file as evidence."""
    finding = replace(finding, id=numbers.next_id(tx, "finding", finding.signed.at))
    write.insert_finding(tx, finding)
    payload: dict[str, object] = {
        "finding": finding.id,
        "alert": finding.alert_id,
        "found": finding.found,
        "really": finding.really,
        "text": finding.text,
        "seen_on": finding.seen_on.isoformat(),
    }
    for case in cases.cases(tx, finding.signed.at, lead_id=finding.lead_id):
        if case.state in law.load().at("case_open_states", beijing_day(finding.signed.at)).words():
            payload["case"] = case.id
            write.insert_evidence(tx, case.id, "finding", finding.id, finding.signed)
    return finding, payload
