"""Deliveries of the offices: which came in, what a file would change, which later ones stand in an undo's way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Any

from enforcement.registry import RegistryFact
from enforcement.registry_json import said_by
from pipelines.records import Refused
from pipelines.store.canonical import from_instant, instant, sha256_of_text, to_json
from pipelines.store.home import Store
from pipelines.store.records import RegistryImport, SavedMapping, Undone
from pipelines.store.transaction import Asked

IMPORTS = """
SELECT i.*, u.by AS undone_by, u.at AS undone_at, u.reason AS undone_reason
FROM registry_import AS i LEFT JOIN registry_undo AS u ON u.import_id = i.id
"""
HELD = """
SELECT r.key, coalesce(r.valid_from, '') AS first_day, r.content_sha256, r.source_row, r.source_sha256,
       coalesce(i.office, '') AS office
FROM registry_row AS r LEFT JOIN registry_import AS i ON i.id = r.import_id
WHERE r.kind = ? AND r.superseded_at IS NULL
"""
CONTENT = """
SELECT content FROM registry_row
WHERE kind = ? AND key = ? AND coalesce(valid_from, '') = ? AND superseded_at IS NULL
"""
TITLE_OF = """
SELECT coalesce(json_extract(content, '$.name'), '') AS title FROM registry_row
WHERE kind = ? AND key = ? AND coalesce(valid_from, '') = ? AND superseded_at IS NULL
"""
SOURCES = """
SELECT f.sha256, f.name, coalesce((
    SELECT i.office FROM registry_import AS i WHERE i.file_sha256 = f.sha256 ORDER BY i.at DESC LIMIT 1
), '') AS office
FROM file AS f WHERE f.sha256 IN (SELECT source_sha256 FROM registry_row)
"""
NEWS = """
SELECT kind, max(at) AS at FROM (
    SELECT kind, received_at AS at FROM registry_row WHERE import_id IS NULL AND received_at <= :as_of
    UNION ALL SELECT kind, at FROM registry_import
    WHERE at <= :as_of AND imported + changed + unchanged > 0
        AND id NOT IN (SELECT import_id FROM registry_undo WHERE at <= :as_of)
) GROUP BY kind
"""


Name = tuple[str, str, str]
"""Which thing, from which day on: kind, key, first day of validity ("" where open)."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else than before, both as JSON values."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that the file makes and that is not held yet; `fields` is empty where the thing is new."""

    row: str
    kind: str
    key: str
    title: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """A statement that is held and that the file does not repeat. It stays; an office ends it by a last day."""

    kind: str
    key: str
    title: str
    source_sha256: str
    source_row: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a file would change. `refused` are rows that contradict an earlier row of the same file."""

    new: tuple[Change, ...]
    changed: tuple[Change, ...]
    unchanged: int
    gone: tuple[Gone, ...]
    refused: tuple[Refused, ...]

    @property
    def sha256(self) -> str:
        """Of what would be written: equal where the same file meets the same registry."""
        told = [
            [one.row, one.kind, one.key, [[f.field, f.old, f.new] for f in one.fields]]
            for one in (*self.new, *self.changed)
        ]
        return sha256_of_text(to_json([told, len(self.new), self.unchanged]))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that registry rows came from, and the office that gave it ("" where nobody named one)."""

    name: str
    office: str


def all_imports(store: Store) -> list[RegistryImport]:
    """Every import, youngest first, with its undo where it was undone."""
    return [_import_of(row) for row in store.rows(f"{IMPORTS} ORDER BY i.at DESC, i.id DESC")]


def get(asked: Asked, import_id: str) -> RegistryImport | None:
    """One import; None where there is none of that id."""
    row = asked.row(f"{IMPORTS} WHERE i.id = ?", (import_id,))
    return None if row is None else _import_of(row)


def compare(store: Store, kind: str, facts: Sequence[RegistryFact], *, office: str = "") -> Changes:
    """Say what the facts of a file would change in what is held now. Nothing is written.

    Args:
        store: the home.
        kind: of the facts; of several `kinds_of`.
        facts: in the order of the file's rows.
        office: who gave the file; what other named offices gave is then not missed in it.

    Returns:
        New, changed (field by field) and unchanged statements; those held that the file does not repeat.
    """
    with store.snapshot():
        held = {(one, row["key"], row["first_day"]): row for one in kinds_of(kind) for row in store.rows(HELD, (one,))}
        seen: dict[Name, str] = {}
        new, changed, unchanged, refused = [], [], 0, []
        for fact in facts:
            name = (fact.KIND, fact.key, "" if fact.valid_from is None else fact.valid_from.isoformat())
            content = said_by(fact)
            digest = sha256_of_text(to_json(content))
            if seen.setdefault(name, digest) != digest:
                refused.append(Refused(f"row {fact.source_row}", "registry_row_twice", f"{fact.KIND} {fact.key}"))
            elif name not in held:
                new.append(Change(fact.source_row, fact.KIND, fact.key, title_of(fact)))
            elif held[name]["content_sha256"] == digest:
                unchanged += 1
            else:
                before = store.row(CONTENT, name)
                fields = _differences(json.loads(before["content"]) if before else {}, content)
                changed.append(Change(fact.source_row, fact.KIND, fact.key, title_of(fact), fields))
        gone = _gone(store, {name: row for name, row in held.items() if name not in seen}, office)
    return Changes(tuple(new), tuple(changed), unchanged, gone, tuple(refused))


def kinds_of(kind: str) -> list[str]:
    """The kinds of a file: of a workbook with sheets of several kinds their names are joined by `+`."""
    return kind.split("+") if kind else []


def mappings(store: Store) -> list[SavedMapping]:
    """The mappings that hold now, by name."""
    return [
        _mapping_of(row)
        for row in store.rows("SELECT * FROM registry_mapping WHERE superseded_at IS NULL ORDER BY name")
    ]


def mapping(store: Store, name: str) -> SavedMapping | None:
    """The mapping that holds under a name; None where there is none."""
    row = store.row("SELECT * FROM registry_mapping WHERE name = ? AND superseded_at IS NULL", (name,))
    return None if row is None else _mapping_of(row)


def sources(store: Store) -> dict[str, SourceFile]:
    """The files that registry rows came from, by SHA-256."""
    return {row["sha256"]: SourceFile(row["name"], row["office"]) for row in store.rows(SOURCES)}


def news(store: Store, as_of: datetime) -> dict[str, datetime]:
    """When each kind was last heard of by an instant.

    A delivery without changes counts; one that was undone, or of which every row was refused, does not.
    """
    heard: dict[str, datetime] = {}
    for row in store.rows(NEWS, {"as_of": instant(as_of)}):
        for kind in kinds_of(row["kind"]):
            at = from_instant(row["at"])
            heard[kind] = max(at, heard.get(kind, at))
    return heard


def title_of(fact: RegistryFact) -> str:
    """What people call the thing; "" where it has no name."""
    return str(getattr(fact, "name", "") or "")


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    names = dict.fromkeys((*new, *old))
    return tuple(FieldChange(n, old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n))


def _gone(store: Store, rows: Mapping[Name, Row], office: str) -> tuple[Gone, ...]:
    found = []
    for name, row in rows.items():
        if not office or row["office"] in ("", office):
            title = store.row(TITLE_OF, name)
            found.append(
                Gone(name[0], name[1], title["title"] if title else "", row["source_sha256"], row["source_row"])
            )
    return tuple(found)


def _import_of(row: Row) -> RegistryImport:
    undone = None
    if row["undone_at"] is not None:
        undone = Undone(row["undone_by"], from_instant(row["undone_at"]), row["undone_reason"])
    return RegistryImport(
        id=row["id"], file_sha256=row["file_sha256"], file_name=row["file_name"], kind=row["kind"],
        office=row["office"], mapping_id=row["mapping_id"], crs=row["crs"],
        crs_evidence=json.loads(row["crs_evidence"]), encoding=row["encoding"], rows=row["rows"],
        imported=row["imported"], changed=row["changed"], unchanged=row["unchanged"], refused=row["refused"],
        by=row["by"], role=row["role"], at=from_instant(row["at"]), undone=undone,
    )  # fmt: skip


def _mapping_of(row: Row) -> SavedMapping:
    return SavedMapping(
        row["id"], row["name"], row["kind"], json.loads(row["content"]), row["by"], row["role"],
        from_instant(row["received_at"]),
    )  # fmt: skip
