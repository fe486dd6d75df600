"""A day or an instant as people write it, or a word for why it cannot be read. Offices write days in a dozen ways."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from functools import cache, lru_cache

from pipelines.registry_import.headings import table

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
SERIAL_EPOCH = date(1899, 12, 30)  # of spreadsheets; day 60 of 1900 never was, and none here is as early
SERIALS = (32_874, 73_050)  # 1990-01-01 to 2099-12-31; other numbers of five digits are no days
DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
CHINESE = re.compile(
    r"([〇○零一二三四五六七八九\d]{4})年([一二三四五六七八九十廿\d]{1,3})月(?:([一二三四五六七八九十廿卅\d]{1,3})[日号]?)?"
)
TIME = (
    r"(?:[T ]*(?P<hour>\d{1,2})[:时点](?:(?P<minute>\d{1,2})分?)?(?::?(?P<second>\d{1,2})(?:\.\d+)?秒?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
DAY = re.compile(r"(?P<year>\d{4})(?:[-/.]|年)(?P<month>\d{1,2})(?:[-/.]|月)(?P<day>\d{1,2})[日号]?" + TIME)
MONTH = re.compile(r"(?P<year>\d{4})(?:[-/.]|年)(?P<month>\d{1,2})月?(?:份)?")
ZERO_LOST = re.compile(r"\d{4}\.1")  # a spreadsheet's number: 2026.10 typed into a cell is 2026.1
NUMERAL = re.compile(r"(?P<tens>[一二三四五六七八九\d])?十(?P<ones>[一二三四五六七八九\d])?")
CHARACTERS_AT_MOST = 64
COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})" + TIME)
SHORT = re.compile(r"\d{1,2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{6}|\d{1,2}[-/.]\d{1,2}")
SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?")
REMARK = re.compile(r"\((?:星期|周)?[一二三四五六日天]\)|(?:星期|周)[一二三四五六日天]")


class NoDay(ValueError):
    """A cell that is no day; `ambiguous` where it may be two."""

    def __init__(self, *, ambiguous: bool = False) -> None:
        super().__init__("ambiguous" if ambiguous else "unreadable")
        self.ambiguous = ambiguous


class Edge(Enum):
    """What a month without a day stands for: nothing, its first day, its last day."""

    NONE = "none"
    FIRST = "first"
    LAST = "last"


@lru_cache(maxsize=16_384)
def read_day(text: str, edge: Edge = Edge.NONE) -> date | None:
    """The day that a cell names.

    Args:
        text: 2026-11-24, 2026/11/24, 2026.11.24, 2026年11月24日, 二〇二六年十一月二十四日, 20261124, also with a
            time of day; a spreadsheet's serial number 46350; 2026-11 where `edge` says what that means.
        edge: which end of a month is meant.

    Returns:
        The day; None for 长期 and its kin: no end.

    Raises:
        NoDay: another text, a day that never was, one with two figures for the year, or 2026.1, which may be October.
    """
    bare = _bare(text)
    if bare in _open_ends():
        return None
    serial = SERIAL.fullmatch(bare)
    if serial and SERIALS[0] <= int(serial[1]) <= SERIALS[1]:
        return SERIAL_EPOCH + timedelta(days=int(serial[1]))
    month = MONTH.fullmatch(bare)
    if month:
        if ZERO_LOST.fullmatch(bare):
            raise NoDay(ambiguous=True)
        return _of_month(int(month["year"]), int(month["month"]), edge)
    return _instant(bare).astimezone(BEIJING).date()


@lru_cache(maxsize=16_384)
def read_instant(text: str, edge: Edge = Edge.FIRST) -> datetime | None:
    """The instant that a cell names; without an offset in Beijing time.

    Args:
        text: a day as `read_day` reads it, with a time of day or without.
        edge: what a day without a time stands for: its beginning, or (`LAST`) its end, the next midnight.

    Returns:
        Aware; None for 长期 and its kin.

    Raises:
        NoDay: as `read_day`.
    """
    bare = _bare(text)
    found = DAY.fullmatch(bare) or COMPACT.fullmatch(bare)
    if found and found["hour"]:
        return _instant(bare)
    serial = SERIAL.fullmatch(bare)
    day = read_day(text, edge)
    if day is None:
        return None
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    if serial and serial[2]:
        return start + timedelta(seconds=round(float(f"0.{serial[2]}") * 86_400))
    return start + timedelta(days=1) if edge is Edge.LAST else start


def _bare(text: str) -> str:
    if len(text) > CHARACTERS_AT_MOST:
        raise NoDay
    bare = text if text.isascii() else unicodedata.normalize("NFKC", text)
    bare = REMARK.sub("", re.sub(r"\s*([-/.年月日])\s*", r"\1", bare.strip())) if not bare.isascii() else bare.strip()
    chinese = CHINESE.match(bare)
    if chinese is None:
        return bare.strip()
    year, month, day = chinese[1].translate(DIGITS), _number(chinese[2]), chinese[3]
    return f"{year}-{month}" + (f"-{_number(day)}" if day else "") + bare[chinese.end() :].rstrip()


def _number(text: str) -> int:
    """Up to 99: 24, 二十四, 廿四, 十; 0 for what is no numeral, as 十十一."""
    spelled = text.replace("廿", "二十").replace("卅", "三十")
    found = NUMERAL.fullmatch(spelled)
    if found is None:
        digits = spelled.translate(DIGITS)
        return int(digits) if digits.isdecimal() else 0
    return int((found["tens"] or "一").translate(DIGITS)) * 10 + int((found["ones"] or "〇").translate(DIGITS))


def _instant(bare: str) -> datetime:
    found = DAY.fullmatch(bare) or COMPACT.fullmatch(bare)
    if found is None:
        raise NoDay(ambiguous=SHORT.fullmatch(bare) is not None)
    year, month, day, hour, minute, second = (
        int(found[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    midnight_after = (hour, minute, second) == (24, 0, 0)
    hour = 0 if midnight_after else hour
    try:
        instant = datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"]))
        return instant + timedelta(days=1) if midnight_after else instant
    except (ValueError, OverflowError) as error:
        raise NoDay from error


def _zone(said: str | None) -> timezone:
    if said is None:
        return BEIJING
    if said == "Z":
        return UTC
    hours, minutes = int(said[1:3]), int(said[-2:])
    if hours > 14 or minutes > 59:
        raise NoDay
    return timezone((1 if said[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _of_month(year: int, month: int, edge: Edge) -> date:
    if edge is Edge.NONE or not 1 <= month <= 12 or year < 1:
        raise NoDay
    return date(year, month, calendar.monthrange(year, month)[1] if edge is Edge.LAST else 1)


@cache
def _open_ends() -> frozenset[str]:
    return frozenset(table()["cells"]["open_end"])
