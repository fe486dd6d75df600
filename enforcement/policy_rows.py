"""The form of a rule row: which keys it has, of which type, and what is refused before anything uses it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from enforcement.errors import PolicyRowBad

REQUIRED = ("id", "value", "source", "effective_from", "confidence", "checked_on")
WORDS = ("id", "unit", "starts", "source", "article", "effective_from_basis", "succeeded", "gap_before", "note")
DAYS = ("effective_from", "effective_to", "checked_on")
KEYS = frozenset((*REQUIRED, *WORDS, *DAYS))
CONFIDENCES = frozenset(("law", "guidance", "default"))


def checked_row(raw: Any, *, file: str, row: int) -> Mapping[str, Any]:
    """The row as it came, if it can be used.

    Args:
        raw: one `[[rule]]` table.
        file: name of its file, for the refusal.
        row: counted from 1 within the file.

    Raises:
        PolicyRowBad: it has an unknown key, lacks one, or holds a value of the wrong type.
    """
    if not isinstance(raw, Mapping):
        raise PolicyRowBad(f"{file} row {row}", "not a table")
    where = f"{file} row {row} {raw.get('id', '')}".rstrip()
    unknown = sorted(set(raw) - KEYS)
    if unknown:
        raise PolicyRowBad(where, f"unknown key {', '.join(unknown)}")
    missing = [key for key in REQUIRED if raw.get(key, "") == ""]
    if missing:
        raise PolicyRowBad(where, f"without {', '.join(missing)}")
    _refuse_wrong_types(raw, where)
    _refuse_confidence(raw, where)
    return raw


def _refuse_wrong_types(raw: Mapping[str, Any], where: str) -> None:
    for key in WORDS:
        if key in raw and not isinstance(raw[key], str):
            raise PolicyRowBad(where, f"{key} is not text")
    for key in DAYS:
        if key in raw and (not isinstance(raw[key], date) or isinstance(raw[key], datetime)):
            raise PolicyRowBad(where, f"{key} is not a day")
    if "effective_to" in raw and raw["effective_to"] < raw["effective_from"]:
        raise PolicyRowBad(where, "ends before it begins")


def _refuse_confidence(raw: Mapping[str, Any], where: str) -> None:
    said = raw["confidence"]
    words = list(said.values()) if isinstance(said, Mapping) else [said]
    strangers = [word for word in words if not isinstance(word, str) or word not in CONFIDENCES]
    if strangers or not words:
        raise PolicyRowBad(where, f"confidence {strangers} is none of {', '.join(sorted(CONFIDENCES))}")
    if isinstance(said, Mapping):
        fields = set(raw["value"]) if isinstance(raw["value"], Mapping) else {"value"}
        unknown = sorted(set(said) - fields - {"starts", "effective_from", "effective_to"})
        if unknown:
            raise PolicyRowBad(where, f"confidence in {', '.join(unknown)}, which the row does not hold")
