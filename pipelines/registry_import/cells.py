"""What a cell says: a day, yes or no, a number, a credit code, a list. One function a meaning, with its refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import TypeVar

from enforcement import uscc
from enforcement.firm_keys import firm_key, is_old_number, is_org_code
from pipelines.errors import Refusal
from pipelines.registry_import.days import Edge, NoDay, read_day, read_instant
from pipelines.registry_import.figures import Figure, in_unit, read_figure
from pipelines.registry_import.headings import table

SEPARATORS = re.compile(r"[;；、,，|/\r\n]+")
LINE_END = re.compile(r"[ \t]*[\r\n]+[ \t]*")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
QUOTES = "'`’‘"
MARKED = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\r\n'`’‘]")
SHORT = 12  # characters; nothing that says nothing is longer
ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
NO_UNITS = {"": 1.0}
T = TypeVar("T")


class Row:
    """One row's cells by field. Every refusal names the row.

    Args:
        number: from 1 at the first row below the headings.
        cells: as text.
        columns: of each field, from 0.
        label: what the row is called where there are several tables; without it its number.
        kind: of its table, where there are several.
        units: what the heading of a field says in brackets.
        words: further spellings of our words, by the name of the list: what the file writes to what it means.
        kind_said: a person said what the rows are; a firm may then have no code of any sort.
    """

    __slots__ = ("_columns", "_words", "cells", "kind", "kind_said", "label", "number", "units")

    def __init__(
        self,
        number: int,
        cells: tuple[str, ...],
        columns: Mapping[str, int],
        *,
        label: str | None = None,
        kind: str = "",
        units: Mapping[str, str] | None = None,
        words: Mapping[str, Mapping[str, str]] | None = None,
        kind_said: bool = False,
    ) -> None:
        self.number, self.cells, self._columns = number, cells, columns
        self.label, self.kind = str(number) if label is None else label, kind
        self.units, self._words, self.kind_said = units or {}, words or {}, kind_said

    def has(self, field: str) -> bool:
        """Whether the file has a column for this field."""
        return field in self._columns

    def text(self, field: str) -> str:
        """The cell in one line, without outer blanks; `""` where it is absent, or says so, or says "not yet known"."""
        return tidy(self._written(field))

    def needed(self, field: str) -> str:
        """The cell, which must say something.

        Raises:
            Refusal: `registry_field_empty`.
        """
        cell = self.text(field)
        if not cell:
            raise self.empty(field)
        return cell

    def code_text(self, field: str) -> str:
        """A code or number of a thing: full-width letters to plain, no line ends or quotes; `""` where absent.

        Raises:
            Refusal: `registry_number_rounded`.
        """
        cell = self.text(field)
        if not cell or (cell.isascii() and cell.isalnum()):
            return cell
        plain = unicodedata.normalize("NFKC", cell).strip(QUOTES + " \t")
        if ROUNDED.fullmatch(plain):
            raise self.refusal("registry_number_rounded", f"{field}: {cell}")
        return plain

    def needed_code_text(self, field: str) -> str:
        """As `code_text`, where something must be said.

        Raises:
            Refusal: `registry_field_empty`, `registry_number_rounded`.
        """
        cell = self.code_text(field)
        if not cell:
            raise self.empty(field)
        return cell

    def day(self, field: str, edge: Edge = Edge.NONE) -> date | None:
        """The day, in any of the usual spellings; None where the cell is empty, or says that there is no end.

        Raises:
            Refusal: `registry_date_unreadable`, `registry_date_ambiguous`.
        """
        cell = self.text(field)
        return self._dated(field, cell, lambda: read_day(cell, edge)) if cell else None

    def instant(self, field: str, edge: Edge = Edge.FIRST) -> datetime | None:
        """The instant, in Beijing time where no offset is written; None where the cell is empty or says no end.

        Raises:
            Refusal: `registry_date_unreadable`, `registry_date_ambiguous`.
        """
        cell = self.text(field)
        return self._dated(field, cell, lambda: read_instant(cell, edge)) if cell else None

    def needed_day(self, field: str) -> date:
        """The day, which must be there.

        Raises:
            Refusal: `registry_field_empty`, `registry_date_unreadable`, `registry_date_ambiguous`.
        """
        cell = self.needed(field)
        day = self.day(field)
        if day is None:
            raise self.refusal("registry_date_unreadable", f"{field}: {cell}")
        return day

    def yes(self, field: str) -> bool:
        """Yes or no; an empty cell is no.

        Raises:
            Refusal: `registry_word_unknown`.
        """
        return self.word(field, "yes") == "yes"

    def needed_yes(self, field: str) -> bool:
        """Yes or no, which must be said.

        Raises:
            Refusal: `registry_field_empty`, `registry_word_unknown`.
        """
        said = self.word(field, "yes")
        if not said:
            raise self.empty(field)
        return said == "yes"

    def word(self, field: str, words: str, *, free: bool = False) -> str:
        """Our word for what the cell says, or the cell itself where `free` text is allowed there; `""` where absent.

        A word of the table comes first: 无 is "no" where yes or no is asked, and an absent cell elsewhere.

        Raises:
            Refusal: `registry_word_unknown`.
        """
        meaning = self.meaning(self._written(field), words)
        if meaning is not None:
            return meaning
        cell = self.text(field)
        if cell and not free:
            raise self.refusal("registry_word_unknown", f"{field}: {cell}")
        return cell

    def each_word(self, field: str, words: str) -> tuple[str, ...]:
        """Our words for the parts of a list.

        Raises:
            Refusal: `registry_word_unknown`.
        """
        found = {part: self.meaning(part, words) for part in self.words(field)}
        unknown = [part for part, meaning in found.items() if meaning is None]
        if unknown:
            raise self.refusal("registry_word_unknown", f"{field}: {unknown[0]}")
        return tuple(dict.fromkeys(meaning for meaning in found.values() if meaning))

    def meaning(self, written: str, words: str) -> str | None:
        """Our word for a text; None where the list of `words` does not know it."""
        if not written:
            return None
        key = unicodedata.normalize("NFKC", written).strip().lower()
        said = self._words.get(words, {}).get(key)
        return _meanings(words).get(key) if said is None else said

    def number_in(self, field: str, units: dict[str, float] = NO_UNITS) -> float | None:
        """The number in the unit that is kept; None where the cell is empty.

        Args:
            field: whose heading may name the unit.
            units: unit as written to what one of it is in the unit kept.

        Raises:
            Refusal: `registry_number_unreadable`.
        """
        figure = self.figure(field)
        if figure is None:
            return None
        try:
            return in_unit(figure, units, self.units.get(field, ""))
        except ValueError as error:
            raise self.refusal("registry_number_unreadable", f"{field}: {self.text(field)}: {error}") from error

    def figure(self, field: str) -> Figure | None:
        """The figure with its bounds and its unit; None where the cell is empty.

        Raises:
            Refusal: `registry_number_unreadable`.
        """
        return self.figure_of(field, self.text(field))

    def figure_of(self, name: str, cell: str) -> Figure | None:
        """As `figure`, of a cell at hand; `name` is what a refusal calls it."""
        if not cell:
            return None
        try:
            return read_figure(cell)
        except ValueError as error:
            raise self.refusal("registry_number_unreadable", f"{name}: {cell}: {error}") from error

    def words(self, field: str) -> tuple[str, ...]:
        """The parts of a list, whatever parts them."""
        if not self.text(field):
            return ()
        parts = (tidy(part.strip()) for part in SEPARATORS.split(self._written(field)))
        return tuple(part for part in parts if part)

    def code(self, field: str = "uscc") -> str | None:
        """The key of a firm: its credit code, or what an old registration number or organisation code makes.

        None where the cell is empty.

        Raises:
            InvalidUscc: it is none of them.
            Refusal: `registry_number_rounded`.
        """
        cell = self.code_text(field)
        if not cell:
            return None
        plain = uscc.normalised(cell)
        return firm_key(plain) if is_old_number(plain) or is_org_code(plain) else uscc.parse(cell)

    def needed_code(self, field: str = "uscc") -> str:
        """As `code`, where something must be said.

        Raises:
            Refusal: `registry_field_empty`, `registry_number_rounded`.
            InvalidUscc: it is none.
        """
        code = self.code(field)
        if code is None:
            raise self.empty(field)
        return code

    def permit(self, field: str) -> str | None:
        """The permit number; None where the cell is empty.

        Raises:
            InvalidPermitNumber: it is none.
        """
        cell = self.code_text(field)
        return uscc.parse_permit_number(cell) if cell else None

    def needed_permit(self, field: str = "permit_number") -> str:
        """The permit number, which must be there.

        Raises:
            Refusal: `registry_field_empty`.
            InvalidPermitNumber: it is none.
        """
        number = self.permit(field)
        if number is None:
            raise self.empty(field)
        return number

    def empty(self, field: str) -> Refusal:
        """The refusal of a cell that had to say something, with what stands there instead."""
        written = self._written(field)
        return self.refusal("registry_field_empty", f"{field}: {written}" if written else field)

    def refusal(self, reason: str, detail: str) -> Refusal:
        """A refusal of this row."""
        return Refusal(f"row {self.label}", reason, detail)

    def at(self, column: int) -> str:
        """The cell of a column, as `text`."""
        return tidy(self.cells[column]) if column < len(self.cells) else ""

    def _written(self, field: str) -> str:
        column = self._columns.get(field)
        return self.cells[column] if column is not None and column < len(self.cells) else ""

    def _dated(self, field: str, cell: str, read: Callable[[], T]) -> T:
        try:
            return read()
        except NoDay as error:
            reason = "registry_date_ambiguous" if error.ambiguous else "registry_date_unreadable"
            raise self.refusal(reason, f"{field}: {cell}") from error


def tidy(cell: str) -> str:
    """A cell in one line, without outer blanks and what a spreadsheet's quotes leave; `""` where it says nothing."""
    if MARKED.search(cell):
        cell = cell.translate(INVISIBLE).strip()
        cell = LINE_END.sub(lambda end: _between(end, cell), cell)
        cell = _unquoted(cell)
    return "" if len(cell) <= SHORT and cell.lower() in _says_nothing() else cell


def _between(end: re.Match[str], cell: str) -> str:
    """A line end within a cell: a blank between two Latin words, nothing between Chinese ones."""
    before, after = cell[end.start() - 1 : end.start()], cell[end.end() : end.end() + 1]
    return " " if before.isascii() and after.isascii() and before.isalnum() and after.isalnum() else ""


def _unquoted(cell: str) -> str:
    """Without a quote before it, or after it, unless that is the sign for minutes."""
    bare = cell.lstrip(QUOTES)
    return bare if any(mark in bare for mark in "°度′") else bare.rstrip(QUOTES)


@cache
def _says_nothing() -> frozenset[str]:
    return frozenset(table()["cells"]["absent"]) | frozenset(table()["cells"]["placeholder"])


@cache
def _meanings(words: str) -> dict[str, str]:
    return {spelling: meaning for meaning, spellings in table()["words"][words].items() for spelling in spellings}
