"""`yaoxun registry quality`: what is missing, contradictory or stale, and the rows that an office must mend."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from pipelines.cli import show
from pipelines.cli.parser import Commands, as_of, home_of, wants_json

if TYPE_CHECKING:
    from pipelines.casework.registry_review import Review
    from pipelines.registry_quality import RowAtFault

EXAMPLES = 5


def register(commands: Commands) -> None:
    """Add the command of this file."""
    commands.add(
        "registry quality", registry_quality, "what is missing, contradictory or stale, row by row", looks_back=True
    )


def registry_quality(args: argparse.Namespace) -> int:
    """`registry quality`."""
    from pipelines.casework.registry_review import review_registry
    from pipelines.settings import load
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        found = review_registry(store, as_of(args), load(store.home, os.environ).registry_quality)
    if wants_json(args):
        show.document(
            {
                "as_of": found.as_of,
                "findings": [
                    {"group": one.group, "check": one.check, "count": len(one.rows),
                     "rows": [_row(found, row) for row in one.rows]}
                    for one in found.findings
                ],
            }
        )  # fmt: skip
        return 0
    for one in found.findings:
        show.text([f"{one.group:<14}{one.check:<26}{len(one.rows):>6}"])
        show.text(f"    {_line(found, row)}" for row in one.rows[:EXAMPLES])
    if not found.findings:
        show.text(["nothing to mend"])
    return 0


def _row(found: Review, row: RowAtFault) -> dict[str, Any]:
    source = found.source_of(row)
    return {"kind": row.kind, "key": row.key, "title": row.title, "detail": row.detail, "office": source.office,
            "file": source.name, "source_sha256": row.source_sha256, "row": row.source_row}  # fmt: skip


def _line(found: Review, row: RowAtFault) -> str:
    where = f"{found.source_of(row).name} row {row.source_row}" if row.source_row else ""
    return "  ".join(part for part in (row.kind, row.key, row.title, row.detail, where) if part)
