"""What calamine leaves out of a workbook, read from its parts: how far cells reach, merged regions, errors.

calamine allots memory for the whole rectangle that the cells span and ends the process where there is not enough; it
gives merged regions of XLSX and XLS only; and a cell that holds an error, or a formula that was never worked out, is to
it an empty one.

Source: ECMA-376 (SpreadsheetML, relationships), [MS-XLSB] 2.3 (records), OpenDocument 1.3 part 3, 9.1 (tables).
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from xml.etree import ElementTree

from pipelines.registry_import.sheets import Merged

RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
SPANNED = re.compile(rb"number-(?:rows|columns)-spanned\s*=\s*[\"'](?:[2-9]|1\d)")
AT = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
WIDE_OR_LONG = re.compile(rb"\br\s*=\s*[\"'](?:[A-Za-z]{2,}\d|[A-Za-z]*\d{7})")
"""Without such a cell a sheet has at most 26 columns and 999,999 rows."""
HIDDEN_AT = re.compile(rb"\br\s*=\s*(?:\"[^\"<>]*&|'[^'<>]*&)")
FORMULA = rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)"
ERROR = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>\s*(?:" + FORMULA + rb")?\s*<(?:\w+:)?v>([^<]*)</")
VALUELESS = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*" + FORMULA + rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
IS_TEXT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
ROW_HEADER, CELLS, MERGE, SHEET_BEGINS, BUNDLE = 0, range(1, 12), 176, 129, 156
ERROR_CELLS = (3, 11)
UNWORKED = "#FORMULA! ="
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


@dataclass(slots=True)
class Part:
    """What a sheet's part holds. `rows` and `columns` count to the last cell; 0 where they are few or not looked at.

    `marked` are cells, by row and column from 0, that hold an error (its name) or a formula without a value (after
    `UNWORKED`).
    """

    rows: int = 0
    columns: int = 0
    merged: list[Merged] = field(default_factory=list)
    marked: dict[tuple[int, int], str] = field(default_factory=dict)


def parts_of(archive: zipfile.ZipFile) -> dict[str, Part]:
    """The parts of a workbook's sheets, by the sheet's name; those that no sheet names by their own.

    Args:
        archive: an XLSX, XLSB or ODS.

    Raises:
        ValueError: a part that a reader might read otherwise than we do: its cells' places are written in entities, or
            it declares entities of its own.
        OSError, zipfile.BadZipFile, zlib.error, RuntimeError: the archive cannot be read.
    """
    names = archive.namelist()
    if "content.xml" in names:
        return _of_ods(archive.read("content.xml"))
    called = _sheet_names(archive, frozenset(names))
    found = {}
    for name in names:
        part = _part(archive.read(name)) if name.endswith((".xml", ".bin")) else None
        if part is not None:
            found[called.get(name, name)] = part
    return found


def _part(data: bytes) -> Part | None:
    """A sheet's part; None of any other."""
    if data[:2] == bytes((SHEET_BEGINS & 0x7F | 0x80, SHEET_BEGINS >> 7)):
        return _of_records(data)
    return _of_xml(data) if b"sheetData" in data else None


def _of_xml(xml: bytes) -> Part:
    if b"<!ENTITY" in xml or HIDDEN_AT.search(xml):
        raise ValueError("places of cells written in entities")
    part = Part()
    if WIDE_OR_LONG.search(xml):
        for found in AT.finditer(xml):
            part.rows = max(part.rows, int(found[2]))
            part.columns = max(part.columns, _column(found[1]))
    for pattern, mark in ((ERROR, ""), (VALUELESS, UNWORKED)):
        for found in pattern.finditer(xml):
            at = None if IS_TEXT.search(found[1]) else AT.search(found[1])
            if at is not None:
                said = found[3] if pattern is ERROR else found[2] or b""
                part.marked[int(at[2]) - 1, _column(at[1]) - 1] = mark + unescape(said.decode("utf-8", "replace"))
    return part


def _column(letters: bytes) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _of_records(data: bytes) -> Part:
    part, row = Part(), 0
    for kind, body in _records(data):
        if kind == ROW_HEADER and len(body) >= 4:
            (row,) = struct.unpack_from("<I", body)
            part.rows = max(part.rows, row + 1)
        elif kind in CELLS and len(body) >= 4:
            (column,) = struct.unpack_from("<I", body)
            part.columns = max(part.columns, column + 1)
            if kind in ERROR_CELLS and len(body) > 8:
                part.marked[row, column] = ERRORS.get(body[8], "#ERROR!")
        elif kind == MERGE and len(body) >= 16:
            top, bottom, left, right = struct.unpack_from("<4I", body)
            part.merged.append(Merged(top, left, bottom, right))
    return part


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each record; a last one that is cut off is left out."""
    at, end = 0, len(data)
    while at < end:
        kind, at = data[at], at + 1
        if kind & 0x80 and at < end:
            kind, at = (kind & 0x7F) | (data[at] & 0x7F) << 7, at + 1
        size = shift = 0
        while at < end and shift < 28:
            byte, at = data[at], at + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if at + size > end:
            return
        yield kind, data[at : at + size]
        at += size


def _sheet_names(archive: zipfile.ZipFile, names: frozenset[str]) -> Mapping[str, str]:
    """The name of the sheet that each part is, as far as the workbook says."""
    for book in ("xl/workbook.xml", "xl/workbook.bin"):
        relations = f"xl/_rels/{posixpath.basename(book)}.rels"
        if book in names and relations in names:
            targets = _targets(archive.read(relations))
            sheets = _sheets_in_xml(archive.read(book)) if book.endswith("xml") else _sheets_in_bin(archive.read(book))
            return {targets[relation]: name for relation, name in sheets if relation in targets}
    return {}


def _targets(xml: bytes) -> dict[str, str]:
    found = {}
    for one in _tree(xml).iter(RELATIONS):
        target = one.get("Target", "")
        found[one.get("Id", "")] = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return found


def _sheets_in_xml(xml: bytes) -> Iterator[tuple[str, str]]:
    for one in _tree(xml).iter():
        if one.tag.rpartition("}")[2] == "sheet":
            yield one.get(RELATION_ID, ""), one.get("name", "")


def _sheets_in_bin(data: bytes) -> Iterator[tuple[str, str]]:
    for kind, body in _records(data):
        if kind == BUNDLE and len(body) > 12:
            (length,) = struct.unpack_from("<I", body, 8)
            relation = body[12 : 12 + 2 * length].decode("utf-16-le", "replace")
            yield relation, body[16 + 2 * length :].decode("utf-16-le", "replace")


def _tree(xml: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise ValueError("it declares entities of its own")
    try:
        return ElementTree.fromstring(xml)  # noqa: S314 - entities are refused above
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error


def _of_ods(xml: bytes) -> dict[str, Part]:
    """Merged regions of each table. How far cells reach calamine bounds by itself."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise ValueError("it declares entities of its own")
    if b"spreadsheet" not in xml:
        raise ValueError("no table in it")
    found: dict[str, Part] = {}
    if not SPANNED.search(xml):
        return found
    part, row = Part(), 0
    try:
        for event, element in ElementTree.iterparse(BytesIO(xml), ("start", "end")):  # noqa: S314 - as above
            if event == "start" and element.tag == f"{TABLE}table":
                part, row = found.setdefault(element.get(f"{TABLE}name", ""), Part()), 0
            elif event == "end" and element.tag == f"{TABLE}table-row":
                part.merged += _regions(element, row)
                row += _count(element, "number-rows-repeated")
                element.clear()
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    return found


def _regions(row: ElementTree.Element, number: int) -> Iterator[Merged]:
    column = 0
    for cell in row:
        down, right = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
        if (down, right) != (1, 1):
            yield Merged(number, column, number + down - 1, column + right - 1)
        column += _count(cell, "number-columns-repeated")


def _count(element: ElementTree.Element, attribute: str) -> int:
    said = element.get(f"{TABLE}{attribute}", "1")
    return max(int(said), 1) if re.fullmatch(r"[0-9]{1,9}", said) else 1
