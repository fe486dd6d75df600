"""`yaoxun alerts …` and `weekly plan`: reading the queue, drafting Monday's list."""

from __future__ import annotations

import argparse
import os
from datetime import date
from typing import TYPE_CHECKING, Any

from enforcement.weekly import FirmFacts, WeeklyReason, WeeklyTarget
from pipelines.cli import show
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json
from pipelines.errors import Refusal
from pipelines.records import AlertView, Reason, Status, Verdict, WeeklyPlan

if TYPE_CHECKING:
    from pipelines.store import Store


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    listing = commands.add("alerts list", alerts_list, "the alerts, as they were known at --as-of", looks_back=True)
    listing.add_argument("--open", action="store_true", help="only those on which nobody has said a word")
    one = commands.add(
        "alerts show", alerts_show, "one alert: why it fired, how sure, what else, whose", looks_back=True
    )
    one.add_argument("alert", metavar="ID")
    plan = commands.add(
        "weekly plan", weekly_plan, "draft the ranked targets of a week (a person freezes them)", looks_back=True
    )
    plan.add_argument("--week", required=True, metavar="WEEK", help="ISO week, 2026-W48")
    plan.add_argument("--targets", type=int, required=True, metavar="N")
    plan.add_argument("--seed", type=int, required=True, metavar="S", help="seed of the random arm")


def alerts_list(args: argparse.Namespace) -> int:
    """`alerts list`."""
    from pipelines.store import Store
    from pipelines.store.read import alerts

    with Store.open(home_of(args), create=False) as store:
        views = alerts.views(store, as_of(args), user=user_of(args), only_open=args.open)
    rows = [alert_document(view) for view in views]
    if wants_json(args):
        show.document({"alerts": rows})
        return 0
    columns = ("id", "kind", "confidence", "lon", "lat", "sigma_major_m", "observed_at", "answer", "state")
    show.text(show.table([[row[c] for c in columns] for row in rows], columns))
    return 0


def alerts_show(args: argparse.Namespace) -> int:
    """`alerts show ID`."""
    from pipelines.store import Store
    from pipelines.store.read import alerts, checks, fused

    with Store.open(home_of(args), create=False) as store:
        view = alerts.view(store, args.alert, as_of(args), user=user_of(args))
        placed = fused.of_alert(store, args.alert, as_of=as_of(args))
        words = alerts.verdicts(store, args.alert, as_of=as_of(args))
        found = checks.findings(store, as_of(args), alert_id=args.alert)
    row = alert_document(view) | {
        "why": [_said(r) for r in view.alert.why], "could_also_be": [_said(r) for r in view.alert.alternatives],
        "verdicts": [_word(v) for v in words],
        "findings": [
            {
                "id": f.id, "lead": f.lead_id, "found": f.found, "really": f.really, "text": f.text,
                "seen_on": f.seen_on.isoformat(), "by": f.signed.by, "at": f.signed.at,
            }
            for f in found
        ],
        "frame": view.frame_id, "flight": view.flight_id, "box": list(view.detection.box), "attributed_at": placed,
    }  # fmt: skip
    if wants_json(args):
        show.document(row)
    else:
        show.text(_lines(row))
    return 0


def _word(verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.id, "value": verdict.value, "by": verdict.by, "role": verdict.role, "at": verdict.at,
        "reason": verdict.reason, "really": verdict.really, "duplicate_of": verdict.duplicate_of,
        "needs_second": verdict.needs_second, "seconds": verdict.seconds, "undoes": verdict.undoes,
        "simulated": verdict.simulated,
    }  # fmt: skip


def _said(reason: Reason | WeeklyReason) -> dict[str, Any]:
    return {"reason": reason.code, "values": dict(reason.values), "text": show.say(reason.code, reason.values, "en")}


def _lines(row: dict[str, Any]) -> list[str]:
    lines = []
    for key, value in row.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"{key}:")
            lines += [f"  {item.get('text') or '  '.join(f'{k} {v}' for k, v in item.items())}" for item in value]
        else:
            lines.append(f"{key:<16} {value}")
    return lines


def alert_document(view: AlertView) -> dict[str, Any]:
    """An alert in the form of the command line's JSON."""
    alert, answer = view.alert, view.attribution
    return {
        "id": alert.id, "kind": alert.kind, "probability": alert.probability, "confidence": alert.confidence,
        "lon": alert.ground.lon, "lat": alert.ground.lat, "sigma_major_m": alert.ground.sigma_major_m,
        "sigma_minor_m": alert.ground.sigma_minor_m, "sigma_azimuth_deg": alert.ground.sigma_azimuth_deg,
        "observed_at": alert.observed_at, "observations": view.observations,
        "candidates": [
            {
                "enterprise": c.enterprise, "kind": c.kind, "id": c.id, "name": c.name,
                "probability": c.probability, "distance_m": c.distance_m,
            }
            for c in answer.candidates
        ],
        "none_registered": answer.none_registered, "cannot_tell": answer.cannot_tell, "answer": answer.answer,
        "named": answer.named, "answer_reason": answer.reason, "state": view.state,
        "verdict": view.verdict.value if view.verdict else None,
    }  # fmt: skip


def weekly_plan(args: argparse.Namespace) -> int:
    """`weekly plan --week W --targets N --seed S`."""
    from pipelines.draft_week import monday_of
    from pipelines.store import Store

    try:
        monday = monday_of(args.week)
    except ValueError as error:
        raise Refusal(args.week, "not_an_iso_week", str(error)) from error
    if args.targets < 1:
        raise Refusal("--targets", "bad_usage", "at least one target")
    if not 0 <= args.seed < 2**63:
        raise Refusal("--seed", "bad_usage", "a whole number from 0 to 2^63 - 1")
    with Store.open(home_of(args)) as store:
        plan = _drafted(store, args)
        beyond = _beyond(store, args, monday)
    if wants_json(args):
        left = [{"enterprise": firm.enterprise, "name": firm.name} for firm in beyond]
        show.document(plan_document(plan) | {"mandated_beyond": left})
    else:
        show.text(_plan_lines(plan))
        show.text(f"mandated, but beyond the {args.targets} targets: {firm.name}" for firm in beyond)
    return 0


def _drafted(store: Store, args: argparse.Namespace) -> WeeklyPlan:
    """The draft with these figures; the same facts give the one that is there.

    Raises:
        Refusal: no rule holds that week, or there is nothing to draft from.
    """
    from pipelines.casework.people import permitted
    from pipelines.engine import work
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store.read import runs, weekly

    if user_of(args) is not None:
        permitted(store, user_of(args), "run_request")
    context = Context.at(as_of(args), load(store.home, os.environ))
    work.draft(store, context, args.week, targets=args.targets, seed=args.seed)
    state = runs.states(store, "draft_week").get(args.week)
    if state is not None and state.status is Status.REFUSED:
        raise Refusal(args.week, str(state.reason), state.detail)
    plan = weekly.latest(store, args.week)
    if plan is None:
        raise Refusal(args.week, "no_draft")
    return plan


def _beyond(store: Store, args: argparse.Namespace, monday: date) -> tuple[FirmFacts, ...]:
    """Firms that must be visited and found no room."""
    from enforcement import policy as law
    from enforcement.weekly import mandated_beyond
    from pipelines.store.read import firms

    facts = firms.facts(store, as_of(args))
    return mandated_beyond(facts, targets=args.targets, policy=law.load(), on=monday)


def plan_document(plan: WeeklyPlan) -> dict[str, Any]:
    """A weekly plan in the form of the command line's JSON."""
    return {
        "week": plan.week, "version": plan.version, "state": plan.state, "seed": plan.seed, "as_of": plan.as_of,
        "sha256": plan.sha256,
        "targets": [_target(t) for t in plan.targets],
        "exempt": [
            {"enterprise": e.enterprise, "name": e.name, "reason": e.reason, "until": _day(e.until)}
            for e in plan.exempt
        ],
    }  # fmt: skip


def _target(target: WeeklyTarget) -> dict[str, Any]:
    return {
        "rank": target.rank, "enterprise": target.enterprise, "name": target.name, "arm": target.arm,
        "score": target.score, "probability": target.probability, "propensity": target.propensity,
        "reasons": [_said(reason) for reason in target.reasons],
    }  # fmt: skip


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _plan_lines(plan: WeeklyPlan) -> list[str]:
    rows = [
        [t.rank, t.arm, t.name, t.enterprise, t.score, "; ".join(show.say(r.code, r.values, "en") for r in t.reasons)]
        for t in plan.targets
    ]
    lines = [f"week {plan.week}   version {plan.version}   {plan.state}   seed {plan.seed}"]
    lines += show.table(rows, ("rank", "arm", "firm", "credit code", "score", "why"))
    return lines + [f"exempt: {e.name} ({e.reason}, until {_day(e.until)})" for e in plan.exempt]
