"""Spreadsheets to sheets of text: XLSX, XLS, XLSB and ODS, by calamine. Formulas by their value, hidden rows too."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    XmlError,
    ZipError,
)

from pipelines.errors import Refusal
from pipelines.registry_import.sheets import Book, Merged, Sheet, spread, text_of

ZIP, OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNPACKED_AT_MOST = 2 * 1024**3  # bytes; a workbook of 1,000,000 rows unpacks to less than 1 GiB
CELLS_AT_MOST = 50_000_000
FAR_COLUMN = re.compile(rb'r="[A-Z]{3}\d+"')
LAST_ROW = re.compile(rb'<row [^>]*?r="(\d+)"')


def is_workbook(data: bytes) -> bool:
    """Whether a file is a spreadsheet by its first bytes (or another zip or OLE2 file, which is then refused)."""
    return data.startswith((ZIP, OLE2))


def read_workbook(name: str, data: bytes) -> Book:
    """Read all sheets of a workbook.

    Args:
        name: the file's, for refusals.
        data: the whole file.

    Raises:
        Refusal: `registry_file_unreadable`, `registry_file_locked`, `registry_file_too_large`.
    """
    kind = "xls" if data.startswith(OLE2) else _refuse_bombs(name, data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            hidden = {
                one.name: one.visible != SheetVisibleEnum.Visible
                for one in book.sheets_metadata
                if one.typ == SheetTypeEnum.WorkSheet
            }
            sheets = tuple(_sheet(name, book.get_sheet_by_name(sheet), hidden[sheet]) for sheet in hidden)
    except PasswordError as error:
        raise Refusal(name, "registry_file_locked", str(error)) from error
    except (CalamineError, XmlError, ZipError, OSError, ValueError) as error:
        raise Refusal(name, "registry_file_unreadable", f"no workbook: {error}") from error
    return Book(sheets, kind)


def _sheet(file: str, sheet: Any, hidden: bool) -> Sheet:
    end = sheet.end
    if end is None:
        return Sheet(sheet.name, (), hidden=hidden)
    if (end[0] + 1) * (end[1] + 1) > CELLS_AT_MOST:
        raise Refusal(
            file, "registry_file_too_large", f"sheet {sheet.name} reaches to row {end[0] + 1}, column {end[1] + 1}"
        )
    rows = [tuple(map(text_of, row)) for row in sheet.to_python(skip_empty_area=False)]
    merged = tuple(Merged(*top, *bottom) for top, bottom in sheet.merged_cell_ranges or ())
    filled, blank = spread(rows, merged) if merged else (tuple(rows), frozenset())
    return Sheet(sheet.name, filled, merged, blank, hidden)


def _refuse_bombs(name: str, data: bytes) -> str:
    """Look before the reader allots memory: how much is packed, and whether a lone cell stands far out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > UNPACKED_AT_MOST:
                raise Refusal(name, "registry_file_too_large", f"it unpacks to {unpacked // 1024**2} MiB")
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _refuse_far_cells(name, archive.read(part))
            names = {part.filename for part in parts}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError, zlib.error) as error:
        raise Refusal(name, "registry_file_unreadable", f"no workbook: {error}") from error
    return "xlsb" if "xl/workbook.bin" in names else "ods" if "content.xml" in names else "xlsx"


def _refuse_far_cells(name: str, xml: bytes) -> None:
    rows = [int(row) for row in LAST_ROW.findall(xml[-4096:])]
    if rows and max(rows) > CELLS_AT_MOST // 17_000 and FAR_COLUMN.search(xml):
        raise Refusal(name, "registry_file_too_large", f"cells reach to row {max(rows)} and beyond column ZZ")
