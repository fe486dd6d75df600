"""The registry at an instant: what held in the world that day, of what was known by then.

Rows of entries that a person called one firm are read under that firm (`enforcement.same_firm`); `held` and `history`
give each row in its own words.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from sqlite3 import Row
from typing import Any, TypeVar, cast

from enforcement.registry import (
    KINDS,
    BuildingSite,
    Complaint,
    Drain,
    Enterprise,
    Fact,
    Filing,
    Inspection,
    MonitorPoint,
    Outfall,
    Permit,
    PermitLimit,
    PermitOutlet,
    PositiveListing,
    Receptor,
    RegistryFact,
    WatchCamera,
)
from enforcement.registry_json import from_plain
from enforcement.same_firm import SameFirm
from pipelines.store.canonical import BEIJING, from_instant, instant, instant_or_none
from pipelines.store.home import Store
from pipelines.store.read import same_firm
from pipelines.store.records import District

AT = """
SELECT * FROM registry_row
WHERE received_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of)
  AND (valid_from IS NULL OR valid_from <= :day) AND (valid_to IS NULL OR valid_to >= :day)
  AND (:kind IS NULL OR kind = :kind)
ORDER BY kind, key, coalesce(valid_from, ''), received_at, id
"""
PLACED = """
SELECT kind, count(*) AS told, sum(min_lon IS NULL) AS unplaced FROM registry_row
WHERE received_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of)
  AND (valid_from IS NULL OR valid_from <= :day) AND (valid_to IS NULL OR valid_to >= :day)
GROUP BY kind
"""
EVER = """
SELECT * FROM registry_row
WHERE kind = :kind AND received_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of)
ORDER BY key, coalesce(valid_from, ''), id
"""
HISTORY = "SELECT * FROM registry_row WHERE kind = ? AND key = ? ORDER BY received_at, id"
DISTRICT = """
SELECT * FROM district
WHERE (:as_of IS NULL AND superseded_at IS NULL)
   OR (received_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of))
ORDER BY id DESC LIMIT 1
"""
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Registry:
    """What the registry says at one instant: of each thing the one statement that holds that day."""

    as_of: datetime
    enterprises: tuple[Enterprise, ...]
    sites: tuple[BuildingSite, ...]
    outfalls: tuple[Outfall, ...]
    monitor_points: tuple[MonitorPoint, ...]
    permits: tuple[Permit, ...]
    positive_listings: tuple[PositiveListing, ...]
    inspections: tuple[Inspection, ...]
    complaints: tuple[Complaint, ...]
    receptors: tuple[Receptor, ...]
    permit_outlets: tuple[PermitOutlet, ...] = ()
    permit_limits: tuple[PermitLimit, ...] = ()
    filings: tuple[Filing, ...] = ()
    drains: tuple[Drain, ...] = ()
    cameras: tuple[WatchCamera, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A registry fact with the span in which it was what the registry said."""

    fact: RegistryFact
    superseded_at: datetime | None


def at(store: Store, as_of: datetime) -> Registry:
    """The registry as it was known at an instant, of what holds on that Beijing day.

    Where several statements about one thing hold, the one with the latest first day counts.
    """
    found = _by_kind(store.rows(AT, _places(as_of)), same_firm.decided(store, as_of))
    return Registry(
        as_of=as_of,
        enterprises=_of(found, Enterprise),
        sites=_of(found, BuildingSite),
        outfalls=_of(found, Outfall),
        monitor_points=_of(found, MonitorPoint),
        permits=_of(found, Permit),
        positive_listings=_of(found, PositiveListing),
        inspections=_of(found, Inspection),
        complaints=_of(found, Complaint),
        receptors=_of(found, Receptor),
        permit_outlets=_of(found, PermitOutlet),
        permit_limits=_of(found, PermitLimit),
        filings=_of(found, Filing),
        drains=_of(found, Drain),
        cameras=_of(found, WatchCamera),
    )


def everything(store: Store, as_of: datetime, kinds: Collection[str] | None = None) -> list[RegistryFact]:
    """The facts of these kinds, or of all, that hold on the Beijing day of `as_of`, in the order of kind and key."""
    with store.snapshot():
        decided = same_firm.decided(store, as_of)
        rows = [row for kind in sorted(kinds or KINDS) for row in store.rows(AT, _places(as_of, kind))]
    return [fact for of_kind in _by_kind(rows, decided).values() for fact in of_kind.values()]


def facts(store: Store, kind: type[F], as_of: datetime) -> tuple[F, ...]:
    """The facts of one kind that hold on the Beijing day of `as_of`, as known by then."""
    return _of(_by_kind(store.rows(AT, _places(as_of, kind.KIND)), same_firm.decided(store, as_of)), kind)


def held(store: Store, kind: type[F], as_of: datetime) -> tuple[F, ...]:
    """As `facts`, each row in its own words: without people's decisions on which entries are one firm."""
    return _of(_by_kind(store.rows(AT, _places(as_of, kind.KIND)), SameFirm({})), kind)


def ever(store: Store, kind: type[F], as_of: datetime) -> tuple[F, ...]:
    """The facts of one kind known by an instant, whatever days they hold: events, past permits, past listings."""
    rows = store.rows(EVER, {"kind": kind.KIND, "as_of": instant(as_of)})
    read = same_firm.decided(store, as_of).read(fact_of(row) for row in rows)
    return tuple(cast(F, fact) for fact in read)


def unplaced(store: Store, as_of: datetime) -> dict[str, tuple[int, int]]:
    """Of each kind how many rows hold on the Beijing day of `as_of`, and how many of them have no place."""
    rows = store.rows(PLACED, {"as_of": instant(as_of), "day": day_of(as_of).isoformat()})
    return {row["kind"]: (row["told"], row["unplaced"]) for row in rows}


def history(store: Store, kind: str, key: str) -> list[Statement]:
    """Every statement ever made about one thing, in the order in which it was received."""
    rows = store.rows(HISTORY, (kind, key))
    return [
        Statement(fact_of(r), None if r["superseded_at"] is None else from_instant(r["superseded_at"])) for r in rows
    ]


def fact_of(row: Row) -> RegistryFact:
    """The fact that a row of `registry_row` holds."""
    content: dict[str, Any] = json.loads(row["content"])
    learnt = {"received_at": row["received_at"], "source_sha256": row["source_sha256"], "source_row": row["source_row"]}
    return from_plain(row["kind"], content | learnt)


def district(store: Store, as_of: datetime | None = None) -> District | None:
    """The district's outline, today's or as it was known at an instant; None where none was set."""
    row = store.row(DISTRICT, {"as_of": instant_or_none(as_of)})
    if row is None:
        return None
    box = (row["min_lon"], row["min_lat"], row["max_lon"], row["max_lat"])
    learnt = from_instant(row["received_at"])
    return District(row["name"], row["outline_wkb"], row["crs"], row["area_km2"], box, row["source_sha256"], learnt)


def basemap(store: Store) -> dict[str, str]:
    """The basemap's layers as GeoJSON text, by name."""
    sql = "SELECT name, geojson FROM basemap_layer WHERE superseded_at IS NULL ORDER BY name"
    return {row["name"]: row["geojson"] for row in store.rows(sql)}


def _places(as_of: datetime, kind: str | None = None) -> dict[str, str | None]:
    return {"as_of": instant(as_of), "day": day_of(as_of).isoformat(), "kind": kind}


def day_of(as_of: datetime) -> date:
    """The Beijing day of an instant."""
    return as_of.astimezone(BEIJING).date()


def _by_kind(rows: list[Row], decided: SameFirm) -> dict[str, dict[str, RegistryFact]]:
    found: dict[str, dict[str, RegistryFact]] = {}
    for fact in decided.read(fact_of(row) for row in rows):  # the later first day overwrites the earlier one
        found.setdefault(fact.KIND, {})[fact.key] = fact
    return found


def _of(found: dict[str, dict[str, RegistryFact]], kind: type[F]) -> tuple[F, ...]:
    return tuple(cast("dict[str, F]", found.get(kind.KIND, {})).values())
