"""What a cell says: a day, yes or no, a number, a credit code, a list. One function a meaning, with its refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache

from enforcement import uscc
from pipelines.errors import Refusal
from pipelines.registry_import.headings import table

ABSENT = frozenset(("", "-", "—", "--", "/", "无", "null", "none", "nan", "n/a"))
DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?(?:[ T].*)?$|(\d{4})(\d{2})(\d{2})$")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
SEPARATORS = re.compile(r"[;；、,，|/]+")


class Row:
    """One row's cells by field. Every refusal names the row."""

    def __init__(self, number: int, cells: tuple[str, ...], columns: Mapping[str, int]) -> None:
        self.number, self._cells, self._columns = number, cells, columns

    def text(self, field: str) -> str:
        """The cell as written, without outer blanks; `""` where it is absent or says so."""
        cell = self._written(field)
        return "" if cell.lower() in ABSENT else cell

    def needed(self, field: str) -> str:
        """The cell, which must say something.

        Raises:
            Refusal: `registry_field_empty`.
        """
        cell = self.text(field)
        if not cell:
            raise self.refusal("registry_field_empty", field)
        return cell

    def day(self, field: str) -> date | None:
        """The day, in any of the usual spellings; None where the cell is empty.

        Raises:
            Refusal: `registry_date_unreadable`.
        """
        cell = self.text(field)
        if not cell:
            return None
        found = DAY.match(unicodedata.normalize("NFKC", cell))
        if found:
            parts = [int(part) for part in found.groups() if part is not None]
            try:
                return date(*parts)
            except ValueError:
                pass
        raise self.refusal("registry_date_unreadable", f"{field}: {cell}")

    def needed_day(self, field: str) -> date:
        """The day, which must be there.

        Raises:
            Refusal: `registry_field_empty`, `registry_date_unreadable`.
        """
        self.needed(field)
        day = self.day(field)
        if day is None:
            raise self.refusal("registry_field_empty", field)
        return day

    def yes(self, field: str) -> bool:
        """Yes or no; an empty cell is no.

        Raises:
            Refusal: `registry_word_unknown`.
        """
        return self.word(field, "yes") == "yes"

    def needed_yes(self, field: str) -> bool:
        """Yes or no, which must be there.

        Raises:
            Refusal: `registry_field_empty`, `registry_word_unknown`.
        """
        said = self.word(field, "yes")
        if not said:
            raise self.refusal("registry_field_empty", field)
        return said == "yes"

    def word(self, field: str, words: str, *, free: bool = False) -> str:
        """The cell's word in our own spelling; as written where it is unknown and `free`; `""` where it is absent.

        A word of the table comes first: 无 is "no" where yes or no is asked, and an absent cell elsewhere.

        Raises:
            Refusal: `registry_word_unknown`.
        """
        meaning = _meanings(words).get(unicodedata.normalize("NFKC", self._written(field)).lower())
        if meaning is not None:
            return meaning
        cell = self.text(field)
        if cell and not free:
            raise self.refusal("registry_word_unknown", f"{field}: {cell}")
        return cell

    def number_in(self, field: str) -> float | None:
        """The number; None where the cell is empty.

        Raises:
            Refusal: `registry_number_unreadable`.
        """
        cell = unicodedata.normalize("NFKC", self.text(field)).replace(",", "").replace(" ", "")
        if not cell:
            return None
        if not NUMBER.fullmatch(cell):
            raise self.refusal("registry_number_unreadable", f"{field}: {cell}")
        return float(cell)

    def words(self, field: str) -> tuple[str, ...]:
        """The parts of a list, whatever parts them."""
        return tuple(part.strip() for part in SEPARATORS.split(self.text(field)) if part.strip())

    def code(self, field: str = "uscc") -> str | None:
        """The credit code; None where the cell is empty.

        Raises:
            InvalidUscc: it is none.
        """
        cell = self.text(field)
        return uscc.parse(cell) if cell else None

    def needed_code(self, field: str = "uscc") -> str:
        """The credit code, which must be there.

        Raises:
            Refusal: `registry_field_empty`.
            InvalidUscc: it is none.
        """
        return uscc.parse(self.needed(field))

    def permit(self, field: str) -> str | None:
        """The permit number; None where the cell is empty.

        Raises:
            InvalidPermitNumber: it is none.
        """
        cell = self.text(field)
        return uscc.parse_permit_number(cell) if cell else None

    def _written(self, field: str) -> str:
        column = self._columns.get(field)
        return self._cells[column].strip() if column is not None and column < len(self._cells) else ""

    def refusal(self, reason: str, detail: str) -> Refusal:
        """A refusal of this row."""
        return Refusal(f"row {self.number}", reason, detail)


@cache
def _meanings(words: str) -> dict[str, str]:
    return {spelling: meaning for meaning, spellings in table()["words"][words].items() for spelling in spellings}
