"""非现场检查: what may be linked, what must be there before it is closed, which judgement carries which step."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from enforcement import checks, errors
from enforcement.checks import may_close, may_open, may_record
from enforcement.policy import load
from enforcement.verdicts import VALUES

ON = date(2026, 11, 25)
CARRIES = {
    "compliant": {"close"},
    "cannot_tell": {"close", "site_visit", "referral"},
    "doubtful": {"guidance_letter", "remote_rectification", "site_visit", "sampling", "referral"},
    "violation": {
        "guidance_letter", "remote_rectification", "site_visit", "sampling", "referral", "criminal_referral",
    },
}  # fmt: skip
ANSWERS = dict.fromkeys(checks.QUESTIONS, True)


def closed(judgement="violation", step="site_visit", items=("drone",), days=None, answers=None):
    if days is None and step == "remote_rectification":
        days = 30
    given = answers if answers is not None else ANSWERS if step == "criminal_referral" else {}
    return may_close("N-1", items, judgement, step, within_days=days, checklist=given, policy=load(), on=ON)


def test_the_words_are_the_promised_ones():
    assert checks.BASES == ("alert", "plan", "complaint", "clue")
    assert checks.LOOKED_AT == ("online_data", "video", "drone", "permit", "filing", "declaration")
    assert set(checks.JUDGEMENTS) == set(CARRIES)
    assert set(checks.NEXT_STEPS) == set.union(*CARRIES.values())
    assert set(load().at("check_judgements", ON).table().values()) <= set(VALUES)


@pytest.mark.parametrize(("judgement", "step"), list(product(CARRIES, sorted(checks.NEXT_STEPS))))
def test_each_judgement_carries_just_its_steps(judgement, step):
    if step in CARRIES[judgement]:
        assert closed(judgement, step).state == ("rectifying" if step == "remote_rectification" else "closed")
    else:
        with pytest.raises(errors.JudgementForbidsStep, match="check_next_steps@"):
            closed(judgement, step)


def test_nothing_looked_at_nothing_closed():
    for judgement in CARRIES:
        with pytest.raises(errors.CheckWithoutItems):
            closed(judgement, "close", items=())
    with pytest.raises(errors.JudgementUnknown):
        closed("")


@pytest.mark.parametrize(("judgement", "step"), [(j, s) for j in CARRIES for s in sorted(CARRIES[j])])
def test_a_mandate_is_a_judgement_with_a_visit(judgement, step):
    expected = judgement in ("doubtful", "violation") and step in ("site_visit", "sampling")
    assert closed(judgement, step).mandate is expected


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_rectification_has_its_days_within_measure(days):
    with pytest.raises(errors.DaysMissing):
        closed(step="remote_rectification", days=days)
    assert closed(step="remote_rectification", days=90).state == "rectifying"
    with pytest.raises(errors.DaysMissing):
        closed(step="guidance_letter", days=5)
    with pytest.raises(errors.DaysMissing):
        may_close(
            "N-1", ["drone"], "violation", "remote_rectification", within_days=None, checklist={}, policy=load(), on=ON
        )


def test_a_criminal_referral_answers_each_question():
    assert not closed(step="criminal_referral", answers=dict.fromkeys(checks.QUESTIONS, False)).mandate
    for answers in ({}, {k: v for k, v in ANSWERS.items() if k != "sampling_done"}, {**ANSWERS, "more": True}):
        with pytest.raises(errors.ChecklistOpen, match="criminal_checklist@"):
            closed(step="criminal_referral", answers=answers)
    with pytest.raises(errors.ChecklistOpen):
        closed(step="site_visit", answers=ANSWERS)


def test_how_a_check_is_opened():
    assert may_open("clue", policy=load(), on=ON).startswith("check_bases@")
    with pytest.raises(errors.CheckBasisUnknown):
        may_open("rumour", policy=load(), on=ON)


@pytest.mark.parametrize(
    ("kind", "link", "fits"),
    [
        ("drone", "alert:A-1", True), ("drone", "frame:P-1", True), ("drone", "permit:X", False),
        ("permit", "permit:X", True), ("permit", "alert:A-1", False), ("online_data", "monitor:MN1@2026", True),
        ("online_data", "monitor", False), ("filing", "document:环评2024-1", True), ("video", "document: ", False),
        ("video", ":x", False), ("declaration", "filing:F-1", True),
    ],
)  # fmt: skip
def test_each_kind_has_its_links(kind, link, fits):
    if fits:
        assert ":".join(may_record(kind, link, "看到", policy=load(), on=ON)) == link
    else:
        with pytest.raises(errors.LinkUnfit, match="check_looked_at@"):
            may_record(kind, link, "看到", policy=load(), on=ON)


def test_what_it_showed_is_said_in_words():
    with pytest.raises(errors.ReasonMissing):
        may_record("drone", "alert:A-1", " ", policy=load(), on=ON)
    with pytest.raises(errors.LookedAtUnknown):
        may_record("gossip", "alert:A-1", "x", policy=load(), on=ON)
