"""A workbook XLSX from tables: a sheet each, headings in bold, columns as wide as they need."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | None
NARROWEST, WIDEST = 8, 60
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: name of the sheet, headings, rows of as many cells."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def workbook(sheets: Sequence[Sheet], *, made_at: datetime) -> bytes:
    """The bytes of a workbook.

    Args:
        sheets: in their order.
        made_at: stamp of the file.

    Text that an office program would take for a formula is written as text.
    """
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.append(list(sheet.heads))
        for row in sheet.rows:
            page.append(list(row))
        for line in page.iter_rows():
            for cell in line:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
                    cell.quotePrefix = cell.value.startswith(STARTS_FORMULA)
                cell.alignment = Alignment(vertical="top", wrap_text=True)
        for cell in page[1]:
            cell.font = Font(bold=True)
        for number, head in enumerate(sheet.heads, start=1):
            cells = [head, *(row[number - 1] for row in sheet.rows)]
            widest = max(_width(cell) for cell in cells)
            page.column_dimensions[get_column_letter(number)].width = min(WIDEST, max(NARROWEST, widest + 2))
        page.freeze_panes = "A2"
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(cell: Cell) -> int:
    text = "" if cell is None else str(cell)
    return max((sum(1 + (not letter.isascii()) for letter in line) for line in text.splitlines()), default=0)
