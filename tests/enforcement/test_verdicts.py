"""What a verdict must come with, where one person is not enough, and what a finding agrees with."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from enforcement import errors
from enforcement.policy import load
from enforcement.verdicts import FINDINGS, REALLY, UNDONE, VALUES, finding_verdict, may_say

ON = date(2026, 11, 25)
LABELS = ("dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke", "vehicle")


@pytest.mark.parametrize(("value", "label"), list(product(VALUES, LABELS)))
def test_two_people_lay_aside_what_was_seen_on_the_water(value, label):
    really = "shadow" if value == "machine_wrong" else None
    found = may_say(value, label, really, policy=load(), on=ON)
    assert found.needs_second is (value in ("lawful", "machine_wrong") and label in ("outfall", "discharge"))
    assert (found.value, found.really) == (value, really)


def test_where_the_machine_was_wrong_it_is_said_what_it_was():
    with pytest.raises(errors.ReallyMissing, match="verdict_needs_really@"):
        may_say("machine_wrong", "dust_plume", None, policy=load(), on=ON)
    with pytest.raises(errors.ReallyUnknown):
        may_say("machine_wrong", "dust_plume", "a dragon", policy=load(), on=ON)
    assert may_say("confirmed", "dust_plume", "shadow", policy=load(), on=ON).really is None
    assert {*LABELS} - {"vehicle"} <= set(REALLY)
    assert {"nothing", "something_else", "vehicle"} <= set(REALLY)


def test_taking_back_is_no_verdict():
    assert UNDONE not in VALUES
    with pytest.raises(errors.VerdictUnknown):
        may_say(UNDONE, "dust_plume", None, policy=load(), on=ON)


def test_each_finding_agrees_with_a_verdict():
    said = {word: finding_verdict(word, policy=load(), on=ON).value for word in FINDINGS}
    assert said == {
        "violation": "confirmed", "lawful": "lawful", "nothing": "machine_wrong", "something_else": "machine_wrong",
        "not_reached": "cannot_tell",
    }  # fmt: skip
    with pytest.raises(errors.FindingUnknown):
        finding_verdict("guilty", policy=load(), on=ON)
