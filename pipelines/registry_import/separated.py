"""Text with separators to rows: commas, tabs, semicolons, bars, full-width commas; quoted cells may hold line ends.

A quote that nobody closes would swallow all rows below it; such a line is read by itself, its quote as a character.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipelines.errors import Refusal
from pipelines.registry_import.sheets import Rows

DELIMITERS = ",\t;，；|"
HEADING_LINES = 20  # within which headings stand
SAMPLE_CHARACTERS, SAMPLE_ROWS = 65_536, 50
CELL_CHARACTERS_AT_MOST = 16 * 1024 * 1024  # a geometry may be long
AS_FORMULA = re.compile(r'="([^"]*)"')  # how a program keeps Excel from making a number of a code
SEPARATOR_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def separated_rows(name: str, text: str) -> Rows:
    """The rows of a CSV or its kin; the separator is told by which one parts the rows most evenly.

    Raises:
        Refusal: `registry_file_unreadable`.
    """
    said = SEPARATOR_SAID.match(text)
    delimiter = said[1] if said else _delimiter(text)
    body = text[said.end() :] if said else text
    try:
        return tuple(tuple(map(_cell, row)) for row in _records(body, delimiter))
    except csv.Error as error:
        raise Refusal(name, "registry_file_unreadable", str(error)) from error


def _records(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    """The records of a text, one that an open quote would make of many lines taken apart again."""
    lines = io.StringIO(text, newline="").readlines()
    width = at = 0
    while at < len(lines):
        reader = _reader((lines[k] for k in range(at, len(lines))), delimiter)
        begun = 0
        for record in reader:
            inner = lines[at + begun + 1 : at + reader.line_num]
            ends = at + reader.line_num >= len(lines)
            if len(record) < width and _swallowed(inner, delimiter, width, to_the_end=ends):
                yield next(csv.reader([lines[at + begun]], delimiter=delimiter, quoting=csv.QUOTE_NONE))
                at += begun + 1
                break
            width = max(width, len(record)) if at + begun < HEADING_LINES else width
            begun = reader.line_num
            yield record
        else:
            return


def _swallowed(inner: Sequence[str], delimiter: str, width: int, *, to_the_end: bool) -> bool:
    """Whether lines within one record are rows of their own: as wide as the headings, and no quote in them."""
    closed = inner if to_the_end else inner[:-1]
    return any('"' not in line and line.count(delimiter) >= width - 1 for line in closed)


def _reader(lines: Iterable[str], delimiter: str) -> Any:
    csv.field_size_limit(CELL_CHARACTERS_AT_MOST)
    return csv.reader(lines, delimiter=delimiter)


def _cell(cell: str) -> str:
    bare = cell.strip()
    formula = AS_FORMULA.fullmatch(bare) if bare[:1] == "=" else None
    return formula[1].strip() if formula else bare


def _delimiter(text: str) -> str:
    sample = text[:SAMPLE_CHARACTERS]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        try:
            for _, row in zip(range(SAMPLE_ROWS), _reader(io.StringIO(sample, newline=""), delimiter), strict=False):
                widths[len(row)] += len(row) > 1
        except csv.Error:
            return 0, 0
        width, count = max(widths.items(), key=lambda item: (item[1] * item[0], item[0]), default=(0, 0))
        return (count, width) if count else (0, 0)

    return max(DELIMITERS, key=lambda delimiter: evenness(delimiter)[0] * evenness(delimiter)[1])
