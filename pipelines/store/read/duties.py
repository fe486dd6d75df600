"""The duty log as it stood at an instant, and the same computed again from the journal alone."""

from __future__ import annotations

from datetime import date, datetime
from sqlite3 import Row

from enforcement import policy as law
from enforcement.clocks import Change
from enforcement.duties import BEGAN, CHANGES, HANDLERS, DutyEvent, Told, change_of, fold
from pipelines.records import JournalEntry
from pipelines.store.canonical import from_instant, instant
from pipelines.store.journal import entry_of
from pipelines.store.read.checks import signed_of
from pipelines.store.read.registry import day_of
from pipelines.store.task_records import DutyReason, RefusedAct, Reminder
from pipelines.store.transaction import Asked

EVENTS = "SELECT * FROM duty_event WHERE at <= ? ORDER BY at, id"
HELD = "SELECT event, holder FROM duty_event WHERE duty = ? AND subject = ? ORDER BY at DESC, id DESC LIMIT 1"
REASONS = "SELECT * FROM duty_reason WHERE at <= ? ORDER BY id"
REMINDERS = "SELECT * FROM duty_reminder WHERE at <= ? ORDER BY id"
REFUSED = "SELECT * FROM refused_act WHERE at <= ? ORDER BY id"
ENTRIES = "SELECT * FROM journal WHERE at <= ? ORDER BY seq"
ACTS = """
SELECT actor, role, kind, count(*) AS count FROM journal WHERE at >= ? AND at < ? AND actor <> 'system'
GROUP BY actor, role, kind ORDER BY actor, role, kind
"""
OF_THEM = "SELECT seq FROM journal WHERE subject = ? AND at <= ? ORDER BY seq"


def events(asked: Asked, as_of: datetime) -> list[DutyEvent]:
    """Beginnings and ends until an instant, in order."""
    return [_event(row) for row in asked.rows(EVENTS, (instant(as_of),))]


def holder(asked: Asked, duty: str, subject: str) -> str | None:
    """Who holds a duty now; None where it is not open."""
    row = asked.row(HELD, (duty, subject))
    return str(row["holder"]) if row is not None and row["event"] == BEGAN else None


def reasons(asked: Asked, as_of: datetime) -> list[DutyReason]:
    """Why duties are late, as was said until an instant, in order."""
    found = asked.rows(REASONS, (instant(as_of),))
    return [DutyReason(row["duty"], row["subject"], row["reason"], signed_of(row)) for row in found]


def reminders(asked: Asked, as_of: datetime) -> list[Reminder]:
    """Of what the machine reminded whom until an instant, in order."""
    return [
        Reminder(
            row["duty"], row["subject"], from_instant(row["began_at"]), row["level"], row["to_whom"],
            from_instant(row["at"]),
        )
        for row in asked.rows(REMINDERS, (instant(as_of),))
    ]  # fmt: skip


def refused_acts(asked: Asked, as_of: datetime) -> list[tuple[int, RefusedAct]]:
    """Acts outside of a role until an instant, each with its number, in order."""
    return [
        (row["id"], RefusedAct(row["act"], row["rule"], date.fromisoformat(row["on_day"]), signed_of(row)))
        for row in asked.rows(REFUSED, (instant(as_of),))
    ]


def from_journal(asked: Asked, as_of: datetime) -> tuple[tuple[DutyEvent, ...], tuple[Change, ...]]:
    """The duty log and what was done to clocks, read from the journal's entries and nothing else."""
    entries = [told_of(entry_of(row)) for row in asked.rows(ENTRIES, (instant(as_of),))]
    changes = [change_of(one) for one in entries if one.kind in CHANGES]
    log = fold((one for one in entries if one.kind in HANDLERS), policy=law.load())
    return log, tuple(one for one in changes if one is not None)


def told_of(entry: JournalEntry) -> Told:
    """An entry, as far as duties need it."""
    return Told(entry.kind, entry.subject, entry.payload, entry.actor, entry.role, entry.at, day_of(entry.at))


def acts(asked: Asked, first: datetime, before: datetime) -> list[tuple[str, str, str, int]]:
    """(account, role, kind of entry, how many) of what people did from an instant until just before another."""
    return [
        (row["actor"], row["role"], row["kind"], row["count"])
        for row in asked.rows(ACTS, (instant(first), instant(before)))
    ]


def entries_about(asked: Asked, subject: str, as_of: datetime) -> list[int]:
    """The numbers of the journal's entries about one thing."""
    return [row["seq"] for row in asked.rows(OF_THEM, (subject, instant(as_of)))]


def _event(row: Row) -> DutyEvent:
    at = from_instant(row["at"])
    return DutyEvent(
        row["duty"], row["subject"], row["event"], row["word"], row["holder"], row["by"], row["role"], at, day_of(at),
        None if row["due_on"] is None else date.fromisoformat(row["due_on"]), row["days"], row["reason"],
    )  # fmt: skip
