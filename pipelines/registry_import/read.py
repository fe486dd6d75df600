"""A registry file, read: the good rows as facts, the bad ones with number and reason, and the CRS with its evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely

from enforcement.errors import EnforcementError
from enforcement.place import Place, area, point
from enforcement.registry import KINDS, Placed, RegistryFact
from pipelines.errors import Refusal
from pipelines.registry_import.cells import Row
from pipelines.registry_import.datum import CANNOT_TELL, Told, crs_of, moved
from pipelines.registry_import.facts import FileSource, RowPlace, fact_of
from pipelines.registry_import.headings import Recognised, recognise
from pipelines.registry_import.places import RawPlace, raw_place
from pipelines.registry_import.table import Grid, data_rows, read_grid

HEADING_ROWS_LOOKED_AT = 10
NO_DATA = ("合计", "总计", "小计", "备注", "注:", "注：", "说明", "制表", "填表")
Item = tuple[str, str, str]  # what it is about, reason word, what exactly was seen


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """What a file gave. `rows` are the facts of its good rows; `row_count` counts every row that held anything."""

    rows: tuple[RegistryFact, ...]
    refused: tuple[Item, ...]
    warnings: tuple[Item, ...]
    crs: str  # a CRS name, or cannot_tell
    crs_evidence: Mapping[str, Any]
    encoding: str
    kind: str
    row_count: int
    sha256: str


def read_registry(
    path: Path,
    *,
    received_at: datetime,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    kind: str | None = None,
    outline: shapely.Geometry | None = None,
) -> RegistryFile:
    """Read a registry file. Nothing is stored.

    Args:
        path: CSV, XLSX, GeoJSON, GeoPackage or a zipped Shapefile.
        received_at: aware; put on every fact.
        crs: what the file's places are in, where somebody knows; else it is tested.
        encoding: of a text file; else UTF-8 and GB18030 are tried.
        mapping: our field to the file's heading.
        kind: what the rows are, where the headings leave it open.
        outline: the district, lon and lat, WGS 84, for the test of the CRS.

    Returns:
        Facts in the order of the rows. Where the CRS cannot be told they have no place, only what the file said.

    Raises:
        Refusal: the whole file cannot be used.
        UnknownCrs: `crs` is none.
    """
    grid = read_grid(path, encoding=encoding)
    header, found = _headings(path.name, grid, mapping, kind)
    refused: list[Item] = []
    rows = [Row(number, tuple(cells), found.columns) for number, cells in data_rows(grid.rows, header)]
    if not rows:
        raise Refusal(path.name, "registry_empty", f"headings of {found.kind}, and no row below them")
    data = [row for row in rows if not _is_no_data(row, grid.rows[header + row.number], refused)]
    placed, told, outside = _places(data, found.kind, grid, crs, outline, refused)
    source = FileSource(hashlib.sha256(path.read_bytes()).hexdigest(), received_at)
    facts, warnings = _facts(found.kind, placed, told, source, refused)
    return RegistryFile(
        rows=tuple(facts),
        refused=tuple(sorted(refused, key=lambda item: int(item[0].removeprefix("row ")))),
        warnings=tuple(outside + warnings),
        crs=told.crs,
        crs_evidence=told.evidence,
        encoding=grid.encoding,
        kind=found.kind,
        row_count=len(rows),
        sha256=source.sha256,
    )


def _headings(file: str, grid: Grid, mapping: Mapping[str, str] | None, kind: str | None) -> tuple[int, Recognised]:
    first: Refusal | None = None
    for number, row in enumerate(grid.rows[:HEADING_ROWS_LOOKED_AT]):
        if sum(bool(cell) for cell in row) < 2:
            continue  # a title over the table
        try:
            return number, recognise(row, mapping=mapping, kind=kind)
        except Refusal as refusal:
            first = first or Refusal(file, refusal.reason, refusal.detail)
    raise first or Refusal(file, "registry_kind_unknown", "no row of headings")


def _is_no_data(row: Row, cells: Sequence[str], refused: list[Item]) -> bool:
    filled = [cell for cell in cells if cell]
    if filled[0].startswith(NO_DATA) and len(filled) < len(cells):
        refused.append((f"row {row.number}", "row_is_no_data", filled[0][:40]))
        return True
    return False


def _places(
    rows: Sequence[Row], kind: str, grid: Grid, said: str | None, outline: shapely.Geometry | None, refused: list[Item]
) -> tuple[list[tuple[Row, RawPlace | None]], Told, list[Item]]:
    """The rows with their places in WGS 84 where the CRS is known, as given where not."""
    if not issubclass(KINDS[kind], Placed):
        return [(row, None) for row in rows], Told(CANNOT_TELL, {"method": "no_places"}), []
    read: list[tuple[Row, RawPlace | None]] = []
    for row in rows:
        try:
            read.append((row, raw_place(row, crs=said or grid.declared_crs)))
        except Refusal as refusal:
            refused.append((refusal.where, refusal.reason, refusal.detail))
    with_place = [place for _, place in read if place is not None]
    told = crs_of(with_place, said=said, declared=grid.declared_crs, outline=outline)
    if told.crs == CANNOT_TELL:
        return read, told, []
    lonlat = iter(moved(with_place, told.crs))
    read = [(row, None if place is None else next(lonlat)) for row, place in read]
    return read, told, _outside(read, outline)


def _outside(read: Sequence[tuple[Row, RawPlace | None]], outline: shapely.Geometry | None) -> list[Item]:
    if outline is None:
        return []
    return [
        (f"row {row.number}", "place_outside_district", place.given)
        for row, place in read
        if place is not None and not shapely.contains_xy(outline, place.x, place.y)
    ]


def _facts(
    kind: str, placed: Sequence[tuple[Row, RawPlace | None]], told: Told, source: FileSource, refused: list[Item]
) -> tuple[list[RegistryFact], list[Item]]:
    facts: list[RegistryFact] = []
    warnings: list[Item] = []
    seen: dict[tuple[str, object], int] = {}
    for row, raw in placed:
        try:
            place = None if raw is None or told.crs == CANNOT_TELL else _place(raw)
            fact = fact_of(kind, row, RowPlace(place, raw.given if raw else "", told.crs), source)
        except (Refusal, EnforcementError) as error:
            refused.append((f"row {row.number}", error.reason, error.detail or error.where))
            continue
        twin = seen.setdefault((fact.key, fact.valid_from), row.number)
        if twin != row.number:
            refused.append((f"row {row.number}", "registry_key_twice", f"{fact.key} stands in row {twin}, too"))
            continue
        if raw is None and issubclass(KINDS[kind], Placed):
            warnings.append((f"row {row.number}", "row_without_place", fact.key))
        facts.append(fact)
    if told.crs == CANNOT_TELL and any(raw is not None for _, raw in placed):
        warnings.append(("places", "registry_crs_cannot_tell", str(told.evidence.get("method", ""))))
    return facts, warnings


def _place(raw: RawPlace) -> Place:
    return area(raw.polygons) if raw.polygons else point(raw.x, raw.y)
