"""Work that is given to one account. A contractor sees what was given to it, and nothing else."""

from __future__ import annotations

from datetime import date, datetime

from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.people import acting_user, may_look
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store, numbers
from pipelines.store.case_records import Task
from pipelines.store.read import cases, people
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import cases as write

KINDS = ("survey", "assessment", "rectification_tracking", "flight", "sampling", "other")
ASSIGNED = "assigned"


def assign_task(
    store: Store,
    to: str,
    kind: str,
    *,
    by: str | None,
    at: datetime,
    text: str,
    subject: str = "",
    due_on: date | None = None,
) -> Act:
    """Give work to an account.

    Args:
        store: the home.
        to: id or name of the account.
        kind: one of `KINDS`.
        by: who gives it, or None for the local owner.
        at: when.
        text: what is to be done.
        subject: what it is about: a lead, a case, a firm, a place.
        due_on: the Beijing day by which it should be done.

    Returns:
        The task's id, state `assigned`; the same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_user`, `task_kind_unknown`, `reason_missing`, `due_in_the_past`.
    """
    with acting(store, by, "task_assign", at) as (tx, user):
        account = people.user(store, to)
        if account is None:
            raise Refusal(to or "(empty)", "unknown_user")
        if kind not in KINDS:
            raise Refusal(kind or "(empty)", "task_kind_unknown", f"one of {', '.join(KINDS)}")
        if not text.strip():
            raise Refusal(to, "reason_missing", "say what is to be done")
        for before in cases.tasks(tx, at, assigned_to=account.id):
            said = (before.kind, before.subject, before.text, before.due_on, before.signed.by)
            if said == (kind, subject, text.strip(), due_on, user.id):
                return Act(before.id, ASSIGNED, first_entry_of_row(tx, "task", before.id), True)
        if due_on is not None and due_on < beijing_day(at):
            raise Refusal(due_on.isoformat(), "due_in_the_past")
        name = numbers.next_id(tx, "task", at)
        write.insert_task(tx, Task(name, kind, account.id, subject, text.strip(), due_on, signed(user, at)))
        payload = {
            "to": account.id,
            "kind": kind,
            "subject": subject,
            "text": text.strip(),
            "due_on": None if due_on is None else due_on.isoformat(),
        }
        return Act(name, ASSIGNED, noted(tx, user, at=at, kind="task_assigned", subject=name, payload=payload))


def tasks(store: Store, *, by: str | None, as_of: datetime) -> list[Task]:
    """The tasks that the acting account may see: everybody's, or its own only.

    Args:
        store: the home.
        by: who looks; None where nobody was named.
        as_of: tasks given later are not seen.

    Raises:
        Refusal: `role_forbids`, `unknown_user`, `system_is_nobody`.
    """
    if by is None:
        return cases.tasks(store, as_of)
    try:
        may_look(store, by, "tasks", at=as_of)
    except Refusal as refusal:
        if refusal.reason != "role_forbids":
            raise
        may_look(store, by, "own_tasks", at=as_of)
        return cases.tasks(store, as_of, assigned_to=acting_user(store, by).id)
    return cases.tasks(store, as_of)
