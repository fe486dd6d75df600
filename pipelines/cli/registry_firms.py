"""`yaoxun registry duplicates`, `same`, `different`, `separate`: which entries are one firm. A person decides."""

from __future__ import annotations

import argparse
import os
from typing import Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json
from pipelines.store.records import FirmProposal

WORDS = {"same": "same", "different": "different", "separate": "undone"}


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    listed = commands.add("registry duplicates", duplicates, "entries that may be one firm", looks_back=True)
    listed.add_argument("--look", action="store_true", help="compare the registry's entries anew first")
    listed.add_argument("--all", action="store_true", help="those that somebody decided on, too")
    for word, told in (
        ("same", "two entries are one firm"),
        ("different", "two entries are two firms"),
        ("separate", "take the decision on two entries back"),
    ):
        command = commands.add(f"registry {word}", decide, told)
        command.add_argument("proposal", metavar="PROPOSAL")
        command.add_argument("--reason", default="")
        command.set_defaults(value=WORDS[word])


def duplicates(args: argparse.Namespace) -> int:
    """`registry duplicates [--look] [--all]`."""
    from pipelines import settings
    from pipelines.store import Store
    from pipelines.store.read import same_firm

    home = home_of(args)
    with Store.open(home, create=False) as store:
        looked: dict[str, Any] = {}
        if args.look:
            from pipelines.engine.same_firm import look

            found = look(store, by=user_of(args), at=clock.now(), settings=settings.load(home, os.environ))
            looked = {"new": found.new, "ended": found.ended, "journal_entry": found.act.journal_entry}
        held = same_firm.proposals(store, as_of(args))
    shown = [one for one in held if args.all or one.decision is None]
    if wants_json(args):
        show.document({"proposals": [plain(one) for one in shown], **looked})
    else:
        show.text(show.table([_row(one) for one in shown], ("id", "probability", "entry", "is", "decided", "why")))
    return 0


def decide(args: argparse.Namespace) -> int:
    """`registry same|different|separate PROPOSAL --as USER`."""
    from pipelines.casework import same_firm
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = same_firm.decide(store, args.proposal, args.value, by=user_of(args), at=clock.now(), reason=args.reason)
    return print_act(args, act)


def plain(one: FirmProposal) -> dict[str, Any]:
    """A proposal as the command prints it."""
    decision = one.decision
    return {
        "id": one.id,
        "probability": one.pair.probability,
        "entry": {"kind": one.pair.left[0], "key": one.pair.left[1]},
        "firm": {"kind": one.pair.right[0], "key": one.pair.right[1]},
        "evidence": [dict(piece) for piece in one.pair.evidence],
        "decision": None if decision is None else decision.value,
        "by": None if decision is None else decision.by,
        "at": None if decision is None else decision.at.isoformat(),
    }


def _row(one: FirmProposal) -> list[str]:
    why = ", ".join(f"{piece['found']} {piece['weight']:+.1f}" for piece in one.pair.evidence)
    decided = "" if one.decision is None else one.decision.value
    return [one.id, f"{one.pair.probability:.3f}", " ".join(one.pair.left), " ".join(one.pair.right), decided, why]
