"""The bad rows of a file as a file of their own: corrected and given again, it is read like the one it came from."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import openpyxl

from pipelines.registry_import.layout import REFUSED_HEADINGS, Table
from pipelines.wording import MissingWord, say

CRS_HEADING = "坐标系"
FORMULA = re.compile(r"[=@\t]|[+-](?![\d.])")
LONG_NUMBER = re.compile(r"\d{12,}|0\d+")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was refused: what it is called, its cells, and why."""

    label: str
    cells: tuple[str, ...]
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class BadRows:
    """The refused rows of one sheet under its headings; `crs` is what the whole file was told to be in, if it was."""

    sheet: str
    headings: tuple[str, ...]
    rows: tuple[BadRow, ...]
    crs: str = ""


def refused_table(to_correct: Sequence[BadRows], language: str = "zh") -> bytes:
    """The refused rows as a file: their columns as given, then 行号, 原因 (the reason word) and 说明 (a sentence).

    Merged cells and "as above" are spelled out, since the rows stand alone now. Where the CRS was told by the file as a
    whole, which a few rows could not do again, a column 坐标系 names it.

    Args:
        to_correct: of what `read_registry` gave.
        language: of the sentences, zh or en.

    Returns:
        CSV in UTF-8 with its mark; of several sheets a workbook with a sheet each (`refused_suffix`). Empty where no
        row is to be corrected.
    """
    if len(to_correct) > 1:
        return _workbook(to_correct, language)
    text = io.StringIO()
    for bad in to_correct:
        csv.writer(text, lineterminator="\r\n").writerows([list(map(_guarded, row)) for row in _rows(bad, language)])
    return text.getvalue().encode("utf-8-sig") if to_correct else b""


def refused_suffix(to_correct: Sequence[BadRows]) -> str:
    """How the name of `refused_table` ends: `.csv`, or `.xlsx` where rows of several sheets were refused."""
    return ".xlsx" if len(to_correct) > 1 else ".csv"


def crs_in(table: Table) -> str | None:
    """The CRS that a table of corrected rows names; None where it is no such table."""
    if table.headings[-len(REFUSED_HEADINGS) :] != REFUSED_HEADINGS or CRS_HEADING not in table.headings:
        return None
    column = table.headings.index(CRS_HEADING)
    return next((line.cells[column] for line in table.lines if column < len(line.cells) and line.cells[column]), None)


def _rows(bad: BadRows, language: str) -> list[list[str]]:
    width = max(len(bad.headings), *(len(row.cells) for row in bad.rows))
    crs_heading, crs = ([CRS_HEADING], [bad.crs]) if bad.crs else ([], [])
    head = [*bad.headings, *[""] * (width - len(bad.headings)), *crs_heading, *REFUSED_HEADINGS]
    rows = [
        [*row.cells, *[""] * (width - len(row.cells)), *crs, row.label, row.reason, _sentence(row, language)]
        for row in bad.rows
    ]
    return [head, *rows]


def _sentence(row: BadRow, language: str) -> str:
    try:
        said = say(row.reason, {"detail": row.detail}, language)
    except MissingWord:
        said = row.reason
    return f"{said} [{row.detail}]" if row.detail and row.detail not in said else said


def _guarded(cell: str) -> str:
    """A cell that a spreadsheet neither runs as a formula nor rounds as a number; the reader takes both guards off."""
    if LONG_NUMBER.fullmatch(cell):
        return f'="{cell}"'
    return f"'{cell}" if FORMULA.match(cell) and len(cell) > 1 else cell


def _workbook(tables: Sequence[BadRows], language: str) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for bad in tables:
        sheet = book.create_sheet(bad.sheet)
        for row in _rows(bad, language):
            sheet.append([openpyxl.cell.WriteOnlyCell(sheet, value=_plain(cell)) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(cell: str) -> str:
    """Without control characters, which a workbook cannot hold; text that begins like a formula gets a quote."""
    bare = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)
    return f"'{bare}" if bare.startswith("=") else bare
