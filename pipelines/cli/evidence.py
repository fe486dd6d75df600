"""`yaoxun evidence`: whether the record is whole (exit 3 where it is not), and heads signed to be kept elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    one = commands.add("evidence verify", verify, "check the journal's chain, every journaled row and every original")
    one.add_argument("--head", type=Path, action="append", default=[], metavar="FILE", help="signed heads kept outside")
    one.add_argument("--key", metavar="BASE64", help="the public key that was kept outside; else the home's")
    one.add_argument("--bag", type=Path, metavar="DIR", help="look at this bag instead of the home")
    out = commands.add("evidence export", export, "a case with all that belongs to it as a BagIt bag (RFC 8493)")
    out.add_argument("case", metavar="CASE")
    out.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="the bag's folder to be")
    sign_ = commands.add("evidence sign", sign, "sign the journal's last entry; keep what it prints outside the home")
    sign_.add_argument("--out", type=Path, metavar="FILE", help="add the signed head as a line to this file, too")


def verify(args: argparse.Namespace) -> int:
    """`evidence verify`."""
    if args.bag is not None:
        return _verify_bag(args)
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


def _verify_bag(args: argparse.Namespace) -> int:
    from pipelines.casework.case_bag import check_bag

    found = check_bag(args.bag, public_key=args.key)
    breaks = [{"entry": None, "reason": reason, "detail": detail} for reason, detail in found.faults]
    if wants_json(args):
        show.document({"entries": found.entries, "files": found.files, "ok": not breaks, "breaks": breaks})
    else:
        show.text([f"{found.entries} entries, {found.files} files: {'BROKEN' if breaks else 'whole'}"])
        show.text(f"  {show.sentence(str(b['reason']), str(b['detail']))}" for b in breaks)
    return 3 if breaks else 0


def export(args: argparse.Namespace) -> int:
    """`evidence export CASE -o DIR`."""
    from pipelines import clock
    from pipelines.casework.case_bag import export_case
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        made = export_case(store, args.case, args.out, by=user_of(args), at=clock.now())
    if wants_json(args):
        show.document({"case": made.case, "bag": str(made.folder), "files": made.files, "unchanged": made.unchanged})
    else:
        show.text([f"{made.case}   {made.files} files   {made.folder}{'   unchanged' if made.unchanged else ''}"])
    return 0


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
