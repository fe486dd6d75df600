"""Asking the registry: which firm is meant, what it holds, what stands under a key, and since when that is known."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from rapidfuzz import fuzz, process

from enforcement import uscc
from enforcement.permission import Holdings
from enforcement.registry import KINDS, Enterprise, Fact, Filing, Permit, PermitLimit, PermitOutlet, RegistryFact
from enforcement.same_firm import SameFirm
from geo.types import LonLat
from pipelines.errors import Refusal
from pipelines.store.canonical import from_instant, instant
from pipelines.store.home import Store
from pipelines.store.read import registry, same_firm
from pipelines.store.read.registry import fact_of
from pipelines.store.read.registry_index import RegistryIndex

SUGGESTED = 3
OF_FIRM = """
SELECT * FROM registry_row
WHERE enterprise_uscc IN ({places}) AND received_at <= ? AND (superseded_at IS NULL OR superseded_at > ?)
ORDER BY kind, key, coalesce(valid_from, ''), received_at, id
"""
OF_KEY = """
SELECT * FROM registry_row
WHERE kind = ? AND key = ? AND received_at <= ? AND (superseded_at IS NULL OR superseded_at > ?)
ORDER BY coalesce(valid_from, ''), received_at, id
"""
NAMES = """
SELECT key, json_extract(content, '$.name') AS name, coalesce(json_extract(content, '$.former_names'), '[]') AS former
FROM registry_row
WHERE kind = :kind AND received_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of)
  AND (valid_from IS NULL OR valid_from <= :day) AND (valid_to IS NULL OR valid_to >= :day)
ORDER BY key, coalesce(valid_from, ''), received_at, id
"""
KINDS_OF_KEY = "SELECT DISTINCT kind FROM registry_row WHERE received_at <= ? AND key = ? AND kind IN ({places})"
IN_BOX = """
SELECT DISTINCT kind, key FROM registry_row
WHERE min_lon <= :east AND max_lon >= :west AND min_lat <= :north AND max_lat >= :south
  AND received_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of)
ORDER BY kind, key
"""
METRES_A_DEGREE = 110_000.0
"""A degree of latitude, rounded down: the box may take a little too much, never too little."""
SINCE = "SELECT min(received_at) AS at FROM registry_row WHERE kind = ? AND key = ?"
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Known:
    """A statement that stood at an instant, and when its thing was first heard of."""

    fact: RegistryFact
    known_since: datetime


def firm_called(store: Store, text: str, as_of: datetime) -> Enterprise:
    """The firm that somebody means: by its code or key, by its name, by a former name.

    Raises:
        Refusal: `firm_unknown` with the nearest names, or `firm_ambiguous` with the codes of those that have the name.
    """
    decided = same_firm.decided(store, as_of)
    for key in (text.strip(), uscc.normalised(text)):
        found = standing(store, Enterprise.KIND, decided.key_of(key) or "", as_of)
        if isinstance(found, Enterprise):
            return found
    wanted, names = _told(text), _names(store, as_of)
    for of_firm in (lambda called: called[:1], lambda called: called[1:]):
        keys = {decided.key_of(key) or key for key, called in names.items() if wanted and wanted in of_firm(called)}
        if len(keys) > 1:
            raise Refusal(text, "firm_ambiguous", ", ".join(sorted(keys)))
        for key in keys:
            found = standing(store, Enterprise.KIND, key, as_of)
            if isinstance(found, Enterprise):
                return found
    raise Refusal(text, "firm_unknown", _nearest(wanted, names))


def holder_called(store: Store, text: str, as_of: datetime) -> tuple[str, str]:
    """Key and name of the firm that somebody means, also of one of which only permits are held.

    Raises:
        Refusal: as `firm_called`.
    """
    try:
        firm = firm_called(store, text, as_of)
    except Refusal as unknown:
        code = uscc.normalised(text)
        permits = [fact for fact in of_firm(store, code, as_of) if isinstance(fact, Permit)]
        if unknown.reason != "firm_unknown" or not permits:
            raise
        return code, permits[-1].name
    return firm.uscc, firm.name


def _names(store: Store, as_of: datetime) -> dict[str, list[str]]:
    """Of each firm that stands: its name, then its former names, as names are compared. No row is read whole."""
    span = {"kind": Enterprise.KIND, "as_of": instant(as_of), "day": registry.day_of(as_of).isoformat()}
    return {
        row["key"]: [_told(row["name"]), *(map(_told, json.loads(row["former"])) if row["former"] != "[]" else ())]
        for row in store.rows(NAMES, span)
    }


def holdings(store: Store, firm: str, as_of: datetime) -> Holdings:
    """All that was known of a firm's permits and filings at an instant, whatever days they hold.

    Args:
        store: the home.
        firm: its key.
        as_of: the instant.

    Returns:
        What `enforcement.permission.may_discharge` asks for; a permit of an entry that a person called the same firm is
        among it.
    """
    found = of_firm(store, firm, as_of)
    known = any(isinstance(fact, Enterprise) for fact in found)
    return Holdings(
        known, _only(found, Permit), _only(found, PermitOutlet), _only(found, PermitLimit), _only(found, Filing)
    )


def of_firm(store: Store, firm: str, as_of: datetime) -> list[RegistryFact]:
    """Every statement on a firm and on what is its, known at an instant, whatever days it holds."""
    at = instant(as_of)
    with store.snapshot():
        decided = same_firm.decided(store, as_of)
        keys = [firm, *(key for kind, key in decided.decided if kind == Enterprise.KIND and _is(decided, key, firm))]
        rows = store.rows(OF_FIRM.format(places=", ".join("?" * len(keys))), (*keys, at, at))
        for kind, key in decided.decided:
            if kind != Enterprise.KIND:
                rows += store.rows(OF_KEY, (kind, key, at, at))
    facts = {row["id"]: fact_of(row) for row in rows}
    return [fact for fact in decided.read(facts.values()) if _firm_of(fact) == firm]


def under(store: Store, key: str, as_of: datetime) -> list[Known]:
    """What stands under a key in any kind on the Beijing day of an instant, as known by then, one statement a kind."""
    found = []
    with store.snapshot():
        kinds = list(KINDS)
        asked = KINDS_OF_KEY.format(places=", ".join("?" * len(kinds)))
        for row in store.rows(asked, (instant(as_of), key, *kinds)):
            statement = standing(store, row["kind"], key, as_of)
            if statement is not None:
                found.append(Known(statement, known_since(store, row["kind"], key)))
    return found


def around(
    store: Store, place: LonLat, radius_m: float, as_of: datetime, *, on: date | None = None
) -> list[tuple[RegistryFact, float]]:
    """What is registered within a radius of one place, nearest first, with its metres; areas that hold it have 0.

    Asks for the rows whose box is near, so that one question need not read the registry. For many questions build a
    `RegistryIndex`.

    Args:
        store: the home.
        place: WGS 84.
        radius_m: metres.
        as_of: what was known then.
        on: what holds on that day; None: on the Beijing day of `as_of`.
    """
    high = radius_m / METRES_A_DEGREE
    wide = high / max(0.01, math.cos(math.radians(place.lat)))
    box = {"west": place.lon - wide, "east": place.lon + wide, "south": place.lat - high, "north": place.lat + high}
    with store.snapshot():
        rows = store.rows(IN_BOX, {**box, "as_of": instant(as_of)})
        facts = [standing(store, row["kind"], row["key"], as_of, on=on) for row in rows]
        read = same_firm.decided(store, as_of).read(fact for fact in facts if fact is not None)
    index = RegistryIndex.of(read)
    numbers, metres = index.around(place, radius_m)
    return [(index.facts[number], float(apart)) for number, apart in zip(numbers, metres, strict=True)]


def standing(store: Store, kind: str, key: str, as_of: datetime, *, on: date | None = None) -> RegistryFact | None:
    """The statement on one thing, known at an instant, that holds on a day (else on that of the instant), or None."""
    at, day = instant(as_of), on or registry.day_of(as_of)
    held = None
    for row in store.rows(OF_KEY, (kind, key, at, at)):
        fact = fact_of(row)
        if (fact.valid_from is None or fact.valid_from <= day) and (fact.valid_to is None or day <= fact.valid_to):
            held = fact
    return held


def known_since(store: Store, kind: str, key: str) -> datetime:
    """When a thing was first heard of.

    Raises:
        LookupError: it never was.
    """
    row = store.row(SINCE, (kind, key))
    if row is None or row["at"] is None:
        raise LookupError(f"{kind} {key}")
    return from_instant(row["at"])


def history_until(store: Store, kind: str, key: str, as_of: datetime) -> list[registry.Statement]:
    """The statements on one thing that were made by an instant, in order, each with its end as known then."""
    return [
        one if one.superseded_at is None or one.superseded_at <= as_of else replace(one, superseded_at=None)
        for one in registry.history(store, kind, key)
        if one.fact.received_at <= as_of
    ]


def _is(decided: SameFirm, key: str, firm: str) -> bool:
    return key != firm and decided.key_of(key) == firm


def _firm_of(fact: RegistryFact) -> str | None:
    found: str | None = getattr(fact, "uscc", getattr(fact, "enterprise", None))
    return found


def _only(facts: Iterable[RegistryFact], kind: type[F]) -> tuple[F, ...]:
    return tuple(fact for fact in facts if isinstance(fact, kind))


def _nearest(wanted: str, names: Mapping[str, Sequence[str]]) -> str:
    near = process.extract(
        wanted, {key: called[0] for key, called in names.items()}, scorer=fuzz.WRatio, limit=SUGGESTED
    )
    return "; ".join(f"{name} {key}" for name, _, key in near)


def _told(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
