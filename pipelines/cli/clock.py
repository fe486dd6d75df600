"""`yaoxun clock` and `deadline …`: how the law's clocks stand, and what people may do to one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock as now
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.checks import day_of
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from enforcement.clocks import Deadline

COUNTINGS = ("calendar", "rolled", "working", "unknown")


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    clock = commands.add(
        "clock", clock_, "every deadline with its three dates, as it stood at --as-of", looks_back=True
    )
    clock.add_argument("--open", action="store_true", help="only those that have not ended")
    clock.add_argument("--ics", metavar="FILE", type=Path, help="write them as a calendar file (RFC 5545) as well")
    pause = commands.add("deadline pause", deadline_pause, "a clock stands still from a day on, by a document")
    _which(pause)
    pause.add_argument("--from", dest="day", type=day_of, required=True, metavar="DAY")
    pause.add_argument("--reason", required=True, help="hearing, announcement, monitoring, appraisal or service")
    pause.add_argument("--document", required=True, metavar="NUMBER")
    resume = commands.add("deadline resume", deadline_resume, "a clock that stands still goes on")
    _which(resume)
    resume.add_argument("--on", dest="day", type=day_of, required=True, metavar="DAY", help="first day that counts")
    resume.add_argument("--document", required=True, metavar="NUMBER")
    extend = commands.add("deadline extend", deadline_extend, "a clock gets more days, by an approval")
    _which(extend)
    extend.add_argument("--days", type=int, required=True, metavar="N")
    extend.add_argument("--reason", required=True)
    extend.add_argument("--document", required=True, metavar="NUMBER", help="of the approval")
    counting = commands.add("deadline counting", deadline_counting, "how days count, for clocks that start later")
    counting.add_argument("rule", metavar="RULE")
    counting.add_argument("counting", choices=COUNTINGS)
    counting.add_argument("--from", dest="day", type=day_of, required=True, metavar="DAY", help="after today")
    counting.add_argument("--reason", required=True)
    counting.add_argument("--document", default="", metavar="NUMBER")
    accept = commands.add("deadline accept", deadline_accept, "a way of counting is accepted for one running clock")
    _which(accept)
    accept.add_argument("counting", choices=COUNTINGS)
    accept.add_argument("--reason", required=True)


def _which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", metavar="SUBJECT", help="case, lead, report or check")
    parser.add_argument("rule", metavar="RULE", help="as `yaoxun clock` shows it")


def clock_(args: argparse.Namespace) -> int:
    """`clock --as-of T`."""
    from enforcement import calendar
    from pipelines.casework.clocks import deadlines
    from pipelines.casework.deadline_calendar import ics
    from pipelines.store import Store

    with Store.open(home_of(args)) as store:
        found = deadlines(store, by=user_of(args), as_of=as_of(args))
    found = tuple(one for one in found if not args.open or one.clock.ended is None)
    if args.ics is not None:
        _write(args.ics, ics(found, made_at=as_of(args)))
    covered = calendar.load().covered_to.isoformat()
    rows = [deadline_document(one) for one in found]
    if wants_json(args):
        show.document({"as_of": as_of(args), "holidays_published_to": covered, "deadlines": rows})
        return 0
    columns = ("subject", "rule", "started", "due_calendar", "due_rolled", "due_working", "days_left", "state")
    show.text(show.table([[row[c] for c in columns] for row in rows], columns))
    later = f"; holidays of {int(covered[:4]) + 1} not published, later dates are provisional"
    show.text([f"holidays published to {covered}{later}"])
    return 0


def deadline_document(one: Deadline) -> dict[str, Any]:
    """A deadline in the form of the command line's JSON."""
    clock, due = one.clock, one.due
    return {
        "subject": clock.subject, "rule": one.name, "row": clock.rule.ref, "case": one.matter.case,
        "started": clock.started.isoformat(), "ended": None if clock.ended is None else clock.ended.isoformat(),
        "due_calendar": due.calendar.isoformat(), "due_rolled": due.rolled.isoformat(),
        "due_working": due.working.isoformat(), "counting": due.counting,
        "warn_from": one.warn_from.isoformat(), "days_left": one.days_left, "state": one.state.value,
        "extra_days": clock.extra_days - (one.matter.days or 0),
        "pauses": [
            {
                "first": p.first.isoformat(), "until": None if p.until is None else p.until.isoformat(),
                "reason": p.reason, "document": p.document,
            }
            for p in clock.pauses
        ],
        "provisional_from": None if due.provisional_from is None else due.provisional_from.isoformat(),
        "confidence": {key: clock.rule.confidence_in(key).value for key in clock.rule.table()},
        "source": clock.rule.source,
    }  # fmt: skip


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Refusal(str(file), "file_not_written", error.strerror or "") from error


def deadline_pause(args: argparse.Namespace) -> int:
    """`deadline pause SUBJECT RULE --from DAY --reason WORD --document NUMBER`."""
    from pipelines.casework.clocks import pause_clock
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = pause_clock(
            store, args.subject, args.rule, by=user_of(args), at=now.now(), day=args.day, reason=args.reason,
            document=args.document,
        )  # fmt: skip
    return print_act(args, act)


def deadline_resume(args: argparse.Namespace) -> int:
    """`deadline resume SUBJECT RULE --on DAY --document NUMBER`."""
    from pipelines.casework.clocks import resume_clock
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = resume_clock(
            store, args.subject, args.rule, by=user_of(args), at=now.now(), day=args.day, document=args.document
        )
    return print_act(args, act)


def deadline_extend(args: argparse.Namespace) -> int:
    """`deadline extend SUBJECT RULE --days N --reason TEXT --document NUMBER`."""
    from pipelines.casework.clocks import extend_clock
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = extend_clock(
            store, args.subject, args.rule, by=user_of(args), at=now.now(), days=args.days, reason=args.reason,
            document=args.document,
        )  # fmt: skip
    return print_act(args, act)


def deadline_counting(args: argparse.Namespace) -> int:
    """`deadline counting RULE COUNTING --from DAY --reason TEXT`."""
    from pipelines.casework.clocks import fix_counting
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = fix_counting(
            store, args.rule, args.counting, by=user_of(args), at=now.now(), day=args.day, reason=args.reason,
            document=args.document,
        )  # fmt: skip
    return print_act(args, act)


def deadline_accept(args: argparse.Namespace) -> int:
    """`deadline accept SUBJECT RULE COUNTING --reason TEXT`."""
    from pipelines.casework.clocks import accept_counting
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        act = accept_counting(
            store, args.subject, args.rule, args.counting, by=user_of(args), at=now.now(), reason=args.reason
        )
    return print_act(args, act)
