"""Which right a looking command needs. Acts ask their own row; what works on given files alone needs none."""

from __future__ import annotations

import argparse
import os

from pipelines.cli.parser import home_of, user_of

READS = {
    "alerts list": "alerts",
    "alerts show": "alerts",
    "alerts labels": "alerts",
    "check list": "alerts",
    "check show": "alerts",
    "check print": "alerts",
    "lead list": "cases",
    "case list": "cases",
    "case show": "cases",
    "clock": "cases",
    "exceedance list": "monitors",
    "exceedance show": "monitors",
    "report list": "cases",
    "field sheet": "cases",
    "platform export": "cases",
    "platform list": "cases",
    "platform show": "cases",
    "report show": "cases",
    "report export": "cases",
    "flights list": "flights",
    "registry at": "registry",
    "registry permits": "registry",
    "registry may": "registry",
    "registry show": "registry",
    "registry history": "registry",
    "registry preview": "registry",
    "registry imports": "registry",
    "registry mapping list": "registry",
    "registry mapping show": "registry",
    "registry quality": "registry",
    "registry duplicates": "registry",
    "monitor packets": "monitors",
    "monitor check": "monitors",
    "monitor devices": "monitors",
    "policy diff": "monitors",
    "users list": "record",
    "evidence verify": "record",
    "evidence sign": "record",
    "evidence export": "cases",
    "status": "flights",
    "task list": "own_tasks",
    "task show": "own_tasks",
    "duty log": "duties",
    "duty overdue": "duties",
    "duty statistics": "duties",
    "duty accountability": "accountability",
    "duty quality": "quality",
    "duty verify": "record",
    "roles": "rules",
}
"""Command → the row `read_…` that its user must be named in, where one is named."""


def refuse_unread(args: argparse.Namespace) -> None:
    """Refuse a looking command to an account whose role may not look at that.

    Raises:
        Refusal: `role_forbids`, naming the row; `unknown_user`, `system_is_nobody`; `who_acts` where nobody is named
            and the home asks for names.
    """
    what = READS.get(args.command)
    if what is None or not home_of(args).exists():
        return
    from pipelines import clock
    from pipelines.casework.people import may_look
    from pipelines.settings import load
    from pipelines.store import Store

    if user_of(args) is None and not load(home_of(args), os.environ).people.looks_named:
        return
    with Store.open(home_of(args), create=False) as store:
        may_look(store, user_of(args), what, at=clock.now())
