"""`yaoxun evidence`: whether the record is whole (exit 3 where it is not), and heads signed to be kept elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, wants_json


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    one = commands.add("evidence verify", verify, "check the journal's chain, every journaled row and every original")
    one.add_argument("--head", type=Path, action="append", default=[], metavar="FILE", help="signed heads kept outside")
    one.add_argument("--key", metavar="BASE64", help="the public key that was kept outside; else the home's")
    sign_ = commands.add("evidence sign", sign, "sign the journal's last entry; keep what it prints outside the home")
    sign_.add_argument("--out", type=Path, metavar="FILE", help="add the signed head as a line to this file, too")


def verify(args: argparse.Namespace) -> int:
    """`evidence verify`."""
    from pipelines.store import Store, journal, signed_heads

    kept = [one for place in args.head for one in signed_heads.from_file(place)]
    with Store.open(home_of(args), create=False) as store:
        found = journal.verify(store, kept=kept, public_key=args.key)
    breaks = [{"entry": b.entry, "reason": b.reason, "detail": b.detail} for b in found.breaks]
    if wants_json(args):
        told = {"entries": found.entries, "files": found.files, "heads": found.heads, "ok": found.ok}
        show.document({**told, "breaks": breaks})
    else:
        looked = f"{found.entries} entries, {found.files} files, {found.heads} signed heads"
        show.text([f"{looked}: {'whole' if found.ok else 'BROKEN'}"])
        show.text(f"  entry {b['entry']}: {show.sentence(str(b['reason']), str(b['detail']))}" for b in breaks)
    return 0 if found.ok else 3


def sign(args: argparse.Namespace) -> int:
    """`evidence sign`."""
    import json

    from pipelines import clock
    from pipelines.store import Store, signed_heads

    with Store.open(home_of(args), create=False) as store:
        made, unchanged = signed_heads.sign(store, clock.now())
    if args.out is not None:
        signed_heads.keep(args.out, made)
    if wants_json(args):
        show.document({**made.document(), "unchanged": unchanged})
    else:
        show.text([json.dumps(made.document(), ensure_ascii=False)])
        show.note("this entry was signed before; nothing changed" if unchanged else "keep this line outside the home")
    return 0
