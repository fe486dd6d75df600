"""`yaoxun duty …`: who had what to do, when it was due and done; what is overdue; figures; acts outside of a role."""

from __future__ import annotations

import argparse
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enforcement.duties import DUTIES
from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.checks import day_of
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from enforcement.duties import DutyEvent
    from enforcement.duty_states import Duty
    from enforcement.intervals import Share
    from enforcement.quality import QualityFigures

COLUMNS = ("duty", "subject", "holder", "began_on", "due_on", "ended_on", "word", "state", "reason")


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    log = commands.add("duty log", duty_log, "the duty log 履职台账, as it stood at --as-of", looks_back=True)
    log.add_argument("--holder", metavar="NAME", help="an account, or role:ROLE")
    log.add_argument("--open", action="store_true", help="only what is not done")
    commands.add("duty overdue", duty_overdue, "what presses or is overdue, with who was reminded", looks_back=True)
    who = commands.add(
        "duty accountability", duty_accountability, "问责: late without a reason, and acts outside of a role",
        looks_back=True,
    )  # fmt: skip
    who.add_argument("-o", dest="file", type=Path, metavar="FILE.xlsx")
    for name, handler, help_line in (
        ("duty statistics", duty_statistics, "figures of a period by holder and duty; -o writes a workbook"),
        ("duty quality", duty_quality, "found, confirmed, refused, late: contractors, drones, online monitors"),
    ):
        parser = commands.add(name, handler, help_line, looks_back=True)
        parser.add_argument("--from", dest="first", type=day_of, required=True, metavar="DAY")
        parser.add_argument("--to", dest="last", type=day_of, required=True, metavar="DAY")
        if handler is duty_statistics:
            parser.add_argument("-o", dest="file", type=Path, metavar="FILE.xlsx")
    explain = commands.add("duty explain", duty_explain, "say why a duty that one holds is late")
    explain.add_argument("duty", choices=DUTIES, metavar="DUTY", help=", ".join(DUTIES))
    explain.add_argument("subject", metavar="SUBJECT")
    explain.add_argument("--reason", required=True)
    commands.add("duty remind", duty_remind, "remind who holds what presses, and tell the leader of what is overdue")
    commands.add("duty verify", duty_verify, "compute the duty log again from the journal and compare")
    commands.add("duty complete", duty_complete, "write what the duty log lacks from before it was kept")


def duty_log(args: argparse.Namespace) -> int:
    """`duty log`."""
    found = [one for one in _duties(args) if args.holder in (None, one.holder)]
    return _shown(args, [duty_document(one) for one in found if not args.open or one.ended is None])


def duty_overdue(args: argparse.Namespace) -> int:
    """`duty overdue`."""
    from enforcement.duty_states import URGENT
    from pipelines.store import Store
    from pipelines.store.read import duties as read

    pressing = [one for one in _duties(args) if one.ended is None and one.state in URGENT]
    with Store.open(home_of(args), create=False) as store:
        given = read.reminders(store, as_of(args))
    rows = [
        duty_document(one)
        | {
            "reminded": [
                {"level": r.level, "to": r.to_whom, "at": r.at}
                for r in given
                if (r.duty, r.subject, r.began_at) == (one.duty, one.subject, one.began.at)
            ]
        }
        for one in sorted(pressing, key=lambda one: (str(one.due_on), one.subject))
    ]
    return _shown(args, rows)


def _shown(args: argparse.Namespace, rows: list[dict[str, Any]]) -> int:
    if wants_json(args):
        show.document({"as_of": as_of(args), "duties": rows})
    else:
        show.text(show.table([[row[c] for c in COLUMNS] for row in rows], COLUMNS))
    return 0


def _duties(args: argparse.Namespace) -> tuple[Duty, ...]:
    from pipelines.casework.duties import duties
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        return duties(store, by=user_of(args), as_of=as_of(args))


def duty_document(one: Duty) -> dict[str, Any]:
    """A duty in the form of the command line's JSON."""
    due, ended = one.due, one.ended
    dates = {} if due is None else {
        "due_calendar": due.calendar.isoformat(), "due_rolled": due.rolled.isoformat(),
        "due_working": due.working.isoformat(),
    }  # fmt: skip
    return {
        "duty": one.duty, "subject": one.subject, "holder": one.holder, "began_on": one.began.on.isoformat(),
        "began_by": one.began.by, "due_on": None if one.due_on is None else one.due_on.isoformat(), **dates,
        "ended_on": None if ended is None else ended.on.isoformat(), "ended_by": None if ended is None else ended.by,
        "word": None if ended is None else ended.word, "state": one.state, "reason": one.reason,
    }  # fmt: skip


def duty_accountability(args: argparse.Namespace) -> int:
    """`duty accountability [-o FILE.xlsx]`."""
    from pipelines.casework.duties import accountability
    from pipelines.store import Store
    from pipelines.store.read import people

    with Store.open(home_of(args), create=False) as store:
        found = accountability(store, by=user_of(args), as_of=as_of(args))
        accounts = people.users(store)
    late = [duty_document(one.duty) | {"journal_entries": list(one.entries)} for one in found.late]
    refused = [
        {"act": one.act, "by": one.signed.by, "role": one.signed.role, "rule": one.rule, "on": one.on.isoformat(),
         "journal_entries": [entry]}
        for one, entry in found.refused
    ]  # fmt: skip
    if args.file is not None:
        from pipelines.documents.duty_book import accountability_book

        names = {one.id: one.name for one in accounts}
        simulated = any(one.simulated for one in accounts)
        _write(args.file, accountability_book(late, refused, names, as_of=as_of(args), simulated=simulated))
    if wants_json(args):
        show.document({"as_of": as_of(args), "late": late, "outside_role": refused})
    else:
        show.text(show.table([[row[c] for c in COLUMNS] for row in late], COLUMNS))
        columns = ("by", "role", "act", "on", "journal_entries")
        show.text(["", *show.table([[row[c] for c in columns] for row in refused], columns)])
    return 0


def duty_statistics(args: argparse.Namespace) -> int:
    """`duty statistics --from DAY --to DAY [-o FILE.xlsx]`."""
    from enforcement.duty_states import figures

    if args.last < args.first:
        raise Refusal(f"{args.first} {args.last}", "period_impossible")
    mine = [one for one in _duties(args) if args.first <= one.began.on <= args.last]
    found = figures(mine, first=args.first, last=args.last)
    if args.file is not None:
        _write_book(args, mine)
    rows = [{name: getattr(one, name) for name in one.__slots__} for one in found]
    if wants_json(args):
        show.document({"as_of": as_of(args), "figures": rows, "file": None if args.file is None else str(args.file)})
    else:
        columns = list(rows[0]) if rows else ["holder", "duty"]
        show.text(show.table([list(row.values()) for row in rows], columns))
    return 0


def _write_book(args: argparse.Namespace, duties: list[Duty]) -> None:
    from enforcement.duty_states import figures
    from pipelines.casework.quality import quality_figures
    from pipelines.documents.duty_book import duty_book
    from pipelines.store import Store
    from pipelines.store.read import duties as read
    from pipelines.store.read import people

    begins = datetime.combine(args.first, time.min, clock.BEIJING)
    ends = datetime.combine(args.last, time.min, clock.BEIJING) + timedelta(days=1)
    with Store.open(home_of(args), create=False) as store:
        accounts = people.users(store)
        good = quality_figures(store, args.first, args.last, by=user_of(args), as_of=as_of(args))
        acts = read.acts(store, begins, min(ends, as_of(args)))
    book = duty_book(
        figures(duties, first=args.first, last=args.last), duties, acts, good, {one.id: one.name for one in accounts},
        first=args.first, last=args.last, as_of=as_of(args), simulated=any(one.simulated for one in accounts),
    )  # fmt: skip
    _write(args.file, book)


def _write(file: Path, book: bytes) -> None:
    try:
        file.write_bytes(book)
    except OSError as error:
        raise Refusal(str(file), "file_not_written", error.strerror or "") from error


def duty_quality(args: argparse.Namespace) -> int:
    """`duty quality --from DAY --to DAY`."""
    from pipelines.casework.quality import quality_figures
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        found = quality_figures(store, args.first, args.last, by=user_of(args), as_of=as_of(args))
    if wants_json(args):
        show.document({"as_of": as_of(args), "figures": [quality_document(one) for one in found]})
    else:
        columns = ("source", "who", "work", "found", "undecided", "confirmed", "refused", "late", "accepted_at_once")
        shares = ("confirmed", "refused", "late", "accepted_at_once")
        rows = [
            [one.source, one.who, one.work, one.found, one.undecided, *(_said(getattr(one, name)) for name in shares)]
            for one in found
        ]
        show.text(show.table(rows, columns))
    return 0


def quality_document(one: QualityFigures) -> dict[str, Any]:
    """Quality figures in the form of the command line's JSON."""
    shares = {name: getattr(one, name) for name in ("confirmed", "refused", "late", "accepted_at_once")}
    return {
        "source": one.source, "who": one.who, "work": one.work, "found": one.found, "undecided": one.undecided,
        **{
            name: {"count": s.count, "of": s.of, "share": s.value, "low": s.low, "high": s.high}
            for name, s in shares.items()
        },
    }  # fmt: skip


def _said(share: Share) -> str:
    if share.value is None:
        return "-"
    return f"{share.count}/{share.of} {share.value:.2f} ({share.low:.2f} to {share.high:.2f})"


def duty_explain(args: argparse.Namespace) -> int:
    """`duty explain DUTY SUBJECT --reason TEXT`."""
    from pipelines.casework.duties import explain_duty
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = explain_duty(store, args.duty, args.subject, by=user_of(args), at=clock.now(), reason=args.reason)
    return print_act(args, act)


def duty_remind(args: argparse.Namespace) -> int:
    """`duty remind`: machine work; the entry is the system's."""
    from pipelines.casework.duties import remind
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        found = remind(store, by=user_of(args), at=clock.now())
    rows = [{"duty": one.duty, "subject": one.subject, "level": one.level, "to": one.to_whom} for one in found]
    if wants_json(args):
        show.document({"reminders": rows, **({} if rows else {"unchanged": True})})
    else:
        show.text(show.table([list(row.values()) for row in rows], ("duty", "subject", "level", "to")))
    return 0


def duty_verify(args: argparse.Namespace) -> int:
    """`duty verify`: exit 3 where log and journal differ."""
    from pipelines.casework.duties import compared
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store, store.snapshot():
        found = compared(store, clock.now())
    breaks = [_break("duty_missing", one) for one in found.missing] + [_break("duty_extra", one) for one in found.extra]
    if wants_json(args):
        show.document({"events": found.events, "ok": not breaks, "breaks": breaks})
    else:
        show.text([f"{found.events} events: {'as the journal gives them' if not breaks else 'DIFFERENT'}"])
        show.text(f"  {one['duty']} {one['subject']} {one['event']}: {show.sentence(one['reason'])}" for one in breaks)
    return 3 if breaks else 0


def _break(reason: str, one: DutyEvent) -> dict[str, str]:
    return {"reason": reason, "duty": one.duty, "subject": one.subject, "event": one.event, "on": one.on.isoformat()}


def duty_complete(args: argparse.Namespace) -> int:
    """`duty complete`."""
    from pipelines.casework.duties import complete
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = complete(store, by=user_of(args), at=clock.now())
    return print_act(args, act)
