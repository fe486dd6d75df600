"""Reason words into sentences, in Chinese and English. Packages below raise words; only the edge speaks a language.

Each room has a file here: a table a reason word, with `zh` and `en`; `{name}` is filled from the reason's figures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

LANGUAGES = ("zh", "en")


class MissingWord(KeyError):
    """A reason word without a sentence: a defect of ours, held by a test."""


@cache
def sentences() -> dict[str, dict[str, str]]:
    """All reason words with their sentences.

    Raises:
        ValueError: one word stands in two files, or lacks a language.
    """
    found: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        for word, entry in tomllib.loads(file.read_text("utf-8")).items():
            if word in found:
                raise ValueError(f"{file.name}: the word {word!r} stands in another file too")
            if set(entry) != set(LANGUAGES):
                raise ValueError(f"{file.name}: {word!r} needs exactly zh and en")
            found[word] = entry
    return found


def say(code: str, values: Mapping[str, object], language: str) -> str:
    """The sentence for a reason word, with its figures.

    Args:
        code: a reason word.
        values: figures for the placeholders; numbers that are not whole are shown to three significant digits.
        language: `zh` or `en`.

    Raises:
        MissingWord: no file holds the word.
    """
    entry = sentences().get(code)
    if entry is None:
        raise MissingWord(code)
    return entry[language].format_map(_Shown(values))


class _Shown(dict[str, object]):
    """Values as they are shown; a figure that is absent reads as an em dash rather than failing a page."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__({k: f"{v:.3g}" if isinstance(v, float) else v for k, v in values.items()})

    def __missing__(self, key: str) -> str:
        return "—"
