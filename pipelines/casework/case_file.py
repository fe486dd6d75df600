"""What is put into the file of a case: evidence, its two reviews, the legal office's opinion, marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from enforcement import policy as law
from enforcement.cases import Evidence, mark_known, may_add, may_review, needs_review
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.case import evidence_of, facts_of, known_case
from pipelines.casework.lead import known_lead, lead_state
from pipelines.casework.links import time_seen
from pipelines.errors import Refusal
from pipelines.records import Act, User
from pipelines.store import Store, Tx
from pipelines.store.case_records import CaseFile, EvidenceReview, LegalOpinion, Mark
from pipelines.store.read import cases
from pipelines.store.read.journal import first_entry_of_row, last_entry_of_kind
from pipelines.store.write import cases as write

EVIDENCE_KINDS = ("alert", "file")
"""What a person may add; checks, reports and findings come with the lead or by their own acts."""
REVIEW_ACTS = {"legal": "review_legal", "technical": "review_technical"}
OPINIONS = ("admit", "reject")
LEGAL_OPINIONS = ("agree", "disagree")


def add_evidence(store: Store, case_id: str, kind: str, ref: str, *, by: str | None, at: datetime) -> Act:
    """Put a further alert or original into the file. It needs its two reviews like the rest.

    Args:
        store: the home.
        case_id: an open case.
        kind: `alert` or `file`.
        ref: the alert's id or the original's SHA-256.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The number of the evidence, state of the case; what is in the file already gives its first entry.

    Raises:
        Refusal: the role may not, `unknown_case`, `case_not_open`, `link_unfit`, `link_leads_nowhere`.
    """
    with acting(store, by, "case_evidence", at) as (tx, user):
        case = known_case(tx, case_id, at)
        for before in case.evidence:
            if (before.kind, before.ref) == (kind, ref):
                return Act(str(before.id), case.state, first_entry_of_row(tx, "case_evidence", str(before.id)), True)
        rule = may_add(case.id, case.state, policy=law.load(), on=beijing_day(at))
        if kind not in EVIDENCE_KINDS:
            raise Refusal(kind or "(empty)", "link_unfit", f"one of {', '.join(EVIDENCE_KINDS)}")
        time_seen(store, kind, ref, at)
        number = write.insert_evidence(tx, case.id, kind, ref, signed(user, at))
        payload = {"evidence": number, "kind": kind, "ref": ref, "rules": [rule]}
        entry = noted(tx, user, at=at, kind="evidence_added", subject=case.id, payload=payload)
        return Act(str(number), case.state, entry)


def review_evidence(
    store: Store,
    case_id: str,
    kind: str,
    opinion: str,
    *,
    by: str | None,
    at: datetime,
    reason: str = "",
    evidence_ids: Sequence[int] = (),
) -> Act:
    """法制和技术审核: one respect, by one named person; the other respect by another, and neither filed the case.

    Args:
        store: the home.
        case_id: an open case.
        kind: `legal` or `technical`.
        opinion: `admit` or `reject`; a piece of evidence that is rejected is not relied on.
        by: the account, or None for the local owner.
        at: when.
        reason: needed where it is rejected.
        evidence_ids: which pieces; none takes all that need this review and lack it.

    Returns:
        The case's id and state; where each was given the same word by the same account: the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_case`, `case_not_open`, `unknown_evidence`, `review_unknown`,
            `reason_missing`, `reviewer_handles`, `reviewer_twice`, `case_without_evidence`.
    """
    if kind not in REVIEW_ACTS or opinion not in OPINIONS:
        raise Refusal(f"{kind} {opinion}", "review_unknown", f"{', '.join(REVIEW_ACTS)}; {', '.join(OPINIONS)}")
    with acting(store, by, REVIEW_ACTS[kind], at) as (tx, user):
        case = known_case(tx, case_id, at)
        if _reviewed_so(case, kind, opinion, user, reason, evidence_ids):
            return Act(case.id, case.state, last_entry_of_kind(tx, case.id, f"evidence_reviewed_{kind}"), True)
        rule = may_add(case.id, case.state, policy=law.load(), on=beijing_day(at))
        if opinion == "reject" and not reason.strip():
            raise Refusal(case.id, "reason_missing", "say why it is not admitted")
        pieces = _pieces(case, kind, evidence_ids, at)
        may_review(case.id, facts_of(store, case, at), pieces, kind, user.id)
        for piece in pieces:
            write.insert_review(tx, piece.id, EvidenceReview(kind, opinion, reason, signed(user, at)))
        payload = {"opinion": opinion, "evidence": [piece.id for piece in pieces], "reason": reason, "rules": [rule]}
        entry = noted(tx, user, at=at, kind=f"evidence_reviewed_{kind}", subject=case.id, payload=payload)
        return Act(case.id, case.state, entry)


def give_opinion(
    store: Store, case_id: str, opinion: str, *, by: str | None, at: datetime, document: str, reason: str = ""
) -> Act:
    """重大执法决定法制审核: the legal office's opinion on the decision that is meant.

    Args:
        store: the home.
        case_id: a case whose investigation has ended.
        opinion: `agree` or `disagree`.
        by: the account, or None for the local owner.
        at: when.
        document: number of the opinion.
        reason: needed where it disagrees.

    Raises:
        Refusal: the role may not, `unknown_case`, `case_not_open`, `review_unknown`, `document_missing`,
            `reason_missing`, `reviewer_handles` where it is who filed the case.
    """
    if opinion not in LEGAL_OPINIONS:
        raise Refusal(opinion or "(empty)", "review_unknown", f"one of {', '.join(LEGAL_OPINIONS)}")
    with acting(store, by, "case_opinion", at) as (tx, user):
        case = known_case(tx, case_id, at)
        last = case.opinions[-1] if case.opinions else None
        if last is not None and (last.opinion, last.document, last.reason, last.signed.by) == (
            opinion, document, reason, user.id,
        ):  # fmt: skip
            return Act(case.id, case.state, last_entry_of_kind(tx, case.id, "legal_opinion"), True)
        rule = may_add(case.id, case.state, policy=law.load(), on=beijing_day(at), opinion=True)
        if not document.strip() or (opinion == "disagree" and not reason.strip()):
            missing = "document_missing" if not document.strip() else "reason_missing"
            raise Refusal(case.id, missing, "an opinion has a number; one that disagrees says why")
        if user.id == case.signed.by:
            raise Refusal(case.id, "reviewer_handles", f"{user.id} filed it")
        write.insert_opinion(tx, case.id, LegalOpinion(opinion, document, reason, signed(user, at)))
        payload = {"opinion": opinion, "document": document, "reason": reason, "rules": [rule]}
        return Act(case.id, case.state, noted(tx, user, at=at, kind="legal_opinion", subject=case.id, payload=payload))


def set_mark(store: Store, subject: str, name: str, holds: bool, *, by: str | None, at: datetime, reason: str) -> Act:
    """Mark a case or lead: `major` (the decision needs the legal office's opinion), `serious_harm` (longer limitation).

    Args:
        store: the home.
        subject: an open case, or a lead.
        name: one of `enforcement.cases.MARKS`.
        holds: False takes the mark off.
        by: the account, or None for the local owner.
        at: when.
        reason: why, in the person's own words.

    Raises:
        Refusal: the role may not, `unknown_case`, `case_not_open`, `mark_unknown`, `reason_missing`.
    """
    with acting(store, by, "case_mark", at) as (tx, user):
        state, marks = _marked(store, tx, subject, at)
        rule = mark_known(name, policy=law.load(), on=beijing_day(at))
        mine = [mark for mark in marks if mark.name == name]
        if mine and (mine[-1].holds, mine[-1].reason, mine[-1].signed.by) == (holds, reason, user.id):
            return Act(subject, state, last_entry_of_kind(tx, subject, f"marked_{name}"), True)
        if not reason.strip():
            raise Refusal(subject, "reason_missing", "say why")
        write.insert_mark(tx, Mark(subject, name, holds, reason, signed(user, at)))
        payload = {"mark": rule, "holds": holds, "reason": reason}
        return Act(subject, state, noted(tx, user, at=at, kind=f"marked_{name}", subject=subject, payload=payload))


def _marked(store: Store, tx: Tx, subject: str, at: datetime) -> tuple[str, Sequence[Mark]]:
    """The state of what is marked, and the marks that were set on it by name."""
    case = cases.case(tx, subject, at)
    if case is not None:
        may_add(case.id, case.state, policy=law.load(), on=beijing_day(at))
        return case.state, [mark for mark in case.marks if mark.subject == subject]
    try:
        lead = known_lead(store, subject, at)
    except Refusal as refusal:
        raise Refusal(subject or "(empty)", "unknown_case") from refusal
    if lead_state(lead) != "lead":
        raise Refusal(subject, "case_not_open", f"the lead is {lead.state}")
    return lead.state, cases.marks_of(tx, at).get(subject, [])


def _pieces(case: CaseFile, kind: str, wanted: Sequence[int], at: datetime) -> list[Evidence]:
    row = law.load().at("evidence_review", beijing_day(at))
    needing = [one for one in evidence_of(case) if needs_review(one, row)]
    if not wanted:
        return [one for one in needing if kind not in one.reviews]
    unknown = set(wanted) - {one.id for one in needing}
    if unknown:
        raise Refusal(f"{case.id} evidence {min(unknown)}", "unknown_evidence")
    return [one for one in needing if one.id in wanted]


def _reviewed_so(case: CaseFile, kind: str, opinion: str, user: User, reason: str, wanted: Sequence[int]) -> bool:
    """Whether every piece that is asked about has this word of this person as its last of that kind."""
    last = {one.id: [word for word in one.reviews if word.kind == kind][-1:] for one in case.evidence}
    asked = list(wanted) or [number for number, words in last.items() if words]
    whole = bool(wanted) or not _pieces(case, kind, (), case.signed.at)
    return whole and bool(asked) and all(
        last.get(number) and (last[number][0].opinion, last[number][0].reason, last[number][0].signed.by)
        == (opinion, reason, user.id)
        for number in asked
    )  # fmt: skip
