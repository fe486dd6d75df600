"""The table of steps of a case, written down by hand, and what each step needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement import cases, errors
from enforcement.cases import Asked, CaseFacts, Evidence, Review, may_add, may_review, may_step, standing
from enforcement.policy import load

ON = date(2026, 11, 25)
ROW = load().at("evidence_review", ON)
OPEN = ("filed", "investigated", "noticed", "heard")
STATES = ("lead", "declined", *OPEN, "decided", "withdrawn", "transferred", "closed")
TABLE = {
    "file": ({"lead"}, "filed"),
    "decline": ({"lead"}, "declined"),
    "investigate": ({"filed"}, "investigated"),
    "notice": ({"investigated"}, "noticed"),
    "hear": ({"noticed"}, "heard"),
    "penalty": ({"heard"}, "decided"),
    "no_penalty": ({"investigated", "noticed", "heard"}, "decided"),
    "withdraw": ({"filed", "investigated", "noticed", "heard"}, "withdrawn"),
    "transfer": ({"filed", "investigated", "noticed", "heard"}, "transferred"),
    "close": ({"decided"}, "closed"),
}
SAID = Asked("why", "文1")


def piece(number: int = 1, kind: str = "alert", **reviews: tuple[str, str]) -> Evidence:
    return Evidence(number, kind, "A-1", {word: Review(*review) for word, review in reviews.items()})


ADMITTED = piece(legal=("admit", "li"), technical=("admit", "wang"))


def facts(state: str, **changes) -> CaseFacts:
    whole = CaseFacts(state, filed_by="zhou", party="91310107MA1G00001A", evidence=(ADMITTED,))
    return replace(whole, **changes)


def step(name: str, held: CaseFacts, asked: Asked = SAID):
    return may_step("C-1", name, held, asked, policy=load(), on=ON)


@pytest.mark.parametrize(("name", "state"), list(product(TABLE, STATES)))
def test_every_step_leads_on_from_just_its_states(name, state):
    allowed, to = TABLE[name]
    if state in allowed:
        found = step(name, facts(state))
        assert (found.to, found.rules[0].partition("@")[0]) == (to, f"case_step_{name}")
    else:
        with pytest.raises(errors.CaseStepIllegal, match=f"case_step_{name}@.*it is {state}"):
            step(name, facts(state))


def test_the_table_is_whole():
    assert set(cases.STEPS) == set(TABLE)
    assert {word for name in TABLE for word in cases.step_row(name, policy=load(), on=ON).words("needs")} == set(
        cases.NEEDS
    )
    with pytest.raises(errors.CaseStepUnknown):
        step("punish", facts("heard"))


@pytest.mark.parametrize(
    ("name", "state", "changes", "asked", "error"),
    [
        ("file", "lead", {"suspicion": False}, SAID, errors.NoSuspicion),
        ("file", "lead", {"unchecked": ("A-2",)}, SAID, errors.OutfallNeedsFootCheck),
        ("file", "lead", {"limitation_over": True}, SAID, errors.LimitationPassed),
        ("file", "lead", {"late": ("case_filing_decision",)}, Asked("", "x"), errors.LateWithoutReason),
        ("decline", "lead", {}, Asked(), errors.ReasonMissing),
        ("investigate", "filed", {"evidence": ()}, SAID, errors.CaseWithoutEvidence),
        ("notice", "investigated", {"party": None}, SAID, errors.CaseWithoutParty),
        ("notice", "investigated", {}, Asked("why"), errors.DocumentMissing),
        ("notice", "investigated", {"evidence": (piece(),)}, SAID, errors.EvidenceNotReviewed),
        ("penalty", "heard", {"evidence": (ADMITTED, piece(2))}, SAID, errors.EvidenceNotReviewed),
        ("penalty", "heard", {"marks": frozenset({"major"})}, SAID, errors.OpinionMissing),
        ("penalty", "heard", {"marks": frozenset({"major"}), "opinion": "disagree"}, SAID, errors.OpinionMissing),
        ("penalty", "heard", {"late": ("case_decision",)}, Asked("", "x"), errors.LateWithoutReason),
        ("no_penalty", "investigated", {"marks": frozenset({"major"})}, SAID, errors.OpinionMissing),
        ("no_penalty", "heard", {}, Asked("", "x"), errors.ReasonMissing),
        ("withdraw", "filed", {}, Asked("x", " "), errors.DocumentMissing),
        ("close", "decided", {}, Asked("x"), errors.DocumentMissing),
    ],
)
def test_what_a_step_needs_is_asked_for_by_name(name, state, changes, asked, error):
    with pytest.raises(error, match="@"):
        step(name, facts(state, **changes), asked)


@pytest.mark.parametrize(
    ("name", "state", "changes", "asked"),
    [
        ("file", "lead", {"late": ("case_filing_decision",)}, Asked("等待复测")),
        ("file", "lead", {"evidence": ()}, Asked()),
        ("file", "lead", {"evidence": (piece(),)}, Asked()),
        ("penalty", "heard", {"marks": frozenset({"major"}), "opinion": "agree"}, SAID),
        ("penalty", "heard", {"opinion": "disagree"}, SAID),
        ("penalty", "heard", {"evidence": (piece(kind="finding"),)}, SAID),
        ("penalty", "heard", {"evidence": (ADMITTED, piece(2, legal=("reject", "li")))}, SAID),
        ("hear", "noticed", {"evidence": (piece(),)}, SAID),
    ],
)
def test_what_is_there_lets_the_step_be_taken(name, state, changes, asked):
    assert step(name, facts(state, **changes), asked).to == TABLE[name][1]


@pytest.mark.parametrize(
    ("reviews", "word"),
    [
        ({}, "waiting"),
        ({"legal": ("admit", "li")}, "waiting"),
        ({"legal": ("admit", "li"), "technical": ("admit", "li")}, "waiting"),
        ({"legal": ("admit", "li"), "technical": ("admit", "wang")}, "admitted"),
        ({"legal": ("reject", "li")}, "rejected"),
        ({"legal": ("admit", "li"), "technical": ("reject", "wang")}, "rejected"),
    ],
)
def test_how_a_piece_of_evidence_stands(reviews, word):
    assert standing(piece(**reviews), ROW) == word
    assert standing(piece(kind="finding", **reviews), ROW) == "admitted"


def test_who_may_review():
    may_review("C-1", facts("filed"), [piece()], "legal", "li")
    with pytest.raises(errors.ReviewerHandles):
        may_review("C-1", facts("filed"), [piece()], "legal", "zhou")
    with pytest.raises(errors.ReviewerTwice):
        may_review("C-1", facts("filed"), [piece(technical=("admit", "li"))], "legal", "li")
    may_review("C-1", facts("filed"), [piece(legal=("admit", "li"))], "legal", "li")
    with pytest.raises(errors.CaseWithoutEvidence):
        may_review("C-1", facts("filed"), [], "legal", "li")


@pytest.mark.parametrize("state", STATES)
def test_when_something_may_still_be_added(state):
    for opinion, states in ((False, OPEN), (True, OPEN[1:])):
        if state in states:
            assert may_add("C-1", state, policy=load(), on=ON, opinion=opinion)
        else:
            with pytest.raises(errors.CaseNotOpen):
                may_add("C-1", state, policy=load(), on=ON, opinion=opinion)


def test_marks_are_words_of_the_row():
    assert cases.MARKS == ("major", "serious_harm")
    with pytest.raises(errors.MarkUnknown):
        cases.mark_known("huge", policy=load(), on=ON)


WORDS = st.sampled_from(("admit", "reject", None))


@given(st.lists(st.tuples(st.sampled_from(("alert", "finding", "check")), WORDS, WORDS, st.booleans()), max_size=5))
def test_no_notice_goes_out_on_evidence_that_was_not_reviewed_by_two(pieces):
    held = []
    for number, (kind, legal, technical, one_person) in enumerate(pieces):
        reviews = {} if legal is None else {"legal": (legal, "li")}
        reviews |= {} if technical is None else {"technical": (technical, "li" if one_person else "wang")}
        held.append(piece(number, kind, **reviews))
    try:
        step("notice", facts("investigated", evidence=tuple(held)))
    except errors.EvidenceNotReviewed:
        return
    relied = [p for p in pieces if p[0] == "finding" or "reject" not in p[1:3]]
    assert relied
    assert all(p[0] == "finding" or (p[1:3] == ("admit", "admit") and not p[3]) for p in relied)
