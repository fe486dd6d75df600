"""Which kind of registry file this is, and which column means which field. The table is `headings.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from enforcement.registry import KINDS
from pipelines.errors import Refusal

GEOMETRY = "geometry"
REMARK_AT_END = re.compile(r"[(\[【][^)\]】]*[)\]】]$")
BRACKETED = re.compile(r"[(\[【]([^)\]】]*)[)\]】]")
MEASURED = frozenset(("pm2.5", "pm10", "so2", "no2", "co", "o3", "nox", "tsp", "temp", "pres", "hour"))
OUTLINE = frozenset(("adcode", "level"))
NEAREST_NAMED = 3
LONGEST_HEADING = 200  # characters; beyond it a cell is no heading, and its brackets are not looked at
Heading = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """The kind of a file, and for each field the number of its column, from 0.

    `units` holds what stands in brackets at the end of a field's heading, `limits` the columns of a wide table of
    limits, by pollutant.
    """

    kind: str
    columns: Mapping[str, int]
    units: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


@cache
def table() -> dict[str, Any]:
    """The table of headings and of words in cells, as it stands in the file."""
    return tomllib.loads(Path(__file__).with_name("headings.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """A heading as headings are compared: NFKC, lower case, no blanks or underscores, no remark at the end."""
    bare = re.sub(r"[\s_*:]+", "", unicodedata.normalize("NFKC", text).lower())
    return (REMARK_AT_END.sub("", bare) or bare) if len(bare) <= LONGEST_HEADING else bare


def _unit(reading: Sequence[str]) -> str:
    """What stands in brackets in a heading, the lowest row first; `""` where nothing does."""
    for heading in reversed(reading):
        found = BRACKETED.findall(re.sub(r"\s+", "", unicodedata.normalize("NFKC", heading)))
        if found:
            return str(found[-1])
    return ""


def recognise(
    headings: Sequence[Heading], *, mapping: Mapping[str, str] | None = None, kind: str | None = None
) -> Recognised:
    """Tell what a file holds by its headings.

    Args:
        headings: of the columns, in order; of a heading in two rows every reading of it, the best first.
        mapping: our field to the file's heading, for headings that the table does not know.
        kind: what the file is said to hold; without it the headings decide.

    Raises:
        Refusal: `registry_kind_unknown` (also where they are measured values or an outline), `registry_kind_ambiguous`,
            `registry_mapping_bad`.
    """
    if kind is not None and kind not in KINDS:
        raise Refusal("registry", "registry_kind_unknown", f"{kind} is none of {', '.join(KINDS)}")
    readings = [(one,) if isinstance(one, str) else one for one in headings]
    candidates = [kind] if kind else [name for name in KINDS if name in table()]
    found = {name: _recognised(name, readings, mapping or {}) for name in candidates}
    fitting = {name: one for name, one in found.items() if not missing(one, said=kind is not None)}
    if not fitting:
        raise _unknown(readings, kind, found)
    _refuse_unused_mapping(mapping or {}, fitting, readings)
    most = max(_weight(one) for one in fitting.values())
    best = [name for name, one in fitting.items() if _weight(one) == most]
    if len(best) > 1:
        raise Refusal("headings", "registry_kind_ambiguous", f"could be {' or '.join(best)}: give the kind")
    return fitting[best[0]]


def missing(found: Recognised, *, said: bool = False) -> list[str]:
    """What a file lacks to be of this kind, as the first spellings of the headings; empty where nothing.

    Args:
        found: its columns.
        said: a person said that it is of this kind; then nothing needs to mark it as such.
    """
    spellings, columns = table()[found.kind]["fields"], found.columns
    lacking = []
    for need in needs_of(found.kind, said=said):
        if any(name in columns for name in need.split("|")) or (need == "pollutant" and found.limits):
            continue
        lacking.append("/".join(spellings[name][0] for name in need.split("|")))
    marks = table()[found.kind]["marks"]
    if not lacking and not said and marks and not found.limits and not any(name in columns for name in marks):
        lacking.append("/".join(spellings[name][0] for name in marks if name in spellings))
    return lacking


def needs_of(kind: str, *, said: bool = False) -> list[str]:
    """The fields that a kind needs, alternatives parted by `|`; fewer where a person said that it is of this kind."""
    found: list[str] = table()[kind].get("needs_said" if said else "needs") or table()[kind]["needs"]
    return found


def best_guess(headings: Sequence[Heading]) -> int:
    """How many columns the kind that fits best would use, whether or not it fits."""
    readings = [(one,) if isinstance(one, str) else one for one in headings]
    return max(_weight(_recognised(name, readings, {})) for name in KINDS if name in table())


def _weight(found: Recognised) -> int:
    return len(found.columns) + len(found.limits)


def _recognised(kind: str, readings: Sequence[tuple[str, ...]], mapping: Mapping[str, str]) -> Recognised:
    where: dict[str, int] = {}
    for rank in range(max(map(len, readings), default=0)):
        for column, names in enumerate(readings):
            if rank < len(names) and names[rank]:
                where.setdefault(plain(names[rank]), column)
    columns: dict[str, int] = {}
    for name, spellings in _spellings(kind):
        wanted = (plain(mapping[name]),) if name in mapping else spellings
        found = next((where[spelling] for spelling in wanted if spelling in where), None)
        if found is not None:
            columns[name] = found
    if GEOMETRY in where:
        columns.setdefault(GEOMETRY, where[GEOMETRY])
    limits = _limits(kind, readings, columns)
    units = {name: _unit(readings[column]) for name, column in (columns | limits).items()}
    return Recognised(kind, columns, {name: unit for name, unit in units.items() if unit}, limits)


@cache
def _spellings(kind: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The fields of a kind, each with its spellings as they are compared."""
    return tuple((name, tuple(map(plain, spellings))) for name, spellings in table()[kind]["fields"].items())


def _limits(kind: str, readings: Sequence[tuple[str, ...]], columns: Mapping[str, int]) -> dict[str, int]:
    """A wide table's columns: headings that are pollutants, where none is the column of pollutants."""
    known = frozenset(table()[kind].get("wide", ()))
    if not known or "pollutant" in columns:
        return {}
    taken, limits = set(columns.values()), dict[str, int]()
    for column, names in enumerate(readings):
        said = next((name for name in names if plain(name) in known), None)
        if said is not None and column not in taken:
            limits.setdefault(REMARK_AT_END.sub("", unicodedata.normalize("NFKC", said).strip()).strip(), column)
    return limits


def _unknown(readings: Sequence[tuple[str, ...]], kind: str | None, found: Mapping[str, Recognised]) -> Refusal:
    names = {plain(name) for reading in readings for name in reading}
    shown = ", ".join([reading[0] for reading in readings if reading and reading[0]][:8])
    if len(names & MEASURED) > 2 and not any(one.limits and "permit_number" in one.columns for one in found.values()):
        return Refusal("headings", "measured_values_not_registry", f"columns {shown} …")
    if names >= OUTLINE:
        return Refusal("headings", "outline_not_registry", f"columns {shown}")
    if kind:
        lacking = ", ".join(missing(found[kind], said=True))
        return Refusal("headings", "registry_kind_unknown", f"a {kind} needs {lacking}; there is {shown}")
    near = sorted((one for one in found.values() if one.columns), key=lambda one: (len(missing(one)), -_weight(one)))
    guesses = [f"{one.kind} lacks {', '.join(missing(one))}" for one in near[:NEAREST_NAMED]]
    nearest = f"; nearest: {'; '.join(guesses)}" if guesses else ""
    return Refusal("headings", "registry_kind_unknown", f"columns {shown}{nearest}")


def _refuse_unused_mapping(
    mapping: Mapping[str, str], fitting: Mapping[str, Recognised], readings: Sequence[tuple[str, ...]]
) -> None:
    names = {plain(name) for reading in readings for name in reading}
    for name, heading in mapping.items():
        if heading == "":  # the file has no column for it, whatever its headings look like
            continue
        if not isinstance(heading, str) or plain(heading) not in names:
            raise Refusal(name, "registry_mapping_bad", f"the file has no column {heading}")
        if not any(name in one.columns for one in fitting.values()):
            raise Refusal(name, "registry_mapping_bad", "no field has this name")
