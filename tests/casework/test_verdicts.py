"""Verdicts richer than yes or no: what it really was, a second person, taking back; machine and human never mix."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipelines.casework.finding import record_finding
from pipelines.casework.lead import close_lead, open_lead
from pipelines.casework.verdict import record_verdict, undo_verdict
from pipelines.errors import Refusal
from pipelines.store import Store, journal
from pipelines.store.read import alerts, counts, firms, labels
from pipelines.store.read import journal as read_journal
from tests.casework.desk import later
from tests.store.making import NOW, alert_of


def refused(act, *words, **options) -> str:
    with pytest.raises(Refusal) as found:
        act(*words, **options)
    return found.value.reason


def state(store: Store, alert: str, at=None) -> str:
    return alerts.view(store, alert, at or later(days=1)).state


def test_where_the_machine_was_wrong_it_is_said_what_it_was(office):
    assert refused(record_verdict, office, "A-1", "machine_wrong", by="analyst", at=NOW) == "really_missing"
    assert refused(record_verdict, office, "A-1", "machine_wrong", by="analyst", at=NOW, really="x") == (
        "really_unknown"
    )
    record_verdict(office, "A-1", "machine_wrong", by="analyst", at=NOW, really="water_spray")
    word = alerts.view(office, "A-1", NOW).verdict
    assert (word.value, word.really) == ("machine_wrong", "water_spray")
    assert read_journal.tail(office, 1)[0].payload["really"] == "water_spray"
    again = record_verdict(office, "A-1", "machine_wrong", by="analyst", at=NOW, really="shadow")
    assert not again.unchanged, "another word for what it was is another word"
    assert record_verdict(office, "A-1", "machine_wrong", by="analyst", at=NOW, really="shadow").unchanged


def test_a_word_that_lays_a_discharge_aside_stands_only_with_a_second_person(office):
    first = record_verdict(office, "W-1", "lawful", by="analyst", at=NOW)
    assert (first.state, state(office, "W-1")) == ("second", "second")
    assert [v.alert.id for v in alerts.views(office, NOW, only_open=True)] == ["A-1", "W-1"]
    assert counts.totals(office)["open_alerts"] == 2
    assert labels.labels(office, NOW) == []
    assert record_verdict(office, "W-1", "lawful", by="analyst", at=later(minutes=1)).unchanged, "not by oneself"
    second = record_verdict(office, "W-1", "lawful", by="analyst2", at=later(minutes=2), reason="同意")
    assert (second.state, state(office, "W-1")) == ("judged", "judged")
    assert state(office, "W-1", later(minutes=1)) == "second"
    assert alerts.verdicts(office, "W-1")[-1].seconds == first.id
    assert [v.alert.id for v in alerts.views(office, later(minutes=3), only_open=True)] == ["A-1"]
    assert counts.totals(office)["open_alerts"] == 1
    undo_verdict(office, "W-1", by="analyst2", at=later(minutes=4), reason="看错")
    assert state(office, "W-1") == "second", "the first word stands again and waits again"
    assert journal.verify(office).ok


def test_a_second_person_of_another_mind_begins_anew(office):
    record_verdict(office, "W-1", "machine_wrong", by="analyst", at=NOW, really="shadow")
    record_verdict(office, "W-1", "machine_wrong", by="analyst2", at=later(minutes=1), really="glint")
    assert state(office, "W-1") == "second", "two people, two words for what it was"
    record_verdict(office, "W-1", "confirmed", by="analyst", at=later(minutes=2))
    assert state(office, "W-1") == "judged"


def test_a_lead_does_not_rest_on_a_word_that_waits(office):
    record_verdict(office, "A-1", "confirmed", by="analyst", at=NOW)
    record_verdict(office, "W-1", "lawful", by="analyst", at=NOW)
    assert refused(open_lead, office, ["A-1", "W-1"], by="leader", at=NOW, next_step="letter") == (
        "verdict_needs_second"
    )


def test_taking_back_is_an_entry_of_its_own_and_the_word_before_stands_again(office):
    record_verdict(office, "A-1", "lawful", by="analyst", at=NOW)
    record_verdict(office, "A-1", "confirmed", by="analyst2", at=later(minutes=1))
    before = alerts.verdicts(office, "A-1")
    assert refused(undo_verdict, office, "A-1", by="analyst", at=later(minutes=2), reason="x") == "role_forbids"
    assert refused(undo_verdict, office, "A-1", by="analyst2", at=later(minutes=2), reason=" ") == "reason_missing"
    undo_verdict(office, "A-1", by="leader", at=later(minutes=2), reason="重看")
    assert alerts.view(office, "A-1", later(minutes=2)).verdict.value == "lawful"
    assert alerts.view(office, "A-1", later(minutes=1)).verdict.value == "confirmed"
    assert firms.facts(office, later(minutes=1))[0].confirmed == 1
    assert firms.facts(office, later(minutes=2))[0].confirmed == 0
    undo_verdict(office, "A-1", by="analyst", at=later(minutes=3), reason="重看")
    assert state(office, "A-1") == "open"
    assert refused(undo_verdict, office, "A-1", by="analyst", at=later(minutes=4), reason="x") == "no_word_to_undo"
    assert alerts.verdicts(office, "A-1")[:2] == before, "nothing is overwritten"
    assert alerts.get(office, "A-1") == alert_of("A-1"), "the machine's word stays"
    assert [e.kind for e in read_journal.of_subject(office, "A-1")] == [
        "verdict", "verdict", "verdict_undone", "verdict_undone",
    ]  # fmt: skip


def test_a_word_behind_an_open_lead_is_not_taken_back(office):
    record_verdict(office, "A-1", "confirmed", by="analyst", at=NOW)
    lead = open_lead(office, ["A-1"], by="leader", at=NOW, next_step="letter").id
    assert refused(undo_verdict, office, "A-1", by="analyst", at=NOW, reason="x") == "verdict_behind_lead"
    close_lead(office, lead, "letter_sent", by="leader", at=NOW, reason="已发函")
    undo_verdict(office, "A-1", by="analyst", at=NOW, reason="x")
    assert state(office, "A-1") == "open"


def test_a_duplicate_names_what_it_repeats(office):
    assert refused(record_verdict, office, "W-1", "duplicate", by="analyst", at=NOW, duplicate_of="W-1") == (
        "duplicate_of_itself"
    )
    assert refused(record_verdict, office, "W-1", "duplicate", by="analyst", at=NOW, duplicate_of="A-9") == (
        "unknown_alert"
    )
    record_verdict(office, "W-1", "duplicate", by="analyst", at=NOW, duplicate_of="A-1")
    assert alerts.view(office, "W-1", NOW).verdict.duplicate_of == "A-1"


def test_labels_hold_machine_human_and_field_in_columns_of_their_own(office):
    record_verdict(office, "A-1", "confirmed", by="analyst", at=NOW)
    lead = open_lead(office, ["A-1"], by="leader", at=NOW, next_step="site_visit").id
    record_finding(office, lead, "something_else", by="inspector", at=NOW, text="蒸汽", really="steam_or_mist")
    (row,) = labels.labels(office, NOW)
    assert (row["alert"], row["machine_label"], row["human_verdict"], row["human_really"]) == (
        "A-1", "dust_plume", "confirmed", None,
    )  # fmt: skip
    assert (row["field_found"], row["field_really"], row["simulated"]) == ("something_else", "steam_or_mist", False)
    assert len(row["file_sha256"]) == 64 and row["box"] == [10.0, 20.5, 110.25, 90.0]
    assert labels.labels(office, NOW - timedelta(days=1)) == []
