"""What a written exceedance must say, by which links things are looked at, and when the station may judge."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement import policy
from enforcement.audit import CAUSES, EVIDENCE, Said, may_enter, may_judge, may_look
from enforcement.errors import EnforcementError

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
SAID = Said(
    "M-1", "TSP", "dust_quarter_hour", NOW - timedelta(hours=2), NOW - timedelta(hours=1), 2.4, 2.0, "mg/m3",
    "rule:dust_quarter_hour_limit_1", "市平台 7",
)  # fmt: skip
ALL = {"curve", "validity", "flags", "calibration"}


def enter(**changes):
    return may_enter(replace(SAID, **changes), NOW, policy=policy.load(), on=ON)


def reason(act, *words, **options) -> str:
    with pytest.raises(EnforcementError) as refused:
        act(*words, **options)
    return refused.value.reason


def judge(judgement="valid", looked_at=ALL, cause=None, why="数据有效"):
    return may_judge("X-1", judgement, looked_at, cause, why, policy=policy.load(), on=ON)


def test_a_whole_entry_names_the_row_that_was_in_force():
    assert enter() == ("rule", "dust_quarter_hour_limit_1@2016-01-01")
    assert enter(limit_link="permit: 310107-1 ") == ("permit", "310107-1")
    assert enter(limit_link="document:环评批复 3", limit=1.7) == ("document", "环评批复 3")
    assert enter(below=True, value=5.1, limit=6.0, limit_link="document:1") == ("document", "1")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"device": " "}, "exceedance_unfit"),
        ({"pollutant": ""}, "exceedance_unfit"),
        ({"unit": ""}, "exceedance_unfit"),
        ({"document": ""}, "exceedance_unfit"),
        ({"period": "year"}, "exceedance_unfit"),
        ({"end": NOW + timedelta(seconds=1)}, "exceedance_unfit"),
        ({"begin": SAID.end}, "exceedance_unfit"),
        ({"value": math.nan}, "exceedance_unfit"),
        ({"value": math.inf}, "exceedance_unfit"),
        ({"limit": 0.0, "value": 1.0}, "exceedance_unfit"),
        ({"limit": 1.9}, "exceedance_unfit"),
        ({"value": 2.0}, "exceedance_not_beyond"),
        ({"value": 2.4, "below": True}, "exceedance_not_beyond"),
        ({"limit_link": "rule:no_such_row"}, "no_rule_in_force"),
        ({"limit_link": "rule:"}, "link_unfit"),
        ({"limit_link": "dust"}, "link_unfit"),
        ({"limit_link": "alert:A-1"}, "link_unfit"),
    ],
    ids=str,
)
def test_an_entry_that_lacks_something_or_exceeds_nothing_is_refused(changes, expected):
    assert reason(enter, **changes) == expected


def test_before_the_standard_there_was_no_limit_to_exceed():
    old = datetime(2015, 12, 31, 3, 0, tzinfo=UTC)
    said = replace(SAID, begin=old - timedelta(hours=1), end=old)
    assert reason(may_enter, said, NOW, policy=policy.load(), on=date(2015, 12, 31)) == "no_rule_in_force"


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_a_value_enters_just_where_it_is_strictly_beyond(value, limit):
    above = {"value": value, "limit": limit, "limit_link": "document:1"}
    for below, beyond in ((False, value > limit), (True, value < limit)):
        if beyond:
            assert enter(**above, below=below) == ("document", "1")
        else:
            assert reason(enter, **above, below=below) == "exceedance_not_beyond"


@pytest.mark.parametrize("kind", EVIDENCE)
def test_each_kind_is_looked_at_by_its_own_links_and_with_words(kind):
    fit = policy.load().latest("audit_evidence").words(kind)
    for where in ("monitor", "filing", "alert", "frame", "file", "document", "permit"):
        link = f"{where}:1"
        if where in fit:
            assert may_look(kind, link, "正常", policy=policy.load(), on=ON) == (where, "1")
            assert reason(may_look, kind, link, " ", policy=policy.load(), on=ON) == "reason_missing"
        else:
            assert reason(may_look, kind, link, "正常", policy=policy.load(), on=ON) == "link_unfit"
    assert reason(may_look, "rumour", "document:1", "x", policy=policy.load(), on=ON) == "audit_evidence_unknown"


def test_a_judgement_needs_what_its_row_names_and_says_what_was_not_looked_at():
    said = judge()
    assert (said.valid, said.not_looked_at) == (True, ("running", "weather", "camera"))
    assert said.rules == ("audit_needs@2000-01-01", "audit_evidence@2000-01-01")
    for kind in sorted(ALL):
        assert reason(judge, looked_at=ALL - {kind}) == "audit_evidence_missing"
    broken = judge("not_valid", {"curve"}, "calibration", "校准期间")
    assert (broken.valid, len(broken.not_looked_at)) == (False, 6)
    assert reason(judge, "not_valid", set(), "calibration", "校准期间") == "audit_evidence_missing"


def test_a_judgement_has_a_reason_and_a_cause_just_where_the_value_does_not_hold():
    assert reason(judge, why=" ") == "reason_missing"
    assert reason(judge, cause="calibration") == "audit_cause_unfit"
    assert reason(judge, "not_valid", ALL, None) == "audit_cause_unfit"
    assert reason(judge, "not_valid", ALL, "bad_luck") == "audit_cause_unfit"
    assert all(not judge("not_valid", ALL, cause).valid for cause in CAUSES)
    assert reason(judge, "perhaps") == "audit_judgement_unknown"
