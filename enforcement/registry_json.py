"""Registry facts as plain JSON and back, so that a row can be stored, hashed and compared."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from enforcement.facts import LATER
from enforcement.place import Place, from_geojson
from enforcement.registry import KINDS, RegistryFact

PROVENANCE = ("received_at", "source_sha256", "source_row")
AS_IT_IS = frozenset((str, int, float, bool, type(None)))


def to_plain(fact: RegistryFact) -> dict[str, Any]:
    """The fields of a fact as JSON can hold them; days and instants in ISO 8601, a place as GeoJSON.

    A field that was added later (`enforcement.facts.later`) is left out while it has its default.
    """
    return _chosen(fact, _fields(fact.KIND))


def said_by(fact: RegistryFact) -> dict[str, Any]:
    """What the fact says of the world, without where and when it was learnt: equal for an unchanged row."""
    return _chosen(fact, _saying(fact.KIND))


def from_plain(kind: str, data: Mapping[str, Any]) -> RegistryFact:
    """The fact again, equal to the one that `to_plain` was given.

    Raises:
        KeyError: no such kind.
        TypeError: a field is missing or unknown.
    """
    readers = _readers(kind)
    told: dict[str, Any] = {name: value if value is None else readers[name](value) for name, value in data.items()}
    return KINDS[kind](**told)


class _Names(NamedTuple):
    """Fields of a kind that are always written, and those that are left out at their default."""

    always: tuple[str, ...]
    later: tuple[tuple[str, Any], ...]
    values: Callable[[RegistryFact], tuple[Any, ...]]


def _chosen(fact: RegistryFact, names: _Names) -> dict[str, Any]:
    plain = dict(zip(names.always, names.values(fact), strict=True))
    for name, default in names.later:
        value = getattr(fact, name)
        if value != default:
            plain[name] = value
    return {name: value if type(value) in AS_IT_IS else _plain(value) for name, value in plain.items()}


def _names(kind: str, left_out: Collection[str]) -> _Names:
    known = [field for field in fields(KINDS[kind]) if field.name not in left_out]
    always = tuple(field.name for field in known if LATER not in field.metadata)
    later = tuple((field.name, field.default) for field in known if LATER in field.metadata)
    return _Names(always, later, attrgetter(*always))


@cache
def _fields(kind: str) -> _Names:
    return _names(kind, ())


@cache
def _saying(kind: str) -> _Names:
    return _names(kind, PROVENANCE)


@cache
def _readers(kind: str) -> dict[str, Callable[[Any], Any]]:
    """How each field of a kind is read; finding out costs more than building the fact."""
    hints = typing.get_type_hints(KINDS[kind])
    return _Strict({field.name: _reader(hints[field.name]) for field in fields(KINDS[kind])})


class _Strict(dict[str, Callable[[Any], Any]]):
    """Readers of a kind's fields; a name that is none is as wrong as to the dataclass itself."""

    def __missing__(self, name: str) -> Callable[[Any], Any]:
        raise TypeError(f"no field is called {name}")


def _reader(hint: Any) -> Callable[[Any], Any]:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if datetime in options:
        return datetime.fromisoformat
    if date in options:
        return date.fromisoformat
    if Place in options:
        return from_geojson
    return _as_written


def _as_written(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # an instant is a date, too
        return value.isoformat()
    if isinstance(value, Place):
        return {**value.to_geojson(), "at": [value.lon, value.lat]}
    return list(value) if isinstance(value, tuple) else value
