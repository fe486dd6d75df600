"""Rules as dated rows: read from `policy/*.toml`, checked whole at load, asked for by id **and** day.

A row in force on the *event's* day is used, so no function here has a default for the day. What is not known for
certain is said so on the row, field by field (`confidence`), and never in the code that uses it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from enforcement.errors import NoRuleInForce, PolicyRowBad
from enforcement.policy_rows import checked_row

FOLDER = Path(__file__).parent / "policy"
ONE_DAY = timedelta(days=1)


class RuleConfidence(StrEnum):
    """How sure a field of a row is."""

    LAW = "law"  # the text is known
    GUIDANCE = "guidance"  # known second hand, to be confirmed
    DEFAULT = "default"  # ours, shown as ours


class FrozenMap(Mapping[str, Any]):
    """A mapping that cannot be changed and can be sent to another process."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(self._items)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: what it says as data, where it stands, from when to when, and how sure each part is."""

    id: str
    value: Any  # number, text, tuple, or FrozenMap of these
    unit: str | None
    starts: str | None  # what starts a clock, in words
    source: str
    article: str | None
    effective_from: date
    effective_to: date | None  # last day in force
    effective_from_basis: str | None
    succeeded: str | None  # "unknown": a later document exists and has not been read
    gap_before: str | None  # why no row of this id covers the days before this one
    confidence: RuleConfidence | Mapping[str, RuleConfidence]
    checked_on: date
    note: str | None
    file: str
    row: int  # counted from 1 within its file

    @property
    def ref(self) -> str:
        """What a record stores to say which row was used: `id@effective_from`."""
        return f"{self.id}@{self.effective_from.isoformat()}"

    def holds(self, on: date) -> bool:
        """Whether the row is in force on that day; both ends belong to it."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def number(self, key: str | None = None) -> float:
        """The row's figure, or the figure of one of its keys.

        Raises:
            PolicyRowBad: there is no number there.
        """
        found = self.value if key is None else self._of(key)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise PolicyRowBad(f"{self.file} row {self.row} {self.id}", f"no number under {key or 'value'}")
        return found

    def words(self, key: str | None = None) -> tuple[str, ...]:
        """The row's list of words, or that of one of its keys.

        Raises:
            PolicyRowBad: there is no list of words there.
        """
        found = self.value if key is None else self._of(key)
        if not isinstance(found, tuple) or not all(isinstance(word, str) for word in found):
            raise PolicyRowBad(f"{self.file} row {self.row} {self.id}", f"no list of words under {key or 'value'}")
        return found

    def table(self, key: str | None = None) -> Mapping[str, Any]:
        """The row's table, or that of one of its keys.

        Raises:
            PolicyRowBad: there is no table there.
        """
        found = self.value if key is None else self._of(key)
        if not isinstance(found, Mapping):
            raise PolicyRowBad(f"{self.file} row {self.row} {self.id}", f"no table under {key or 'value'}")
        return found

    def confidence_in(self, key: str) -> RuleConfidence:
        """How sure the field `key` is; the row's own confidence where it has only one, else `default`."""
        if isinstance(self.confidence, RuleConfidence):
            return self.confidence
        return self.confidence.get(key, RuleConfidence.DEFAULT)

    def _of(self, key: str) -> Any:
        if not isinstance(self.value, Mapping) or key not in self.value:
            raise PolicyRowBad(f"{self.file} row {self.row} {self.id}", f"no {key} in value")
        return self.value[key]


@dataclass(frozen=True, slots=True)
class Policy:
    """All rows that were loaded, and the SHA-256 over what they say."""

    rows: tuple[Rule, ...]  # by id, then effective_from
    version: str

    def at(self, rule_id: str, on: date) -> Rule:
        """The row of that id in force on that day.

        Raises:
            NoRuleInForce: there is none.
        """
        for row in self.rows:
            if row.id == rule_id and row.holds(on):
                return row
        known = any(row.id == rule_id for row in self.rows)
        raise NoRuleInForce(rule_id, f"on {on.isoformat()}" if known else "no row has this id")

    def ids(self, prefix: str = "") -> tuple[str, ...]:
        """The ids of all rows that begin with `prefix`, each once, sorted."""
        return tuple(sorted({row.id for row in self.rows if row.id.startswith(prefix)}))

    def latest(self, rule_id: str) -> Rule:
        """The youngest row of that id, whether or not it is still in force.

        Raises:
            NoRuleInForce: no row has this id.
        """
        rows = [row for row in self.rows if row.id == rule_id]
        if not rows:
            raise NoRuleInForce(rule_id, "no row has this id")
        return rows[-1]


@lru_cache(maxsize=1)
def load() -> Policy:
    """The rows that came with this version, read once.

    Raises:
        PolicyRowBad: a row cannot be used; file and row are named.
    """
    return load_from(FOLDER)


def load_from(folder: Path) -> Policy:
    """Read and check every `*.toml` of a folder.

    Raises:
        PolicyRowBad: unknown or missing key, value of the wrong type, no source, two rows of one id on the same day,
            one id in two files, or a gap between rows of one id that is not declared by `gap_before`.
    """
    return _of_files(sorted(folder.glob("*.toml")))


def load_with(changes: Path) -> Policy:
    """The rows that came with this version, each file for which `changes` has one of the same name replaced by it.

    Args:
        changes: a folder of `*.toml`; a file of a new name is added.

    Raises:
        PolicyRowBad: as `load_from`; or there is no such file in the folder.
    """
    theirs = {path.name: path for path in changes.glob("*.toml")}
    if not theirs:
        raise PolicyRowBad(str(changes), "no *.toml in it")
    files = {path.name: path for path in FOLDER.glob("*.toml")} | theirs
    return _of_files([files[name] for name in sorted(files)])


def _of_files(files: Iterable[Path]) -> Policy:
    rows = [row for path in files for row in _rows_of(path)]
    rows.sort(key=lambda row: (row.id, row.effective_from))
    for earlier, later in pairwise(rows):
        if earlier.id == later.id:
            _refuse_clash(earlier, later)
    return Policy(tuple(rows), _version_of(rows))


def at(rule_id: str, on: date) -> Rule:
    """The row of that id in force on that day, of the rows that came with this version.

    Raises:
        NoRuleInForce: there is none.
    """
    return load().at(rule_id, on)


def _rows_of(path: Path) -> Iterator[Rule]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyRowBad(path.name, str(error)) from error
    strangers = sorted(set(document) - {"rule"})
    if strangers or not isinstance(document.get("rule", []), list):
        raise PolicyRowBad(path.name, f"only [[rule]] tables belong here, not {', '.join(strangers) or 'rule'}")
    for row, raw in enumerate(document.get("rule", []), start=1):
        yield _rule(checked_row(raw, file=path.name, row=row), file=path.name, row=row)


def _rule(raw: Mapping[str, Any], *, file: str, row: int) -> Rule:
    confidence: RuleConfidence | Mapping[str, RuleConfidence]
    if isinstance(raw["confidence"], Mapping):
        confidence = FrozenMap({key: RuleConfidence(word) for key, word in raw["confidence"].items()})
    else:
        confidence = RuleConfidence(raw["confidence"])
    return Rule(
        id=raw["id"],
        value=_frozen(raw["value"]),
        unit=raw.get("unit"),
        starts=raw.get("starts"),
        source=raw["source"],
        article=raw.get("article"),
        effective_from=raw["effective_from"],
        effective_to=raw.get("effective_to"),
        effective_from_basis=raw.get("effective_from_basis"),
        succeeded=raw.get("succeeded"),
        gap_before=raw.get("gap_before"),
        confidence=confidence,
        checked_on=raw["checked_on"],
        note=raw.get("note"),
        file=file,
        row=row,
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return FrozenMap({key: _frozen(item) for key, item in value.items()})
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _refuse_clash(earlier: Rule, later: Rule) -> None:
    where = f"{later.file} row {later.row} {later.id}"
    if earlier.file != later.file:
        raise PolicyRowBad(where, f"rows of this id stand in {earlier.file}, too")
    if earlier.effective_to is None or earlier.effective_to >= later.effective_from:
        raise PolicyRowBad(where, f"overlaps row {earlier.row}")
    if earlier.effective_to + ONE_DAY < later.effective_from and later.gap_before is None:
        raise PolicyRowBad(where, f"a gap after row {earlier.row} that gap_before does not explain")


def _version_of(rows: list[Rule]) -> str:
    said = [[row.ref, _plain(row.value), row.unit, row.starts, str(row.effective_to), row.source, row.article,
             _plain(row.confidence)] for row in rows]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
