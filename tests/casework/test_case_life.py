"""One case from its alert to its end, each step refused until what it needs is there; the clocks beside it."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.casework.case import file_case, take_step
from pipelines.casework.case_file import add_evidence, give_opinion, review_evidence, set_mark
from pipelines.casework.finding import record_finding
from pipelines.casework.lead import close_lead, open_lead
from pipelines.casework.verdict import record_verdict
from pipelines.errors import Refusal
from pipelines.store import journal
from pipelines.store.read import alerts, cases, firms
from pipelines.store.read import journal as read_journal
from tests.casework.desk import CASE, LEAD, later, refused, whole_case
from tests.store.making import FIRM, NOW, OTHER_FIRM


def test_a_case_goes_from_lead_to_its_end_and_its_record_verifies(desk):
    case = file_case(desk, LEAD, by="leader", at=NOW, document="立〔2026〕1号").id
    assert case == CASE
    assert alerts.leads(desk, NOW)[0].state == "filed"
    record_finding(desk, LEAD, "violation", by="inspector", at=NOW, text="堆场未覆盖")
    take_step(desk, case, "investigate", by="inspector", at=NOW)
    assert refused(take_step, desk, case, "notice", by="leader", at=NOW, document="告1") == "evidence_not_reviewed"
    review_evidence(desk, case, "technical", "admit", by="station", at=NOW)
    assert refused(take_step, desk, case, "notice", by="leader", at=NOW, document="告1") == "evidence_not_reviewed"
    review_evidence(desk, case, "legal", "admit", by="legal", at=NOW)
    assert refused(take_step, desk, case, "notice", by="leader", at=NOW) == "document_missing"
    take_step(desk, case, "notice", by="leader", at=NOW, document="告1")
    assert refused(take_step, desk, case, "penalty", by="leader", at=NOW, document="罚1") == "case_step_illegal"
    take_step(desk, case, "hear", by="inspector", at=NOW, document="陈述1")
    set_mark(desk, case, "major", True, by="leader", at=NOW, reason="社会影响大")
    assert refused(take_step, desk, case, "penalty", by="leader", at=NOW, document="罚1") == "opinion_missing"
    give_opinion(desk, case, "disagree", by="legal", at=NOW, document="法审1", reason="事实不清")
    assert refused(take_step, desk, case, "penalty", by="leader", at=NOW, document="罚1") == "opinion_missing"
    give_opinion(desk, case, "agree", by="legal", at=NOW, document="法审2")
    assert take_step(desk, case, "penalty", by="leader", at=NOW, document="罚1").state == "decided"
    assert take_step(desk, case, "close", by="leader", at=NOW, document="结1").state == "closed"
    found = cases.case(desk, case, NOW)
    assert [step.step for step in found.steps] == ["file", "investigate", "notice", "hear", "penalty", "close"]
    assert {(one.kind, one.ref) for one in found.evidence} == {("alert", "A-1"), ("finding", "FF-2026-1124-01")}
    assert found.party == FIRM
    assert journal.verify(desk).ok
    kinds = [entry.kind for entry in read_journal.of_subject(desk, case)]
    assert kinds == [
        "case_filed", "case_step", "evidence_reviewed_technical", "evidence_reviewed_legal", "case_step", "case_step",
        "marked_major", "legal_opinion", "legal_opinion", "case_step", "case_step",
    ]  # fmt: skip


def test_the_review_never_holds_up_the_filing(desk):
    assert file_case(desk, LEAD, by="leader", at=NOW).state == "filed"
    assert not any(one.reviews for one in cases.case(desk, CASE, NOW).evidence)


def test_each_step_done_again_changes_nothing(desk):
    case = whole_case(desk)
    acts = [
        lambda at: file_case(desk, LEAD, by="leader", at=at),
        lambda at: take_step(desk, case, "investigate", by="inspector", at=at),
        lambda at: review_evidence(desk, case, "legal", "admit", by="legal", at=at, evidence_ids=[1]),
        lambda at: set_mark(desk, case, "major", True, by="leader", at=at, reason="x"),
        lambda at: give_opinion(desk, case, "agree", by="legal", at=at, document="法1"),
        lambda at: add_evidence(desk, case, "alert", "W-1", by="inspector", at=at),
        lambda at: record_finding(desk, LEAD, "violation", by="inspector", at=at, text="x", seen_on=date(2026, 11, 24)),
    ]
    first = [act(NOW) for act in acts[3:]]
    before = read_journal.tail(desk, 1)[0].seq
    again = [act(later(days=1)) for act in acts]
    assert all(one.unchanged for one in again)
    assert [one.journal_entry for one in again[3:]] == [one.journal_entry for one in first]
    assert read_journal.tail(desk, 1)[0].seq == before


def test_two_named_people_review_and_neither_of_them_filed(desk):
    case = file_case(desk, LEAD, by="leader", at=NOW).id
    assert refused(review_evidence, desk, case, "legal", "admit", by="station", at=NOW) == "role_forbids"
    assert refused(review_evidence, desk, case, "technical", "admit", by="legal", at=NOW) == "role_forbids"
    assert refused(review_evidence, desk, case, "legal", "reject", by="legal", at=NOW) == "reason_missing"
    assert refused(review_evidence, desk, case, "legal", "admit", by="legal", at=NOW, evidence_ids=[99]) == (
        "unknown_evidence"
    )
    with pytest.raises(Refusal, match="review_legal@"):
        review_evidence(desk, case, "legal", "admit", by="leader", at=NOW)


def test_on_a_home_of_one_person_there_is_no_second_reviewer(store):
    from tests.store import making

    making.add_whole(store)
    making.tell(store, [making.enterprise_of()])
    record_verdict(store, "A-1", "confirmed", by=None, at=NOW)
    open_lead(store, ["A-1"], by=None, at=NOW, next_step="site_visit")
    case = file_case(store, LEAD, by=None, at=NOW).id
    assert refused(review_evidence, store, case, "legal", "admit", by=None, at=NOW) == "reviewer_handles"
    take_step(store, case, "investigate", by=None, at=NOW)
    assert refused(take_step, store, case, "notice", by=None, at=NOW, document="告1") == "evidence_not_reviewed"


def test_evidence_that_is_rejected_is_not_relied_on(desk):
    case = whole_case(desk)
    review_evidence(desk, case, "legal", "reject", by="legal", at=NOW, reason="设备未公示", evidence_ids=[1])
    assert refused(take_step, desk, case, "notice", by="leader", at=NOW, document="告1") == "evidence_not_reviewed"
    record_finding(desk, LEAD, "violation", by="inspector", at=NOW, text="现场未覆盖")
    assert take_step(desk, case, "notice", by="leader", at=NOW, document="告1").state == "noticed"


def test_evidence_that_is_added_later_is_reviewed_too(desk):
    case = whole_case(desk)
    take_step(desk, case, "notice", by="leader", at=NOW, document="告1")
    add_evidence(desk, case, "alert", "W-1", by="inspector", at=NOW)
    take_step(desk, case, "hear", by="inspector", at=NOW, document="陈1")
    assert refused(take_step, desk, case, "penalty", by="leader", at=NOW, document="罚1") == "evidence_not_reviewed"
    review_evidence(desk, case, "legal", "admit", by="legal", at=NOW)
    review_evidence(desk, case, "technical", "admit", by="station", at=NOW)
    take_step(desk, case, "penalty", by="leader", at=NOW, document="罚1")
    for act, words in (
        (add_evidence, ("alert", "A-1")),
        (set_mark, ("major", True)),
        (review_evidence, ("legal", "reject")),
        (give_opinion, ("agree",)),
    ):
        options = {"reason": "x"} if act in (set_mark, review_evidence) else {}
        options |= {"document": "d"} if act is give_opinion else {}
        by = {add_evidence: "inspector", set_mark: "leader"}.get(act, "legal")
        if act is add_evidence:
            words = ("file", "0" * 64)
        assert refused(act, desk, case, *words, by=by, at=NOW, **options) == "case_not_open"


def test_a_finding_of_nothing_takes_the_ground_away_from_a_filing(desk):
    record_finding(desk, LEAD, "nothing", by="inspector", at=NOW, text="无扬尘")
    assert refused(file_case, desk, LEAD, by="leader", at=NOW) == "no_suspicion"
    assert close_lead(desk, LEAD, "no_violation", by="leader", at=NOW, reason="现场无").state == "closed"
    assert refused(file_case, desk, LEAD, by="leader", at=NOW) == "case_step_illegal"
    assert refused(record_finding, desk, LEAD, "violation", by="inspector", at=NOW, text="x") == "lead_is_closed"
    assert alerts.view(desk, "A-1", NOW).state == "judged"
    assert close_lead(desk, LEAD, "no_violation", by="leader", at=later(days=1), reason="现场无").unchanged


def test_an_outfall_seen_from_the_air_is_filed_only_after_its_foot_check(desk):
    record_verdict(desk, "W-1", "confirmed", by="analyst", at=NOW)
    lead = open_lead(desk, ["W-1"], by="leader", at=NOW, next_step="foot_check").id
    assert refused(file_case, desk, lead, by="leader", at=NOW) == "outfall_needs_foot_check"
    record_finding(desk, lead, "not_reached", by="inspector", at=NOW, text="水位高")
    assert refused(file_case, desk, lead, by="leader", at=NOW) == "outfall_needs_foot_check"
    record_finding(desk, lead, "violation", by="inspector", at=later(minutes=1), text="混接")
    assert file_case(desk, lead, by="leader", at=later(minutes=2)).state == "filed"


def test_who_filed_is_who_may_and_the_row_is_named(desk):
    for name in ("analyst", "inspector", "legal", "station", "auditor", "contractor", "admin", "operator"):
        with pytest.raises(Refusal, match="act_case_file@") as found:
            file_case(desk, LEAD, by=name, at=NOW)
        assert found.value.reason == "role_forbids"
    assert cases.cases(desk, NOW) == []


def test_a_second_case_on_one_lead_is_refused(desk):
    file_case(desk, LEAD, by="leader", at=NOW)
    assert refused(file_case, desk, LEAD, by="leader2", at=NOW) == "case_step_illegal"
    assert refused(close_lead, desk, LEAD, "not_filed", by="leader", at=NOW, reason="x") == "case_step_illegal"


# ---- what the field found -------------------------------------------------------------------------------------------


def test_a_finding_comes_back_to_the_ranking(desk):
    before = firms.facts(desk, NOW)[0]
    assert (before.confirmed, before.violations, before.last_inspection_on) == (1, 0, None)
    assert [m.kind for m in before.mandates] == ["lead"]
    record_finding(desk, LEAD, "violation", by="inspector", at=NOW, text="未覆盖")
    after = firms.facts(desk, NOW)[0]
    assert (after.confirmed, after.violations, after.last_inspection_on) == (1, 1, date(2026, 11, 24))
    assert after.mandates == (), "somebody was there"


def test_a_finding_of_nothing_counts_against_the_picture(desk):
    record_finding(desk, LEAD, "something_else", by="inspector", at=NOW, text="蒸汽", really="steam_or_mist")
    found = firms.facts(desk, NOW)[0]
    assert (found.confirmed, found.violations, found.last_inspection_on) == (0, 0, date(2026, 11, 24))


def test_what_a_finding_must_say(desk):
    options = {"by": "inspector", "at": NOW}
    assert refused(record_finding, desk, LEAD, "guilty", text="x", **options) == "finding_unknown"
    assert refused(record_finding, desk, LEAD, "violation", text=" ", **options) == "reason_missing"
    assert refused(record_finding, desk, LEAD, "something_else", text="x", **options) == "really_missing"
    assert refused(record_finding, desk, LEAD, "violation", text="x", alert_id="W-1", **options) == "which_alert"
    assert refused(record_finding, desk, "L-9", "violation", text="x", **options) == "unknown_lead"
    assert refused(record_finding, desk, LEAD, "violation", text="x", seen_on=date(2026, 11, 25), **options) == (
        "seen_in_future"
    )
    for by in ("analyst", "station", "contractor", "auditor", "admin"):
        assert refused(record_finding, desk, LEAD, "violation", text="x", by=by, at=NOW) == "role_forbids"


def test_a_party_that_is_named_with_a_step(desk):
    record_verdict(desk, "W-1", "confirmed", by="analyst", at=NOW)
    case = whole_case(desk)
    assert refused(take_step, desk, case, "notice", by="leader", at=NOW, document="告", enterprise="9" * 18) == (
        "unknown_enterprise"
    )
    take_step(desk, case, "notice", by="leader", at=NOW, document="告", enterprise=OTHER_FIRM)
    assert cases.case(desk, case, NOW).party == OTHER_FIRM
