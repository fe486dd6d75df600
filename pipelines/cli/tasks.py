"""`yaoxun task …`: work that is given to one account, what is handed in for it, its acceptance, and how good it was."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enforcement.tasks import ITEM_KINDS, KINDS
from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.checks import day_of, signed_document
from pipelines.cli.parser import Commands, as_of, home_of, instant_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.store.task_records import TaskFile, TaskItem


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    give = commands.add("task assign", task_assign, "give work to one account; a contractor sees nothing else")
    give.add_argument("to", metavar="NAME")
    give.add_argument("kind", choices=KINDS)
    give.add_argument("--text", required=True, help="what is to be done")
    give.add_argument("--subject", default="", metavar="ID", help="the lead, case, firm or place it is about")
    give.add_argument("--due", type=day_of, metavar="DAY")
    commands.add("task list", task_list, "the tasks that --as may see: all, or its own", looks_back=True)
    one = commands.add("task show", task_show, "one task with what was handed in", looks_back=True)
    one.add_argument("task", metavar="TASK")
    _handing_in(commands)
    _steps(commands)


def _handing_in(commands: Commands) -> None:
    add = commands.add("task add", task_add, "hand in a piece of evidence for a task of one's own")
    add.add_argument("task", metavar="TASK")
    add.add_argument("kind", choices=ITEM_KINDS, metavar="KIND", help=f"what it shows: {', '.join(ITEM_KINDS)}")
    add.add_argument("file", metavar="FILE", type=Path)
    add.add_argument("--text", required=True, help="what it shows, in words")
    add.add_argument("--taken-at", metavar="TIME", help="when it was taken (ISO 8601 with offset)")
    add.add_argument("--lon", type=float, help="where, WGS 84")
    add.add_argument("--lat", type=float)
    add.add_argument("--device", default="", help="with what it was taken")


def _steps(commands: Commands) -> None:
    submit = commands.add("task submit", task_submit, "say that the work is done")
    accept = commands.add("task accept", task_accept, "accept it 验收: what is not refused is confirmed")
    back = commands.add("task return", task_return, "hand it back to be done better")
    withdraw = commands.add("task withdraw", task_withdraw, "take a task back")
    for parser in (submit, accept, back, withdraw):
        parser.add_argument("task", metavar="TASK")
        parser.add_argument("--reason", default="", required=parser in (back, withdraw))
    accept.add_argument(
        "--refuse", action="append", default=[], metavar="N=REASON", help="a piece that is not confirmed, and why"
    )


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
    rows = _seen(args)
    if wants_json(args):
        show.document({"tasks": rows})
    else:
        columns = ("id", "state", "kind", "assigned_to", "subject", "text", "due_on", "by")
        show.text(show.table([[row[c] for c in columns] for row in rows], columns))
    return 0


def task_show(args: argparse.Namespace) -> int:
    """`task show TASK`."""
    found = [row for row in _seen(args) if row["id"] == args.task]
    if not found:
        raise Refusal(args.task, "unknown_task")
    if wants_json(args):
        show.document(found[0])
    else:
        show.text(f"{key:<12} {value}" for key, value in found[0].items() if key not in ("items", "steps"))
        show.text(f"  {one['id']:>4} {one['kind']:<14} {one['text']}  {one['file'][:12]}" for one in found[0]["items"])
    return 0


def _seen(args: argparse.Namespace) -> list[dict[str, Any]]:
    from pipelines.casework.task import sees_own_only, tasks
    from pipelines.store import Store

    user, now = user_of(args), as_of(args)
    with Store.open(home_of(args), create=False) as store:
        own = user is not None and sees_own_only(store, user, as_of=now)
        return [task_document(one, own=own) for one in tasks(store, by=user, as_of=now)]


def task_add(args: argparse.Namespace) -> int:
    """`task add TASK KIND FILE --text TEXT`."""
    from pipelines.casework.task_work import Taken, add_item
    from pipelines.store import Store

    when = None if args.taken_at is None else instant_of("--taken-at", args.taken_at)
    taken = Taken(args.text, when, args.lon, args.lat, args.device)
    with Store.open(home_of(args), create=False) as store:
        act = add_item(store, args.task, args.kind, args.file, taken, by=user_of(args), at=clock.now())
    return print_act(args, act)


def task_submit(args: argparse.Namespace) -> int:
    """`task submit TASK`."""
    return _step(args, "submit")


def task_accept(args: argparse.Namespace) -> int:
    """`task accept TASK [--refuse N=REASON]`."""
    return _step(args, "accept", dict(map(_refused, args.refuse)))


def task_return(args: argparse.Namespace) -> int:
    """`task return TASK --reason TEXT`."""
    return _step(args, "return")


def task_withdraw(args: argparse.Namespace) -> int:
    """`task withdraw TASK --reason TEXT`."""
    return _step(args, "withdraw")


def _step(args: argparse.Namespace, step: str, refused: dict[int, str] | None = None) -> int:
    from pipelines.casework.task_work import Said, take_step
    from pipelines.store import Store

    said = Said(args.reason, refused or {})
    with Store.open(home_of(args), create=False) as store:
        act = take_step(store, args.task, step, said, by=user_of(args), at=clock.now())
    return print_act(args, act)


def _refused(text: str) -> tuple[int, str]:
    number, _, why = text.partition("=")
    if not number.isascii() or not number.isdigit():
        raise Refusal(f"--refuse {text}", "bad_usage", "write N=REASON, N being the number of the piece")
    return int(number), why


def task_document(one: TaskFile, *, own: bool) -> dict[str, Any]:
    """A task in the form of the command line's JSON; `own`: as who sees nothing else sees it, without what others said.

    Whoever does the work is told why it came back, and nothing more.
    """
    task, last = one.task, one.steps[-1] if one.steps else None
    told = {
        "id": task.id, "state": one.state, "kind": task.kind, "assigned_to": task.assigned_to,
        "subject": task.subject, "text": task.text, "due_on": None if task.due_on is None else task.due_on.isoformat(),
        **signed_document(task.signed), "items": [_item(item, own=own) for item in one.items],
        "returned_because": last.reason if last is not None and last.step == "return" else None,
    }  # fmt: skip
    if own:
        return told
    steps = [
        {"step": step.step, "from": step.from_state, "to": step.to_state, "reason": step.reason, "rule": step.rule,
         **signed_document(step.signed)}
        for step in one.steps
    ]  # fmt: skip
    return told | {"steps": steps}


def _item(item: TaskItem, *, own: bool) -> dict[str, Any]:
    told = {
        "id": item.id, "kind": item.kind, "file": item.file_sha256, "text": item.text, "taken_at": item.taken_at,
        "lon": item.lon, "lat": item.lat, "device": item.device, **signed_document(item.signed),
    }  # fmt: skip
    word = item.judgement
    if own:
        return told
    judged = None if word is None else {"word": word.word, "reason": word.reason, **signed_document(word.signed)}
    return told | {"judgement": judged}
