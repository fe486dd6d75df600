"""案件: filing on a lead, and each further step. What a step needs stands in the rows `case_step_…`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from enforcement import policy as law
from enforcement.cases import LEAD, Asked, CaseFacts, Evidence, Review, StepPermission, act_of, may_step
from enforcement.verdicts import VerdictValue, finding_verdict
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.clocks import late_for, limitation_over, standing
from pipelines.casework.foot import foot_checked, last_found
from pipelines.casework.lead import known_lead, known_received_report, lead_state
from pipelines.casework.people import lawful
from pipelines.errors import Refusal
from pipelines.records import Act, Lead, User
from pipelines.store import Store, Tx, numbers
from pipelines.store.case_records import CaseFile, CaseStep, LeadBasis
from pipelines.store.read import alerts, cases, checks, registry
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import cases as write

FILE = "file"


def file_case(
    store: Store,
    lead_id: str,
    *,
    by: str | None,
    at: datetime,
    reason: str = "",
    document: str = "",
    enterprise: str | None = None,
    report_ids: Sequence[str] = (),
) -> Act:
    """File a case on a lead 立案. The alerts, checks, reports and findings behind the lead go into its file.

    Args:
        store: the home.
        lead_id: an open lead.
        by: the account, or None for the local owner.
        at: when; the clocks of the filing end on that Beijing day, that of the decision starts.
        reason: needed where a clock is past the last of its possible dates.
        document: number of the filing form.
        enterprise: the party, where the lead names none or another.
        report_ids: received audit reports that the filing answers, beside those the lead rests on.

    Returns:
        The case's id, state `filed`. Filed on again by the same account: the first entry, and nothing is written.

    Raises:
        Refusal: the role may not, `unknown_lead`, `unknown_report`, `report_not_received`, `unknown_enterprise`, or
            what the row `case_step_file` forbids: `case_step_illegal`, `no_suspicion`, `outfall_needs_foot_check`,
            `limitation_passed`, `late_without_reason`.
    """
    with acting(store, by, _act(FILE, at), at) as (tx, user):
        lead = known_lead(store, lead_id, at)
        for before in cases.cases(tx, at, lead_id=lead.id):
            if before.signed.by == user.id:
                return Act(before.id, before.state, first_entry_of_row(tx, "casefile", before.id), True)
        _registered(store, enterprise, at)
        held = cases.bases(tx, at, lead_id=lead.id).get(lead.id, [])
        more = [LeadBasis("report", known_received_report(tx, one, at).id) for one in dict.fromkeys(report_ids)]
        more = [basis for basis in more if basis not in held]
        facts = _facts_of_lead(store, lead, [*held, *more], at)
        permission = may_step(lead.id, FILE, facts, Asked(reason, document), policy=law.load(), on=beijing_day(at))
        write.insert_bases(tx, lead.id, more, signed(user, at))
        party = enterprise or lead.enterprise_uscc
        return _filed(tx, user, lead, [*held, *more], permission, at, (reason, document, party, facts.late))


def take_step(
    store: Store,
    case_id: str,
    step: str,
    *,
    by: str | None,
    at: datetime,
    reason: str = "",
    document: str = "",
    enterprise: str | None = None,
) -> Act:
    """Take a case a step further.

    Args:
        store: the home.
        case_id: a case.
        step: one of `enforcement.cases.STEPS` but `file` and `decline`.
        by: the account, or None for the local owner; the step's row names the act that its role must have.
        at: when.
        reason: in the person's own words.
        document: number of the document that goes with the step.
        enterprise: the party, where it is named now or anew.

    Returns:
        The case's id and its new state. The last step again with the same words by the same account gives its entry
        and writes nothing.

    Raises:
        Refusal: the role may not, `unknown_case`, `unknown_enterprise`, `case_step_unknown`, or what the step's row
            forbids, naming it.
    """
    with acting(store, by, _act(step, at), at) as (tx, user):
        case = known_case(tx, case_id, at)
        last = case.steps[-1]
        said = (last.step, last.reason, last.document, last.signed.by)
        if said == (step, reason, document, user.id) and enterprise in (None, case.party):
            return Act(case.id, case.state, _entry_of(tx, case.id, last.number), True)
        _registered(store, enterprise, at)
        facts = facts_of(store, case, at, to=_to(step, at), party=enterprise)
        permission = may_step(case.id, step, facts, Asked(reason, document), policy=law.load(), on=beijing_day(at))
        row = CaseStep(
            last.number + 1, step, case.state, permission.to, enterprise, document, permission.rules, reason,
            signed(user, at),
        )  # fmt: skip
        write.insert_step(tx, case.id, row)
        return Act(case.id, permission.to, _note(tx, user, case.id, row, facts.late))


def known_case(tx: Tx, case_id: str, at: datetime) -> CaseFile:
    """A case as it stands when somebody acts on it.

    Raises:
        Refusal: `unknown_case`.
    """
    found = cases.case(tx, case_id, at)
    if found is None:
        raise Refusal(case_id or "(empty)", "unknown_case")
    return found


def facts_of(store: Store, case: CaseFile, at: datetime, *, to: str = "", party: str | None = None) -> CaseFacts:
    """How a case stands, in the words of the table of steps.

    Args:
        store: the home.
        case: as read.
        at: the instant.
        to: the state a step would lead to: which late clocks it would end.
        party: the firm that is named with the step.
    """
    late = late_for(standing(store, at), [case.id], to, on=beijing_day(at))
    return CaseFacts(
        state=case.state,
        filed_by=case.signed.by,
        party=party or case.party,
        evidence=evidence_of(case),
        marks=case.marked,
        opinion=case.opinions[-1].opinion if case.opinions else None,
        late=late,
    )


def evidence_of(case: CaseFile) -> tuple[Evidence, ...]:
    """What stands in a file, each with the last word of each kind of review."""
    return tuple(
        Evidence(one.id, one.kind, one.ref, {w.kind: Review(w.opinion, w.signed.by) for w in one.reviews})
        for one in case.evidence
    )


def _facts_of_lead(store: Store, lead: Lead, bases: Sequence[LeadBasis], at: datetime) -> CaseFacts:
    clocks = standing(store, at)
    subjects = [lead.id, *(basis.ref for basis in bases if basis.kind == "report")]
    afoot = law.load().at("lead_steps_after_foot_check", beijing_day(at)).words("labels")
    kinds = {name: alerts.view(store, name, at).alert.kind for name in lead.alert_ids}
    return CaseFacts(
        state=lead_state(lead),
        suspicion=_suspicion(store, lead, bases, at),
        unchecked=tuple(n for n, kind in kinds.items() if kind in afoot and not foot_checked(store, n, at)),
        late=late_for(clocks, subjects, "filed", on=beijing_day(at)),
        limitation_over=limitation_over(clocks, lead.id),
    )


def _suspicion(store: Store, lead: Lead, bases: Sequence[LeadBasis], at: datetime) -> bool:
    """Whether one of the things behind a lead is not laid aside, by the last finding, else the standing verdict."""
    aside = law.load().at("verdict_lays_aside", beijing_day(at)).words()
    words: list[VerdictValue | str | None] = []
    for name in lead.alert_ids:
        found, verdict = last_found(store, name, at), alerts.view(store, name, at).verdict
        if found is not None:
            words.append(finding_verdict(found, policy=law.load(), on=beijing_day(at)))
        else:
            words.append(None if verdict is None or verdict.needs_second else verdict.value)
    judged = law.load().at("check_judgements", beijing_day(at)).table()
    for basis in bases:
        if basis.kind == "check":
            check = checks.check(store, basis.ref, at)
            words.append(None if check is None or check.closing is None else str(judged[check.closing.judgement]))
        else:
            words += [
                "confirmed" if report.valid else "lawful" for report in cases.reports(store, at, report_id=basis.ref)
            ]
    return any(word is not None and word not in aside for word in words)


def _filed(
    tx: Tx,
    user: User,
    lead: Lead,
    bases: Sequence[LeadBasis],
    permission: StepPermission,
    at: datetime,
    said: tuple[str, str, str | None, tuple[str, ...]],
) -> Act:
    reason, document, party, late = said
    name, who = numbers.next_id(tx, "case", at), signed(user, at)
    write.insert_case(tx, name, lead.id, who)
    row = CaseStep(1, FILE, LEAD, permission.to, party, document, permission.rules, reason, who)
    write.insert_step(tx, name, row)
    found = [("finding", one.id) for one in checks.findings(tx, at, lead_id=lead.id)]
    held = [*(("alert", one) for one in lead.alert_ids), *((basis.kind, basis.ref) for basis in bases), *found]
    for kind, ref in held:
        write.insert_evidence(tx, name, kind, ref, who)
    return Act(
        name, permission.to, _note(tx, user, name, row, late, lead=lead.id, evidence=[" ".join(h) for h in held])
    )


def _note(tx: Tx, user: User, case_id: str, step: CaseStep, late: Sequence[str], **more: object) -> int:
    payload = {
        "step": step.step,
        "from": step.from_state,
        "to": step.to_state,
        "party": step.enterprise_uscc,
        "document": step.document,
        "reason": step.reason,
        "late": list(late),
        "rules": list(step.rules),
        **more,
    }
    kind = "case_filed" if step.step == FILE else "case_step"
    return noted(tx, user, at=step.signed.at, kind=kind, subject=case_id, payload=payload)


def _entry_of(tx: Tx, case_id: str, number: int) -> int:
    return first_entry_of_row(tx, "case_step", str(cases.step_row(tx, case_id, number)))


def _act(step: str, at: datetime) -> str:
    with lawful():
        return act_of(step, policy=law.load(), on=beijing_day(at))


def _to(step: str, at: datetime) -> str:
    return str(law.load().at(f"case_step_{step}", beijing_day(at)).table()["to"])


def _registered(store: Store, uscc: str | None, at: datetime) -> None:
    if uscc is not None and uscc not in {firm.uscc for firm in registry.at(store, at).enterprises}:
        raise Refusal(uscc, "unknown_enterprise")
