"""The plans of a week."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from sqlite3 import Row

from enforcement.weekly import ExemptFirm, WeeklyReason, WeeklyTarget
from pipelines.records import WeeklyPlan
from pipelines.store.canonical import from_instant, from_instant_or_none, instant
from pipelines.store.home import Store
from pipelines.store.transaction import Asked


def plan_id(week: str, version: int) -> str:
    """The name of a plan, as 2026-W48/2."""
    return f"{week}/{version}"


def latest(store: Store, week: str, *, as_of: datetime | None = None) -> WeeklyPlan | None:
    """The week's youngest plan of those drafted by `as_of`, frozen if it was by then; None where there is none."""
    with store.snapshot():
        if as_of is None:
            return latest_in(store, week)
        sql = "SELECT * FROM weekly_plan WHERE week = ? AND drafted_at <= ? ORDER BY version DESC LIMIT 1"
        plan = _plan(store, store.row(sql, (week, instant(as_of))))
    if plan is not None and plan.frozen_at is not None and plan.frozen_at > as_of:
        return replace(plan, state="draft", frozen_by=None, frozen_at=None)
    return plan


def latest_in(asked: Asked, week: str) -> WeeklyPlan | None:
    """As `latest`, also inside a transaction."""
    return _plan(asked, asked.row("SELECT * FROM weekly_plan WHERE week = ? ORDER BY version DESC LIMIT 1", (week,)))


def frozen_in(asked: Asked, week: str) -> WeeklyPlan | None:
    """The week's frozen plan, also inside a transaction; None where nobody froze one."""
    return _plan(asked, asked.row("SELECT * FROM weekly_plan WHERE week = ? AND state = 'frozen'", (week,)))


def in_force(store: Store, week: str) -> WeeklyPlan | None:
    """The week's frozen plan, else its youngest draft, else None."""
    with store.snapshot():
        return frozen_in(store, week) or latest_in(store, week)


def weeks(store: Store) -> list[str]:
    """The weeks that have a plan, youngest first."""
    return [row[0] for row in store.rows("SELECT DISTINCT week FROM weekly_plan ORDER BY week DESC")]


def _plan(asked: Asked, row: Row | None) -> WeeklyPlan | None:
    if row is None:
        return None
    targets = asked.rows("SELECT * FROM weekly_target WHERE plan_id = ? ORDER BY rank", (row["id"],))
    exempt = asked.rows("SELECT * FROM weekly_exempt WHERE plan_id = ? ORDER BY id", (row["id"],))
    return WeeklyPlan(
        week=row["week"],
        version=row["version"],
        state=row["state"],
        as_of=from_instant(row["as_of"]),
        seed=row["seed"],
        targets=tuple(map(_target, targets)),
        exempt=tuple(map(_exempt, exempt)),
        sha256=row["sha256"],
        drafted_at=from_instant(row["drafted_at"]),
        frozen_by=row["frozen_by"],
        frozen_at=from_instant_or_none(row["frozen_at"]),
    )


def _target(row: Row) -> WeeklyTarget:
    reasons = tuple(WeeklyReason(r["code"], r["values"]) for r in json.loads(row["reasons"]))
    return WeeklyTarget(
        rank=row["rank"],
        enterprise=row["enterprise_uscc"],
        name=row["name"],
        arm=row["arm"],
        score=row["score"],
        probability=row["probability"],
        reasons=reasons,
        propensity=row["propensity"],
    )


def _exempt(row: Row) -> ExemptFirm:
    until = None if row["until"] is None else date.fromisoformat(row["until"])
    return ExemptFirm(row["enterprise_uscc"], row["name"], row["reason"], until, row["rule"] or "")
