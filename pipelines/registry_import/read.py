"""A registry file, read: the good rows as facts, the bad ones with number and reason, and the CRS with its evidence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import shapely

from enforcement.errors import EnforcementError
from enforcement.place import Place, area, point
from enforcement.place import line as line_place
from enforcement.registry import KINDS, Placed, RegistryFact
from pipelines.errors import Refusal
from pipelines.registry_import.cells import Row
from pipelines.registry_import.datum import CANNOT_TELL, Told
from pipelines.registry_import.encodings import is_foreign, readable
from pipelines.registry_import.facts import FileSource, RowPlace, facts_of
from pipelines.registry_import.layout import Line, Table, ditto, tables_of
from pipelines.registry_import.mapping import FileMapping
from pipelines.registry_import.places import RawPlace
from pipelines.registry_import.placing import Located, located
from pipelines.registry_import.refused import BadRow, BadRows, crs_in
from pipelines.registry_import.surroundings import Surroundings
from pipelines.registry_import.table import Book, book_of

Item = tuple[str, str, str]  # what it is about, reason word, what exactly was seen
Progress = Callable[[str, int, int], None]
TOP = 20  # rows at the top and the end of a sheet in which a CRS may be named
STEP = 1000  # rows between two words of progress
SHOWN = 40  # characters of a cell in a refusal
BROKEN = re.compile(r"#(?:REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|ERROR!)|#FORMULA!.*|Err:\d{3}", re.DOTALL)
BROKEN_BEGINS = ("#", "E")


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """What a file gave. `rows` are the facts of its good rows; `row_count` counts every row that held anything.

    `kind` is the kind of its rows; of a workbook with sheets of several kinds all of them, joined by `+`. Items are
    `row 8`, of several sheets `row 工地!8`. `to_correct` are the bad rows themselves, without totals and notes.
    """

    rows: tuple[RegistryFact, ...]
    refused: tuple[Item, ...]
    warnings: tuple[Item, ...]
    crs: str  # a CRS name, or cannot_tell
    crs_evidence: Mapping[str, Any]
    encoding: str
    kind: str
    row_count: int
    sha256: str
    to_correct: tuple[BadRows, ...] = ()


def read_registry(
    path: Path,
    *,
    received_at: datetime,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: FileMapping | Mapping[str, Any] | None = None,
    kind: str | None = None,
    outline: shapely.Geometry | None = None,
    surroundings: Callable[[], Surroundings] | None = None,
    progress: Progress | None = None,
) -> RegistryFile:
    """Read a registry file. Nothing is stored.

    Args:
        path: CSV and its kin, XLSX, XLS, XLSB, ODS, an HTML table, GeoJSON, GeoPackage or a zipped Shapefile.
        received_at: aware; put on every fact.
        crs: what the file's places are in, where somebody knows; else it is tested.
        encoding: of a text file; else marks, UTF-8, GB18030 and UTF-16 are tried.
        mapping: how the files of this office are read, or just our field to the file's heading. What is said in the
            other arguments goes before it.
        kind: what the rows are, where the headings leave it open.
        outline: the district, lon and lat, WGS 84, for the test of the CRS.
        surroundings: what is registered already, and the basemap, for the same; called only where it is tested.
        progress: told how many rows of how many are through.

    Returns:
        Facts in the order of the rows. Where the CRS cannot be told they have no place, only what the file said.

    Raises:
        Refusal: the whole file cannot be used.
        UnknownCrs: `crs` is none.
    """
    said = FileMapping.of(mapping)
    said = replace(said, kind=kind or said.kind, encoding=encoding or said.encoding, crs=crs or said.crs)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(path.name, "registry_file_unreadable", error.strerror or str(error)) from error
    book = book_of(path.name, data, encoding=said.encoding)
    try:
        tables, notes = tables_of(path.name, book, said)
    except Refusal as refusal:
        raise Refusal(refusal.where, refusal.reason, readable(refusal.detail, book.encoding)) from refusal
    if not any(table.lines or table.no_data for table in tables):
        raise Refusal(path.name, "registry_empty", f"headings of {tables[0].found.kind}, and no row below them")
    source = FileSource(hashlib.sha256(data).hexdigest(), received_at)
    return _Reading(book, tables, _Context(said, source, outline, surroundings, progress, path.name)).file(notes)


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known beside the file, and its name."""

    said: FileMapping
    source: FileSource
    outline: shapely.Geometry | None
    surroundings: Callable[[], Surroundings] | None
    progress: Progress | None
    name: str


class _Reading:
    """The work on one file: every row of its tables becomes facts or a refusal."""

    def __init__(self, book: Book, tables: Sequence[Table], context: _Context) -> None:
        self._book, self._tables, self._context = book, tables, context
        self._refused: dict[str, Item] = {}
        self._warnings: list[Item] = []
        self._seen: dict[tuple[str, str, object], str] = {}

    def file(self, notes: Sequence[Item]) -> RegistryFile:
        rows = [(table, row) for table in self._tables for row in self._rows(table)]
        found = self._located([row for _, row in rows if row.label not in self._refused])
        for where, reason, detail in found.refused:
            self._refused[where.removeprefix("row ")] = (where, reason, detail)
        facts = self._facts(rows, found)
        for table in self._tables:
            for line in table.no_data:
                text = next(filter(None, line.cells))[:SHOWN]
                self._refused[self._label(table, line)] = (f"row {self._label(table, line)}", "row_is_no_data", text)
        kinds = dict.fromkeys(table.found.kind for table in self._tables)
        tables_notes = [note for table in self._tables for note in table.notes]
        return RegistryFile(
            rows=tuple(facts),
            refused=tuple(self._in_order()),
            warnings=(*notes, *tables_notes, *found.warnings, *self._warnings),
            crs=found.told.crs,
            crs_evidence=found.told.evidence,
            encoding=self._book.encoding,
            kind="+".join(kinds),
            row_count=sum(len(table.lines) + len(table.no_data) for table in self._tables),
            sha256=self._context.source.sha256,
            to_correct=tuple(self._to_correct(found.told)),
        )

    def _label(self, table: Table, line: Line) -> str:
        return f"{table.sheet}!{line.number}" if len(self._tables) > 1 else str(line.number)

    def _rows(self, table: Table) -> Iterator[Row]:
        words = self._context.said.spelled_words()
        width = len(table.headings)
        used = sorted({*table.found.columns.values(), *table.found.limits.values()})
        ragged = sum(map(_is_longer, (line.cells for line in table.lines), [width] * len(table.lines)))
        for line in table.lines:
            label = self._label(table, line)
            row = Row(
                line.number, line.cells, table.found.columns, label=label, kind=table.found.kind,
                units=table.found.units, words=words, kind_said=self._context.said.kind is not None,
            )  # fmt: skip
            reason = self._unreadable(line, width if 2 * ragged < len(table.lines) else len(line.cells), used)
            if reason:
                self._refused[label] = (f"row {label}", *reason)
            yield row

    def _unreadable(self, line: Line, width: int, used: Sequence[int]) -> tuple[str, str] | None:
        """What makes a row unusable before its cells mean anything."""
        if not ditto().isdisjoint(line.cells):
            return "registry_ditto_of_nothing", next(cell for cell in line.cells if cell in ditto())
        foreign = next((cell for cell in line.cells if is_foreign(cell)), None)
        if foreign is not None:
            return "row_in_other_encoding", readable(foreign, self._book.encoding)[:SHOWN]
        if _is_longer(line.cells, width):
            beyond = next(filter(None, line.cells[width:]))
            return "row_too_long", f"{len(line.cells)} cells under {width} headings: {beyond[:SHOWN]}"
        broken = next((cell for cell in _at(line.cells, used) if _is_broken(cell)), None)
        return None if broken is None else ("registry_cell_error", broken[:SHOWN])

    def _located(self, rows: Sequence[Row]) -> Located:
        with_place = [row for row in rows if issubclass(KINDS[row.kind], Placed)]
        if not any(issubclass(KINDS[table.found.kind], Placed) for table in self._tables):
            return Located((), Told(CANNOT_TELL, {"method": "no_places"}), (), ())
        context = self._context
        return located(
            with_place,
            said=context.said.crs or next(filter(None, map(crs_in, self._tables)), None),
            declared=self._book.declared_crs,
            outline=context.outline,
            surroundings=context.surroundings,
            words=self._words(),
        )

    def _words(self) -> str:
        """Where a file may name its CRS: its name, and the rows at the top and the end of its sheets."""
        rows = [row for sheet in self._book.sheets for row in (*sheet.rows[:TOP], *sheet.rows[-TOP:])]
        return "\n".join([self._context.name, *(cell for row in rows for cell in row if cell)])

    def _facts(self, rows: Sequence[tuple[Table, Row]], found: Located) -> list[RegistryFact]:
        facts: list[RegistryFact] = []
        places = {row.label: place for row, place in found.rows}
        progress = self._context.progress
        for number, (table, row) in enumerate(rows, start=1):
            if progress is not None and (number % STEP == 0 or number == len(rows)):
                progress("reading rows", number, len(rows))
            if row.label not in self._refused:
                facts.extend(self._facts_of(table, row, places.get(row.label), found.told.crs))
        if found.told.crs == CANNOT_TELL and any(place is not None for place in places.values()):
            method = str(found.told.evidence.get("method", ""))
            self._warnings.append(("places", "registry_crs_cannot_tell", method))
        return facts

    def _facts_of(self, table: Table, row: Row, raw: RawPlace | None, crs: str) -> Sequence[RegistryFact]:
        kind, item = row.kind, f"row {row.label}"
        try:
            place = None if raw is None or crs == CANNOT_TELL else _place(raw)
            where = RowPlace(place, raw.given if raw else "", crs)
            facts = facts_of(kind, row, where, self._context.source, table.found.limits)
        except (Refusal, EnforcementError) as error:
            self._refused[row.label] = (item, error.reason, error.detail or error.where)
            return ()
        keys = [(kind, fact.key, fact.valid_from) for fact in facts]
        twin = next((key for key in keys if key in self._seen), None)
        if twin is not None:
            self._refused[row.label] = (item, "registry_key_twice", f"{twin[1]} stands in row {self._seen[twin]}, too")
            return ()
        self._seen |= dict.fromkeys(keys, row.label)
        if raw is None and issubclass(KINDS[kind], Placed):
            self._warnings.append((item, "row_without_place", facts[0].key))
        return facts

    def _in_order(self) -> Iterator[Item]:
        for table in self._tables:
            lines = sorted((*table.lines, *table.no_data), key=lambda line: line.number)
            yield from (self._refused[label] for line in lines if (label := self._label(table, line)) in self._refused)

    def _to_correct(self, told: Told) -> Iterator[BadRows]:
        for table in self._tables:
            bad = [
                BadRow(
                    label, tuple(readable(cell, self._book.encoding) for cell in line.cells), *self._refused[label][1:]
                )
                for line in table.lines
                if (label := self._label(table, line)) in self._refused
            ]
            if bad:
                placed = issubclass(KINDS[table.found.kind], Placed) and told.crs != CANNOT_TELL
                tested = placed and told.evidence.get("method") not in ("given", "declared_in_file")
                yield BadRows(table.sheet, table.headings, tuple(bad), told.crs if tested else "")


def _at(cells: Sequence[str], columns: Sequence[int]) -> Iterator[str]:
    return (cells[column] for column in columns if column < len(cells))


def _is_broken(cell: str) -> bool:
    """Whether a cell holds a spreadsheet's error, or a formula in the place of its value."""
    return cell[:1] in BROKEN_BEGINS and BROKEN.fullmatch(cell) is not None


def _is_longer(cells: Sequence[str], width: int) -> bool:
    return len(cells) > width and any(islice(cells, width, None))


def _place(raw: RawPlace) -> Place:
    if raw.is_line:
        return line_place([positions for (positions,) in raw.polygons])
    return area(raw.polygons) if raw.polygons else point(raw.x, raw.y)
