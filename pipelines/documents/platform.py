"""Files of the city's platform 移动执法, by a mapping file: what goes out comes back the same, what it adds is kept.

A cell says a value in the platform's words. Where a cell alone would not give the value back (an instant finer than the
time's form, an empty text beside none), the `rest` column says it, together with the cell as it was written: once
somebody changed the cell at the other end, the cell counts.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from importlib import resources
from typing import Any

from pipelines.errors import Refusal

BEIJING = timezone(timedelta(hours=8))
FIELDS: Mapping[str, Mapping[str, str]] = {
    "lead": {
        "id": "text", "state": "text", "enterprise": "text", "next_step": "text", "alerts": "json", "reason": "text",
        "by": "text", "role": "text", "at": "time", "simulated": "json",
    },
    "check": {
        "id": "text", "basis": "text", "basis_ref": "text", "enterprise": "text", "reason": "text", "state": "text",
        "judgement": "text", "next_step": "text", "within_days": "json", "closed_reason": "text", "by": "text",
        "role": "text", "at": "time", "closed_by": "text", "closed_at": "time", "items": "json", "simulated": "json",
    },
    "finding": {
        "id": "text", "lead": "text", "alert": "text", "found": "text", "really": "text", "text": "text",
        "seen_on": "text", "by": "text", "role": "text", "at": "time", "simulated": "json",
    },
    "case": {
        "id": "text", "lead": "text", "state": "text", "party": "text", "marks": "json", "by": "text", "role": "text",
        "at": "time", "steps": "json", "simulated": "json",
    },
    "task": {
        "id": "text", "kind": "text", "assigned_to": "text", "subject": "text", "text": "text", "due_on": "text",
        "by": "text", "role": "text", "at": "time", "simulated": "json",
    },
}  # fmt: skip
"""Each kind of record with its fields and how they are written: text, an instant, or anything else as JSON."""
KINDS = tuple(FIELDS)
FORMATS, ENCODINGS = ("csv", "json"), ("utf-8", "utf-8-sig", "gb18030")
KEY = "id"


@dataclass(frozen=True, slots=True)
class PlatformMapping:
    """The mapping of one kind: the column of each field, the platform's words for ours, how a file is written."""

    kind: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    format: str
    encoding: str
    time: str
    rest: str


@dataclass(frozen=True, slots=True)
class Row:
    """A record: our fields, and columns that the mapping does not name, as they stood."""

    content: Mapping[str, Any]
    others: Mapping[str, str] = field(default_factory=dict)


def default_mapping() -> bytes:
    """The mapping that came with this version."""
    return (resources.files("pipelines.documents") / "platform.toml").read_bytes()


def mapping_of(content: bytes, kind: str) -> PlatformMapping:
    """Read a mapping file for one kind.

    Raises:
        Refusal: `platform_kind_unknown`, `mapping_unfit`.
    """
    if kind not in FIELDS:
        raise Refusal(kind or "(empty)", "platform_kind_unknown", ", ".join(KINDS))
    try:
        told = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal("mapping", "mapping_unfit", str(error)) from error
    columns, values = told.get(kind, {}), told.get("values", {}).get(kind, {})
    made = PlatformMapping(
        kind, columns, values, told.get("format", "csv"), told.get("encoding", "utf-8"),
        told.get("time", "%Y-%m-%d %H:%M:%S"), told.get("rest", ""),
    )  # fmt: skip
    why = _unfit(made)
    if why:
        raise Refusal(kind, "mapping_unfit", why)
    return made


def _unfit(one: PlatformMapping) -> str:
    """Why a mapping cannot be used; "" where it can."""
    named = [*one.columns.values(), *([one.rest] if one.rest else [])]
    words = [word for table in one.values.values() for word in table.values()]
    unknown = sorted((set(one.columns) | set(one.values)) - set(FIELDS[one.kind]))
    twice = sorted(f for f, table in one.values.items() if len(set(table.values())) < len(table))
    reasons = {
        f"no such field: {', '.join(unknown)}": bool(unknown),
        f"no column for {KEY}": KEY not in one.columns,
        "columns are texts that are not empty": not all(isinstance(name, str) and name for name in named),
        "two fields in one column": len(set(map(str, named))) < len(named),
        "words are texts that are not empty": not all(isinstance(word, str) and word for word in words),
        f"one word for two of ours: {', '.join(twice)}": bool(twice),
        f"format {one.format}, encoding {one.encoding}": one.format not in FORMATS or one.encoding not in ENCODINGS,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def written(rows: Sequence[Row], mapping: PlatformMapping, columns: Sequence[str] = ()) -> bytes:
    """A file of the platform.

    Args:
        rows: in order.
        mapping: of their kind.
        columns: in this order, those of a file that came in; further ones follow.

    Raises:
        Refusal: `mapping_loses`, naming the fields that no column would give back.
    """
    cells = [_cells(row, mapping) for row in rows]
    order = dict.fromkeys([*columns, *mapping.columns.values()])
    order |= dict.fromkeys(name for one in cells for name in one)
    heads = list(order)
    if mapping.format == "json":
        told = [{name: one.get(name, "") for name in heads} for one in cells]
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode(mapping.encoding)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([one.get(name, "") for name in heads] for one in cells)
    return buffer.getvalue().encode(mapping.encoding)


def read(content: bytes, mapping: PlatformMapping) -> tuple[list[Row], list[str]]:
    """The records of a file, and its columns in their order.

    Raises:
        Refusal: `platform_file_unfit`: not of this form, without its key, or a key twice.
    """
    heads, cells = _table(content, mapping)
    rows, seen = [], set()
    for number, one in enumerate(cells, 1):
        row = _row(one, mapping)
        key = row.content.get(KEY)
        if not isinstance(key, str) or not key or key in seen:
            raise Refusal(f"row {number}", "platform_file_unfit", f"{mapping.columns[KEY]}: {key or 'empty'}")
        seen.add(key)
        rows.append(row)
    return rows, heads


def _table(content: bytes, mapping: PlatformMapping) -> tuple[list[str], list[dict[str, str]]]:
    try:
        text = content.decode(mapping.encoding)
        if mapping.format == "json":
            told = json.loads(text)
            cells = [{str(k): v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in one.items()}
                     for one in told]  # fmt: skip
            heads = list(dict.fromkeys(name for one in cells for name in one))
        else:
            lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
            heads = lines[0] if lines else []
            cells = [dict(zip(heads, line, strict=True)) for line in lines[1:] if line]
    except (ValueError, AttributeError, TypeError, csv.Error) as error:
        raise Refusal(mapping.kind, "platform_file_unfit", str(error)) from error
    if len(set(heads)) < len(heads) or (cells and mapping.columns[KEY] not in heads):
        raise Refusal(mapping.kind, "platform_file_unfit", f"columns: {', '.join(heads)}")
    return heads, cells


def _cells(row: Row, mapping: PlatformMapping) -> dict[str, str]:
    cells = dict(row.others)
    rest: dict[str, list[Any]] = {}
    for name in FIELDS[mapping.kind]:
        value, column = row.content.get(name), mapping.columns.get(name)
        cell = "" if column is None else _cell(name, value, mapping)
        if column is not None:
            cells[column] = cell
        if value is not None and (column is None or not _same(_value(name, cell, mapping), value)):
            rest[name] = [cell, value]
    if rest and not mapping.rest:
        raise Refusal(str(row.content.get(KEY)), "mapping_loses", ", ".join(rest))
    if mapping.rest:
        cells[mapping.rest] = json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else ""
    return cells


def _row(cells: Mapping[str, str], mapping: PlatformMapping) -> Row:
    content = {name: _value(name, cells.get(column, ""), mapping) for name, column in mapping.columns.items()}
    told = cells.get(mapping.rest, "") if mapping.rest else ""
    for name, (cell, value) in _rest(told).items():
        if cells.get(mapping.columns.get(name, ""), "") == cell:
            content[name] = value
    named = {*mapping.columns.values(), mapping.rest}
    whole = {name: content.get(name) for name in FIELDS[mapping.kind]}
    return Row(whole, {name: cell for name, cell in cells.items() if name not in named})


def _rest(told: str) -> dict[str, tuple[str, Any]]:
    if not told:
        return {}
    try:
        return {str(name): (str(cell), value) for name, (cell, value) in json.loads(told).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise Refusal("rest", "platform_file_unfit", str(error)) from error


def _cell(name: str, value: Any, mapping: PlatformMapping) -> str:
    if value is None:
        return ""
    how = FIELDS[mapping.kind][name]
    if how == "time":
        return datetime.fromisoformat(value).astimezone(BEIJING).strftime(mapping.time)
    text = value if isinstance(value, str) and how == "text" else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return mapping.values.get(name, {}).get(text, text)


def _value(name: str, cell: str, mapping: PlatformMapping) -> Any:
    if cell == "":
        return None
    how = FIELDS[mapping.kind][name]
    text = {theirs: ours for ours, theirs in mapping.values.get(name, {}).items()}.get(cell, cell)
    try:
        if how == "time":
            return datetime.strptime(text, mapping.time).replace(tzinfo=BEIJING).isoformat()
        return json.loads(text) if how == "json" else text
    except ValueError:
        return text


def _same(read_back: Any, value: Any) -> bool:
    """Whether a cell alone gives the value back: 1 and true, 1 and 1.0 are not the same."""
    return json.dumps(read_back, sort_keys=True) == json.dumps(value, sort_keys=True)
