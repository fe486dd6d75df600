"""The steps of a task: the whole table of states and steps, written down here by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from enforcement import errors
from enforcement.policy import load
from enforcement.tasks import NEEDS, STEP_PREFIX, STEPS, TaskFacts, judged_items, may_hand_in, may_step

ON = date(2026, 11, 25)
STATES = ("assigned", "submitted", "returned", "accepted", "withdrawn")
LEADS_TO = {
    ("assigned", "submit"): "submitted", ("returned", "submit"): "submitted", ("submitted", "accept"): "accepted",
    ("submitted", "return"): "returned", ("assigned", "withdraw"): "withdrawn", ("returned", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
}  # fmt: skip


def facts(state: str, step: str) -> TaskFacts:
    """Everything that any step needs."""
    by = "qi" if step == "submit" else "zhou"
    return TaskFacts(state, "qi", by, (1, 2), "因为")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_leads_where_the_table_says_or_is_refused(state, step):
    if (state, step) in LEADS_TO:
        found = may_step("T-1", step, facts(state, step), policy=load(), on=ON)
        assert found.to == LEADS_TO[state, step]
        assert found.rule.startswith(f"task_step_{step}@")
    else:
        with pytest.raises(errors.TaskStepIllegal, match=f"task_step_{step}@"):
            may_step("T-1", step, facts(state, step), policy=load(), on=ON)


@pytest.mark.parametrize(
    ("state", "step", "change", "error"),
    [
        ("assigned", "submit", {"by": "zhou"}, errors.TaskNotYours),
        ("assigned", "submit", {"items": ()}, errors.TaskWithoutItems),
        ("submitted", "accept", {"by": "qi"}, errors.TaskOwnWork),
        ("submitted", "accept", {"refused": {3: "x"}}, errors.ItemNotThere),
        ("submitted", "accept", {"refused": {2: " "}}, errors.ReasonMissing),
        ("submitted", "return", {"reason": " "}, errors.ReasonMissing),
        ("submitted", "return", {"by": "qi"}, errors.TaskOwnWork),
        ("assigned", "withdraw", {"reason": ""}, errors.ReasonMissing),
        ("assigned", "praise", {}, errors.TaskStepUnknown),
    ],
)
def test_what_a_step_needs(state, step, change, error):
    with pytest.raises(error):
        may_step("T-1", step, replace(facts(state, step), **change), policy=load(), on=ON)


@pytest.mark.parametrize(
    ("state", "kind", "by", "text", "error"),
    [
        ("assigned", "outfall", "zhou", "见", errors.TaskNotYours),
        ("submitted", "outfall", "qi", "见", errors.TaskStepIllegal),
        ("accepted", "outfall", "qi", "见", errors.TaskStepIllegal),
        ("assigned", "crime", "qi", "见", errors.ItemKindUnknown),
        ("assigned", "outfall", "qi", " ", errors.ReasonMissing),
    ],
)
def test_what_may_not_be_handed_in(state, kind, by, text, error):
    with pytest.raises(error):
        may_hand_in("T-1", kind, TaskFacts(state, "qi", by), text, policy=load(), on=ON)
    assert may_hand_in("T-1", "outfall", TaskFacts("returned", "qi", "qi"), "见", policy=load(), on=ON)


def test_what_is_not_refused_is_confirmed():
    assert judged_items([1, 2], {2: "模糊"}) == ((1, "confirmed", ""), (2, "refused", "模糊"))


def test_every_need_of_a_row_is_checked_and_every_act_is_one():
    rows = [load().latest(STEP_PREFIX + step) for step in STEPS]
    assert {need for row in rows for need in row.words("needs")} == set(NEEDS)
    assert {row.table()["act"] for row in rows} <= {row.removeprefix("act_") for row in load().ids("act_")}
