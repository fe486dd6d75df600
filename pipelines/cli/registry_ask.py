"""`yaoxun registry at`, `permits`, `may`, `show`, `history`: what the registry says of a place, a firm, a thing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipelines.cli import show
from pipelines.cli.parser import Commands, as_of, home_of, instant_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from enforcement.permission import Permission
    from enforcement.registry import RegistryFact

RADIUS_M = 200.0
ON = "of which instant it is asked, by what is known at --as-of; without it, of that one"


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    at = commands.add("registry at", registry_at, "what is registered at a place or around it", looks_back=True)
    at.add_argument("lon", metavar="LON", type=float)
    at.add_argument("lat", metavar="LAT", type=float)
    at.add_argument("--radius", metavar="M", type=float, default=RADIUS_M, help=f"metres (default {RADIUS_M:.0f})")
    at.add_argument("--on", metavar="TIME", help=ON)
    permits = commands.add("registry permits", registry_permits, "the permits of a firm, with limits", looks_back=True)
    permits.add_argument("firm", metavar="FIRM", help="its credit code or its name")
    permits.add_argument("--on", metavar="TIME", help=ON)
    may = commands.add(
        "registry may", registry_may, "may a firm discharge a pollutant? exit 3 where it may not", looks_back=True
    )
    may.add_argument("firm", metavar="FIRM", help="its credit code or its name")
    may.add_argument("pollutant", metavar="POLLUTANT", help="by name or code: COD, w01018")
    may.add_argument("--outlet", metavar="Z", default="", help="code of the outlet; without it, at any outlet")
    may.add_argument("--on", metavar="TIME", help=ON)
    one = commands.add("registry show", registry_show, "what stands under a key, and what is a firm's", looks_back=True)
    one.add_argument("key", metavar="KEY")
    past = commands.add("registry history", registry_history, "every statement ever made on a thing", looks_back=True)
    past.add_argument("kind", metavar="KIND")
    past.add_argument("key", metavar="KEY")


def _on(args: argparse.Namespace, known: datetime) -> datetime:
    """Of which instant it is asked."""
    return known if args.on is None else instant_of("--on", args.on)


def registry_at(args: argparse.Namespace) -> int:
    """`registry at LON LAT`."""
    from enforcement.errors import PlaceImpossible
    from enforcement.place import point
    from geo.crs import metric_crs_at
    from geo.types import LonLat
    from pipelines.store import Store
    from pipelines.store.read.registry import day_of as law_day
    from pipelines.store.read.registry_ask import around, known_since

    try:
        point(args.lon, args.lat)
    except PlaceImpossible as error:
        raise Refusal(error.where, error.reason, error.detail) from error
    if not 0 <= args.radius < float("inf"):
        raise Refusal(f"--radius {args.radius}", "bad_usage", "metres, 0 or more")
    now, place = as_of(args), LonLat(args.lon, args.lat)
    with Store.open(home_of(args), create=False) as store:
        on = _on(args, now)
        things = around(store, place, args.radius, now, on=law_day(on))
        found = [
            {**named(fact), "distance_m": round(apart, 2), "contains": _holds(fact, apart),
             "known_since": known_since(store, fact.KIND, fact.key), **dated(fact)}
            for fact, apart in things
        ]  # fmt: skip
    answer = {"lon": args.lon, "lat": args.lat, "radius_m": args.radius, "as_of": now, "on": on}
    answer["crs"] = metric_crs_at(place)
    if wants_json(args):
        show.document({**answer, "things": found})
        return 0
    rows = [
        (f"{one['distance_m']:.0f} m", one["kind"], one["key"], one["name"], day_of(one["known_since"]))
        for one in found
    ]
    show.text(show.table(rows, ("distance", "kind", "key", "name", "known since")))
    return 0


def registry_permits(args: argparse.Namespace) -> int:
    """`registry permits FIRM`."""
    from pipelines.store import Store
    from pipelines.store.read import registry_ask
    from pipelines.store.read.registry import day_of as law_day

    now = as_of(args)
    with Store.open(home_of(args), create=False) as store:
        on, (key, name) = law_day(_on(args, now)), registry_ask.holder_called(store, args.firm, now)
        held = registry_ask.holdings(store, key, now)
    found: list[dict[str, Any]] = [
        {**plain(permit), "in_force": _in_force(permit, on),
         "outlets": [plain(one) for one in held.outlets if one.permit_number == permit.permit_number],
         "outlets_named": list(permit.outlets),
         "limits": [plain(one) for one in held.limits if one.permit_number == permit.permit_number]}
        for permit in held.permits
    ]  # fmt: skip
    if wants_json(args):
        show.document({"firm": {"key": key, "name": name}, "as_of": now, "on": on.isoformat(), "permits": found})
        return 0
    show.text([f"{name}   {key}"])
    rows = [
        (one["permit_number"], one["valid_from"], one["valid_to"],
         one.get("state") or ("in force" if one["in_force"] else "not in force"),
         len(one["outlets"]) or len(one["outlets_named"]), len(one["limits"]))
        for one in found
    ]  # fmt: skip
    show.text(show.table(rows, ("permit", "from", "to", "state", "outlets", "limits")))
    return 0


def registry_may(args: argparse.Namespace) -> int:
    """`registry may FIRM POLLUTANT`: exit 3 where the answer is no."""
    from enforcement.permission import Answer, may_discharge
    from pipelines.store import Store
    from pipelines.store.read import registry_ask

    now = as_of(args)
    with Store.open(home_of(args), create=False) as store:
        on, (key, name) = _on(args, now), registry_ask.holder_called(store, args.firm, now)
        said = may_discharge(registry_ask.holdings(store, key, now), args.pollutant, args.outlet, on)
    if wants_json(args):
        show.document({"firm": {"key": key, "name": name}, "pollutant": args.pollutant, "outlet": args.outlet,
                       "as_of": now, "on": on, **_answer(said)})  # fmt: skip
    else:
        show.text([f"{said.answer.value}: {show.sentence(said.reason.value)}", *_rows(said)])
    return 3 if said.answer is Answer.NO else 0


def registry_show(args: argparse.Namespace) -> int:
    """`registry show KEY`."""
    from pipelines.store import Store
    from pipelines.store.read import registry_ask

    now = as_of(args)
    with Store.open(home_of(args), create=False) as store:
        found = registry_ask.under(store, args.key, now)
        own = [fact for fact in registry_ask.of_firm(store, args.key, now) if fact.key != args.key]
    if not found and not own:
        raise Refusal(args.key, "registry_key_unknown")
    things: list[dict[str, Any]] = [
        {**plain(one.fact), "kind": one.fact.KIND, "known_since": one.known_since} for one in found
    ]
    if wants_json(args):
        show.document({"key": args.key, "as_of": now, "things": things, "of_firm": [named(fact) for fact in own]})
        return 0
    for one in things:
        show.text([f"{one['kind']} {args.key}"])
        show.text(f"    {name:<18}{value}" for name, value in one.items() if value not in (None, "", []))
    show.text(show.table([tuple(named(fact).values())[:3] for fact in own], ("kind", "key", "name")) if own else [])
    return 0


def registry_history(args: argparse.Namespace) -> int:
    """`registry history KIND KEY`."""
    from enforcement.registry import KINDS
    from pipelines.store import Store
    from pipelines.store.read.registry_ask import history_until

    if args.kind not in KINDS:
        raise Refusal(args.kind, "registry_kind_unknown", f"one of {', '.join(KINDS)}")
    now = as_of(args)
    with Store.open(home_of(args), create=False) as store:
        statements = history_until(store, args.kind, args.key, now)
    if not statements:
        raise Refusal(f"{args.kind} {args.key}", "registry_key_unknown")
    told: list[dict[str, Any]] = [
        {"received_at": one.fact.received_at, "superseded_at": one.superseded_at,
         "changed": changed(before.fact if before else None, one.fact), "fact": plain(one.fact)}
        for before, one in zip([None, *statements[:-1]], statements, strict=True)
    ]  # fmt: skip
    if wants_json(args):
        show.document({"kind": args.kind, "key": args.key, "as_of": now, "statements": told})
        return 0
    rows = [
        (day_of(one["received_at"]), day_of(one["superseded_at"]), one["fact"]["valid_from"], one["fact"]["valid_to"],
         ", ".join(one["changed"]), one["fact"]["source_row"])
        for one in told
    ]  # fmt: skip
    show.text(show.table(rows, ("told on", "until", "valid from", "valid to", "changed", "row")))
    return 0


def plain(fact: RegistryFact) -> dict[str, Any]:
    """A fact as JSON."""
    from enforcement.registry_json import to_plain

    return to_plain(fact)


def named(fact: RegistryFact) -> dict[str, Any]:
    """What a thing is called: kind, key, name, and the firm behind it."""
    firm = getattr(fact, "uscc", getattr(fact, "enterprise", None))
    return {"kind": fact.KIND, "key": fact.key, "name": getattr(fact, "name", ""), "enterprise": firm}


def dated(fact: RegistryFact) -> dict[str, Any]:
    """When a statement holds, when it was learnt, and from which row of which file."""
    return {
        "valid_from": None if fact.valid_from is None else fact.valid_from.isoformat(),
        "valid_to": None if fact.valid_to is None else fact.valid_to.isoformat(),
        "received_at": fact.received_at,
        "source_sha256": fact.source_sha256,
        "source_row": fact.source_row,
    }


def changed(before: RegistryFact | None, after: RegistryFact) -> list[str]:
    """The fields in which a statement differs from the one before."""
    from enforcement.registry_json import said_by

    if before is None:
        return []
    old, new = said_by(before), said_by(after)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def day_of(at: datetime | None) -> str:
    """The Beijing day of an instant; "" for none."""
    from pipelines.clock import BEIJING

    return "" if at is None else at.astimezone(BEIJING).date().isoformat()


def _holds(fact: RegistryFact, distance_m: float) -> bool:
    place = getattr(fact, "place", None)
    return place is not None and place.is_area and distance_m == 0


def _in_force(permit: Any, day: Any) -> bool:
    begun = permit.valid_from is None or permit.valid_from <= day
    return begun and (permit.valid_to is None or day <= permit.valid_to) and not permit.state


def _answer(said: Permission) -> dict[str, Any]:
    return {
        "answer": said.answer.value,
        "reason": said.reason.value,
        "permit": None if said.permit is None else plain(said.permit),
        "permit_outlet": None if said.outlet is None else plain(said.outlet),
        "limits": [plain(one) for one in said.limits],
        "filings": [plain(one) for one in said.filings],
    }


def _rows(said: Permission) -> Sequence[str]:
    lines = []
    if said.permit is not None:
        lines.append(f"    permit {said.permit.permit_number}   {said.permit.valid_from} to {said.permit.valid_to}")
    for one in said.limits:
        figure = " to ".join(f"{value:g}" for value in (one.value_low, one.value) if value is not None)
        lines.append(f"    limit  {one.outlet or 'whole firm'}   {figure} {one.unit} {one.what} a {one.period}")
    lines += [
        f"    filing {one.filing_id}   {one.filing_kind} {one.starts_at} to {one.ends_at}" for one in said.filings
    ]
    return lines
