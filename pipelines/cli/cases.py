"""`yaoxun lead close`, `case …`, `receipt record`: from a lead to the end of a case, refusing as the page does."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from enforcement import cases as law
from enforcement.leads import OUTCOMES
from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.checks import signed_document
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.records import Lead
    from pipelines.store.case_records import CaseEvidence, CaseFile

FURTHER = tuple(step for step in law.STEPS if step not in ("file", "decline"))


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    commands.add("lead list", lead_list, "the leads, as they stood at --as-of", looks_back=True)
    close = commands.add("lead close", lead_close, "end a lead without a case 不予立案")
    close.add_argument("lead", metavar="LEAD")
    close.add_argument("outcome", choices=OUTCOMES)
    close.add_argument("--reason", required=True)
    filing = commands.add("case file", case_file, "file a case 立案 on a lead: the clocks of the filing end")
    filing.add_argument("lead", metavar="LEAD")
    filing.add_argument("--report", metavar="REPORT", action="append", default=[], help="a received report it answers")
    _words(filing)
    step = commands.add("case step", case_step, "take a case a step further")
    step.add_argument("case", metavar="CASE")
    step.add_argument("step", metavar="STEP", choices=FURTHER, help=", ".join(FURTHER))
    _words(step)
    _reviewing(commands)
    _looking(commands)


def _reviewing(commands: Commands) -> None:
    evidence = commands.add("case evidence", case_evidence, "put a further alert or original into the file")
    evidence.add_argument("case", metavar="CASE")
    evidence.add_argument("link", metavar="LINK", help="alert:ID or file:SHA256")
    review = commands.add("case review", case_review, "review of evidence 法制和技术审核, one respect by one person")
    review.add_argument("case", metavar="CASE")
    review.add_argument("kind", choices=("legal", "technical"))
    review.add_argument("opinion", choices=("admit", "reject"))
    review.add_argument("--evidence", type=int, action="append", default=[], metavar="N", help="which; else all left")
    review.add_argument("--reason", default="")
    opinion = commands.add("case opinion", case_opinion, "the legal office's opinion 法制审核 on the decision meant")
    opinion.add_argument("case", metavar="CASE")
    opinion.add_argument("opinion", choices=("agree", "disagree"))
    opinion.add_argument("--document", required=True, metavar="NUMBER")
    opinion.add_argument("--reason", default="")
    mark = commands.add("case mark", case_mark, "mark a case or lead: major, serious_harm; --off takes it off")
    mark.add_argument("case", metavar="CASE")
    mark.add_argument("mark", choices=law.MARKS)
    mark.add_argument("--off", action="store_true")
    mark.add_argument("--reason", required=True)


def _looking(commands: Commands) -> None:
    commands.add("case list", case_list, "the cases, as they stood at --as-of", looks_back=True)
    one = commands.add("case show", case_show, "one case: steps, evidence with its reviews, opinions", looks_back=True)
    one.add_argument("case", metavar="CASE")
    receipt = commands.add("receipt record", receipt_record, "the brigade holds an audit report: seven days run")
    receipt.add_argument("report", metavar="REPORT")
    receipt.add_argument("--reason", default="")


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="in the person's own words")
    parser.add_argument("--document", default="", metavar="NUMBER", help="of the document that goes with it")
    parser.add_argument("--enterprise", metavar="USCC", help="the party")


def lead_list(args: argparse.Namespace) -> int:
    """`lead list`."""
    from pipelines.store import Store
    from pipelines.store.read import alerts

    with Store.open(home_of(args), create=False) as store:
        found = [_lead_document(one) for one in alerts.leads(store, as_of(args))]
    if wants_json(args):
        show.document({"leads": found})
    else:
        columns = ("id", "state", "next_step", "enterprise", "alerts", "by", "at")
        show.text(show.table([[one[c] for c in columns] for one in found], columns))
    return 0


def _lead_document(lead: Lead) -> dict[str, Any]:
    return {
        "id": lead.id, "state": lead.state, "next_step": lead.next_step, "enterprise": lead.enterprise_uscc,
        "alerts": list(lead.alert_ids), "by": lead.by, "at": lead.at, "reason": lead.reason,
        "simulated": lead.simulated,
    }  # fmt: skip


def lead_close(args: argparse.Namespace) -> int:
    """`lead close LEAD OUTCOME --reason TEXT`."""
    from pipelines.casework.lead import close_lead
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = close_lead(store, args.lead, args.outcome, by=user_of(args), at=clock.now(), reason=args.reason)
    return print_act(args, act)


def case_file(args: argparse.Namespace) -> int:
    """`case file LEAD`."""
    from pipelines.casework.case import file_case
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = file_case(
            store, args.lead, by=user_of(args), at=clock.now(), reason=args.reason, document=args.document,
            enterprise=args.enterprise, report_ids=args.report,
        )  # fmt: skip
    return print_act(args, act)


def case_step(args: argparse.Namespace) -> int:
    """`case step CASE STEP`."""
    from pipelines.casework.case import take_step
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = take_step(
            store, args.case, args.step, by=user_of(args), at=clock.now(), reason=args.reason, document=args.document,
            enterprise=args.enterprise,
        )  # fmt: skip
    return print_act(args, act)


def case_evidence(args: argparse.Namespace) -> int:
    """`case evidence CASE LINK`."""
    from pipelines.casework.case_file import add_evidence
    from pipelines.store import Store

    kind, _, ref = args.link.partition(":")
    with Store.open(home_of(args), create=False) as store:
        act = add_evidence(store, args.case, kind, ref, by=user_of(args), at=clock.now())
    return print_act(args, act)


def case_review(args: argparse.Namespace) -> int:
    """`case review CASE legal|technical admit|reject`."""
    from pipelines.casework.case_file import review_evidence
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = review_evidence(
            store, args.case, args.kind, args.opinion, by=user_of(args), at=clock.now(), reason=args.reason,
            evidence_ids=args.evidence,
        )  # fmt: skip
    return print_act(args, act)


def case_opinion(args: argparse.Namespace) -> int:
    """`case opinion CASE agree|disagree --document NUMBER`."""
    from pipelines.casework.case_file import give_opinion
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = give_opinion(
            store, args.case, args.opinion, by=user_of(args), at=clock.now(), document=args.document,
            reason=args.reason,
        )  # fmt: skip
    return print_act(args, act)


def case_mark(args: argparse.Namespace) -> int:
    """`case mark CASE MARK --reason TEXT`."""
    from pipelines.casework.case_file import set_mark
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = set_mark(store, args.case, args.mark, not args.off, by=user_of(args), at=clock.now(), reason=args.reason)
    return print_act(args, act)


def case_list(args: argparse.Namespace) -> int:
    """`case list`."""
    from pipelines.store import Store
    from pipelines.store.read import cases

    with Store.open(home_of(args), create=False) as store:
        found = [case_document(one) for one in cases.cases(store, as_of(args))]
    if wants_json(args):
        show.document({"cases": found})
    else:
        columns = ("id", "state", "lead", "party", "marks", "by", "at")
        show.text(show.table([[one[c] for c in columns] for one in found], columns))
    return 0


def case_show(args: argparse.Namespace) -> int:
    """`case show CASE`."""
    from pipelines.store import Store
    from pipelines.store.read import cases

    with Store.open(home_of(args), create=False) as store:
        found = cases.case(store, args.case, as_of(args))
    if found is None:
        raise Refusal(args.case, "unknown_case")
    row = case_document(found)
    if wants_json(args):
        show.document(row)
        return 0
    show.text(f"{key:<10} {value}" for key, value in row.items() if not isinstance(value, list))
    columns = ("number", "step", "from", "to", "by", "at", "document", "reason")
    show.text(show.table([[step[c] for c in columns] for step in row["steps"]], columns))
    pieces = [[e["id"], e["kind"], e["ref"], e["standing"]] for e in row["evidence"]]
    show.text(["", *show.table(pieces, ("evidence", "kind", "what", "standing"))])
    return 0


def case_document(case: CaseFile) -> dict[str, Any]:
    """A case in the form of the command line's JSON."""
    return {
        "id": case.id, "state": case.state, "lead": case.lead_id, "party": case.party, "marks": sorted(case.marked),
        **signed_document(case.signed),
        "steps": [
            {
                "number": step.number, "step": step.step, "from": step.from_state, "to": step.to_state,
                "document": step.document, "reason": step.reason, "rules": list(step.rules),
                **signed_document(step.signed),
            }
            for step in case.steps
        ],
        "evidence": [_evidence_document(one) for one in case.evidence],
        "opinions": [
            {"opinion": o.opinion, "document": o.document, "reason": o.reason, **signed_document(o.signed)}
            for o in case.opinions
        ],
    }  # fmt: skip


def _evidence_document(one: CaseEvidence) -> dict[str, Any]:
    from enforcement import policy

    last = {word.kind: law.Review(word.opinion, word.signed.by) for word in one.reviews}
    stands = law.standing(law.Evidence(one.id, one.kind, one.ref, last), policy.load().latest("evidence_review"))
    return {
        "id": one.id, "kind": one.kind, "ref": one.ref, "standing": stands, **signed_document(one.signed),
        "reviews": [
            {"kind": w.kind, "opinion": w.opinion, "reason": w.reason, **signed_document(w.signed)}
            for w in one.reviews
        ],
    }  # fmt: skip


def receipt_record(args: argparse.Namespace) -> int:
    """`receipt record REPORT`."""
    from pipelines.casework.receipt import record_receipt
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = record_receipt(store, args.report, by=user_of(args), at=clock.now(), reason=args.reason)
    return print_act(args, act)
