"""A figure as people write it: digits of any width, thousands, units, signs of comparison, ranges."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?"
DIGIT_NEEDED = re.compile(r"\d")
UNIT = r"(?P<unit>(?:[^\d\s.,+<>=≤≥~-]|(?<=[a-zμµ/])[\d³²-])[^<>=≤≥~]*)?"
AT_MOST = ("≤", "<=", "≦", "不大于", "不超过", "不高于", "小于等于", "低于等于")
BELOW = ("<", "小于", "低于")
AT_LEAST = ("≥", ">=", "≧", "不小于", "不少于", "不低于", "大于等于", ">", "大于", "高于")
SIGN = "|".join(map(re.escape, (*AT_MOST, *AT_LEAST[:-3], *BELOW, *AT_LEAST[-3:])))
ONE = re.compile(rf"(?P<sign>{SIGN})?(?P<number>{NUMBER})(?P<many>[万亿])?{UNIT}(?P<after>以下|以内|以上)?")
RANGE = re.compile(rf"(?P<low>{NUMBER})(?:~|-|—|–|至|到)(?P<high>{NUMBER}){UNIT}")
CHARACTERS_AT_MOST = 100
MANY = {"万": 1e4, "亿": 1e8}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: exactly `low` and `high` where both are the same, else from `low` to `high`, None being open.

    `unit` as written after the number, NFKC, lower case; `""` where there is none.
    """

    low: float | None
    high: float | None
    unit: str = ""

    @property
    def exact(self) -> float | None:
        """The one number; None for a range or a bound."""
        return self.low if self.low == self.high else None


@lru_cache(maxsize=16_384)
def read_figure(text: str) -> Figure:
    """The figure that a cell states.

    Args:
        text: 1,234.5 or １２３４, 50mg/m3, ≤50, 50以下, 6-9, 6～9, 85%, 1.2万.

    Raises:
        ValueError: it is none, or its thousands are parted wrongly (1,5 may be 1.5 or 15).
    """
    if len(text) > CHARACTERS_AT_MOST:
        raise ValueError("no number")
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    span = RANGE.fullmatch(bare)
    if span and DIGIT_NEEDED.search(span["low"]) and DIGIT_NEEDED.search(span["high"]):
        low, high = _value(span["low"]), _value(span["high"])
        if low > high:
            raise ValueError(f"{low} is more than {high}")
        return Figure(low, high, span["unit"] or "")
    found = ONE.fullmatch(bare)
    if not found or not DIGIT_NEEDED.search(found["number"]):
        raise ValueError("no number")
    value, unit = _value(found["number"]) * MANY.get(found["many"] or "", 1.0), found["unit"] or ""
    for word in ("以下", "以内", "以上"):
        unit, after = (unit.removesuffix(word), word) if unit.endswith(word) else (unit, None)
        if after:
            return Figure(value, None, unit) if after == "以上" else Figure(None, value, unit)
    if found["sign"] in AT_LEAST:
        return Figure(value, None, unit)
    return Figure(None, value, unit) if found["sign"] else Figure(value, value, unit)


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def in_unit(figure: Figure, units: dict[str, float], heading_unit: str = "") -> float:
    """An exact figure in the unit in which it is kept.

    Args:
        figure: from a cell.
        units: unit as written to what one of it is in the unit kept; `""` where none is written.
        heading_unit: what stands in brackets in the column's heading; used where the cell names none.

    Raises:
        ValueError: a range, or a unit that is not among them.
    """
    if figure.exact is None:
        raise ValueError("a range or a bound, no single number")
    said = unicodedata.normalize("NFKC", heading_unit).strip().lower()
    unit = figure.unit or (said if said in units else "")
    if unit not in units:
        raise ValueError(f"unit {unit}")
    return figure.exact * units[unit]
