"""What a row or a registered thing is called, so that the one is found in the other; and the street in an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from enforcement.registry import RegistryFact

Key = tuple[str, str]  # what sort of name, the name

# Each kind: its own codes, under which it is filed, and which of its fields is its own name.
CODES: dict[str, tuple[str, ...]] = {
    "enterprise": ("uscc",),
    "site": ("site_id",),
    "outfall": ("code",),
    "monitor_point": ("code", "mn"),
    "receptor": ("code",),
}
DROPPED = re.compile(r"[\s()\[\]【】·.,、\-—_]+")
BEFORE_STREET = re.compile(r"[省市区县镇乡村道号与和近,;、()\s]$")
AFTER_STREET = re.compile(r"[\d一二三四五六七八九十百弄号与和靠近南北东西侧口段,;、()\s]")


def keys_of(fact: RegistryFact) -> frozenset[Key]:
    """The names of a registered thing: its own codes and its own name, by kind. A builder's code is no site's."""
    fields = {field: str(getattr(fact, field, "") or "") for field in (*CODES.get(fact.KIND, ()), "name")}
    return keys(fact.KIND, fields)


def keys(kind: str, fields: dict[str, str]) -> frozenset[Key]:
    """The names of a row of a kind, from the cells of its fields."""
    found = {(f"{kind} {field}", plain(fields[field])) for field in CODES.get(kind, ()) if fields.get(field)}
    name = plain(fields.get("name", ""))
    if kind in CODES and len(name) >= 2:
        found.add((f"{kind} name", name))
    return frozenset(found)


def plain(name: str) -> str:
    """A name as names are compared: NFKC, upper case, no blanks, brackets, dots or dashes."""
    return DROPPED.sub("", unicodedata.normalize("NFKC", name).upper())


def street_of(address: str, streets: Collection[str]) -> str | None:
    """The street of an address, among those that are known; None where it names none, or two.

    A name counts where a district, town or number ends before it and a number, a lane or nothing follows: in
    金沙江路 1759 号 there is no 沙江路, and in 中山北路支路 no 中山北路.
    """
    text = unicodedata.normalize("NFKC", address)
    found = {name for name in _pattern(frozenset(streets)).findall(text) if _stands_alone(name, text)} if text else ()
    return next(iter(found)) if len(found) == 1 else None


def _stands_alone(name: str, text: str) -> bool:
    at = text.index(name)
    before, after = text[:at], text[at + len(name) :]
    return (not before or bool(BEFORE_STREET.search(before))) and (not after or bool(AFTER_STREET.match(after)))


@lru_cache(maxsize=8)
def _pattern(streets: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted((name for name in streets if len(name) >= 2), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
