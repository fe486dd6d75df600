"""Where the tables of a file are: the row or rows of headings, the data below, and the rows that are no data.

People put titles above, notes and signatures below, totals between, and the headings again on every printed page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from pipelines.errors import Refusal
from pipelines.registry_import.headings import Heading, Recognised, best_guess, plain, recognise, table
from pipelines.registry_import.mapping import FileMapping
from pipelines.registry_import.sheets import Book, Sheet

HEADING_ROWS_LOOKED_AT = 20
LEVELS_AT_MOST = 3
FOOTER = re.compile(r"[-—·\s]*(第?\d+页?[/,，、\s]*(共?\d+页)?|page\d+(of\d+)?)[-—·\s]*", re.IGNORECASE)
NAMED = re.compile(r"([^:\d(]{1,12})\d*(?:\([^)]*\))?:")  # 注1: and 填表人(签字):
TOTAL_CHARACTERS_AT_MOST = 20
TOTAL_HINT = re.compile(r"计|共|total", re.IGNORECASE)  # what every word for a total holds
COUNT_AT_END = re.compile(r"(\(.*\)|\d+.?)$")
REFUSED_HEADINGS = ("行号", "原因", "说明")
"""The last columns of a table of refused rows that `refused.py` wrote; such a table begins with its headings."""
Note = tuple[str, str, str]  # what it is about, reason word, what exactly was seen


@dataclass(frozen=True, slots=True)
class Line:
    """A row that holds something: its number from 1 at the first row below the headings, and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet understood. `headings` are as given, both rows of two joined; `no_data` are totals, notes and the like.

    `header_row` counts from 1 at the top of the sheet, `levels` is how many rows of headings there are.
    """

    sheet: str
    found: Recognised
    headings: tuple[str, ...]
    header_row: int
    levels: int
    lines: tuple[Line, ...]
    no_data: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = field(default=())


def tables_of(name: str, book: Book, mapping: FileMapping) -> tuple[tuple[Table, ...], tuple[Note, ...]]:
    """The tables of a file whose headings are recognised: one a sheet.

    Args:
        name: the file's, for refusals.
        book: its sheets.
        mapping: what a person said of it.

    Returns:
        Tables in the order of the sheets, and a note for each sheet that was passed over.

    Raises:
        Refusal: no sheet is recognised; the reason is that of the sheet that comes nearest.
    """
    filled = [sheet for sheet in _wanted(name, book, mapping) if any(map(any, sheet.rows))]
    if not filled:
        raise Refusal(name, "registry_empty", "no sheet holds anything")
    tables, refusals = [], list[tuple[int, str, Refusal]]()
    for sheet in filled:
        try:
            tables.append(_table(sheet, mapping))
        except _NoHeadings as none:
            refusals.append((none.nearness, sheet.name, none.refusal))
    if not tables:
        _, _, refusal = max(refusals, key=lambda item: item[0])
        raise Refusal(name, refusal.reason, refusal.detail)
    notes = [(f"sheet {sheet}", "registry_sheet_passed_over", refusal.detail) for _, sheet, refusal in refusals]
    return tuple(tables), tuple(notes)


def _wanted(name: str, book: Book, mapping: FileMapping) -> list[Sheet]:
    if mapping.sheet is None:
        return [sheet for sheet in book.sheets if not sheet.hidden] or list(book.sheets)
    found = [sheet for sheet in book.sheets if sheet.name == mapping.sheet]
    if not found and all(map(_is_corrected, book.sheets)):
        return list(book.sheets)
    if not found:
        there = ", ".join(sheet.name for sheet in book.sheets)
        raise Refusal(name, "registry_mapping_bad", f"no sheet is called {mapping.sheet}; there is {there}")
    return found


class _NoHeadings(Exception):
    def __init__(self, refusal: Refusal, nearness: int) -> None:
        super().__init__(str(refusal))
        self.refusal, self.nearness = refusal, nearness


def _table(sheet: Sheet, mapping: FileMapping) -> Table:
    read = _headings(sheet, mapping)
    first = read.header + read.levels
    titles = {_distinct(row) for row in sheet.rows[: read.header]}
    lines, no_data, ended = list[Line](), list[Line](), False
    for index in range(first, len(sheet.rows)):
        cells = sheet.rows[index]
        if index in sheet.blank or not any(cells):
            continue
        line, said = Line(index - first + 1, cells), _distinct(cells)
        if said in titles or _is_heading_again(cells, read.headings) or _is_no_data(said, after_notes=ended):
            no_data.append(line)
            ended = ended or _is_note(said)
        else:
            lines.append(line)
            ended = False
    shown = tuple(_shown(reading, column, read.found) for column, reading in enumerate(read.headings))
    return Table(
        sheet=sheet.name,
        found=read.found,
        headings=shown,
        header_row=read.header + 1,
        levels=read.levels,
        lines=_spelled_out(lines),
        no_data=tuple(no_data),
        notes=_doubled(shown, read.found, lines),
    )


def _shown(reading: Heading, column: int, found: Recognised) -> str:
    """A heading as it can be read again: both rows together, or the lower one where only that is known."""
    if isinstance(reading, str):
        return reading
    pollutant = next((name for name, where in found.limits.items() if where == column), None)
    if pollutant is not None:
        return f"{pollutant}({unit})" if (unit := found.units.get(pollutant)) else pollutant
    spellings = {plain(one) for words in table()[found.kind]["fields"].values() for one in words}
    return next((one for one in reading if plain(one) in spellings), reading[0])


# ---- headings


@dataclass(frozen=True, slots=True)
class _Reading:
    header: int
    levels: int
    found: Recognised
    headings: tuple[Heading, ...]
    tied: bool

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        """What makes one reading better than another: columns known, rows tied by merged cells, few rows, early."""
        return len(self.found.columns) + len(self.found.limits), self.tied, -self.levels, -self.header


def _headings(sheet: Sheet, mapping: FileMapping) -> _Reading:
    readings: list[_Reading] = []
    refusals: list[tuple[tuple[Heading, ...], Refusal]] = []
    for header in _places_to_look(sheet, mapping):
        alone = False  # the upper row by itself is a row of headings
        for levels, headings in _readings(sheet, header):
            try:
                found = recognise(headings, mapping=mapping.columns, kind=mapping.kind)
            except Refusal as unread:
                refusals.append((headings, unread))
                continue
            alone = alone or levels == 1
            tied = alone and levels > 1 and _tied(sheet, header, levels)
            readings.append(_Reading(header, levels, found, headings, tied))
    if readings:
        return max(readings, key=lambda reading: reading.rank)
    if not refusals:
        raise _NoHeadings(Refusal(sheet.name, "registry_kind_unknown", "no row of headings"), -1)
    _, nearness, refusal = max(
        ((one.reason != "registry_kind_unknown", best_guess(headings), one) for headings, one in refusals),
        key=lambda item: item[:2],
    )
    raise _NoHeadings(refusal, nearness)


def _is_corrected(sheet: Sheet) -> bool:
    return bool(sheet.rows) and sheet.rows[0][-len(REFUSED_HEADINGS) :] == REFUSED_HEADINGS


def _places_to_look(sheet: Sheet, mapping: FileMapping) -> Iterator[int]:
    if _is_corrected(sheet):
        yield 0
        return
    if mapping.header_row is not None:
        if mapping.header_row > len(sheet.rows):
            refusal = Refusal(sheet.name, "registry_mapping_bad", f"there is no row {mapping.header_row}")
            raise _NoHeadings(refusal, 0)
        yield mapping.header_row - 1
        return
    for number, row in enumerate(sheet.rows[:HEADING_ROWS_LOOKED_AT]):
        if len(set(filter(None, row))) > 1:  # else a title over the table
            yield number


def _readings(sheet: Sheet, header: int) -> Iterator[tuple[int, tuple[Heading, ...]]]:
    yield 1, tuple(sheet.rows[header])
    for levels in range(2, LEVELS_AT_MOST + 1):
        rows = sheet.rows[header : header + levels]
        if len(rows) == levels and any(rows[-1]):
            yield levels, _joined(rows)


def _joined(rows: Sequence[Sequence[str]]) -> tuple[Heading, ...]:
    """Headings of several rows: of each column the words from top to bottom, a repeated one once; then the last alone.

    An upper heading without merged cells stands over the blank cells to its right that have something below them.
    """
    width = max(map(len, rows))
    above = [[*row, *[""] * (width - len(row))] for row in rows]
    for upper, lower in pairwise(above):
        for column in range(1, width):
            if not upper[column] and lower[column]:
                upper[column] = upper[column - 1]
    readings: list[Heading] = []
    for column in range(width):
        words = list(dict.fromkeys(row[column] for row in above if row[column]))
        readings.append(("".join(words), words[-1]) if len(words) > 1 else (words or [""])[0])
    return tuple(readings)


def headings_in(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The headings that one to three rows make together, as a mapping names them: 有效期 over 起 is 有效期起."""
    return tuple(one if isinstance(one, str) else one[0] for one in (_joined(rows) if rows else ()))


def rows_above(sheet: Sheet, lowest: int) -> int:
    """How many rows above a row of headings belong to it, by the merged cells that tie them."""
    count = 0
    while count + 1 < LEVELS_AT_MOST and count < lowest:
        upper = lowest - count - 1
        if len(set(filter(None, sheet.rows[upper]))) < 2 or not _tied(sheet, upper, 2):
            break
        count += 1
    return count


def _tied(sheet: Sheet, header: int, levels: int) -> bool:
    """Whether merged cells tie the rows of headings together, so that the lower ones are no data."""
    last = header + levels - 1
    return any(
        header <= one.top < last <= one.bottom
        or (one.top == one.bottom == last - 1 and _parts(sheet, last, one.left, one.right))
        for one in sheet.merged
    )


def _parts(sheet: Sheet, row: int, left: int, right: int) -> bool:
    return len(set(filter(None, sheet.rows[row][left : right + 1]))) > 1


def _doubled(headings: Sequence[str], found: Recognised, lines: Sequence[Line]) -> tuple[Note, ...]:
    """Used columns whose heading stands twice over different cells: the first is read, and this is said."""
    notes = []
    for column in sorted(set(found.columns.values())):
        again = [n for n, other in enumerate(headings) if n > column and plain(other) == plain(headings[column])]
        if any(_at(line.cells, column) != _at(line.cells, other) for other in again for line in lines):
            notes.append(
                (f"column {headings[column]}", "registry_heading_twice", f"columns {column + 1}, {again[0] + 1}")
            )
    return tuple(notes)


def _at(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


# ---- rows


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(table()["no_data"][name])


def _distinct(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for cell in cells if cell))


def _is_no_data(said: Sequence[str], *, after_notes: bool) -> bool:
    return (len(said) == 1 and after_notes) or any(map(_is_total, said[:2])) or _is_note(said)


def _is_heading_again(cells: Sequence[str], headings: Sequence[Heading]) -> bool:
    again = 0
    for cell, heading in zip(cells, headings, strict=False):
        if cell:
            if not any(plain(cell) == plain(one) for one in _each(heading)):
                return False
            again += 1
    return again > 1


def _each(heading: Heading) -> tuple[str, ...]:
    return (heading,) if isinstance(heading, str) else heading


def _is_total(cell: str) -> bool:
    if len(cell) > TOTAL_CHARACTERS_AT_MOST or not TOTAL_HINT.search(cell):
        return False
    bare = re.sub(r"[\s:]+", "", unicodedata.normalize("NFKC", cell)).lower()
    return COUNT_AT_END.sub("", bare) in _words("totals")


def _is_note(said: Sequence[str]) -> bool:
    """A note, a signature, a number of a page."""
    first = unicodedata.normalize("NFKC", said[0]).strip("() \t").lower()
    marked = NAMED.match(first)
    word = re.sub(r"\s+", "", marked[1] if marked else first)
    if word in _words("notes") or word in _words("signatures"):
        return True
    return len(said) == 1 and FOOTER.fullmatch(re.sub(r"\s+", "", first)) is not None


@cache
def ditto() -> frozenset[str]:
    """What a cell says that repeats the one above it."""
    return frozenset(table()["cells"]["ditto"])


def _spelled_out(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The rows with the text from above where a cell says "as above"; nothing above leaves the mark as it is."""
    marks, above, spelled = ditto(), tuple[str, ...](), []
    for line in lines:
        cells = line.cells
        if not marks.isdisjoint(cells):
            cells = tuple(_at(above, n) if cell in marks and above else cell for n, cell in enumerate(cells))
            line = Line(line.number, cells)
        spelled.append(line)
        above = cells
    return tuple(spelled)
