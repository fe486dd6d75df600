"""`yaoxun policy diff`: what changed rule rows would change, before anybody installs them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli import show
from pipelines.cli.parser import Commands, as_of, home_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from enforcement.policy_changes import RowChange
    from pipelines.monitor.judging import Judged

DAYS = 30
COLUMNS = ("day", "point", "pollutant", "kind", "worst", "limit", "count", "allowed")


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    diff = commands.add(
        "policy diff", policy_diff, "what changed rule rows would change; nothing is installed", looks_back=True
    )
    diff.add_argument("folder", type=Path, help="with changed copies of files of enforcement/policy")
    diff.add_argument("--days", type=int, default=DAYS, help=f"Beijing days judged by both, {DAYS} without it")


def policy_diff(args: argparse.Namespace) -> int:
    """`policy diff FOLDER`: rows that differ, and the exceedances that would be judged otherwise."""
    from enforcement import policy
    from enforcement.errors import PolicyRowBad
    from enforcement.policy_changes import changes
    from pipelines.engine.policy_effect import effect
    from pipelines.store import Store

    if args.days < 1:
        raise Refusal(f"--days {args.days}", "bad_usage", "at least one day")
    try:
        before, after = policy.load(), policy.load_with(args.folder)
    except PolicyRowBad as error:
        raise Refusal(error.where, error.reason, error.detail) from error
    rows = [_row(one) for one in changes(before, after)]
    answer: dict[str, Any] = {"before": before.version, "after": after.version, "rows": rows, "days": 0,
                              "gained": [], "lost": [], "changed": []}  # fmt: skip
    if home_of(args).exists():
        with Store.open(home_of(args), create=False) as store:
            found = effect(store, before, after, as_of=as_of(args), days=args.days)
        answer |= {
            "days": found.days, "gained": [_told(one) for one in found.gained],
            "lost": [_told(one) for one in found.lost],
            "changed": [{"before": _told(was), "after": _told(is_)} for was, is_ in found.changed],
        }  # fmt: skip
    if wants_json(args):
        show.document(answer)
    else:
        show.text(_lines(answer))
    return 0


def _row(one: RowChange) -> dict[str, Any]:
    change = "new" if one.before is None else "gone" if one.after is None else "changed"
    said = {name: (getattr(one.before, name), getattr(one.after, name)) for name in one.fields}
    return {"ref": one.ref, "change": change, "fields": {name: [str(a), str(b)] for name, (a, b) in said.items()}}


def _told(one: Judged) -> dict[str, Any]:
    told, device = one.exceedance, one.device
    return {
        "id": one.id, "day": told.on.isoformat(), "mn": device.mn, "point": device.point, "pollutant": told.pollutant,
        "kind": told.kind, "worst": told.worst, "limit": told.limit, "count": len(told.over), "allowed": told.allowed,
        "rule": told.rule,
    }  # fmt: skip


def _lines(answer: dict[str, Any]) -> list[str]:
    lines = [f"{len(answer['rows'])} rows differ"]
    for row in answer["rows"]:
        said = "; ".join(f"{name}: {a} -> {b}" for name, (a, b) in row["fields"].items())
        lines.append(f"  {row['change']:8}{row['ref']}  {said}".rstrip())
    lines.append(f"{answer['days']} days of readings judged by both")
    for part in ("gained", "lost"):
        rows = [[one[name] for name in COLUMNS] for one in answer[part]]
        lines += ["", f"exceedances {part}: {len(rows)}", *(show.table(rows, COLUMNS) if rows else ())]
    rows = [[pair["after"][name] for name in COLUMNS] for pair in answer["changed"]]
    return [*lines, "", f"exceedances of other figures: {len(rows)}", *(show.table(rows, COLUMNS) if rows else ())]
