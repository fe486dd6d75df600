"""Text with separators to rows: commas, tabs, semicolons, bars, full-width commas; quoted cells may hold line ends."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any

from pipelines.errors import Refusal
from pipelines.registry_import.sheets import Rows

DELIMITERS = ",\t;，；|"
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
        return tuple(tuple(map(_cell, row)) for row in _reader(body, delimiter))
    except csv.Error as error:
        raise Refusal(name, "registry_file_unreadable", str(error)) from error


def _reader(text: str, delimiter: str) -> Any:
    csv.field_size_limit(CELL_CHARACTERS_AT_MOST)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _cell(cell: str) -> str:
    bare = cell.strip()
    formula = AS_FORMULA.fullmatch(bare) if bare[:1] == "=" else None
    return formula[1].strip() if formula else bare


def _delimiter(text: str) -> str:
    sample = text[:SAMPLE_CHARACTERS]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        try:
            for _, row in zip(range(SAMPLE_ROWS), _reader(sample, delimiter), strict=False):
                widths[len(row)] += len(row) > 1
        except csv.Error:
            return 0, 0
        width, count = max(widths.items(), key=lambda item: (item[1] * item[0], item[0]), default=(0, 0))
        return (count, width) if count else (0, 0)

    return max(DELIMITERS, key=lambda delimiter: evenness(delimiter)[0] * evenness(delimiter)[1])
