"""The data segment: `QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;CP=&&…&&`, in any order, of any vintage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from hj212.errors import DeviceUnnamed, FieldsMissing

BEIJING = timezone(timedelta(hours=8))
CP = re.compile(r"CP=&&(?P<inside>.*)&&", re.DOTALL)
DATA_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?\Z", re.ASCII)
SEGMENT_BYTES_OF_THE_STANDARD = 1024
FIRST_YEAR, LAST_YEAR = 1970, 2100
"""No device has data of other years; an instant outside of them is no time but a number."""
SEPARATOR = re.compile("[;,]")
LONGEST_CACHED = 32
LONGEST_TIME, LONGEST_NUMBER = 17, 9
"""Digits: of a time with milliseconds, and of Flag, PNUM and PNO at most."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a segment says; texts as on the wire, `""` where a field is not there. Units are not on the wire.

    `values` is `{code: {suffix: text}}`, `params` what stands in CP without a suffix (`DataTime`, `QnRtn`, …).
    """

    qn: str
    st: str
    cn: str
    mn: str
    pw: str = field(repr=False)  # never shown, never logged
    flag: int | None
    pnum: int | None
    pno: int | None
    values: Mapping[str, Mapping[str, str]]
    params: Mapping[str, str]
    warnings: tuple[str, ...]
    encoding: str = "utf-8"  # or gb18030: as it was written, and as it is answered
    data_time: datetime | None = None  # `DataTime`, in Beijing time; None where it is missing or is no time

    @property
    def answer_wanted(self) -> bool:
        """Bit A of Flag."""
        return self.flag is not None and bool(self.flag & 1)

    @property
    def numbered(self) -> bool:
        """Bit D of Flag: packet numbers follow."""
        return self.flag is not None and bool(self.flag & 2)

    @property
    def version_bits(self) -> int | None:
        """Bits V5 to V0 of Flag: 0 is 2005, 1 is 2017; others are not verified. None without Flag."""
        return None if self.flag is None else self.flag >> 2


def fields_of(segment: bytes, *, where: str) -> Fields:
    """Read a data segment.

    Args:
        segment: bytes between header and check sum; UTF-8, else GB 18030.
        where: for the refusal.

    Raises:
        FieldsMissing: ST, CN or CP is not there.
        DeviceUnnamed: MN is missing or empty.
    """
    fields = read_fields(segment)
    missing = [name for name, text in (("ST", fields.st), ("CN", fields.cn)) if not text]
    if "no_cp" in fields.warnings:
        missing.append("CP")
    if missing:
        raise FieldsMissing(where, f"without {', '.join(missing)}")
    if not fields.mn:
        raise DeviceUnnamed(where, "MN is empty")
    return fields


def read_fields(segment: bytes) -> Fields:
    """Read what can be read; never raises."""
    text, encoding, warnings = _text(segment)
    found = CP.search(text)
    head = text if found is None else f"{text[: found.start()]};{text[found.end() :]}"
    if found is None:
        warnings.append("no_cp")
    if len(segment) > SEGMENT_BYTES_OF_THE_STANDARD:
        warnings.append("oversize")
    named = _head(head, warnings)
    values, params = _inside(found["inside"] if found else "", warnings)
    data_time = instant_of(params.get("DataTime", ""))
    if "DataTime" in params and data_time is None:
        warnings.append("data_time_unreadable")
    return Fields(
        qn=named.get("QN", ""),
        st=named.get("ST", ""),
        cn=named.get("CN", ""),
        mn=named.get("MN", ""),
        pw=named.get("PW", ""),
        flag=_number(named, "FLAG", warnings),
        pnum=_number(named, "PNUM", warnings),
        pno=_number(named, "PNO", warnings),
        values=values,
        params=params,
        warnings=tuple(dict.fromkeys(warnings)),
        encoding=encoding,
        data_time=data_time,
    )


def instant_of(text: str) -> datetime | None:
    """`yyyyMMddHHmmss` with or without milliseconds as an instant in Beijing time; None where it is none."""
    return _instant(text) if len(text) <= LONGEST_TIME else None


@lru_cache(4096)
def _instant(text: str) -> datetime | None:
    found = DATA_TIME.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, thousandths = (int(part or 0) for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, thousandths * 1000, BEIJING)
    except ValueError:
        return None


def _text(segment: bytes) -> tuple[str, str, list[str]]:
    for encoding in ("utf-8", "gb18030"):
        try:
            return segment.decode(encoding), encoding, []
        except UnicodeDecodeError:
            continue
    return segment.decode("utf-8", "replace"), "utf-8", ["text_unreadable"]


def _head(head: str, warnings: list[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for pair in filter(None, head.split(";")):
        name, equals, value = pair.partition("=")
        name = name.strip().upper()
        if not equals:
            warnings.append("stray_text")
        elif name in named:
            warnings.append("field_twice")
        else:
            named[name] = value.strip()
    return named


def _inside(inside: str, warnings: list[str]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    values: dict[str, dict[str, str]] = {}
    params: dict[str, str] = {}
    for pair in SEPARATOR.split(inside):
        if not pair:
            continue
        name, equals, value = pair.partition("=")
        code, suffix = _named(name) if len(name) <= LONGEST_CACHED else _code_and_suffix(name)
        if not equals or not code:
            warnings.append("stray_text")
            continue
        if suffix is None:
            target, key = params, code
        else:
            target, key = values.setdefault(code, {}), suffix
        if key in target:
            warnings.append("value_twice")
        else:
            target[key] = value.strip()
    return values, params


def _code_and_suffix(name: str) -> tuple[str, str | None]:
    code, dash, suffix = name.strip().partition("-")
    return code, suffix if dash else None


_named = lru_cache(8192)(_code_and_suffix)  # a district's devices say some hundred names, over and over


def _number(named: Mapping[str, str], name: str, warnings: list[str]) -> int | None:
    text = named.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        warnings.append("number_unreadable")
        return None
    return int(text)
