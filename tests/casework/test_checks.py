"""非现场检查 from opening to its next step, its links, its mandate for a firm on the positive list, and tasks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from enforcement import checks as law
from pipelines.casework.check import Judged, close_check, open_check, recheck, record_item
from pipelines.casework.clocks import deadlines
from pipelines.casework.freeze_week import freeze_week
from pipelines.casework.lead import open_lead
from pipelines.casework.task import assign_task, tasks
from pipelines.casework.verdict import record_verdict
from pipelines.errors import Refusal
from pipelines.store import journal
from pipelines.store.read import alerts, checks, firms, frames
from pipelines.store.read import journal as read_journal
from tests.casework.desk import later
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM

CHECK = "N-2026-1124-01"


def refused(act, *words, **options) -> str:
    with pytest.raises(Refusal) as found:
        act(*words, **options)
    return found.value.reason


def looked(store, **changes):
    said = {"by": "analyst", "at": NOW, "showed": "可见扬尘", **changes}
    return record_item(store, CHECK, "drone", "alert:A-1", **said)


def test_a_check_is_opened_looked_at_judged_and_closed(office):
    done = open_check(office, "alert", "A-1", by="analyst", at=NOW)
    assert (done.id, done.state) == (CHECK, "open")
    assert checks.check(office, CHECK, NOW).enterprise_uscc == FIRM, "the firm that the alert names"
    wish = Judged("violation", "site_visit")
    assert refused(close_check, office, CHECK, wish, by="analyst", at=NOW) == "check_without_items"
    looked(office)
    record_item(office, CHECK, "permit", "document:排污许可2024-7", by="inspector", at=NOW, showed="未许可露天堆放")
    done = close_check(office, CHECK, wish, by="analyst", at=NOW, reason="画面与许可不符")
    held = checks.check(office, CHECK, NOW)
    assert (done.state, held.state, held.closing.mandate) == ("closed", "closed", True)
    assert [(i.kind, i.link, i.signed.by) for i in held.items] == [
        ("drone", "alert:A-1", "analyst"), ("permit", "document:排污许可2024-7", "inspector"),
    ]  # fmt: skip
    assert held.items[0].seen_from == alerts.get(office, "A-1").observed_at
    assert [e.kind for e in read_journal.of_subject(office, CHECK)] == [
        "check_opened", "check_recorded", "check_recorded", "check_closed",
    ]  # fmt: skip
    assert refused(looked, office, showed="又看") == "check_is_closed"
    assert refused(close_check, office, CHECK, Judged("compliant", "close"), by="analyst", at=NOW) == "check_is_closed"
    assert journal.verify(office).ok


def test_each_act_again_changes_nothing(office):
    firsts = [
        open_check(office, "alert", "A-1", by="analyst", at=NOW),
        looked(office),
        close_check(office, CHECK, Judged("violation", "remote_rectification", 10), by="analyst", at=NOW),
    ]
    assert close_check(
        office, CHECK, Judged("violation", "remote_rectification", 10), by="analyst", at=later(1)
    ).unchanged
    assert firsts[2].state == "rectifying"
    assert not open_check(office, "alert", "A-1", by="analyst", at=later(1)).unchanged, "the first one is closed"
    assert open_check(office, "alert", "A-1", by="leader", at=later(1)).unchanged


@pytest.mark.parametrize(
    ("basis", "ref", "firm", "reason"),
    [
        ("alert", "A-9", None, "unknown_alert"), ("plan", "2026-W49", FIRM, "unknown_week"),
        ("complaint", "K-9", None, "unknown_complaint"), ("clue", " ", None, "reason_missing"),
        ("rumour", "x", None, "check_basis_unknown"), ("clue", "群众反映", "9" * 18, "unknown_enterprise"),
    ],
)  # fmt: skip
def test_what_a_check_cannot_be_opened_by(office, basis, ref, firm, reason):
    assert refused(open_check, office, basis, ref, by="analyst", at=NOW, enterprise=firm) == reason
    assert checks.checks(office, NOW) == []


def test_the_plan_and_a_complaint_open_checks_too(office):
    making.add_draft(office)
    assert refused(open_check, office, "plan", "2026-W48", by="analyst", at=NOW, enterprise=FIRM) == "unknown_week"
    freeze_week(office, "2026-W48", by="leader", at=NOW)
    assert refused(open_check, office, "plan", "2026-W48", by="analyst", at=NOW, enterprise=OTHER_FIRM) == (
        "plan_names_not"
    )
    open_check(office, "plan", "2026-W48", by="analyst", at=NOW, enterprise=FIRM)
    making.tell(office, [making.complaint_of("K-1", date(2026, 11, 20))])
    done = open_check(office, "complaint", "K-1", by="analyst", at=NOW)
    assert checks.check(office, done.id, NOW).enterprise_uscc == FIRM


def test_a_link_leads_somewhere(office):
    open_check(office, "alert", "A-1", by="analyst", at=NOW)
    frame = frames.all(office)[0]
    done = record_item(office, CHECK, "video", f"frame:{frame.id}", by="operator", at=NOW, showed="x")
    assert checks.check(office, CHECK, NOW).items[0].seen_from == frame.observed_at
    assert done.id == "1"
    for kind, link in (
        ("drone", "alert:A-9"), ("drone", "frame:no"), ("drone", f"file:{'0' * 64}"), ("permit", "permit:X"),
        ("filing", "filing:X"), ("online_data", "monitor:MN-9@2026-11-24T08:00"),
    ):  # fmt: skip
        assert refused(record_item, office, CHECK, kind, link, by="analyst", at=NOW, showed="x") == (
            "link_leads_nowhere"
        ), link
    assert refused(looked, office, seen_from=later(1)) == "seen_in_future"
    assert (
        refused(record_item, office, "N-9", "drone", "alert:A-1", by="analyst", at=NOW, showed="x") == "unknown_check"
    )


def test_a_closed_check_is_a_mandate_for_a_firm_on_the_positive_list_too(office):
    making.tell(office, [making.listing_of(date(2026, 1, 1), until=date(2027, 1, 1))])
    record_verdict(office, "A-1", "needs_foot", by="analyst", at=NOW)
    assert refused(open_lead, office, ["A-1"], by="leader", at=NOW, next_step="site_visit") == "routine_visit_to_listed"
    open_check(office, "alert", "A-1", by="analyst", at=NOW)
    looked(office)
    assert refused(open_lead, office, [], by="leader", at=NOW, next_step="site_visit", check_ids=[CHECK]) == (
        "check_not_closed"
    )
    assert firms.facts(office, NOW)[0].mandates == ()
    close_check(office, CHECK, Judged("doubtful", "site_visit"), by="analyst", at=NOW)
    (mandate,) = firms.facts(office, NOW)[0].mandates
    assert (mandate.kind, mandate.id) == ("non_site_check", CHECK)
    lead = open_lead(office, ["A-1"], by="leader", at=NOW, next_step="site_visit", check_ids=[CHECK])
    assert [m.kind for m in firms.facts(office, NOW)[0].mandates] == ["lead"]
    again = open_lead(office, ["A-1"], by="leader", at=later(1), next_step="site_visit", check_ids=[CHECK])
    assert (again.id, again.unchanged) == (lead.id, True)
    assert refused(open_lead, office, [], by="leader", at=NOW, next_step="sampling", check_ids=[CHECK]) == (
        "alert_in_other_lead"
    )


def test_a_rectification_has_a_clock_and_the_next_flight_looks_again(office):
    open_check(office, "alert", "A-1", by="analyst", at=NOW)
    looked(office)
    assert refused(recheck, office, CHECK, True, "alert:A-1", by="analyst", at=NOW, reason="x") == "nothing_to_recheck"
    close_check(office, CHECK, Judged("violation", "remote_rectification", 10), by="inspector", at=NOW)
    (clock,) = deadlines(office, by=None, as_of=NOW)
    assert (clock.name, clock.due.earliest, clock.due.latest) == (
        "rectification", date(2026, 12, 4), date(2026, 12, 4),
    )  # fmt: skip
    assert refused(recheck, office, CHECK, True, "alert:A-1", by="analyst", at=later(5), reason="x") == (
        "seen_before_order"
    )
    flight, taken = making.add_flight(office, ["later.jpg"], at=later(11))
    link = f"frame:{taken[0].id}"
    done = recheck(office, CHECK, False, link, by="analyst", at=later(11), reason="仍未覆盖")
    assert (done.state, checks.check(office, CHECK, later(12)).state) == ("rechecked", "rechecked")
    assert recheck(office, CHECK, False, link, by="analyst", at=later(12), reason="仍未覆盖").unchanged
    assert deadlines(office, by=None, as_of=later(12))[0].state == "met_late"
    assert checks.check(office, CHECK, later(10)).state == "rectifying"
    del flight


def test_a_criminal_referral_keeps_its_answers(office):
    open_check(office, "alert", "A-1", by="analyst", at=NOW)
    looked(office)
    answers = {question: question != "sampling_done" for question in law.QUESTIONS}
    wish = Judged("violation", "criminal_referral", None, {})
    assert refused(close_check, office, CHECK, wish, by="leader", at=NOW) == "checklist_open"
    close_check(office, CHECK, Judged("violation", "criminal_referral", None, answers), by="leader", at=NOW)
    assert checks.check(office, CHECK, NOW).closing.checklist == answers


@pytest.mark.parametrize("by", ["contractor", "auditor", "admin", "legal", "operator", "station"])
def test_who_may_not_judge(office, by):
    assert refused(open_check, office, "alert", "A-1", by=by, at=NOW) == "role_forbids"
    open_check(office, "alert", "A-1", by="analyst", at=NOW)
    looked(office)
    wish = Judged("violation", "site_visit")
    assert refused(close_check, office, CHECK, wish, by=by, at=NOW) == "role_forbids"


# ---- tasks ----------------------------------------------------------------------------------------------------------


def test_a_contractor_sees_its_tasks_and_nothing_else(office):
    mine = assign_task(office, "contractor", "survey", by="leader", at=NOW, text="排查雨水口", due_on=date(2026, 12, 1))
    assign_task(office, "operator", "flight", by="leader", at=later(minutes=1), text="复飞")
    assert [one.task.id for one in tasks(office, by="contractor", as_of=later(1))] == [mine.id]
    assert len(tasks(office, by="leader", as_of=later(1))) == len(tasks(office, by="auditor", as_of=later(1))) == 2
    assert tasks(office, by="contractor", as_of=NOW - timedelta(days=1)) == []
    assert tasks(office, by="admin", as_of=later(1)) == [], "its own, and it has none"
    assert assign_task(
        office, "contractor", "survey", by="leader", at=later(1), text="排查雨水口", due_on=date(2026, 12, 1)
    ).unchanged


def test_what_a_task_must_say(office):
    options = {"by": "leader", "at": NOW}
    assert refused(assign_task, office, "nobody", "survey", text="x", **options) == "unknown_user"
    assert refused(assign_task, office, "contractor", "dance", text="x", **options) == "task_kind_unknown"
    assert refused(assign_task, office, "contractor", "survey", text=" ", **options) == "reason_missing"
    assert refused(assign_task, office, "contractor", "survey", text="x", due_on=date(2026, 11, 23), **options) == (
        "due_in_the_past"
    )
    for by in ("contractor", "analyst", "auditor", "admin"):
        assert refused(assign_task, office, "contractor", "survey", text="x", by=by, at=NOW) == "role_forbids"
