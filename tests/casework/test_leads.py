"""A person's word on an alert, and the lead 线索 that it carries: what each needs, and what it changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from enforcement.verdicts import VALUES
from pipelines.casework.lead import open_lead
from pipelines.casework.users import add_user
from pipelines.casework.verdict import record_verdict
from pipelines.errors import Refusal
from pipelines.store.read import alerts, firms
from tests.casework.desk import everything
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM

# ---- verdict --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", VALUES)
def test_each_verdict_is_added_and_the_latest_counts(busy, value):
    later = NOW + timedelta(minutes=5)
    really = "shadow" if value == "machine_wrong" else None
    record_verdict(busy, "A-1", value, by="analyst", at=later, reason="看过", really=really)
    said = alerts.verdicts(busy, "A-1")
    assert [v.value for v in said] == ["confirmed", value]
    assert (said[1].by, said[1].role, said[1].reason, said[1].simulated) == ("analyst", "analyst", "看过", False)
    assert alerts.view(busy, "A-1", later).verdict == said[1]
    assert alerts.view(busy, "A-1", NOW).verdict == said[0]
    assert alerts.get(busy, "A-1") == making.alert_of("A-1"), "the machine's word stays"


def test_one_may_change_ones_mind_and_back(busy):
    for minute, value in enumerate(("lawful", "confirmed", "lawful"), start=1):
        record_verdict(busy, "A-1", value, by="analyst", at=NOW + timedelta(minutes=minute))
    assert [v.value for v in alerts.verdicts(busy, "A-1")] == ["confirmed", "lawful", "confirmed", "lawful"]


@pytest.mark.parametrize(
    ("alert", "value", "reason"),
    [
        ("A-0", "lawful", "unknown_alert"),
        ("", "lawful", "unknown_alert"),
        ("A-1", "guilty", "verdict_unknown"),
        ("A-1", "", "verdict_unknown"),
    ],
)
def test_a_verdict_on_nothing_or_without_sense_is_refused(busy, alert, value, reason):
    before = everything(busy)
    with pytest.raises(Refusal) as refused:
        record_verdict(busy, alert, value, by="analyst", at=NOW)
    assert refused.value.reason == reason
    assert everything(busy) == before


def test_nobody_judges_an_alert_before_it_was_there(busy):
    with pytest.raises(Refusal) as refused:
        record_verdict(busy, "A-1", "lawful", by="analyst", at=NOW - timedelta(seconds=1))
    assert refused.value.reason == "unknown_alert"


# ---- lead -----------------------------------------------------------------------------------------------------------


def test_a_lead_on_a_confirmed_alert_is_a_mandate_and_shows_on_the_queue(busy):
    making.tell(busy, [making.enterprise_of()])
    done = open_lead(busy, ["A-1"], by="leader", at=NOW, next_step="site_visit", reason="现场核实")
    (lead,) = alerts.leads(busy, NOW)
    assert (lead.id, lead.state, lead.alert_ids) == (done.id, "open", ("A-1",)) == (lead.id, done.state, lead.alert_ids)
    assert lead.enterprise_uscc == FIRM, "the firm that the attribution names"
    assert alerts.view(busy, "A-1", NOW).state == "lead"
    assert alerts.open(busy, NOW) == []
    (facts,) = firms.facts(busy, NOW)
    assert [(m.kind, m.id, m.since) for m in facts.mandates] == [("lead", done.id, date(2026, 11, 24))]
    assert (facts.confirmed, facts.open_alerts) == (1, 0)
    assert record_verdict(busy, "A-1", "lawful", by="analyst", at=NOW + timedelta(hours=1)).state == "lead"


def test_a_lead_needs_a_verdict_that_carries_its_step(busy):
    making.start_run(busy, "run-2")
    flight_id, frames = making.add_flight(busy, ["c.jpg"], run_id="run-2")
    found = making.add_results(busy, flight_id, frames, run_id="run-2")
    making.add_alert(busy, "A-2", found, run_id="run-2")
    before = everything(busy)
    for ids, step, reason in (
        (["A-2"], "letter", "no_verdict"),
        (["A-1", "A-2"], "letter", "no_verdict"),
        (["A-1"], "arrest", "next_step_unknown"),
        (["A-0"], "letter", "unknown_alert"),
        ([], "letter", "lead_without_basis"),
    ):
        with pytest.raises(Refusal) as refused:
            open_lead(busy, ids, by="leader", at=NOW, next_step=step)
        assert refused.value.reason == reason, (ids, step)
        assert everything(busy) == before
    record_verdict(busy, "A-2", "machine_wrong", by="analyst", at=NOW, really="shadow")
    with pytest.raises(Refusal) as refused:
        open_lead(busy, ["A-2"], by="leader", at=NOW, next_step="letter")
    assert refused.value.reason == "verdict_forbids_step"
    assert "lead_steps" in refused.value.detail
    assert open_lead(busy, ["A-1", "A-2"], by="leader", at=NOW, next_step="letter").state == "open"


def test_what_was_seen_on_the_water_waits_for_the_foot_check(store):
    making.add_whole(store, label="discharge", named=None)
    record_verdict(store, "A-1", "confirmed", by=None, at=NOW)
    with pytest.raises(Refusal) as refused:
        open_lead(store, ["A-1"], by=None, at=NOW, next_step="letter")
    assert refused.value.reason == "outfall_needs_foot_check"
    open_lead(store, ["A-1"], by=None, at=NOW, next_step="foot_check")
    (lead,) = alerts.leads(store, NOW)
    assert (lead.enterprise_uscc, lead.by) == (None, "owner")


def test_a_listed_firm_is_visited_only_on_a_confirmed_verdict(busy):
    making.tell(busy, [making.enterprise_of(), making.listing_of(date(2026, 1, 1), until=date(2027, 1, 1))])
    record_verdict(busy, "A-1", "needs_foot", by="analyst", at=NOW)
    with pytest.raises(Refusal) as refused:
        open_lead(busy, ["A-1"], by="leader", at=NOW, next_step="site_visit")
    assert refused.value.reason == "routine_visit_to_listed"
    record_verdict(busy, "A-1", "confirmed", by="analyst", at=NOW + timedelta(minutes=1))
    assert open_lead(busy, ["A-1"], by="leader", at=NOW + timedelta(minutes=2), next_step="site_visit").state == "open"


def test_a_person_may_name_another_registered_firm_but_none_that_is_not(busy):
    making.tell(busy, [making.enterprise_of(OTHER_FIRM)])
    with pytest.raises(Refusal) as refused:
        open_lead(busy, ["A-1"], by="leader", at=NOW, next_step="letter", enterprise="91310107MA1G00009X")
    assert refused.value.reason == "unknown_enterprise"
    open_lead(busy, ["A-1"], by="leader", at=NOW, next_step="letter", enterprise=OTHER_FIRM)
    assert alerts.leads(busy, NOW)[0].enterprise_uscc == OTHER_FIRM
    assert firms.facts(busy, NOW)[0].confirmed == 1, "the person's word goes before the machine's"


def test_an_alert_stands_behind_one_open_lead(busy):
    first = open_lead(busy, ["A-1"], by="leader", at=NOW, next_step="letter")
    with pytest.raises(Refusal) as refused:
        open_lead(busy, ["A-1"], by="leader", at=NOW, next_step="sampling")
    assert refused.value.reason == "alert_in_other_lead"
    assert first.id in refused.value.detail


def test_a_lead_on_a_made_up_persons_verdict_is_made_up(store):
    add_user(store, "admin", "administrator", by=None, at=NOW, simulated=True)
    add_user(store, "analyst", "analyst", by="admin", at=NOW, simulated=True)
    making.add_whole(store)
    record_verdict(store, "A-1", "confirmed", by="analyst", at=NOW)
    open_lead(store, ["A-1"], by="analyst", at=NOW, next_step="letter")
    assert alerts.leads(store, NOW)[0].simulated
    assert alerts.verdicts(store, "A-1")[0].simulated
