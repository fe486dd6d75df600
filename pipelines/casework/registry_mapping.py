"""What the headings of an office's files mean, said once by a person and found again by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from enforcement.registry import KINDS
from pipelines.casework.acting import acting, noted
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.registry_import import headings as known
from pipelines.registry_import.layout import LEVELS_AT_MOST, headings_in, rows_above
from pipelines.registry_import.mapping import FileMapping
from pipelines.registry_import.sheets import Sheet
from pipelines.registry_import.table import read_book
from pipelines.store import Store
from pipelines.store.read import registry_imports as read
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.records import SavedMapping
from pipelines.store.write import registry_imports as write

LONGEST_NAME = 64
HEADING_ROWS_LOOKED_AT, ROWS_LOOKED_AT = 20, 40
OURS = ("headings", "ignored")
"""What a saved mapping holds beyond what the reader of files takes."""


@dataclass(frozen=True, slots=True)
class OfficeMapping:
    """What each heading of an office's files means.

    `file` is what the reader takes; `ignored` the headings that mean nothing to us; `headings` all headings of the
    file it was made from: by them a later file of the same office is recognised.
    """

    file: FileMapping
    headings: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form in which it is saved, and written to a file."""
        return self.file.as_json() | {"headings": list(self.headings), "ignored": list(self.ignored)}


@dataclass(frozen=True, slots=True)
class UsedMapping:
    """Which mapping a file is read with, and how it was found: `named`, `file`, `page` or by its `headings`."""

    map: OfficeMapping
    name: str
    found: str
    id: int | None = None


def map_of_json(said: Any, where: str) -> OfficeMapping:
    """A mapping from JSON: the form of `OfficeMapping.to_json`, or just our field to the file's heading.

    Raises:
        Refusal: `bad_mapping_file`, `registry_mapping_bad`.
    """
    if not isinstance(said, Mapping):
        raise Refusal(where, "bad_mapping_file", "not a JSON object")
    listed = {name: said.get(name) for name in OURS if isinstance(said.get(name), list | tuple)}
    if not all(isinstance(text, str) for texts in listed.values() for text in texts or ()):
        raise Refusal(where, "bad_mapping_file", "headings are texts")
    rest = {name: value for name, value in said.items() if name not in listed}
    return OfficeMapping(FileMapping.of(rest), **{name: tuple(texts or ()) for name, texts in listed.items()})


def map_of_file(path: Path) -> OfficeMapping:
    """A mapping from a JSON file.

    Raises:
        Refusal: `bad_mapping_file`, `registry_mapping_bad`.
    """
    try:
        said = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Refusal(str(path), "bad_mapping_file", str(error)) from error
    return map_of_json(said, path.name)


def named_or_file(store: Store, said: str) -> UsedMapping:
    """The mapping that a command names: one that is saved, else a JSON file.

    Raises:
        Refusal: `unknown_mapping`, `bad_mapping_file`.
    """
    saved = read.mapping(store, said)
    if saved is not None:
        return UsedMapping(map_of_json(dict(saved.content), saved.name), saved.name, "named", saved.id)
    if not Path(said).is_file() and not said.lower().endswith(".json"):
        names = ", ".join(one.name for one in read.mappings(store)) or "none is saved"
        raise Refusal(said, "unknown_mapping", f"no file of that name either; saved: {names}")
    return UsedMapping(map_of_file(Path(said)), Path(said).name, "file")


@dataclass(frozen=True, slots=True)
class Looked:
    """The top of one sheet of a file: its first rows as text, and which of them look like the headings.

    `header` is the uppermost of them, from 0, `levels` how many there are.
    """

    sheet: str
    rows: tuple[tuple[str, ...], ...]
    header: int
    levels: int = 1

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings, of several rows joined."""
        return headings_in(self.rows[self.header : self.header + self.levels])

    @property
    def lowest(self) -> tuple[str, ...]:
        """The lowest row of the headings by itself, for what a joined heading is not known as."""
        return self.rows[min(self.header + self.levels, len(self.rows)) - 1] if self.rows else ()


def look_at(path: Path, *, encoding: str | None = None) -> tuple[Looked, ...]:
    """The tops of a file's sheets, without giving its cells a meaning.

    The headings are taken to be the first row in which the most different things are said before figures begin, and the
    rows that merged cells tie to it from above.

    Raises:
        Refusal: the file cannot be read.
    """
    return tuple(_looked(sheet) for sheet in read_book(path, encoding=encoding).sheets if not sheet.hidden)


def _looked(sheet: Sheet) -> Looked:
    top = sheet.rows[:ROWS_LOOKED_AT]
    said = [len({cell for cell in row if cell and not _is_figure(cell)}) for row in top[:HEADING_ROWS_LOOKED_AT]]
    lowest = said.index(max(said)) if said else 0
    above = rows_above(sheet, lowest) if top else 0
    return Looked(sheet.name, top, lowest - above, above + 1)


def _is_figure(cell: str) -> bool:
    return any(letter.isdigit() for letter in cell)


def for_headings(store: Store, looked: Sequence[Looked]) -> UsedMapping | None:
    """The saved mapping whose headings are exactly those of a file, blanks and order aside.

    Args:
        store: the home.
        looked: the tops of the file's sheets; the headings may stand in any of their rows, or in up to three of them.

    Returns:
        Of several the one saved last; None where there is none.
    """
    seen = {
        _alike(headings_in(sheet.rows[at : at + levels]))
        for sheet in looked
        for levels in range(1, LEVELS_AT_MOST + 1)
        for at in range(len(sheet.rows) if levels == 1 else HEADING_ROWS_LOOKED_AT)
    }
    fitting = [one for one in read.mappings(store) if _alike(one.content.get("headings") or ()) in seen]
    if not fitting:
        return None
    saved: SavedMapping = max(fitting, key=lambda one: one.received_at)
    return UsedMapping(map_of_json(dict(saved.content), saved.name), saved.name, "headings", saved.id)


def save_mapping(store: Store, name: str, said: OfficeMapping, *, by: str | None, at: datetime) -> Act:
    """Save a mapping under an office's name; the one before it is ended, not overwritten.

    Args:
        store: the home.
        name: the office, as it is to be shown: 生态环境局, 水务局 …
        said: the mapping, with its kind.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The name, `saved`, or `unchanged` where it said so already.

    Raises:
        Refusal: the role may not, `bad_mapping_name`, `registry_mapping_bad`.
    """
    with acting(store, by, "registry_mapping", at) as (tx, user):
        plain = name.strip()
        if not plain or not plain.isprintable() or len(plain) > LONGEST_NAME:
            raise Refusal(name or "(empty)", "bad_mapping_name")
        kind = _checked(said)
        number = write.save_mapping(tx, plain, kind, said.to_json(), by=user.id, role=user.role, at=at)
        if not tx.touched():
            return Act(plain, "unchanged", first_entry_of_row(tx, "registry_mapping", str(number)), True)
        payload = {"name": plain, "kind": kind, "mapping": said.to_json()}
        return Act(
            plain, "saved", noted(tx, user, at=at, kind="registry_mapping_saved", subject=plain, payload=payload)
        )


def needed_of(kind: str) -> tuple[str, ...]:
    """The fields that files of a kind need, or one of which they need."""
    return tuple(field for need in known.needs_of(kind, said=True) for field in need.split("|"))


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields that a heading may mean in files of a kind, those that are needed first."""
    needed = needed_of(kind)
    return (*needed, *(field for field in known.table()[kind]["fields"] if field not in needed))


def lacking(kind: str, fields: Iterable[str]) -> list[str]:
    """What a file with these fields lacks to be of a kind, each as the first spelling of its heading."""
    return known.missing(known.Recognised(kind, dict.fromkeys(fields, 0)), said=True)


def meanings(headings: Sequence[str], kind: str, columns: Mapping[str, str]) -> dict[str, str]:
    """What each heading means in files of a kind: heading to field, headings without a meaning left out.

    Args:
        headings: of a file.
        kind: of its rows.
        columns: our field to the heading, as somebody said it; "" for a field that the file does not have.
    """
    there = {known.plain(heading): heading for heading in reversed(headings) if heading}
    found: dict[str, str] = {}
    for field, spellings in known.table()[kind]["fields"].items():
        wanted = [columns[field]] if field in columns else spellings
        heading = next((there[known.plain(one)] for one in wanted if known.plain(one) in there), None)
        if heading is not None:
            found.setdefault(heading, field)
    return found


def nearest_kind(headings: Sequence[str]) -> str:
    """The kind whose headings a file knows most of, whether or not it is whole."""
    return max((kind for kind in KINDS if kind in known.table()), key=lambda kind: len(meanings(headings, kind, {})))


def _checked(said: OfficeMapping) -> str:
    kind = said.file.kind
    if kind is None or kind not in KINDS or kind not in known.table():
        raise Refusal(kind or "kind", "registry_mapping_bad", "a saved mapping says what the rows are")
    unknown = [field for field in said.file.columns if field not in (*fields_of(kind), known.GEOMETRY)]
    if unknown:
        raise Refusal(", ".join(unknown), "registry_mapping_bad", f"a {kind} has no such field")
    if not said.headings:
        raise Refusal("headings", "registry_mapping_bad", "it does not list the headings of the file")
    there = "|".join(_alike(said.headings))
    missing = [heading for heading in said.file.columns.values() if heading and not _is_among(heading, there)]
    if missing:
        raise Refusal(", ".join(missing), "registry_mapping_bad", "not among the headings")
    return kind


def _alike(headings: Sequence[str]) -> frozenset[str]:
    return frozenset(known.plain(heading) for heading in headings if heading.strip())


def _is_among(heading: str, there: str) -> bool:
    """Whether a heading, or one of the headings that a heading in two rows is joined from, is in the list."""
    bare = known.plain(heading)
    return bare in there or any(one and one in bare for one in there.split("|"))
