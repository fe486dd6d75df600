"""Which kind of registry file this is, and which column means which field. The table is `headings.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from enforcement.registry import KINDS
from pipelines.errors import Refusal

GEOMETRY = "geometry"
REMARK_AT_END = re.compile(r"[(\[【][^)\]】]*[)\]】]$")
MEASURED = frozenset(("pm2.5", "pm10", "so2", "no2", "co", "o3", "nox", "tsp", "temp", "pres", "hour"))
OUTLINE = frozenset(("adcode", "level"))


@dataclass(frozen=True, slots=True)
class Recognised:
    """The kind of a file, and for each field the number of its column, from 0."""

    kind: str
    columns: Mapping[str, int]


@cache
def table() -> dict[str, Any]:
    """The table of headings and of words in cells, as it stands in the file."""
    return tomllib.loads(Path(__file__).with_name("headings.toml").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """A heading as headings are compared: NFKC, lower case, no blanks or underscores, no remark at the end."""
    bare = re.sub(r"[\s_*:]+", "", unicodedata.normalize("NFKC", text).lower())
    return REMARK_AT_END.sub("", bare) or bare


def recognise(
    headings: Sequence[str], *, mapping: Mapping[str, str] | None = None, kind: str | None = None
) -> Recognised:
    """Tell what a file holds by its headings.

    Args:
        headings: of the columns, in order.
        mapping: our field to the file's heading, for headings that the table does not know.
        kind: what the file is said to hold; without it the headings decide.

    Raises:
        Refusal: `registry_kind_unknown` (also where they are measured values or an outline), `registry_kind_ambiguous`,
            `registry_mapping_bad`.
    """
    if kind is not None and kind not in KINDS:
        raise Refusal("registry", "registry_kind_unknown", f"{kind} is none of {', '.join(KINDS)}")
    candidates = [kind] if kind else list(KINDS)
    found = {name: _columns(name, headings, mapping or {}) for name in candidates}
    fitting = {name: columns for name, columns in found.items() if _fits(name, columns)}
    if not fitting:
        raise _unknown(headings, kind, found)
    _refuse_unused_mapping(mapping or {}, fitting, headings)
    most = max(len(columns) for columns in fitting.values())
    best = [name for name, columns in fitting.items() if len(columns) == most]
    if len(best) > 1:
        raise Refusal("headings", "registry_kind_ambiguous", f"could be {' or '.join(best)}: give the kind")
    return Recognised(best[0], fitting[best[0]])


def _columns(kind: str, headings: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    names = [plain(heading) for heading in headings]
    columns = {}
    for field, spellings in table()[kind]["fields"].items():
        wanted = [mapping[field]] if field in mapping else spellings
        for spelling in wanted:
            if plain(spelling) in names:
                columns[field] = names.index(plain(spelling))
                break
    if GEOMETRY in names:
        columns.setdefault(GEOMETRY, names.index(GEOMETRY))
    return columns


def _fits(kind: str, columns: Mapping[str, int]) -> bool:
    needs, marks = table()[kind]["needs"], table()[kind]["marks"]
    return all(field in columns for field in needs) and (not marks or any(field in columns for field in marks))


def _unknown(headings: Sequence[str], kind: str | None, found: Mapping[str, Mapping[str, int]]) -> Refusal:
    names = {plain(heading) for heading in headings}
    shown = ", ".join(list(headings)[:8])
    if len(names & MEASURED) > 2:
        return Refusal("headings", "measured_values_not_registry", f"columns {shown} …")
    if names >= OUTLINE:
        return Refusal("headings", "outline_not_registry", f"columns {shown}")
    if kind:
        missing = [field for field in table()[kind]["needs"] if field not in found[kind]]
        return Refusal("headings", "registry_kind_unknown", f"a {kind} needs {', '.join(missing)}; there is {shown}")
    return Refusal("headings", "registry_kind_unknown", f"columns {shown}: name them with --mapping")


def _refuse_unused_mapping(
    mapping: Mapping[str, str], fitting: Mapping[str, Mapping[str, int]], headings: Sequence[str]
) -> None:
    names = {plain(heading) for heading in headings}
    for field, heading in mapping.items():
        if not isinstance(heading, str) or plain(heading) not in names:
            raise Refusal(field, "registry_mapping_bad", f"the file has no column {heading}")
        if not any(field in columns for columns in fitting.values()):
            raise Refusal(field, "registry_mapping_bad", "no field has this name")
