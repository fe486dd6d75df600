"""`yaoxun exceedance …` and `report …`: the station's desk, from an exceedance to the report in the brigade's hands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enforcement import audit as law
from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.checks import signed_document
from pipelines.cli.parser import Commands, as_of, home_of, instant_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.store.case_records import AuditReport
    from pipelines.store.desk_records import DeskMatter

BOARD = ("id", "state", "waits", "mn", "pollutant", "begin", "value", "limit", "known_at", "due", "report")
REPORTS = ("id", "exceedance", "valid", "state", "enterprise", "by", "at")


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    _entering(commands)
    _judging(commands)
    board = commands.add(
        "exceedance list", exceedance_list, "the station's desk: each exceedance and whom it waits for", looks_back=True
    )
    board.add_argument("--open", action="store_true", help="only what waits for the station")
    one = commands.add(
        "exceedance show", exceedance_show, "one exceedance: what was looked at, its reports", looks_back=True
    )
    one.add_argument("exceedance", metavar="EXCEEDANCE")
    commands.add("report list", report_list, "the audit reports, as they stood at --as-of", looks_back=True)
    told = commands.add("report show", report_show, "one audit report", looks_back=True)
    told.add_argument("report", metavar="REPORT")
    out = commands.add(
        "report export", report_export, "write a report's files: PDF, JSON, and CSV where there is a curve"
    )
    out.add_argument("report", metavar="REPORT")
    out.add_argument("-o", "--out", type=Path, required=True, metavar="DIR")


def _entering(commands: Commands) -> None:
    enter = commands.add("exceedance enter", exceedance_enter, "write down an exceedance that was read elsewhere")
    enter.add_argument("device", metavar="DEVICE", help="number or code of the monitor")
    enter.add_argument("--pollutant", required=True)
    enter.add_argument("--period", required=True, choices=law.PERIODS)
    enter.add_argument("--begin", required=True, metavar="TIME", help="of the first mean beyond the limit")
    enter.add_argument("--end", required=True, metavar="TIME", help="of the last one")
    enter.add_argument("--value", required=True, type=float, help="the mean farthest beyond the limit")
    enter.add_argument("--limit", required=True, type=float)
    enter.add_argument("--unit", required=True, help="of both")
    enter.add_argument("--limit-link", required=True, metavar="LINK", help="rule:ROW, permit:NUMBER or document:NUMBER")
    enter.add_argument("--below", action="store_true", help="it lies below a least value (pH)")
    enter.add_argument("--document", required=True, metavar="NUMBER", help="where it was read")
    enter.add_argument("--enterprise", metavar="USCC", help="whose it is, where the registry does not say")
    looked = commands.add("exceedance evidence", exceedance_evidence, "what was looked at before judging")
    looked.add_argument("exceedance", metavar="EXCEEDANCE")
    looked.add_argument("kind", metavar="KIND", choices=law.EVIDENCE, help=", ".join(law.EVIDENCE))
    looked.add_argument("link", metavar="LINK", help="monitor:MN, filing:ID, frame:ID, file:SHA256, document:NUMBER")
    looked.add_argument("--showed", required=True, help="what it showed")
    looked.add_argument("--seen-from", metavar="TIME", help="when that was so")


def _judging(commands: Commands) -> None:
    issue = commands.add("report issue", report_issue, "judge an exceedance and issue the report 超标数据审核报告")
    issue.add_argument("exceedance", metavar="EXCEEDANCE")
    issue.add_argument("--judgement", required=True, choices=law.JUDGEMENTS)
    issue.add_argument("--reason", required=True)
    issue.add_argument("--cause", choices=law.CAUSES, help="why it does not hold, with not_valid")
    issue.add_argument("--replaces", metavar="REPORT", help="the report that stands so far")
    deliver = commands.add("report deliver", report_deliver, "hand a report over to the brigade")
    deliver.add_argument("report", metavar="REPORT")
    deliver.add_argument("--document", required=True, metavar="NUMBER", help="of the letter or transmission")


def exceedance_enter(args: argparse.Namespace) -> int:
    """`exceedance enter DEVICE …`."""
    from pipelines.casework.exceedance import enter_exceedance
    from pipelines.store import Store

    said = law.Said(
        args.device, args.pollutant, args.period, instant_of("--begin", args.begin), instant_of("--end", args.end),
        args.value, args.limit, args.unit, args.limit_link, args.document, args.below,
    )  # fmt: skip
    with Store.open(home_of(args), create=False) as store:
        act = enter_exceedance(store, said, by=user_of(args), at=clock.now(), enterprise=args.enterprise)
    return print_act(args, act)


def exceedance_evidence(args: argparse.Namespace) -> int:
    """`exceedance evidence EXCEEDANCE KIND LINK --showed TEXT`."""
    from pipelines.casework.exceedance import record_evidence
    from pipelines.store import Store

    seen = None if args.seen_from is None else instant_of("--seen-from", args.seen_from)
    with Store.open(home_of(args), create=False) as store:
        act = record_evidence(
            store, args.exceedance, args.kind, args.link, by=user_of(args), at=clock.now(), showed=args.showed,
            seen_from=seen,
        )  # fmt: skip
    return print_act(args, act)


def report_issue(args: argparse.Namespace) -> int:
    """`report issue EXCEEDANCE --judgement WORD --reason TEXT`."""
    from pipelines.casework.audit_report import issue_report
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = issue_report(
            store, args.exceedance, args.judgement, by=user_of(args), at=clock.now(), reason=args.reason,
            cause=args.cause, replaces=args.replaces,
        )  # fmt: skip
    return print_act(args, act)


def report_deliver(args: argparse.Namespace) -> int:
    """`report deliver REPORT --document NUMBER`."""
    from pipelines.casework.audit_report import deliver_report
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = deliver_report(store, args.report, by=user_of(args), at=clock.now(), document_number=args.document)
    return print_act(args, act)


def exceedance_list(args: argparse.Namespace) -> int:
    """`exceedance list`."""
    from pipelines.casework.clocks import standing
    from pipelines.store import Store
    from pipelines.store.read import desk

    with Store.open(home_of(args), create=False) as store, store.snapshot():
        due = {c.clock.subject: c for c in standing(store, as_of(args)) if c.matter.kind == "exceedance"}
        found = [matter_document(one) for one in desk.matters(store, as_of(args))]
    for row in found:
        row |= {"due": due[row["id"]].due.latest.isoformat(), "clock": due[row["id"]].state.value}
    found = [row for row in found if row["waits"] == "station" or not args.open]
    found.sort(key=lambda row: (row["waits"] != "station", row["due"], row["id"]))
    if wants_json(args):
        show.document({"exceedances": found})
    else:
        show.text(show.table([[row[name] for name in BOARD] for row in found], BOARD))
    return 0


def exceedance_show(args: argparse.Namespace) -> int:
    """`exceedance show EXCEEDANCE`."""
    from pipelines.store import Store
    from pipelines.store.read import desk

    with Store.open(home_of(args), create=False) as store:
        found = desk.matter(store, args.exceedance, as_of(args))
    if found is None:
        raise Refusal(args.exceedance, "unknown_exceedance")
    row = matter_document(found)
    if wants_json(args):
        show.document(row)
        return 0
    show.text(f"{key:<14} {value}" for key, value in row.items() if not isinstance(value, list | dict))
    columns = ("kind", "link", "showed", "by", "at")
    show.text(["", *show.table([[one[c] for c in columns] for one in row["looked_at"]], columns)])
    show.text(["", *show.table([[one[c] for c in REPORTS] for one in row["reports"]], REPORTS)])
    return 0


def matter_document(one: DeskMatter) -> dict[str, Any]:
    """An exceedance on the desk in the form of the command line's JSON."""
    told = one.exceedance
    waits = {"open": "station", "reported": "station", "delivered": "brigade"}.get(one.state, "")
    return {
        "id": told.id, "source": told.source, "state": one.state, "waits": waits, "mn": told.mn, "point": told.point,
        "enterprise": told.enterprise_uscc, "pollutant": told.pollutant, "period": told.period, "begin": told.begin,
        "end": told.end, "value": told.value, "limit": told.limit, "below": told.below, "unit": told.unit,
        "limit_link": told.limit_link, "document": told.document, "known_at": told.known_at,
        "times": told.times, "allowed": told.allowed, "withdrawn": told.withdrawn, "excused_by": list(told.excused_by),
        "by": None if told.signed is None else told.signed.by,
        "report": None if one.report is None else one.report.id,
        "delivered": None if one.delivery is None else one.delivery.signed.at,
        "received": None if one.receipt is None else one.receipt.signed.at,
        "looked_at": [
            {
                "id": e.id, "kind": e.kind, "link": e.link, "seen_from": e.seen_from, "showed": e.showed,
                **signed_document(e.signed),
            }
            for e in one.evidence
        ],
        "reports": [report_document(report, one) for report in one.reports],
    }  # fmt: skip


def report_document(report: AuditReport, matter: DeskMatter | None) -> dict[str, Any]:
    """A report in the form of the command line's JSON; its state is that of its exceedance, unless it was replaced."""
    stands = matter is not None and matter.report is not None and matter.report.id == report.id
    state = matter.state if matter is not None and stands else "replaced"
    if matter is None:
        state = "reported" if report.handed_over_at is None else "delivered"
    return {
        "id": report.id, "exceedance": report.exceedance, "valid": report.valid, "state": state,
        "judgement": report.judgement, "cause": report.cause, "reason": report.reason,
        "not_looked_at": list(report.not_looked_at), "replaces": report.replaces, "enterprise": report.enterprise_uscc,
        "monitor": report.monitor, "rules": list(report.rules), "delivered": report.handed_over_at,
        **signed_document(report.signed),
    }  # fmt: skip


def report_list(args: argparse.Namespace) -> int:
    """`report list`."""
    from pipelines.store import Store
    from pipelines.store.read import cases, desk

    with Store.open(home_of(args), create=False) as store, store.snapshot():
        matters = {one.exceedance.id: one for one in desk.matters(store, as_of(args))}
        found = [report_document(one, matters.get(one.exceedance)) for one in cases.reports(store, as_of(args))]
    if wants_json(args):
        show.document({"reports": found})
    else:
        show.text(show.table([[row[name] for name in REPORTS] for row in found], REPORTS))
    return 0


def report_show(args: argparse.Namespace) -> int:
    """`report show REPORT`."""
    from pipelines.store import Store
    from pipelines.store.read import cases, desk

    with Store.open(home_of(args), create=False) as store, store.snapshot():
        found = cases.reports(store, as_of(args), report_id=args.report)
        if not found:
            raise Refusal(args.report, "unknown_report")
        row = report_document(found[0], desk.matter(store, found[0].exceedance, as_of(args)))
        row["files"] = [{"kind": f.kind, "name": f.name, "sha256": f.sha256} for f in desk.files_of(store, args.report)]
    if wants_json(args):
        show.document(row)
    else:
        show.text(f"{key:<14} {value}" for key, value in row.items())
    return 0


def report_export(args: argparse.Namespace) -> int:
    """`report export REPORT -o DIR`."""
    from pipelines.casework.audit_report import report_bytes
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        found = report_bytes(store, args.report, clock.now())
    written = []
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        for name, content in found.values():
            (args.out / name).write_bytes(content)
            written.append(str(args.out / name))
    except OSError as error:
        raise Refusal(str(args.out), "file_not_written", error.strerror or "") from error
    if wants_json(args):
        show.document({"report": args.report, "files": written})
    else:
        show.text(written)
    return 0
