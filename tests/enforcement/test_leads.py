"""From verdict to lead: every pair of verdict and step, written down by hand and compared with the rows."""

from __future__ import annotations

from datetime import date

import pytest

from enforcement import errors
from enforcement.leads import NEXT_STEPS, OPEN, OUTCOMES, JudgedAlert, OtherBasis, may_close, may_open
from enforcement.policy import load
from enforcement.verdicts import VALUES, VerdictValue, verdict_value

ON = date(2026, 11, 24)
LAWFUL = {
    ("confirmed", "site_visit"), ("confirmed", "foot_check"), ("confirmed", "letter"), ("confirmed", "sampling"),
    ("confirmed", "referral"), ("needs_foot", "site_visit"), ("needs_foot", "foot_check"), ("needs_foot", "sampling"),
    ("needs_foot", "referral"), ("cannot_tell", "referral"),
}  # fmt: skip


def opened(*alerts, step="site_visit", listed=False):
    return may_open(alerts, step, positive_listed=listed, policy=load(), on=ON)


def alert(verdict="confirmed", *, label="dust_plume", foot_checked=False):
    return JudgedAlert("A-1", label, verdict, foot_checked)


def test_verdicts_and_steps_are_the_promised_words():
    assert VALUES == ("confirmed", "lawful", "duplicate", "machine_wrong", "cannot_tell", "needs_drone", "needs_foot")
    assert set(NEXT_STEPS) == {"site_visit", "letter", "sampling", "referral", "foot_check"}
    assert verdict_value("lawful") is VerdictValue.LAWFUL
    with pytest.raises(errors.VerdictUnknown):
        verdict_value("Confirmed")


@pytest.mark.parametrize("step", ["site_visit", "foot_check", "letter", "sampling", "referral"])
@pytest.mark.parametrize("verdict", VALUES)
def test_each_verdict_carries_just_its_steps(verdict, step):
    if (verdict, step) in LAWFUL:
        assert opened(alert(verdict), step=step).state == OPEN
    else:
        with pytest.raises(errors.VerdictForbidsStep, match="lead_steps@"):
            opened(alert(verdict), step=step)


def test_an_alert_without_a_verdict_makes_no_lead():
    for alerts in ((alert(None),), (alert(), alert(None))):
        with pytest.raises(errors.NoVerdict):
            opened(*alerts)
    with pytest.raises(errors.LeadWithoutBasis):
        opened()


def test_a_verdict_that_waits_for_a_second_person_makes_no_lead():
    with pytest.raises(errors.VerdictNeedsSecond):
        opened(alert(), JudgedAlert("A-2", "discharge", "lawful", awaits_second=True))


def test_a_closed_check_or_a_received_report_carries_a_lead_alone():
    def resting(verdict: str, *, mandate: bool, step: str = "site_visit", listed: bool = False):
        others = [OtherBasis("N-1", verdict, mandate)]
        return may_open([], step, positive_listed=listed, policy=load(), on=ON, others=others)

    assert resting("confirmed", mandate=True, listed=True).mandate
    assert resting("needs_foot", mandate=True, listed=True).mandate, "a closed check with evidence is a mandate"
    assert not resting("needs_foot", mandate=False).mandate
    with pytest.raises(errors.RoutineVisitToListed):
        resting("needs_foot", mandate=False, listed=True)
    with pytest.raises(errors.VerdictForbidsStep):
        resting("lawful", mandate=False)


def test_a_lead_ends_with_a_word_of_the_row():
    assert all(may_close(word, policy=load(), on=ON) == word for word in OUTCOMES)
    with pytest.raises(errors.OutcomeUnknown):
        may_close("forgotten", policy=load(), on=ON)


def test_one_confirmed_alert_carries_the_others():
    assert opened(alert("cannot_tell"), alert("confirmed")).mandate


@pytest.mark.parametrize("label", ["outfall", "discharge", "foam"])
def test_what_was_seen_on_the_water_needs_its_foot_check_before_a_letter(label):
    with pytest.raises(errors.OutfallNeedsFootCheck):
        opened(alert(label=label), step="letter")
    assert opened(alert(label=label, foot_checked=True), step="letter")
    assert opened(alert(label=label), step="foot_check")


@pytest.mark.parametrize("step", ["site_visit", "sampling"])
def test_a_firm_on_the_positive_list_gets_no_routine_visit_but_a_mandated_one(step):
    with pytest.raises(errors.RoutineVisitToListed):
        opened(alert("needs_foot"), step=step, listed=True)
    assert opened(alert("confirmed"), step=step, listed=True).mandate
    assert not opened(alert("needs_foot"), step=step).mandate


def test_a_step_that_no_row_names_is_refused():
    for step in ("", "penalty"):
        with pytest.raises(errors.NextStepUnknown):
            opened(alert(), step=step)
