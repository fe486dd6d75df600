"""The registry as it is told: statements that did not change stay, changed ones end the old row and add a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from enforcement.place import Place
from enforcement.registry import RegistryFact
from enforcement.registry_json import said_by
from pipelines.records import Refused
from pipelines.store.canonical import instant, sha256_of_text, to_json
from pipelines.store.rows import insert_statement
from pipelines.store.transaction import Tx

CURRENT = """
SELECT id, content_sha256 FROM registry_row
WHERE kind = ? AND key = ? AND coalesce(valid_from, '') = ? AND superseded_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What an import made of the rows: new ones, changed ones, those that say what was known, those it cannot use."""

    imported: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...] = ()


def import_facts(tx: Tx, facts: Iterable[RegistryFact]) -> Told:
    """Take in registry facts.

    Two statements are of one thing where kind, key and first day of validity are the same. The earlier one ends at the
    instant at which the later one was received.

    Args:
        tx: the transaction, in which the source file is written already.
        facts: from one or more files, each with its `received_at`, `source_sha256` and `source_row`.

    Returns:
        The counts. Of two different statements about one thing in the same import the first stands, the second is
        refused.
    """
    seen: dict[tuple[str, str, str], str] = {}
    counts = {"imported": 0, "changed": 0, "unchanged": 0}
    refused = []
    for fact in facts:
        cells = _cells(fact)
        name = (fact.KIND, fact.key, str(cells["valid_from"] or ""))
        digest = str(cells["content_sha256"])
        if seen.setdefault(name, digest) != digest:
            refused.append(Refused(f"row {fact.source_row}", "registry_row_twice", f"{name[0]} {name[1]}"))
            continue
        counts[_told(tx, name, cells)] += 1
    return Told(**counts, refused=tuple(refused))


def set_district(
    tx: Tx,
    *,
    name: str,
    outline_wkb: bytes,
    crs: str,
    area_km2: float,
    box: tuple[float, float, float, float],
    source_sha256: str,
    at: datetime,
) -> int:
    """Write the district's outline; the earlier one is ended. Where it is the same already nothing is written.

    Args:
        tx: the transaction.
        name: the district's name.
        outline_wkb: WKB in lon, lat.
        crs: what the file was in.
        area_km2: of the outline, in square kilometres.
        box: min lon, min lat, max lon, max lat.
        source_sha256: of the file.
        at: when it was learnt.

    Returns:
        The number of the row that holds now.
    """
    now = instant(at)
    same = "SELECT id FROM district WHERE superseded_at IS NULL AND name = ? AND outline_wkb = ? AND crs = ?"
    known = tx.row(same, (name, outline_wkb, crs))
    if known is not None:
        return int(known["id"])
    tx.execute("UPDATE district SET superseded_at = ? WHERE superseded_at IS NULL", (now,))
    cells = {
        "name": name,
        "outline_wkb": outline_wkb,
        "crs": crs,
        "area_km2": area_km2,
        "min_lon": box[0],
        "min_lat": box[1],
        "max_lon": box[2],
        "max_lat": box[3],
        "source_sha256": source_sha256,
        "received_at": now,
    }
    return tx.execute(insert_statement("district", cells), cells).lastrowid or 0


def set_basemap(tx: Tx, name: str, geojson: str, *, source_sha256: str, at: datetime) -> int:
    """Write a layer of the basemap; the earlier one of that name is ended. Where it is the same nothing is written.

    Returns:
        The number of the row that holds now.
    """
    now = instant(at)
    same = "SELECT id FROM basemap_layer WHERE superseded_at IS NULL AND name = ? AND geojson = ?"
    known = tx.row(same, (name, geojson))
    if known is not None:
        return int(known["id"])
    tx.execute("UPDATE basemap_layer SET superseded_at = ? WHERE superseded_at IS NULL AND name = ?", (now, name))
    cells = {"name": name, "geojson": geojson, "source_sha256": source_sha256, "received_at": now}
    return tx.execute(insert_statement("basemap_layer", cells), cells).lastrowid or 0


def _told(tx: Tx, name: tuple[str, str, str], cells: dict[str, object]) -> str:
    current = tx.row(CURRENT, name)
    if current is not None and current["content_sha256"] == cells["content_sha256"]:
        return "unchanged"
    if current is not None:
        tx.execute("UPDATE registry_row SET superseded_at = ? WHERE id = ?", (cells["received_at"], current["id"]))
    tx.execute(insert_statement("registry_row", cells), cells)
    return "imported" if current is None else "changed"


def _cells(fact: RegistryFact) -> dict[str, object]:
    content = to_json(said_by(fact))
    west, south, east, north = _box(getattr(fact, "place", None))
    return {
        "kind": fact.KIND,
        "key": fact.key,
        "enterprise_uscc": getattr(fact, "uscc", getattr(fact, "enterprise", None)),
        "valid_from": None if fact.valid_from is None else fact.valid_from.isoformat(),
        "valid_to": None if fact.valid_to is None else fact.valid_to.isoformat(),
        "received_at": instant(fact.received_at),
        "source_sha256": fact.source_sha256,
        "source_row": fact.source_row,
        "content_sha256": sha256_of_text(content),
        "content": content,
        "min_lon": west,
        "min_lat": south,
        "max_lon": east,
        "max_lat": north,
    }


def _box(place: Place | None) -> tuple[float | None, float | None, float | None, float | None]:
    if place is None:
        return None, None, None, None
    corners = [position for polygon in place.polygons for position in polygon[0]] or [(place.lon, place.lat)]
    lons, lats = [c[0] for c in corners], [c[1] for c in corners]
    return min(lons), min(lats), max(lons), max(lats)
