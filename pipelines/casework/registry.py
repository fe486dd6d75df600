"""The registry is told something: facts from a file, the district's outline, a layer of the basemap."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from enforcement.registry import RegistryFact
from pipelines.casework.acting import acting, noted
from pipelines.casework.people import permitted
from pipelines.errors import Refusal
from pipelines.records import Act, Refused, StoredFile, User
from pipelines.store import Store, files, numbers
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.read.registry_imports import compare
from pipelines.store.records import RegistryImport
from pipelines.store.write import flights
from pipelines.store.write import registry as write
from pipelines.store.write import registry_imports as imports


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of a file beside its facts: how it was read, from whom it is, how many of its rows were refused."""

    kind: str
    rows: int
    refused: int = 0
    office: str = ""
    mapping_id: int | None = None
    crs: str = ""
    crs_evidence: Mapping[str, Any] = field(default_factory=dict)
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class ImportDone:
    """What an import changed. `refused` are rows that contradict an earlier row of the same file.

    `import_id` names it where it is to be undone; None where nothing was written.
    """

    act: Act
    import_id: str | None
    imported: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...]


def import_registry(
    store: Store,
    facts: Sequence[RegistryFact],
    *,
    source: Path,
    by: str | None,
    at: datetime,
    delivery: Delivery | None = None,
    changes_sha256: str | None = None,
) -> ImportDone:
    """Take in the facts of a registry file; its original is held.

    Args:
        store: the home.
        facts: read from `source`, each naming its SHA-256 and row.
        source: the file.
        by: the account, or None for the local owner.
        at: when.
        delivery: what else is known of the file; None: only its facts.
        changes_sha256: of the changes that were looked at (`Changes.sha256`): those are taken in, no others.

    Returns:
        The counts; the act's id is the file's SHA-256, its state `imported`, or `unchanged` where the home knew it all.

    Raises:
        Refusal: the role may not, the file changed while it was read, or `registry_moved`.
        ValueError: a fact names another file.
    """
    permitted(store, by, "registry_import", at=at)
    held = _held(store, source, at)
    if any(fact.source_sha256 != held.sha256 for fact in facts):
        raise ValueError(f"a fact is not from {source.name}")
    given = delivery or Delivery(facts[0].KIND if facts else "", len(facts))
    with acting(store, by, "registry_import", at) as (tx, user):
        if changes_sha256 is not None:
            _refuse_moved(store, facts, given, changes_sha256, source.name)
        flights.insert_files(tx, None, [held])
        imports.rows_may_come_first(tx)
        number = numbers.next_id(tx, "registry_import", at)
        told = write.import_facts(tx, facts, import_id=number)
        counts = (told.imported, told.changed, told.unchanged, told.refused)
        if not tx.touched():
            entry = first_entry_of_row(tx, "file", held.sha256)
            return ImportDone(Act(held.sha256, "unchanged", entry, True), None, *counts)
        imports.insert_import(tx, _import_row(number, held, given, told, user, at))
        imports.insert_repeats(tx, number, told.repeated)
        payload = {
            "file": source.name,
            "import": number,
            "kind": given.kind,
            "office": given.office,
            "imported": told.imported,
            "changed": told.changed,
            "unchanged": told.unchanged,
            "refused": len(told.refused) + given.refused,
        }
        entry = noted(tx, user, at=at, kind="registry_imported", subject=held.sha256, payload=payload)
        return ImportDone(Act(held.sha256, "imported", entry), number, *counts)


def set_district(
    store: Store,
    *,
    name: str,
    outline_wkb: bytes,
    crs: str,
    area_km2: float,
    box: tuple[float, float, float, float],
    source: Path,
    by: str | None,
    at: datetime,
) -> Act:
    """Set the district's outline.

    Args:
        store: the home.
        name: the district's name.
        outline_wkb: WKB in lon, lat.
        crs: what the file was in.
        area_km2: of the outline, square kilometres.
        box: min lon, min lat, max lon, max lat.
        source: the file; its original is held.
        by: the account, or None for the local owner.
        at: when.

    Raises:
        Refusal: the role may not.
    """
    permitted(store, by, "district_set", at=at)
    held = _held(store, source, at)
    with acting(store, by, "district_set", at) as (tx, user):
        flights.insert_files(tx, None, [held])
        number = write.set_district(
            tx,
            name=name,
            outline_wkb=outline_wkb,
            crs=crs,
            area_km2=area_km2,
            box=box,
            source_sha256=held.sha256,
            at=at,
        )
        if not tx.touched():
            return Act(name, "unchanged", first_entry_of_row(tx, "district", str(number)))
        payload = {"crs": crs, "area_km2": area_km2, "file": source.name, "sha256": held.sha256}
        return Act(name, "set", noted(tx, user, at=at, kind="district_set", subject=name, payload=payload))


def set_basemap(store: Store, name: str, source: Path, *, by: str | None, at: datetime) -> Act:
    """Set a layer of the basemap.

    Args:
        store: the home.
        name: of the layer, as `water`.
        source: a GeoJSON FeatureCollection in lon, lat; its original is held.
        by: the account, or None for the local owner.
        at: when.

    Raises:
        Refusal: the role may not, or `not_a_feature_collection`.
    """
    permitted(store, by, "district_set", at=at)
    geojson = _feature_collection(source)
    held = _held(store, source, at)
    with acting(store, by, "district_set", at) as (tx, user):
        flights.insert_files(tx, None, [held])
        number = write.set_basemap(tx, name, geojson, source_sha256=held.sha256, at=at)
        if not tx.touched():
            return Act(name, "unchanged", first_entry_of_row(tx, "basemap_layer", str(number)))
        payload = {"file": source.name, "sha256": held.sha256}
        return Act(name, "set", noted(tx, user, at=at, kind="basemap_set", subject=name, payload=payload))


def _refuse_moved(
    store: Store, facts: Sequence[RegistryFact], given: Delivery, changes_sha256: str, file_name: str
) -> None:
    if compare(store, given.kind, facts, office=given.office).sha256 != changes_sha256:
        raise Refusal(file_name, "registry_moved")


def _import_row(
    number: str, held: StoredFile, given: Delivery, told: write.Told, user: User, at: datetime
) -> RegistryImport:
    return RegistryImport(
        id=number, file_sha256=held.sha256, file_name=held.name, kind=given.kind, office=given.office,
        mapping_id=given.mapping_id, crs=given.crs, crs_evidence=given.crs_evidence, encoding=given.encoding,
        rows=given.rows, imported=told.imported, changed=told.changed, unchanged=told.unchanged,
        refused=len(told.refused) + given.refused, by=user.id, role=user.role, at=at,
    )  # fmt: skip


def _feature_collection(source: Path) -> str:
    try:
        told = json.loads(source.read_text("utf-8"))
    except ValueError as error:
        raise Refusal(source.name, "not_a_feature_collection", str(error)) from error
    if not isinstance(told, dict) or told.get("type") != "FeatureCollection":
        raise Refusal(source.name, "not_a_feature_collection")
    return json.dumps(told, ensure_ascii=False)


def _held(store: Store, source: Path, at: datetime) -> StoredFile:
    sha256 = files.sha256_of(source)
    files.hold(store, source, sha256)
    media_type = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    return StoredFile(sha256, source.stat().st_size, source.name, media_type, at)
