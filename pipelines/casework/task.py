"""Work that is given to one account. A contractor sees what was given to it, and nothing else."""

from __future__ import annotations

from datetime import date, datetime

from enforcement import policy as law
from enforcement.tasks import ASSIGNED, kind_known
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.people import acting_user, may_look
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store, numbers
from pipelines.store.case_records import Task
from pipelines.store.read import cases, people
from pipelines.store.read import tasks as read
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.task_records import TaskFile
from pipelines.store.write import cases as write


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
        kind: one of `enforcement.tasks.KINDS`.
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
        kind_known(kind, policy=law.load(), on=beijing_day(at))
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


def tasks(store: Store, *, by: str | None, as_of: datetime) -> list[TaskFile]:
    """The tasks that the acting account may see: everybody's, or of its own those that have not ended.

    What has ended is history, which a contractor does not see.

    Args:
        store: the home.
        by: who looks; None where nobody was named.
        as_of: tasks given later are not seen.

    Raises:
        Refusal: `role_forbids`, `unknown_user`, `system_is_nobody`.
    """
    if by is None:
        may_look(store, by, "tasks", at=as_of)
    if by is None or not sees_own_only(store, by, as_of=as_of):
        return read.tasks(store, as_of)
    mine = read.tasks(store, as_of, assigned_to=acting_user(store, by).id)
    running = law.load().at("task_open_states", beijing_day(as_of)).words()
    return [one for one in mine if one.state in running]


def sees_own_only(store: Store, by: str, *, as_of: datetime) -> bool:
    """Whether an account sees nothing but its own tasks.

    Raises:
        Refusal: `role_forbids` where it may not even see these, `unknown_user`, `system_is_nobody`.
    """
    try:
        may_look(store, by, "tasks", at=as_of)
    except Refusal as refusal:
        if refusal.reason != "role_forbids":
            raise
        may_look(store, by, "own_tasks", at=as_of)
        return True
    return False
