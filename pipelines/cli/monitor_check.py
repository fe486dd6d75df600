"""`yaoxun monitor check`: exceedances, clues and gaps of the online monitors, as of an instant."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from pipelines.cli import show
from pipelines.cli.parser import Commands, as_of, home_of, wants_json

if TYPE_CHECKING:
    from pipelines.engine.monitor_check import Checked
    from pipelines.engine.monitor_clues import DeviceClue
    from pipelines.monitor.judging import Judged
    from pipelines.monitor.silence import Gap

DAYS = 7
COLUMNS = ("day", "point", "pollutant", "kind", "worst", "limit", "count", "allowed", "excused_by")
CLUE_COLUMNS = ("kind", "point", "pollutant", "begin", "end", "chance", "could_be")
PARTS = {
    "exceedances": COLUMNS,
    "clues": CLUE_COLUMNS,
    "gaps": ("point", "mn", "begin", "end"),
    "not_judged": ("mn", "code", "reason"),
}


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    check = commands.add(
        "monitor check", monitor_check, "exceedances, clues and gaps of the last days", looks_back=True
    )
    check.add_argument("--days", type=int, default=DAYS, help=f"Beijing days up to --as-of, {DAYS} without it")


def monitor_check(args: argparse.Namespace) -> int:
    """`monitor check --as-of T`."""
    from enforcement import policy
    from pipelines.engine.monitor_check import check
    from pipelines.engine.readings import enter_readings
    from pipelines.errors import Refusal
    from pipelines.gateway.serve import caught_up
    from pipelines.settings import load
    from pipelines.store import Store

    if args.days < 1:
        raise Refusal(f"--days {args.days}", "bad_usage", "at least one day")
    with Store.open(home_of(args), create=False) as store, caught_up(store) as index:
        enter_readings(store, index)
        ours = load(home_of(args), os.environ).monitor
        found = check(store, index, policy.load(), ours, as_of=as_of(args), days=args.days)
    answer = _answer(found)
    if wants_json(args):
        show.document(answer)
    else:
        show.text(_lines(answer))
    return 0


def _answer(found: Checked) -> dict[str, Any]:
    return {
        "first": found.first.isoformat(), "last": found.last.isoformat(),
        "exceedances": [_exceedance(one) for one in found.exceedances], "clues": [_clue(one) for one in found.clues],
        "gaps": [_gap(one) for one in found.gaps],
        "not_judged": [{"mn": one.mn, "code": one.code, "reason": one.reason} for one in found.not_judged],
    }  # fmt: skip


def _exceedance(one: Judged) -> dict[str, Any]:
    told, device = one.exceedance, one.device
    return {
        "id": one.id, "kind": told.kind, "day": told.on.isoformat(), "mn": device.mn, "point": device.point,
        "name": device.name, "enterprise": device.enterprise, "site": device.site, "pollutant": told.pollutant,
        "begin": told.begin, "end": told.end, "rule": told.rule, "comparison": told.comparison, "limit": told.limit,
        "unit": told.unit, "allowed": told.allowed, "count": len(told.over), "worst": told.worst, "below": told.below,
        "without_flag": told.without_flag,
        "means": [{"begin": m.begin, "value": m.value, "valid": m.valid} for m in told.over],
        "excused_by": [filing.filing_id for filing in one.excused_by],
    }  # fmt: skip


def _clue(one: DeviceClue) -> dict[str, Any]:
    return {
        "kind": one.clue.kind, "mn": one.device.mn, "point": one.device.point, "pollutant": one.pollutant,
        "begin": one.begin, "end": one.end, "other": one.other, "figures": dict(one.clue.figures),
        "chance": one.clue.chance, "says": show.sentence(one.clue.kind), "could_be": list(one.clue.innocent),
    }  # fmt: skip


def _gap(one: Gap) -> dict[str, Any]:
    return {"mn": one.mn, "point": one.point, "begin": one.begin, "end": one.end, "due_s": one.due_s}


def _lines(answer: dict[str, Any]) -> list[str]:
    lines = [f"{answer['first']} to {answer['last']}"]
    for part, columns in PARTS.items():
        rows = [[row[name] for name in columns] for row in answer[part]]
        lines += ["", f"{part.replace('_', ' ')}: {len(rows)}", *(show.table(rows, columns) if rows else ())]
    return lines
