"""`yaoxun check …`, `finding record`, `alerts labels`: the non-site check, and what comes back from the field."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enforcement import checks as law
from enforcement.verdicts import FINDINGS, REALLY
from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.parser import Commands, as_of, home_of, instant_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.store.case_records import NonSiteCheck, Signed


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    opening = commands.add("check open", check_open, "open a non-site check 非现场检查")
    basis = opening.add_mutually_exclusive_group(required=True)
    basis.add_argument("--alert", metavar="ALERT")
    basis.add_argument("--plan", metavar="WEEK", help="the frozen list of that week names the firm")
    basis.add_argument("--complaint", metavar="NUMBER")
    basis.add_argument("--clue", metavar="TEXT")
    opening.add_argument("--enterprise", metavar="USCC", help="whom it concerns, where the basis does not say")
    opening.add_argument("--reason", default="")
    item = commands.add("check record", check_record, "record what was looked at in a check, and what it showed")
    item.add_argument("check", metavar="CHECK")
    item.add_argument("kind", metavar="KIND", choices=law.LOOKED_AT, help=", ".join(law.LOOKED_AT))
    item.add_argument("link", metavar="LINK", help="alert:ID, frame:ID, file:SHA256, permit:NUMBER, monitor:MN …")
    item.add_argument("--showed", required=True, metavar="TEXT", help="what it showed, in words")
    item.add_argument("--seen-from", metavar="TIME", help="when that was so (ISO 8601 with offset)")
    _closing(commands)
    _looking(commands)


def _closing(commands: Commands) -> None:
    closing = commands.add("check close", check_close, "close a check with its judgement and next step")
    closing.add_argument("check", metavar="CHECK")
    closing.add_argument("--judgement", required=True, choices=law.JUDGEMENTS)
    closing.add_argument("--next-step", required=True, choices=law.NEXT_STEPS)
    closing.add_argument("--within-days", type=int, metavar="N", help="for a remote rectification")
    closing.add_argument(
        "--answer", action="append", default=[], metavar="QUESTION=yes|no", help=f"of {', '.join(law.QUESTIONS)}"
    )
    closing.add_argument("--reason", default="")
    again = commands.add("check recheck", check_recheck, "look again 复查 after a remote rectification")
    again.add_argument("check", metavar="CHECK")
    again.add_argument("outcome", choices=("mended", "not_mended"))
    again.add_argument("link", metavar="LINK", help="where it is seen: frame:ID, alert:ID, file:SHA256")
    again.add_argument("--reason", required=True)


def _looking(commands: Commands) -> None:
    commands.add("check list", check_list, "the non-site checks, as they stood at --as-of", looks_back=True)
    one = commands.add("check show", check_show, "one check with what was looked at", looks_back=True)
    one.add_argument("check", metavar="CHECK")
    paper = commands.add("check print", check_print, "the record of a check 非现场检查记录 as PDF", looks_back=True)
    paper.add_argument("check", metavar="CHECK")
    paper.add_argument("-o", dest="file", type=Path, required=True, metavar="FILE.pdf")
    finding = commands.add("finding record", finding_record, "what was found where a lead led")
    finding.add_argument("lead", metavar="LEAD")
    finding.add_argument("found", choices=FINDINGS)
    finding.add_argument("--text", required=True, help="what was seen, in words")
    finding.add_argument("--alert", metavar="ALERT", help="of which alert it speaks, where the lead has several")
    finding.add_argument("--really", choices=REALLY, metavar="WORD", help=f"what it was: {', '.join(REALLY)}")
    finding.add_argument("--on", type=day_of, metavar="DAY", help="the day of the visit; today without it")
    commands.add("alerts labels", alerts_labels, "what people and the field said of each alert, a line each")


def check_open(args: argparse.Namespace) -> int:
    """`check open --alert A | --plan W | --complaint N | --clue TEXT`."""
    from pipelines.casework.check import open_check
    from pipelines.store import Store

    basis = next(word for word in law.BASES if getattr(args, word) is not None)
    with Store.open(home_of(args), create=False) as store:
        act = open_check(
            store, basis, getattr(args, basis), by=user_of(args), at=clock.now(), enterprise=args.enterprise,
            reason=args.reason,
        )  # fmt: skip
    return print_act(args, act)


def check_record(args: argparse.Namespace) -> int:
    """`check record CHECK KIND LINK --showed TEXT`."""
    from pipelines.casework.check import record_item
    from pipelines.store import Store

    seen = None if args.seen_from is None else instant_of("--seen-from", args.seen_from)
    with Store.open(home_of(args), create=False) as store:
        act = record_item(
            store, args.check, args.kind, args.link, by=user_of(args), at=clock.now(), showed=args.showed,
            seen_from=seen,
        )  # fmt: skip
    return print_act(args, act)


def check_close(args: argparse.Namespace) -> int:
    """`check close CHECK --judgement J --next-step S`."""
    from pipelines.casework.check import Judged, close_check
    from pipelines.store import Store

    judged = Judged(args.judgement, args.next_step, args.within_days, dict(map(_answer, args.answer)))
    with Store.open(home_of(args), create=False) as store:
        act = close_check(store, args.check, judged, by=user_of(args), at=clock.now(), reason=args.reason)
    return print_act(args, act)


def check_recheck(args: argparse.Namespace) -> int:
    """`check recheck CHECK mended LINK`."""
    from pipelines.casework.check import recheck
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = recheck(
            store, args.check, args.outcome == "mended", args.link, by=user_of(args), at=clock.now(),
            reason=args.reason,
        )  # fmt: skip
    return print_act(args, act)


def check_list(args: argparse.Namespace) -> int:
    """`check list`."""
    from pipelines.store import Store
    from pipelines.store.read import checks

    with Store.open(home_of(args), create=False) as store:
        found = [check_document(one) for one in checks.checks(store, as_of(args))]
    if wants_json(args):
        show.document({"checks": found})
    else:
        columns = ("id", "basis", "ref", "enterprise", "state", "judgement", "next_step")
        show.text(show.table([[one[c] for c in columns] for one in found], columns))
    return 0


def check_show(args: argparse.Namespace) -> int:
    """`check show CHECK`."""
    from pipelines.store import Store
    from pipelines.store.read import checks

    with Store.open(home_of(args), create=False) as store:
        found = checks.check(store, args.check, as_of(args))
    if found is None:
        raise Refusal(args.check, "unknown_check")
    row = check_document(found)
    if wants_json(args):
        show.document(row)
    else:
        show.text(f"{key:<12} {value}" for key, value in row.items() if key != "looked_at")
        show.text(f"  {item['kind']:<12} {item['link']}  {item['showed']}" for item in row["looked_at"])
    return 0


def check_print(args: argparse.Namespace) -> int:
    """`check print CHECK -o FILE.pdf`."""
    from pipelines.documents.check_record import check_record
    from pipelines.store import Store
    from pipelines.store.read import checks, journal, people
    from pipelines.store.read.clocks import firm_names

    with Store.open(home_of(args), create=False) as store:
        found = checks.check(store, args.check, as_of(args))
        if found is None:
            raise Refusal(args.check, "unknown_check")
        entries = [one.seq for one in journal.of_subject(store, found.id) if one.at <= as_of(args)]
        accounts = people.users(store)
        firm = firm_names(store, as_of(args)).get(found.enterprise_uscc or "", "")
    paper = check_record(
        check_document(found), enterprise=firm, names={one.id: one.name for one in accounts}, entries=max(entries),
        simulated=any(one.simulated for one in accounts),
    )  # fmt: skip
    try:
        args.file.write_bytes(paper)
    except OSError as error:
        raise Refusal(str(args.file), "file_not_written", error.strerror or "") from error
    if wants_json(args):
        show.document({"file": str(args.file), "bytes": len(paper)})
    else:
        show.text([f"{args.file}   {len(paper)} bytes"])
    return 0


def check_document(check: NonSiteCheck) -> dict[str, Any]:
    """A check in the form of the command line's JSON."""
    closing, again = check.closing, check.recheck
    return {
        "id": check.id, "state": check.state, "basis": check.basis, "ref": check.basis_ref,
        "enterprise": check.enterprise_uscc, "reason": check.reason, **signed_document(check.signed),
        "looked_at": [
            {
                "id": item.id, "kind": item.kind, "link": item.link, "seen_from": item.seen_from,
                "showed": item.showed, **signed_document(item.signed),
            }
            for item in check.items
        ],
        "judgement": None if closing is None else closing.judgement,
        "next_step": None if closing is None else closing.next_step,
        "within_days": None if closing is None else closing.within_days,
        "checklist": None if closing is None else dict(closing.checklist),
        "mandate": None if closing is None else closing.mandate,
        "closed": None if closing is None else signed_document(closing.signed) | {"reason": closing.reason},
        "recheck": None if again is None else {
            "mended": again.mended, "link": again.link, "reason": again.reason, **signed_document(again.signed)
        },
    }  # fmt: skip


def signed_document(signed: Signed) -> dict[str, Any]:
    """Who, as what, when."""
    return {"by": signed.by, "role": signed.role, "at": signed.at, "simulated": signed.simulated}


def finding_record(args: argparse.Namespace) -> int:
    """`finding record LEAD FOUND --text TEXT`."""
    from pipelines.casework.finding import record_finding
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = record_finding(
            store, args.lead, args.found, by=user_of(args), at=clock.now(), text=args.text, alert_id=args.alert,
            really=args.really, seen_on=args.on,
        )  # fmt: skip
    return print_act(args, act)


def alerts_labels(args: argparse.Namespace) -> int:
    """`alerts labels`: machine and human columns side by side, for a training set."""
    from pipelines.store import Store
    from pipelines.store.read import labels

    with Store.open(home_of(args), create=False) as store:
        found = labels.labels(store, clock.now())
    for one in found:
        if wants_json(args):
            show.line(one)
        else:
            show.text(["  ".join(str(value) for value in one.values())])
    return 0


def _answer(text: str) -> tuple[str, bool]:
    question, _, said = text.partition("=")
    if said not in ("yes", "no"):
        raise Refusal(f"--answer {text}", "bad_usage", "write QUESTION=yes or QUESTION=no")
    return question, said == "yes"


def day_of(text: str) -> date:
    """A day on the command line.

    Raises:
        Refusal: `bad_time`.
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError as error:
        raise Refusal(text, "bad_time", "a day is written 2026-11-24") from error
