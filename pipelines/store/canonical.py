"""One spelling for everything that is stored as text or hashed: instants, JSON, rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pipelines.store.errors import NaiveInstant

BEIJING = timezone(timedelta(hours=8))
"""Days of the registry and of the law are Beijing days; China keeps one zone and no summer time."""


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def instant(at: datetime) -> str:
    """An instant as it is stored: UTC with six decimals, so that the order of texts is the order of times.

    Raises:
        NaiveInstant: `at` has no zone.
    """
    if at.tzinfo is None:
        raise NaiveInstant(f"{at.isoformat()} has no zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def instant_or_none(at: datetime | None) -> str | None:
    """As `instant`; None stays None."""
    return None if at is None else instant(at)


def from_instant(text: str) -> datetime:
    """The stored instant, aware, in UTC."""
    return datetime.fromisoformat(text)


def from_instant_or_none(text: str | None) -> datetime | None:
    """As `from_instant`; None stays None."""
    return None if text is None else datetime.fromisoformat(text)


def to_json(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, no escapes beyond JSON's own.

    Raises:
        ValueError: a number that JSON does not have (NaN, infinity).
        TypeError: a value that JSON does not have.
    """
    return _ENCODER.encode(value)


def sha256_of_text(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def row_digest(row: Mapping[str, Any]) -> str:
    """SHA-256 of a row: canonical JSON of its columns by name, bytes in hexadecimal.

    A column that is NULL is left out, so that a later migration may add a column without touching what was journaled;
    a value that becomes NULL changes the digest all the same.
    """
    cells = {
        name: value.hex() if isinstance(value, bytes) else value for name, value in row.items() if value is not None
    }
    return sha256_of_text(to_json(cells))
