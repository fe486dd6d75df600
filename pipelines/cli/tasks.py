"""`yaoxun task …`: work that is given to one account, and what an account may see of it."""

from __future__ import annotations

import argparse

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.checks import day_of, signed_document
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json

KINDS = ("survey", "assessment", "rectification_tracking", "flight", "sampling", "other")


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    give = commands.add("task assign", task_assign, "give work to one account; a contractor sees nothing else")
    give.add_argument("to", metavar="NAME")
    give.add_argument("kind", choices=KINDS)
    give.add_argument("--text", required=True, help="what is to be done")
    give.add_argument("--subject", default="", metavar="ID", help="the lead, case, firm or place it is about")
    give.add_argument("--due", type=day_of, metavar="DAY")
    commands.add("task list", task_list, "the tasks that --as may see: all, or its own", looks_back=True)


def task_assign(args: argparse.Namespace) -> int:
    """`task assign NAME KIND --text TEXT`."""
    from pipelines.casework.task import assign_task
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = assign_task(
            store, args.to, args.kind, by=user_of(args), at=clock.now(), text=args.text, subject=args.subject,
            due_on=args.due,
        )  # fmt: skip
    return print_act(args, act)


def task_list(args: argparse.Namespace) -> int:
    """`task list`."""
    from pipelines.casework.task import tasks
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        found = tasks(store, by=user_of(args), as_of=as_of(args))
    rows = [
        {
            "id": one.id, "kind": one.kind, "assigned_to": one.assigned_to, "subject": one.subject, "text": one.text,
            "due_on": None if one.due_on is None else one.due_on.isoformat(), **signed_document(one.signed),
        }
        for one in found
    ]  # fmt: skip
    if wants_json(args):
        show.document({"tasks": rows})
    else:
        columns = ("id", "kind", "assigned_to", "subject", "text", "due_on", "by")
        show.text(show.table([[row[c] for c in columns] for row in rows], columns))
    return 0
