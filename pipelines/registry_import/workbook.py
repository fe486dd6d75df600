"""Spreadsheets to sheets of text: XLSX, XLS, XLSB and ODS, by calamine. Formulas by their value, hidden rows too."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
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
from pipelines.registry_import.workbook_parts import Part, parts_of

ZIP, OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNPACKED_AT_MOST = 2 * 1024**3  # bytes; a workbook of 1,000,000 rows unpacks to less than 1 GiB
CELLS_AT_MOST = 50_000_000
LOCKED = "EncryptedPackage".encode("utf-16-le")  # the stream in which Office keeps a workbook with a password
BIFF_BEGINS = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]")  # the first record of an XLS
FILE_PASS, AMONG_FIRST = 0x2F, 8  # the record that a password adds, and within how many of the first it stands
ODS_LOCKED = b"manifest:encryption-data"
ODS_MANIFEST = "META-INF/manifest.xml"
IS_ENCRYPTED = 0x1  # flag of a zip's entry


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
    kind, parts = _looked_into(name, data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            hidden = {
                one.name: one.visible != SheetVisibleEnum.Visible
                for one in book.sheets_metadata
                if one.typ == SheetTypeEnum.WorkSheet
            }
            sheets = tuple(
                _sheet(name, book.get_sheet_by_name(sheet), hidden[sheet], parts.get(sheet, Part())) for sheet in hidden
            )
    except PasswordError as error:
        raise Refusal(name, "registry_file_locked", str(error)) from error
    except (CalamineError, XmlError, ZipError, OSError, ValueError) as error:
        raise Refusal(name, "registry_file_unreadable", f"no workbook: {error}") from error
    return Book(sheets, kind)


def _sheet(file: str, sheet: Any, hidden: bool, part: Part) -> Sheet:
    end = sheet.end
    if end is None:
        return Sheet(sheet.name, (), hidden=hidden)
    if (end[0] + 1) * (end[1] + 1) > CELLS_AT_MOST:
        raise Refusal(
            file, "registry_file_too_large", f"sheet {sheet.name} reaches to row {end[0] + 1}, column {end[1] + 1}"
        )
    rows: list[tuple[str, ...]] = [tuple(map(text_of, row)) for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), said in part.marked.items():
        if row < len(rows) and column < len(rows[row]) and not rows[row][column]:
            rows[row] = (*rows[row][:column], said, *rows[row][column + 1 :])
    merged = tuple(Merged(*top, *bottom) for top, bottom in sheet.merged_cell_ranges or ()) or tuple(part.merged)
    filled, blank = spread(rows, merged) if merged else (tuple(rows), frozenset())
    return Sheet(sheet.name, filled, merged, blank, hidden)


def _looked_into(name: str, data: bytes) -> tuple[str, Mapping[str, Part]]:
    """What sort of workbook it is, and what its parts say; looked at before the reader allots memory."""
    if not data.startswith(OLE2):
        return _of_archive(name, data)
    if LOCKED in data or _has_file_pass(data):
        raise Refusal(name, "registry_file_locked", "an Office file with a password")
    return "xls", {}


def _has_file_pass(data: bytes) -> bool:
    """Whether the first records of an XLS hold a password's; the reader would only say that it is no workbook."""
    begins = BIFF_BEGINS.search(data)
    at = begins.start() if begins else len(data)
    for _ in range(AMONG_FIRST):
        if at + 4 > len(data):
            break
        kind, size = struct.unpack_from("<2H", data, at)
        if kind == FILE_PASS:
            return True
        at += 4 + size
    return False


def _of_archive(name: str, data: bytes) -> tuple[str, Mapping[str, Part]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(one.file_size for one in entries)
            if unpacked > UNPACKED_AT_MOST:
                raise Refusal(name, "registry_file_too_large", f"it unpacks to {unpacked // 1024**2} MiB")
            names = {one.filename for one in entries}
            if any(one.flag_bits & IS_ENCRYPTED for one in entries) or (
                ODS_MANIFEST in names and ODS_LOCKED in archive.read(ODS_MANIFEST)
            ):
                raise Refusal(name, "registry_file_locked", "its parts are encrypted")
            parts = parts_of(archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError, zlib.error) as error:
        raise Refusal(name, "registry_file_unreadable", f"no workbook: {error}") from error
    for sheet, part in parts.items():
        if part.rows * part.columns > CELLS_AT_MOST:
            reach = f"sheet {sheet} reaches to row {part.rows}, column {part.columns}"
            raise Refusal(name, "registry_file_too_large", reach)
    return "xlsb" if "xl/workbook.bin" in names else "ods" if "content.xml" in names else "xlsx", parts
