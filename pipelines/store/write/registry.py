"""The registry as it is told: statements that did not change stay, changed ones end the old row and add a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from sqlite3 import Row
from typing import Any

from enforcement.place import Place
from enforcement.registry import RegistryFact
from enforcement.registry_json import said_by
from pipelines.records import Refused
from pipelines.store.canonical import instant, sha256_of_text, to_json
from pipelines.store.rows import insert_statement
from pipelines.store.transaction import Tx

AT_ONCE = 500
"""How many keys one question asks after; SQLite takes some thousands of values."""
CURRENT = """
SELECT id, kind, key, coalesce(valid_from, '') AS first_day, content_sha256, received_at FROM registry_row
WHERE kind = ? AND superseded_at IS NULL AND key IN ({places})
"""
END = "UPDATE registry_row SET superseded_at = :received_at, superseded_by_import = :import_id WHERE id = :ends"
COLUMNS = (
    "kind",
    "key",
    "enterprise_uscc",
    "valid_from",
    "valid_to",
    "received_at",
    "source_sha256",
    "source_row",
    "content_sha256",
    "content",
    "min_lon",
    "min_lat",
    "max_lon",
    "max_lat",
    "import_id",
)
Name = tuple[str, str, str]
"""Which thing, from which day on: kind, key, first day of validity ("" where open)."""
Cells = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What an import made of the rows: new ones, changed ones, those that say what was known, those it cannot use."""

    imported: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...] = ()
    repeated: tuple[tuple[int, str], ...] = ()
    """Of each statement that was held already: its `registry_row` and the row of the file that says it, too."""


def import_facts(tx: Tx, facts: Iterable[RegistryFact], *, import_id: str | None = None) -> Told:
    """Take in registry facts.

    Two statements are of one thing where kind, key and first day of validity are the same. The earlier one ends at the
    instant at which the later one was received.

    Args:
        tx: the transaction, in which the source file is written already.
        facts: from one or more files, each with its `received_at`, `source_sha256` and `source_row`.
        import_id: of the `registry_import` that brought them; it is kept with the rows that it writes and those that it
            ends. The row of that import has to be there when the transaction ends.

    Returns:
        The counts. Of two different statements about one thing in the same import the first stands, the second is
        refused (`registry_row_twice`). So is one that was received before the statement that it would end
        (`registry_received_earlier`): what the registry said at a past instant does not change.
    """
    said: dict[Name, Cells] = {}
    refused, again = [], 0
    for fact in facts:
        cells = _cells(fact, import_id)
        name = (cells["kind"], cells["key"], cells["valid_from"] or "")
        first = said.setdefault(name, cells)
        if first["content_sha256"] != cells["content_sha256"]:
            refused.append(Refused(f"row {fact.source_row}", "registry_row_twice", f"{name[0]} {name[1]}"))
        elif first is not cells:
            again += 1
    held = _current(tx, said)
    new, changed, late = _news(said, held)
    refused += late
    tx.executemany(END, changed)
    tx.executemany(insert_statement("registry_row", COLUMNS), (*new, *changed))
    unchanged = len(said) - len(new) - len(changed) - len(late) + again
    return Told(len(new), len(changed), unchanged, tuple(refused), _repeated(said, held))


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


def _current(tx: Tx, said: Iterable[Name]) -> dict[Name, Row]:
    """What is held now of the things that are spoken of. As many questions as the import is long, not the registry."""
    keys: dict[str, dict[str, None]] = {}
    for kind, key, _ in said:
        keys.setdefault(kind, {})[key] = None
    held = {}
    for kind, of_kind in keys.items():
        asked = list(of_kind)
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            question = CURRENT.format(places=", ".join("?" * len(some)))
            for row in tx.rows(question, (kind, *some)):
                held[row["kind"], row["key"], row["first_day"]] = row
    return held


def _news(said: Mapping[Name, Cells], held: Mapping[Name, Row]) -> tuple[list[Cells], list[Cells], list[Refused]]:
    new, changed, late = [], [], []
    for name, cells in said.items():
        row = held.get(name)
        if row is None:
            new.append(cells)
        elif row["content_sha256"] == cells["content_sha256"]:
            continue
        elif row["received_at"] > cells["received_at"]:
            detail = f"{name[0]} {name[1]}: {row['received_at']}"
            late.append(Refused(f"row {cells['source_row']}", "registry_received_earlier", detail))
        else:
            changed.append(cells | {"ends": row["id"]})
    return new, changed, late


def _repeated(said: Mapping[Name, Cells], held: Mapping[Name, Row]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (int(row["id"]), str(said[name]["source_row"]))
        for name, row in held.items()
        if name in said and row["content_sha256"] == said[name]["content_sha256"]
    )


_instant = lru_cache(maxsize=64)(instant)
"""All rows of a file were received at one instant."""


def _cells(fact: RegistryFact, import_id: str | None) -> Cells:
    content = to_json(said_by(fact))
    place: Place | None = getattr(fact, "place", None)
    west, south, east, north = (None, None, None, None) if place is None else place.box
    return {
        "kind": fact.KIND,
        "key": fact.key,
        "enterprise_uscc": getattr(fact, "uscc", getattr(fact, "enterprise", None)),
        "valid_from": None if fact.valid_from is None else fact.valid_from.isoformat(),
        "valid_to": None if fact.valid_to is None else fact.valid_to.isoformat(),
        "received_at": _instant(fact.received_at),
        "source_sha256": fact.source_sha256,
        "source_row": fact.source_row,
        "content_sha256": sha256_of_text(content),
        "content": content,
        "min_lon": west,
        "min_lat": south,
        "max_lon": east,
        "max_lat": north,
        "import_id": import_id,
    }
