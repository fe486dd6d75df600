"""The registry is told something: facts from a file, the district's outline, a layer of the basemap."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from enforcement.registry import RegistryFact
from pipelines.casework.acting import acting, noted
from pipelines.casework.people import permitted
from pipelines.errors import Refusal
from pipelines.records import Act, Refused, StoredFile
from pipelines.store import Store, files
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import flights
from pipelines.store.write import registry as write


@dataclass(frozen=True, slots=True)
class ImportDone:
    """What an import changed. `refused` are rows that contradict an earlier row of the same file."""

    act: Act
    imported: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...]


def import_registry(
    store: Store, facts: Sequence[RegistryFact], *, source: Path, by: str | None, at: datetime
) -> ImportDone:
    """Take in the facts of a registry file; its original is held.

    Args:
        store: the home.
        facts: read from `source`, each naming its SHA-256 and row.
        source: the file.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The counts; the act's id is the file's SHA-256, its state `imported`, or `unchanged` where the home knew it all.

    Raises:
        Refusal: the role may not, or the file changed while it was read.
        ValueError: a fact names another file.
    """
    permitted(store, by, "registry_import", at=at)
    held = _held(store, source, at)
    if any(fact.source_sha256 != held.sha256 for fact in facts):
        raise ValueError(f"a fact is not from {source.name}")
    with acting(store, by, "registry_import", at) as (tx, user):
        flights.insert_files(tx, None, [held])
        told = write.import_facts(tx, facts)
        counts = (told.imported, told.changed, told.unchanged, told.refused)
        if not tx.touched():
            return ImportDone(Act(held.sha256, "unchanged", first_entry_of_row(tx, "file", held.sha256)), *counts)
        payload = {
            "file": source.name,
            "imported": told.imported,
            "changed": told.changed,
            "unchanged": told.unchanged,
            "refused": len(told.refused),
        }
        entry = noted(tx, user, at=at, kind="registry_imported", subject=held.sha256, payload=payload)
        return ImportDone(Act(held.sha256, "imported", entry), *counts)


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
