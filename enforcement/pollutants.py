"""One pollutant under its many names: 化学需氧量, CODcr and w01018 are the same. The table is `pollutants.toml`."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from pathlib import Path


def pollutant_code(text: str) -> str:
    """The code in HJ 212-2017 of a pollutant, whatever it is called; a name that is not in the table, as compared.

    Example:
        >>> pollutant_code("化学需氧量"), pollutant_code("CODcr"), pollutant_code("苯 胺类")
        ('w01018', 'w01018', '苯胺类')
    """
    told = _told(text)
    return _codes().get(told, told)


def is_known(text: str) -> bool:
    """Whether the table has this name or code."""
    return _told(text) in _codes()


@cache
def _codes() -> dict[str, str]:
    table = tomllib.loads(Path(__file__).with_name("pollutants.toml").read_text(encoding="utf-8"))
    return {_told(name): code for code, names in table.items() for name in (code, *names)}


def _told(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "-_")


def pollutant_name(text: str) -> str:
    """The Chinese name of a pollutant, whatever it is called; a name that is not in the table, as it is written.

    Example:
        >>> pollutant_name("w01018"), pollutant_name("TSP"), pollutant_name("w99999")
        ('化学需氧量', '总悬浮颗粒物', 'w99999')
    """
    return _names().get(pollutant_code(text), text)


@cache
def _names() -> dict[str, str]:
    table = tomllib.loads(Path(__file__).with_name("pollutants.toml").read_text(encoding="utf-8"))
    chinese = {code: [name for name in names if not name.isascii()] for code, names in table.items()}
    return {
        code: next((n for n in found if not any(c in "₀₁₂₃₄" for c in n)), table[code][0])
        for code, found in chinese.items()
    }
