"""Taking an office's file into the registry, and setting the district's outline: read, then store as an act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely

from geo.errors import GeoError
from pipelines.casework.people import permitted
from pipelines.casework.registry import set_district
from pipelines.casework.registry_imports import Progress, Wishes, read_file, take_in
from pipelines.casework.registry_mapping import UsedMapping
from pipelines.errors import Refusal
from pipelines.registry_import import Outline, read_outline
from pipelines.registry_import.refused import refused_table
from pipelines.store import Store

Item = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a registry file. Items are (row, reason, detail); `bad_rows` is a file of the refused rows."""

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
    import_id: str | None = None
    mapping: UsedMapping | None = None
    office: str = ""
    bad_rows: bytes = b""


def import_file(
    store: Store,
    path: Path,
    *,
    by: str | None,
    at: datetime,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | str | None = None,
    kind: str | None = None,
    sheet: str | None = None,
    office: str = "",
    progress: Progress | None = None,
) -> Imported:
    """Import a registry file; its original is held as evidence, its good rows are in, its bad ones are named.

    `mapping` is a saved name, a JSON file or the mapping itself; without it the saved one with the file's headings is
    used, where there is one. `office` is who gave the file; without it the name of the saved mapping.

    Raises:
        Refusal: the role may not, the file cannot be read, or nobody can say what its rows are.
    """
    permitted(store, by, "registry_import", at=at)
    wishes = Wishes(crs=crs, encoding=encoding, kind=kind, sheet=sheet, mapping=mapping, office=office)
    reading = read_file(store, path, wishes, at=at, progress=progress)
    read, done = reading.file, take_in(store, reading, by=by, at=at)
    twice = [(refused.item, refused.reason, refused.detail) for refused in done.refused]
    return Imported(
        kind=read.kind, rows=read.row_count, imported=done.imported, changed=done.changed, unchanged=done.unchanged,
        refused=(*read.refused, *twice), warnings=read.warnings, crs=read.crs, crs_evidence=read.crs_evidence,
        encoding=read.encoding, import_id=done.import_id, mapping=reading.mapping, office=reading.office,
        bad_rows=refused_table(read.to_correct),
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
