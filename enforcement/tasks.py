"""Work that is given to one account: its states, what each step needs, and what may be handed in.

Nothing here knows a store: the caller says how the task stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from enforcement.errors import (
    ItemKindUnknown,
    ItemNotThere,
    ReasonMissing,
    TaskKindUnknown,
    TaskNotYours,
    TaskOwnWork,
    TaskStepIllegal,
    TaskStepUnknown,
    TaskWithoutItems,
)
from enforcement.policy import Policy, Rule, load

ASSIGNED = "assigned"
STEP_PREFIX = "task_step_"
STEPS: tuple[str, ...] = tuple(row.removeprefix(STEP_PREFIX) for row in load().ids(STEP_PREFIX))
KINDS: tuple[str, ...] = load().latest("task_kinds").words()
ITEM_KINDS: tuple[str, ...] = load().latest("task_items").words()
CONFIRMED, REFUSED = "confirmed", "refused"


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """How a task stands when a step is asked for, and who asks."""

    state: str
    assigned_to: str
    by: str
    items: tuple[int, ...] = ()
    reason: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)
    """Of an acceptance: the pieces that are not confirmed, with the reason of each."""


@dataclass(frozen=True, slots=True)
class TaskStepPermission:
    """That a step is lawful: where it leads, and by which row."""

    to: str
    rule: str


def step_row(step: str, *, policy: Policy, on: date) -> Rule:
    """The row of a step.

    Raises:
        TaskStepUnknown: there is none.
    """
    if STEP_PREFIX + step not in policy.ids(STEP_PREFIX):
        raise TaskStepUnknown(step or "(empty)", f"one of {', '.join(STEPS)}")
    return policy.at(STEP_PREFIX + step, on)


def may_step(task: str, step: str, facts: TaskFacts, *, policy: Policy, on: date) -> TaskStepPermission:
    """Whether a step of a task is lawful.

    Args:
        task: its id, for the refusal.
        step: one of `STEPS`.
        facts: how it stands, who asks.
        policy: the rule rows.
        on: the day of the step.

    Raises:
        TaskStepUnknown: no row has it.
        TaskNotYours: the work is handed in by somebody else than whom it was given to.
        TaskStepIllegal: it does not lead on from this state.
        TaskWithoutItems: nothing was handed in.
        TaskOwnWork: somebody accepts or returns the own work.
        ItemNotThere: a piece is refused that was not handed in.
        ReasonMissing: it is returned, withdrawn or a piece is refused without a reason.
    """
    row = step_row(step, policy=policy, on=on)
    if "own" in row.words("needs"):
        _own(task, facts, row)
    if facts.state not in row.words("from"):
        raise TaskStepIllegal(task, f"{row.ref}: from {', '.join(row.words('from'))}, and it is {facts.state}")
    for need in row.words("needs"):
        NEEDS[need](task, facts, row)
    return TaskStepPermission(str(row.table()["to"]), row.ref)


def may_hand_in(task: str, kind: str, facts: TaskFacts, text: str, *, policy: Policy, on: date) -> str:
    """The row by which a piece of evidence may be added to a task.

    Raises:
        TaskNotYours: the task was given to somebody else.
        TaskStepIllegal: it was handed in already, or has ended.
        ItemKindUnknown: not one of `ITEM_KINDS`.
        ReasonMissing: what it shows is not said.
    """
    row, kinds = policy.at("task_hands_in", on), policy.at("task_items", on)
    _own(task, facts, row)
    if facts.state not in row.words():
        raise TaskStepIllegal(task, f"{row.ref}: in {', '.join(row.words())}, and it is {facts.state}")
    if kind not in kinds.words():
        raise ItemKindUnknown(kind or "(empty)", f"{kinds.ref}: one of {', '.join(kinds.words())}")
    if not text.strip():
        raise ReasonMissing(task, "say what it shows")
    return row.ref


def kind_known(kind: str, *, policy: Policy, on: date) -> str:
    """The row that knows a kind of task.

    Raises:
        TaskKindUnknown: it does not.
    """
    row = policy.at("task_kinds", on)
    if kind not in row.words():
        raise TaskKindUnknown(kind or "(empty)", f"{row.ref}: one of {', '.join(row.words())}")
    return row.ref


def judged_items(items: Sequence[int], refused: Mapping[int, str]) -> tuple[tuple[int, str, str], ...]:
    """Of each piece handed in, the word of the acceptance and its reason: what is not refused is confirmed."""
    return tuple((item, REFUSED if item in refused else CONFIRMED, refused.get(item, "")) for item in items)


def _own(task: str, facts: TaskFacts, row: Rule) -> None:
    if facts.by != facts.assigned_to:
        raise TaskNotYours(task, f"{row.ref}: it was given to another account")


def _other(task: str, facts: TaskFacts, row: Rule) -> None:
    if facts.by == facts.assigned_to:
        raise TaskOwnWork(task, f"{row.ref}: by another account than {facts.by}")


def _items(task: str, facts: TaskFacts, row: Rule) -> None:
    if not facts.items:
        raise TaskWithoutItems(task, f"{row.ref}: add evidence first: yaoxun task add")


def _reason(task: str, facts: TaskFacts, row: Rule) -> None:
    if not facts.reason.strip():
        raise ReasonMissing(task, f"{row.ref}: say why")


def _each_item(task: str, facts: TaskFacts, row: Rule) -> None:
    strangers = sorted(set(facts.refused) - set(facts.items))
    if strangers:
        raise ItemNotThere(f"{task} {strangers[0]}", f"handed in: {', '.join(map(str, facts.items))}")
    silent = [item for item, reason in facts.refused.items() if not reason.strip()]
    if silent:
        raise ReasonMissing(f"{task} {silent[0]}", f"{row.ref}: say why it is refused")


NEEDS: Mapping[str, Callable[[str, TaskFacts, Rule], None]] = {
    "own": _own,
    "other": _other,
    "items": _items,
    "reason": _reason,
    "each_item": _each_item,
}
"""Every word that a row `task_step_…` may have among its needs."""
