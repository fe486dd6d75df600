"""The week's plan: drafts are added, one of them is frozen, a frozen one never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pipelines.records import Provenance, WeeklyPlan
from pipelines.store import rows
from pipelines.store.canonical import instant, sha256_of_text, to_json
from pipelines.store.read import weekly as read
from pipelines.store.transaction import Tx


def content_sha256(plan: WeeklyPlan) -> str:
    """SHA-256 of what a plan says: week, seed, targets with their reasons, exempt firms; not when it was made."""
    targets = [
        {**_as_stored(_target_cells(t)), "reasons": [{"code": r.code, "values": dict(r.values)} for r in t.reasons]}
        for t in plan.targets
    ]
    content = {
        "week": plan.week,
        "seed": plan.seed,
        "targets": targets,
        "exempt": [_exempt_cells(e) for e in plan.exempt],
    }
    return sha256_of_text(to_json(content))


def _as_stored(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Cells as the database gives them back: a whole number in a REAL column returns as a float."""
    real = ("score", "probability", "propensity")
    return {name: float(v) if name in real and v is not None else v for name, v in cells.items()}


def insert_draft(tx: Tx, plan: WeeklyPlan, provenance: Provenance) -> WeeklyPlan:
    """Write a draft beside the earlier ones.

    Args:
        tx: the transaction.
        plan: week, as_of, seed, targets, exempt, drafted_at; version, state and sha256 are given here.
        provenance: the run and the policy version whose rows decided.

    Returns:
        The draft with its version and hash. Where the week's youngest plan says the same, that one, and
        nothing is written.
    """
    latest = read.latest_in(tx, plan.week)
    digest = content_sha256(plan)
    if latest is not None and latest.sha256 == digest:
        return latest
    version = 1 if latest is None else latest.version + 1
    draft = replace(plan, version=version, state="draft", sha256=digest, frozen_by=None, frozen_at=None)
    _insert(tx, draft, provenance)
    return draft


def freeze(tx: Tx, plan: WeeklyPlan, *, by: str, at: datetime) -> WeeklyPlan:
    """Freeze a draft; that no other of its week is frozen is held by the database, too."""
    tx.execute(
        "UPDATE weekly_plan SET state = 'frozen', frozen_by = ?, frozen_at = ?"
        " WHERE week = ? AND version = ? AND state = 'draft'",
        (by, instant(at), plan.week, plan.version),
    )
    return replace(plan, state="frozen", frozen_by=by, frozen_at=at)


def _insert(tx: Tx, draft: WeeklyPlan, provenance: Provenance) -> None:
    plan_id = read.plan_id(draft.week, draft.version)
    cells: dict[str, Any] = {
        "id": plan_id,
        "week": draft.week,
        "version": draft.version,
        "state": draft.state,
        "as_of": instant(draft.as_of),
        "seed": draft.seed,
        "sha256": draft.sha256,
        "drafted_at": instant(draft.drafted_at),
        "run_id": provenance.run_id,
        "policy_version": provenance.policy_version,
    }
    tx.execute(rows.insert_statement("weekly_plan", cells), cells)
    for target in draft.targets:
        _add(
            tx,
            "weekly_target",
            {"plan_id": plan_id, **_target_cells(target), "reasons": rows.reasons_json(target.reasons)},
        )
    for firm in draft.exempt:
        _add(tx, "weekly_exempt", {"plan_id": plan_id, **_exempt_cells(firm)})


def _add(tx: Tx, table: str, cells: Mapping[str, Any]) -> None:
    tx.execute(rows.insert_statement(table, cells), cells)


def _target_cells(target: Any) -> dict[str, Any]:
    return {
        "rank": target.rank,
        "enterprise_uscc": target.enterprise,
        "name": target.name,
        "arm": target.arm,
        "score": target.score,
        "probability": target.probability,
        "propensity": target.propensity,
    }


def _exempt_cells(firm: Any) -> dict[str, Any]:
    until = None if firm.until is None else firm.until.isoformat()
    return {
        "enterprise_uscc": firm.enterprise, "name": firm.name, "reason": firm.reason, "until": until,
        "rule": firm.rule or None,
    }  # fmt: skip
