"""The common form of every file: sheets of cells as text, before any of them means something."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

Rows = tuple[tuple[str, ...], ...]
WHOLE_BELOW = 1e15  # beyond it a spreadsheet has rounded a number


class Merged(NamedTuple):
    """A merged region: rows and columns from 0, both ends in it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of a table as text, headings and titles among them. Merged cells hold their text throughout.

    `blank` are the rows that hold nothing of their own, only text of a cell merged into them from above.
    """

    name: str
    rows: Rows
    merged: tuple[Merged, ...] = ()
    blank: frozenset[int] = frozenset()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A file's sheets, one where it is a plain table; how it was written; the CRS that geodata declares."""

    sheets: tuple[Sheet, ...]
    encoding: str
    declared_crs: str | None = None
    notes: tuple[tuple[str, str, str], ...] = field(default=())


def text_of(value: Any) -> str:
    """A spreadsheet's or JSON's cell as people would write it."""
    if isinstance(value, str):
        return value.strip()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < WHOLE_BELOW else repr(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip()


def spread(rows: Sequence[Sequence[str]], merged: Sequence[Merged]) -> tuple[Rows, frozenset[int]]:
    """The rows with the text of each merged region in all of its cells, and the rows that held nothing before."""
    filled = [list(row) for row in rows]
    blank = {number for number, row in enumerate(filled) if not any(row)}
    for top, left, bottom, right in merged:
        if top >= len(filled) or left >= len(filled[top]):
            continue
        text = filled[top][left]
        for number in range(top, min(bottom + 1, len(filled)) if text else top):
            row = filled[number]
            row[left : right + 1] = [text] * len(row[left : right + 1])
    return tuple(map(tuple, filled)), frozenset(number for number in blank if any(filled[number]))


def features_book(features: Sequence[Mapping[str, Any]], encoding: str, declared: str | None, geometry: str) -> Book:
    """GeoJSON features as one sheet: their properties as columns, and `geometry`."""
    properties = [one.get("properties") or {} for one in features]
    names = list(dict.fromkeys(key for one in properties for key in one if key != geometry))
    rows = [
        (*(text_of(one.get(key)) for key in names), text_of(feature.get("geometry")))
        for one, feature in zip(properties, features, strict=True)
    ]
    return Book((Sheet("", ((*names, geometry), *rows)),), encoding, declared)
