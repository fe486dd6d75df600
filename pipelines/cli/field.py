"""`yaoxun field …`: the sheet that inspectors take along, and the record of the visit."""

from __future__ import annotations

import argparse
from pathlib import Path

from enforcement import field as law
from enforcement.verdicts import FINDINGS, REALLY
from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.parser import Commands, home_of, instant_of, user_of, wants_json
from pipelines.errors import Refusal


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    sheet = commands.add("field sheet", field_sheet_, "the field sheet of a lead as PDF, empty or as it was recorded")
    sheet.add_argument("lead", metavar="LEAD")
    sheet.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.pdf")
    sheet.add_argument("--record", metavar="RECORD", help="the record of a visit; without it the empty sheet")
    visit = commands.add("field record", field_record, "the record of a visit 现场检查记录, with what was found")
    visit.add_argument("lead", metavar="LEAD")
    visit.add_argument("found", metavar="FOUND", choices=FINDINGS, help=", ".join(FINDINGS))
    visit.add_argument("--text", required=True, help="what was seen")
    visit.add_argument("--began", required=True, metavar="TIME")
    visit.add_argument("--ended", required=True, metavar="TIME")
    visit.add_argument("--inspector", action="append", default=[], metavar="NAME", help="each of them")
    visit.add_argument("--identity-shown", action="store_true", help="identity was shown 出示执法证件")
    visit.add_argument("--notice-given", action="store_true", help="reason and rights were told 告知")
    visit.add_argument("--party", required=True, choices=law.PARTIES, help="whether the party was there")
    visit.add_argument("--signature", required=True, choices=law.SIGNATURES)
    visit.add_argument("--statement", default="", help="what the party said")
    visit.add_argument("--reason", default="", help="why nobody signed")
    visit.add_argument("--photo", action="append", default=[], type=Path, metavar="FILE")
    visit.add_argument("--alert", metavar="ALERT", help="of which of the lead's alerts it speaks")
    visit.add_argument("--really", choices=REALLY, metavar="WORD", help="what it was, where it was something else")


def field_record(args: argparse.Namespace) -> int:
    """`field record LEAD FOUND …`."""
    from pipelines.casework.field_record import Told, record_visit
    from pipelines.store import Store

    told = Told(
        args.lead, args.found, args.text, instant_of("--began", args.began), instant_of("--ended", args.ended),
        args.inspector, args.identity_shown, args.notice_given, args.party, args.signature, args.statement,
        args.reason, args.alert, args.really,
    )  # fmt: skip
    with Store.open(home_of(args), create=False) as store:
        act = record_visit(store, told, args.photo, by=user_of(args), at=clock.now())
    return print_act(args, act)


def field_sheet_(args: argparse.Namespace) -> int:
    """`field sheet LEAD -o FILE.pdf`."""
    from pipelines.casework.field_paper import field_sheet
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        content = field_sheet(store, args.lead, by=user_of(args), at=clock.now(), record_id=args.record)
    try:
        args.out.write_bytes(content)
    except OSError as error:
        raise Refusal(str(args.out), "file_not_written", error.strerror or "") from error
    if wants_json(args):
        show.document({"lead": args.lead, "record": args.record, "file": str(args.out)})
    else:
        show.text([str(args.out)])
    return 0
