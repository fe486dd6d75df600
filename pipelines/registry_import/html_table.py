"""HTML tables, which many offices' systems send under the name of a spreadsheet. Spans are filled like merged cells."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pipelines.errors import Refusal
from pipelines.registry_import.encodings import decoded
from pipelines.registry_import.sheets import Book, Merged, Sheet, spread

BEGINNING = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|meta|body|table|style|div)\b", re.IGNORECASE
)
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
SAID_AS = {"gb2312": "gb18030", "gbk": "gb18030"}  # browsers, too, read the wider one
HEAD_BYTES = 4096
ROWS_SPANNED_AT_MOST, COLUMNS_SPANNED_AT_MOST = 1000, 50
CELLS_SPANNED_AT_MOST = 1_000_000  # of a whole file


def is_html(data: bytes) -> bool:
    """Whether a file is HTML by its first bytes, whatever it is called."""
    return BEGINNING.match(data[:HEAD_BYTES]) is not None


def read_html(name: str, data: bytes, *, encoding: str | None = None) -> Book:
    """Read every table of an HTML file as a sheet.

    Args:
        name: the file's, for refusals.
        data: the whole file.
        encoding: what somebody says; without it what the file says of itself, where that fits, else what fits.

    Raises:
        Refusal: `registry_file_unreadable`, `registry_file_too_large`, `encoding_unknown`.
    """
    text, used = _text(name, data, encoding)
    reader = _Tables()
    try:
        reader.feed(text)
        reader.close()
    except _TooManySpans as error:
        raise Refusal(name, "registry_file_too_large", f"cells span {error} others and more") from error
    sheets = tuple(table.sheet(str(number)) for number, table in enumerate(reader.tables, start=1) if table.rows)
    if not sheets:
        raise Refusal(name, "registry_file_unreadable", "an HTML page without a table")
    return Book(sheets, used)


def _text(name: str, data: bytes, encoding: str | None) -> tuple[str, str]:
    said = CHARSET.search(data[:HEAD_BYTES])
    if encoding is None and said is not None:
        called = said[1].decode("ascii", "replace").lower()
        try:
            return decoded(name, data, SAID_AS.get(called, called))[0], SAID_AS.get(called, called)
        except Refusal:
            pass  # the page was saved anew in another encoding than it says
    return decoded(name, data, encoding)


class _TooManySpans(Exception):
    """Cells that span more than a table can hold."""


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.merged: list[Merged] = []
        self._taken: set[tuple[int, int]] = set()
        self._next = 0

    def new_row(self) -> None:
        self.rows.append([])
        self._next = 0

    def add(self, text: str, down: int, right: int) -> None:
        row, column = len(self.rows) - 1, self._next
        while (row, column) in self._taken:
            column += 1
        self._next = column + right
        cells = self.rows[row]
        cells.extend([""] * (column + right - len(cells)))
        cells[column] = text
        if (down, right) != (1, 1):
            self.merged.append(Merged(row, column, row + down - 1, column + right - 1))
        self._taken.update((row + r, column + c) for r in range(1, down) for c in range(right))

    def sheet(self, name: str) -> Sheet:
        width = max(max(map(len, self.rows)), 1 + max((one.right for one in self.merged), default=0))
        rows, blank = spread([[*row, *[""] * (width - len(row))] for row in self.rows], self.merged)
        return Sheet(name, rows, tuple(self.merged), blank)


class _Tables(HTMLParser):
    """Tables in the order in which they begin; a table within a cell is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._spanned = 0
        self._mute = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script"):
            self._mute = True
        elif tag == "table":
            self._finish()
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._finish()
            self._open[-1].new_row()
        elif tag in ("td", "th") and self._open and self._open[-1].rows:
            self._finish()
            said = dict(attrs)
            self._cell, self._span = [], _spans(said.get("rowspan"), said.get("colspan"))
        elif tag in ("br", "p") and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._mute = False
        elif tag in ("td", "th", "tr"):
            self._finish()
        elif tag == "table" and self._open:
            self._finish()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._mute:
            self._cell.append(re.sub(r"\s+", " ", data))

    def close(self) -> None:
        super().close()
        self._finish()

    def _finish(self) -> None:
        if self._cell is not None and self._open:
            self._spanned += self._span[0] * self._span[1] - 1
            if self._spanned > CELLS_SPANNED_AT_MOST:
                raise _TooManySpans(self._spanned)
            self._open[-1].add("".join(self._cell).strip(), *self._span)
        self._cell = None


def _spans(down: str | None, right: str | None) -> tuple[int, int]:
    return min(_number(down), ROWS_SPANNED_AT_MOST), min(_number(right), COLUMNS_SPANNED_AT_MOST)


def _number(said: str | None) -> int:
    return max(int(said), 1) if said is not None and re.fullmatch(r"[0-9]{1,6}", said) else 1
