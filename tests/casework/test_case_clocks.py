"""The clocks of leads, reports and cases: which run, what moves them, who may, and who sees them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.casework.case import file_case, take_step
from pipelines.casework.case_file import set_mark
from pipelines.casework.clocks import (
    accept_counting,
    deadlines,
    extend_clock,
    fix_counting,
    pause_clock,
    resume_clock,
)
from pipelines.casework.lead import open_lead
from pipelines.casework.receipt import record_receipt
from pipelines.casework.verdict import record_verdict
from pipelines.errors import Refusal
from pipelines.store.read import alerts, cases
from pipelines.store.read import journal as read_journal
from tests.casework.desk import CASE, LEAD, add_report, clock_states, later, refused, whole_case
from tests.store.making import FIRM, NOW


def test_a_lead_has_the_clocks_of_its_filing_and_a_case_that_of_its_decision_too(desk):
    assert clock_states(desk) == {
        (LEAD, "case_filing_decision"): "running",
        (LEAD, "limitation"): "running",
    }
    file_case(desk, LEAD, by="leader", at=later(days=3))
    assert clock_states(desk, later(days=3)) == {
        (LEAD, "case_filing_decision"): "met",
        (LEAD, "limitation"): "met",
        (CASE.replace("24", "27", 1), "case_decision"): "running",
    }
    assert clock_states(desk, later(days=2)) == {
        (LEAD, "case_filing_decision"): "running",
        (LEAD, "limitation"): "running",
    }, "what came later is not seen from before"


def test_a_received_report_starts_the_seven_days_and_the_filing_on_it_ends_them(desk):
    add_report(desk)
    assert (("AR-1", "case_after_audit_report")) not in clock_states(desk)
    got = record_receipt(desk, "AR-1", by="inspector", at=NOW)
    assert record_receipt(desk, "AR-1", by="leader", at=later(days=1)).unchanged
    assert got.state == "received"
    (clock,) = [one for one in deadlines(desk, by=None, as_of=NOW) if one.clock.subject == "AR-1"]
    assert (clock.clock.started, clock.due.calendar, clock.due.rolled, clock.due.working) == (
        date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 3),
    )  # fmt: skip
    for days, state in (
        (3, "running"),
        (4, "warning"),
        (7, "warning"),
        (8, "disputed"),
        (9, "disputed"),
        (10, "overdue"),
    ):
        assert clock_states(desk, later(days=days))["AR-1", "case_after_audit_report"] == state, days
    assert refused(file_case, desk, LEAD, by="leader", at=later(days=10), report_ids=["AR-1"]) == "late_without_reason"
    case = file_case(desk, LEAD, by="leader", at=later(days=10), report_ids=["AR-1"], reason="等待复测").id
    assert clock_states(desk, later(days=10))["AR-1", "case_after_audit_report"] == "met_late"
    assert {one.matter.case for one in deadlines(desk, by=None, as_of=later(days=10))} == {case}


def test_a_lead_rests_on_a_received_report_alone(desk):
    add_report(desk)
    assert refused(open_lead, desk, [], by="leader", at=NOW, next_step="letter", report_ids=["AR-1"]) == (
        "report_not_received"
    )
    record_receipt(desk, "AR-1", by="inspector", at=NOW)
    lead = open_lead(desk, [], by="leader", at=NOW, next_step="site_visit", report_ids=["AR-1"])
    assert alerts.leads(desk, NOW, lead_id=lead.id)[0].enterprise_uscc == FIRM
    case = file_case(desk, lead.id, by="leader", at=later(days=8)).id
    assert clock_states(desk, later(days=8))["AR-1", "case_after_audit_report"] == "met_disputed"
    assert [(e.kind, e.ref) for e in cases.case(desk, case, later(days=8)).evidence] == [("report", "AR-1")]
    add_report(desk, "AR-2", valid=False)
    record_receipt(desk, "AR-2", by="inspector", at=NOW)
    assert refused(open_lead, desk, [], by="leader", at=NOW, next_step="letter", report_ids=["AR-2"]) == (
        "verdict_forbids_step"
    )


@pytest.mark.parametrize("by", ["station", "analyst", "legal", "auditor", "contractor", "admin"])
def test_only_the_brigade_records_the_receipt(desk, by):
    add_report(desk)
    assert refused(record_receipt, desk, "AR-1", by=by, at=NOW) == "role_forbids"
    assert refused(record_receipt, desk, "AR-9", by="leader", at=NOW) == "unknown_report"


def test_a_pause_moves_the_decision_and_needs_its_document(desk):
    case = whole_case(desk)
    clock = (case, "case_decision")
    before = {c.name: c for c in deadlines(desk, by=None, as_of=NOW)}["case_decision"].due.calendar
    assert before == date(2027, 2, 22)
    options = {"by": "inspector", "at": later(days=5), "day": date(2026, 11, 26), "document": "鉴1"}
    assert refused(pause_clock, desk, *clock, reason="holiday", **options) == "pause_forbidden"
    assert refused(pause_clock, desk, LEAD, "limitation", reason="hearing", **options) == "pause_forbidden"
    assert refused(pause_clock, desk, *clock, reason="appraisal", **{**options, "document": " "}) == "document_missing"
    assert refused(pause_clock, desk, *clock, reason="appraisal", **{**options, "day": date(2026, 12, 1)}) == (
        "pause_impossible"
    )
    done = pause_clock(desk, *clock, reason="appraisal", **options)
    assert pause_clock(desk, *clock, reason="appraisal", **options) == done
    assert refused(pause_clock, desk, *clock, reason="hearing", **options) == "pause_impossible"
    assert clock_states(desk, later(days=6))[clock] == "paused"
    assert clock_states(desk, later(days=4))[clock] == "running", "the pause was recorded on the fifth day"
    resume_clock(desk, *clock, by="inspector", at=later(days=12), day=date(2026, 12, 6), document="鉴2")
    assert refused(
        resume_clock, desk, *clock, by="inspector", at=later(days=12), day=date(2026, 12, 6), document="鉴3"
    ) == ("pause_impossible")
    moved = {c.name: c for c in deadlines(desk, by=None, as_of=later(days=12))}["case_decision"].due.calendar
    assert moved - before == timedelta(days=10)


def test_an_extension_has_its_approval_and_its_measure(desk):
    case = whole_case(desk)
    options = {"by": "leader", "at": NOW, "reason": "案情复杂", "document": "延1"}
    assert refused(extend_clock, desk, case, "case_decision", days=91, **options) == "extension_forbidden"
    assert refused(extend_clock, desk, case, "case_decision", days=0, **options) == "extension_forbidden"
    assert refused(extend_clock, desk, LEAD, "limitation", days=1, **options) == "extension_forbidden"
    assert refused(extend_clock, desk, case, "case_decision", days=30, **{**options, "by": "inspector"}) == (
        "role_forbids"
    )
    extend_clock(desk, case, "case_decision", days=60, **options)
    assert extend_clock(desk, case, "case_decision", days=60, **{**options, "at": later(days=1)}).unchanged
    assert refused(extend_clock, desk, case, "case_decision", days=31, **{**options, "document": "延2"}) == (
        "extension_forbidden"
    )
    due = {c.name: c for c in deadlines(desk, by=None, as_of=NOW)}["case_decision"].due
    assert due.calendar == date(2026, 11, 24) + timedelta(days=150)


def test_the_legal_office_fixes_the_counting_and_a_running_clock_keeps_what_it_started_with(desk):
    options = {"by": "legal", "at": NOW, "reason": "法制办答复"}
    name = "case_filing_decision"
    assert refused(fix_counting, desk, name, "working", day=date(2026, 11, 24), **options) == "counting_backdated"
    assert refused(fix_counting, desk, name, "lunar", day=date(2026, 12, 1), **options) == "counting_unknown"
    assert refused(fix_counting, desk, "no_clock", "working", day=date(2026, 12, 1), **options) == "unknown_clock"
    fix_counting(desk, name, "working", day=date(2026, 11, 26), **options)
    record_verdict(desk, "W-1", "confirmed", by="analyst", at=NOW)
    newer = open_lead(desk, ["W-1"], by="leader", at=later(days=2), next_step="foot_check").id
    by_lead = {c.clock.subject: c for c in deadlines(desk, by=None, as_of=later(days=2)) if c.name == name}
    assert (by_lead[LEAD].due.counting, by_lead[newer].due.counting) == ("unknown", "working")
    assert by_lead[newer].due.earliest == by_lead[newer].due.latest == by_lead[newer].due.working
    accept_counting(desk, LEAD, name, "working", by="legal", at=later(days=2), reason="逐案确认")
    by_lead = {c.clock.subject: c for c in deadlines(desk, by=None, as_of=later(days=2)) if c.name == name}
    assert by_lead[LEAD].due.counting == "working"
    for by in ("leader", "inspector", "auditor"):
        assert refused(accept_counting, desk, LEAD, name, "calendar", by=by, at=later(days=2), reason="x") == (
            "role_forbids"
        )


def test_past_the_limitation_nothing_is_filed_but_by_the_longer_one(desk):
    at = later(days=735)
    assert clock_states(desk, at)[LEAD, "limitation"] == "overdue"
    assert refused(file_case, desk, LEAD, by="leader", at=at, reason="迟") == "limitation_passed"
    set_mark(desk, LEAD, "serious_harm", True, by="legal", at=at, reason="危害健康")
    assert file_case(desk, LEAD, by="leader", at=at, reason="迟").state == "filed"
    assert clock_states(desk, at)[LEAD, "case_filing_decision"] == "met_late"


def test_a_late_decision_gives_its_reason(desk):
    case = whole_case(desk)
    take_step(desk, case, "notice", by="leader", at=NOW, document="告1")
    take_step(desk, case, "hear", by="inspector", at=NOW, document="陈1")
    at = later(days=200)
    assert refused(take_step, desk, case, "penalty", by="leader", at=at, document="罚1") == "late_without_reason"
    take_step(desk, case, "penalty", by="leader", at=at, document="罚1", reason="等待鉴定")
    entry = read_journal.of_subject(desk, case)[-1]
    assert entry.payload["late"] == ["case_decision"]
    assert clock_states(desk, at)[case, "case_decision"] == "met_late"


def test_only_who_may_see_cases_sees_clocks(desk):
    assert deadlines(desk, by="auditor", as_of=NOW)
    for name in ("contractor", "operator", "admin"):
        with pytest.raises(Refusal, match="read_cases@"):
            deadlines(desk, by=name, as_of=NOW)
