"""ODS and XLSB written by hand, part by part, for what openpyxl cannot write."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Region = tuple[int, int, int, int]  # top, left, bottom, right, from 0, all in it
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MANIFEST = f'<manifest:manifest xmlns:manifest="{OFFICE}:manifest:1.0"><manifest:file-entry manifest:full-path='
ENCRYPTED = (
    '<manifest:encryption-data><manifest:algorithm manifest:algorithm-name="AES256"/></manifest:encryption-data>'
)


def write_ods(path: Path, rows: Sequence[Sequence], merged: Sequence[Region] = (), *, locked: bool = False) -> Path:
    """A table of texts and figures; None is an empty cell."""
    spans = {region[:2]: (region[2] - region[0] + 1, region[3] - region[1] + 1) for region in merged}
    covered = {
        (i, j)
        for top, left, bottom, right in merged
        for i in range(top, bottom + 1)
        for j in range(left, right + 1)
        if (i, j) != (top, left)
    }
    lines = ""
    for i, row in enumerate(rows):
        cells = "".join(_ods_cell(cell, (i, j), spans, covered) for j, cell in enumerate(row))
        lines += f"<table:table-row>{cells}</table:table-row>"
    filler = '<table:table-row table:number-rows-repeated="1000"><table:table-cell/></table:table-row>'
    names = " ".join(f'xmlns:{one}="{OFFICE}:{one}:1.0"' for one in ("office", "table", "text"))
    body = f'<office:body><office:spreadsheet><table:table table:name="表">{lines}{filler}</table:table>'
    content = f"<office:document-content {names}>{body}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"\x00\xff" * 500 if locked else content)
        entry = f'"content.xml">{ENCRYPTED if locked else ""}</manifest:file-entry></manifest:manifest>'
        archive.writestr("META-INF/manifest.xml", MANIFEST + entry)
    return path


def _ods_cell(cell: object, at: tuple[int, int], spans: dict, covered: set) -> str:
    if at in covered:
        return "<table:covered-table-cell/>"
    down, right = spans.get(at, (1, 1))
    span = f' table:number-rows-spanned="{down}" table:number-columns-spanned="{right}"' if at in spans else ""
    if cell is None:
        return f"<table:table-cell{span}/>"
    kind = f'float" office:value="{cell}' if isinstance(cell, int | float) else "string"
    return f'<table:table-cell{span} office:value-type="{kind}"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


def write_xlsb(
    path: Path,
    cells: Iterable[tuple[int, int, object]],
    merged: Sequence[Region] = (),
    *,
    errors: Sequence[tuple[int, int, int]] = (),
) -> Path:
    """Cells by row and column from 0, in their order; `errors` with the code of each."""
    every = sorted(
        [*((i, j, cell, None) for i, j, cell in cells), *((i, j, None, code) for i, j, code in errors)],
        key=lambda c: c[:2],
    )
    sheet, row = _record(129) + _record(148, struct.pack("<4I", 0, every[-1][0], 0, 9)) + _record(145), -1
    for i, j, cell, code in every:
        if i != row:
            sheet, row = sheet + _record(0, struct.pack("<2IHBHI", i, 0, 300, 0, 0, 0)), i
        head = struct.pack("<2I", j, 0)
        if code is not None:
            sheet += _record(3, head + bytes([code]))
        elif isinstance(cell, int | float):
            sheet += _record(5, head + struct.pack("<d", cell))
        else:
            sheet += _record(6, head + _text(str(cell)))
    sheet += _record(146)
    if merged:
        regions = b"".join(
            _record(176, struct.pack("<4I", top, bottom, left, right)) for top, left, bottom, right in merged
        )
        sheet += _record(177, struct.pack("<I", len(merged))) + regions + _record(178)
    bundle = _record(156, struct.pack("<2I", 0, 1) + _text("rId1") + _text("表"))
    relation = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{DOCUMENT}'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        archive.writestr("_rels/.rels", f'{relation}/officeDocument" Target="xl/workbook.bin"/></Relationships>')
        archive.writestr("xl/workbook.bin", _record(131) + _record(143) + bundle + _record(144) + _record(132))
        target = f'{relation}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
        archive.writestr("xl/_rels/workbook.bin.rels", target)
        archive.writestr("xl/worksheets/sheet1.bin", sheet + _record(130))
    return path


def _record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return head + size + body


def _text(text: str) -> bytes:
    wide = text.encode("utf-16-le")
    return struct.pack("<I", len(wide) // 2) + wide
