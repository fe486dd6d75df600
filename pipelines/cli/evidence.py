"""`yaoxun evidence verify`: whether the record is whole. Exit 3 where it is not."""

from __future__ import annotations

import argparse

from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, wants_json


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    commands.add("evidence verify", verify, "check the journal's chain, every journaled row and every original")


def verify(args: argparse.Namespace) -> int:
    """`evidence verify`."""
    from pipelines.store import Store, journal

    with Store.open(home_of(args), create=False) as store:
        found = journal.verify(store)
    breaks = [{"entry": b.entry, "reason": b.reason, "detail": b.detail} for b in found.breaks]
    if wants_json(args):
        show.document({"entries": found.entries, "files": found.files, "ok": found.ok, "breaks": breaks})
    else:
        show.text([f"{found.entries} entries, {found.files} files: {'whole' if found.ok else 'BROKEN'}"])
        show.text(f"  entry {b['entry']}: {show.sentence(str(b['reason']), str(b['detail']))}" for b in breaks)
    return 0 if found.ok else 3
