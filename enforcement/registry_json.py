"""Registry facts as plain JSON and back, so that a row can be stored, hashed and compared."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any

from enforcement.place import Place, from_geojson
from enforcement.registry import KINDS, RegistryFact

PROVENANCE = ("received_at", "source_sha256", "source_row")


def to_plain(fact: RegistryFact) -> dict[str, Any]:
    """Every field of a fact as JSON can hold it; days and instants in ISO 8601, a place as GeoJSON."""
    return {field.name: _plain(getattr(fact, field.name)) for field in fields(fact)}


def said_by(fact: RegistryFact) -> dict[str, Any]:
    """What the fact says of the world, without where and when it was learnt: equal for an unchanged row."""
    return {name: value for name, value in to_plain(fact).items() if name not in PROVENANCE}


def from_plain(kind: str, data: Mapping[str, Any]) -> RegistryFact:
    """The fact again, equal to the one that `to_plain` was given.

    Raises:
        KeyError: no such kind.
        TypeError: a field is missing or unknown.
    """
    factory = KINDS[kind]
    hints = _hints(kind)
    return factory(**{name: _typed(hints[name], value) for name, value in data.items()})


@cache
def _hints(kind: str) -> dict[str, Any]:
    """Field types of a kind; resolving them costs more than building the fact."""
    return typing.get_type_hints(KINDS[kind])


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # an instant is a date, too
        return value.isoformat()
    if isinstance(value, Place):
        return {**value.to_geojson(), "at": [value.lon, value.lat]}
    return list(value) if isinstance(value, tuple) else value


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if datetime in options:
        return datetime.fromisoformat(value)
    if date in options:
        return date.fromisoformat(value)
    if Place in options:
        return from_geojson(value)
    return tuple(value) if isinstance(value, list) else value
