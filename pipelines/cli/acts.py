"""What people do: verdict, lead, freezing the week, accounts. Each refuses exactly as the page does."""

from __future__ import annotations

import argparse

from enforcement.verdicts import REALLY, VALUES
from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json
from pipelines.records import Act

UNDO = "undo"
"""Said in the place of a value, it takes the standing word back."""


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    verdict = commands.add("verdict", give_verdict, "a person's word on an alert")
    verdict.add_argument("alert", metavar="ALERT")
    words = sorted((*VALUES, UNDO))
    verdict.add_argument("value", metavar="VALUE", choices=words, help=", ".join(words))
    verdict.add_argument("--reason", default="", help="why, in the person's own words")
    verdict.add_argument("--really", choices=REALLY, metavar="WORD", help=f"what it was: {', '.join(REALLY)}")
    verdict.add_argument("--of", metavar="ALERT", help="the alert that a duplicate repeats")
    lead = commands.add("lead open", lead_open, "open a lead 线索 on alerts that a person has judged")
    lead.add_argument("alerts", metavar="ALERT", nargs="*")
    lead.add_argument("--check", metavar="CHECK", action="append", default=[], help="a closed check it rests on")
    lead.add_argument("--report", metavar="REPORT", action="append", default=[], help="a received audit report")
    lead.add_argument("--next-step", required=True, help="site_visit, foot_check, letter, sampling or referral")
    lead.add_argument("--enterprise", metavar="USCC", help="whom it concerns, where the alerts do not say")
    lead.add_argument("--reason", default="")
    freeze = commands.add("weekly freeze", weekly_freeze, "freeze the latest draft of a week")
    freeze.add_argument("week", metavar="WEEK", help="ISO week, 2026-W48")
    freeze.add_argument("--sha256", metavar="HASH", help="the draft that was looked at; refused where it has moved")
    user = commands.add("users add", users_add, "add an account")
    user.add_argument("name", metavar="NAME")
    user.add_argument("role", metavar="ROLE", help="see `yaoxun roles`")
    user.add_argument("--display-name")
    commands.add("users list", users_list, "the accounts of this home")
    commands.add("roles", roles, "who may do what: the policy table")


def print_act(args: argparse.Namespace, act: Act) -> int:
    """Show what an act did."""
    if wants_json(args):
        said = {"id": act.id, "state": act.state, "journal_entry": act.journal_entry}
        show.document({**said, "unchanged": True} if act.unchanged else said)
    else:
        again = "   unchanged, done before" if act.unchanged else ""
        show.text([f"{act.id}   {act.state}   journal entry {act.journal_entry}{again}"])
    return 0


def give_verdict(args: argparse.Namespace) -> int:
    """`verdict ALERT VALUE --as USER`."""
    from pipelines.casework.verdict import record_verdict, undo_verdict
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        if args.value == UNDO:
            act = undo_verdict(store, args.alert, by=user_of(args), at=clock.now(), reason=args.reason)
            return print_act(args, act)
        act = record_verdict(
            store, args.alert, args.value, by=user_of(args), at=clock.now(), reason=args.reason, really=args.really,
            duplicate_of=args.of,
        )  # fmt: skip
    return print_act(args, act)


def lead_open(args: argparse.Namespace) -> int:
    """`lead open ALERT… --next-step STEP --as USER`."""
    from pipelines.casework.lead import open_lead
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = open_lead(
            store, args.alerts, by=user_of(args), at=clock.now(), next_step=args.next_step, reason=args.reason,
            enterprise=args.enterprise, check_ids=args.check, report_ids=args.report,
        )  # fmt: skip
    return print_act(args, act)


def weekly_freeze(args: argparse.Namespace) -> int:
    """`weekly freeze WEEK --as USER`."""
    from pipelines.casework.freeze_week import freeze_week
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = freeze_week(store, args.week, by=user_of(args), at=clock.now(), sha256=args.sha256)
    return print_act(args, act)


def users_add(args: argparse.Namespace) -> int:
    """`users add NAME ROLE`."""
    from pipelines.casework.users import add_user
    from pipelines.store import Store

    with Store.open(home_of(args)) as store:
        act = add_user(store, args.name, args.role, by=user_of(args), at=clock.now(), display_name=args.display_name)
    return print_act(args, act)


def users_list(args: argparse.Namespace) -> int:
    """`users list`."""
    from pipelines.store import Store
    from pipelines.store.read import people

    with Store.open(home_of(args), create=False) as store:
        users = [{"id": u.id, "name": u.name, "role": u.role, "simulated": u.simulated} for u in people.users(store)]
    if wants_json(args):
        show.document({"users": users})
    else:
        show.text(show.table([list(u.values()) for u in users], ("id", "name", "role", "simulated")))
    return 0


def roles(args: argparse.Namespace) -> int:
    """`roles`: the table that every act and every look is held against."""
    from enforcement import roles as table

    acts = [{"act": act, "roles": sorted(may)} for act, may in sorted(table.matrix().items())]
    reads = [{"read": what, "roles": sorted(may)} for what, may in sorted(table.reading().items())]
    if wants_json(args):
        show.document({"roles": acts, "reading": reads})
    else:
        show.text(show.table([[r["act"], ", ".join(r["roles"])] for r in acts], ("act", "roles")))
        show.text(["", *show.table([[r["read"], ", ".join(r["roles"])] for r in reads], ("may look at", "roles"))])
    return 0
