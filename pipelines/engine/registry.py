"""Taking an office's file into the registry, and setting the district's outline: read, then store as an act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely

from geo.errors import GeoError
from pipelines.casework.registry import import_registry, set_district
from pipelines.errors import Refusal
from pipelines.registry_import import Outline, read_outline, read_registry
from pipelines.store import Store
from pipelines.store.read import registry as read_registry_rows

Item = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a registry file. Items are (row, reason, detail)."""

    kind: str
    rows: int
    imported: int
    changed: int
    unchanged: int
    refused: tuple[Item, ...]
    warnings: tuple[Item, ...]
    crs: str
    crs_evidence: Mapping[str, Any]
    encoding: str


def import_file(
    store: Store,
    path: Path,
    *,
    by: str | None,
    at: datetime,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    kind: str | None = None,
) -> Imported:
    """Import a registry file; its original is held as evidence, its good rows are in, its bad ones are named.

    Raises:
        Refusal: the role may not, the file cannot be read, or nobody can say what its rows are.
    """
    _require(path)
    try:
        read = read_registry(
            path, received_at=at, crs=crs, encoding=encoding, mapping=mapping, kind=kind, outline=_outline(store)
        )
    except GeoError as error:
        raise Refusal(path.name, error.reason, error.detail) from error
    done = import_registry(store, read.rows, source=path, by=by, at=at)
    twice = [(refused.item, refused.reason, refused.detail) for refused in done.refused]
    return Imported(
        kind=read.kind, rows=read.row_count, imported=done.imported, changed=done.changed, unchanged=done.unchanged,
        refused=(*read.refused, *twice), warnings=read.warnings, crs=read.crs, crs_evidence=read.crs_evidence,
        encoding=read.encoding,
    )  # fmt: skip


def set_outline(
    store: Store, path: Path, *, by: str | None, at: datetime, crs: str | None = None, name: str | None = None
) -> Outline:
    """Set the outline against which files are judged.

    Raises:
        Refusal: the role may not, or the file holds no outline.
    """
    _require(path)
    try:
        outline = read_outline(path, crs=crs, name=name)
    except GeoError as error:
        raise Refusal(path.name, error.reason, error.detail) from error
    set_district(
        store, name=outline.name, outline_wkb=bytes(shapely.to_wkb(outline.polygon)), crs=outline.crs,
        area_km2=outline.area_km2, box=outline.box, source=path, by=by, at=at,
    )  # fmt: skip
    return outline


def _require(path: Path) -> None:
    if not path.is_file():
        raise Refusal(str(path), "no_such_file")


def _outline(store: Store) -> shapely.Geometry | None:
    district = read_registry_rows.district(store)
    return None if district is None else shapely.from_wkb(district.outline_wkb)
