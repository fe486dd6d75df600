"""Deadlines as a calendar file that phones and office programs take: iCalendar, RFC 5545."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from enforcement.clocks import Deadline
from enforcement.deadlines import COUNTINGS

LINE_OCTETS = 75
"""RFC 5545, 3.1: a line is folded beyond so many octets."""
NAMES = {
    "case_after_audit_report": "七日立案",
    "case_filing_decision": "立案审查",
    "case_decision": "作出处罚决定",
    "limitation": "追责时效",
    "rectification": "远程整改",
    "exceedance_audit": "超标数据审核",
}
DATES = {"calendar": "自然日", "rolled": "顺延", "working": "工作日"}


def ics(deadlines: Sequence[Deadline], *, made_at: datetime) -> str:
    """The running deadlines as all-day events, one for each date that may be the last.

    Args:
        deadlines: as computed; those that have ended are left out.
        made_at: stamp of the file, and the instant as of which it holds.

    Returns:
        The file's text with CRLF line ends. Dates that fall on one day are one event; events keep their UID from file
        to file, so that a program replaces them.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//yaoxun//deadlines//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    for one in deadlines:
        if one.clock.ended is None:
            lines += _events(one, made_at)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _events(one: Deadline, made_at: datetime) -> Iterator[str]:
    counted = [one.due.counting] if one.due.counting in COUNTINGS else list(COUNTINGS)
    days: dict[date, list[str]] = {}
    for counting in counted:
        days.setdefault(getattr(one.due, counting), []).append(counting)
    for day, countings in sorted(days.items()):
        yield from _event(one, day, countings, made_at)


def _event(one: Deadline, day: date, countings: Sequence[str], made_at: datetime) -> Iterable[str]:
    words = "、".join(DATES[counting] for counting in countings)
    title = f"{NAMES.get(one.name, one.name)} {one.clock.subject}（{words}）"
    said = f"{one.clock.rule.ref}; {one.clock.rule.source}; {one.state.value}"
    if one.due.provisional_from is not None:
        said += f"; holidays of {one.due.provisional_from.year} not published, provisional"
    yield "BEGIN:VEVENT"
    yield f"UID:{one.clock.subject}-{one.name}-{countings[0]}@yaoxun"
    yield f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(title)}"
    yield f"DESCRIPTION:{_text(said)}"
    yield "TRANSP:TRANSPARENT"
    if day == one.due.earliest:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(title)}")
        yield f"TRIGGER:-P{(day - one.warn_from).days}D"
        yield "END:VALARM"
    yield "END:VEVENT"


def _text(text: str) -> str:
    """Text as RFC 5545, 3.3.11 escapes it."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, cut between characters; each further piece begins with a space."""
    piece, space = "", ""
    for character in line:
        if len(f"{space}{piece}{character}".encode()) > LINE_OCTETS:
            yield space + piece
            piece, space = "", " "
        piece += character
    yield space + piece
