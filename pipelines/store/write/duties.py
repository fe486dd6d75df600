"""Rows of the duty log. An act writes them in its own transaction; a row is added, none changes."""

from __future__ import annotations

from collections.abc import Iterable

from enforcement.duties import DutyEvent
from pipelines.store import rows
from pipelines.store.canonical import instant
from pipelines.store.task_records import DutyReason, RefusedAct, Reminder
from pipelines.store.transaction import Tx
from pipelines.store.write.tasks import signed_row


def insert_events(tx: Tx, events: Iterable[DutyEvent], *, simulated: bool) -> None:
    """Write what an entry begins and ends, before that entry is written."""
    for one in events:
        cells = {
            "duty": one.duty, "subject": one.subject, "event": one.event, "word": one.word, "holder": one.holder,
            "due_on": None if one.due_on is None else one.due_on.isoformat(), "days": one.days, "reason": one.reason,
            "by": one.by, "role": one.role, "at": instant(one.at), "simulated": int(simulated),
        }  # fmt: skip
        tx.execute(rows.insert_statement("duty_event", cells), cells)


def insert_reason(tx: Tx, said: DutyReason) -> int:
    """Write why a duty is late; gives its number."""
    return signed_row(tx, "duty_reason", said.signed, duty=said.duty, subject=said.subject, reason=said.reason)


def insert_reminders(tx: Tx, reminders: Iterable[Reminder]) -> None:
    """Write of what the machine reminded whom; once a duty, beginning and level is held by the database, too."""
    for one in reminders:
        cells = {
            "duty": one.duty, "subject": one.subject, "began_at": instant(one.began_at), "level": one.level,
            "to_whom": one.to_whom, "at": instant(one.at),
        }  # fmt: skip
        tx.execute(rows.insert_statement("duty_reminder", cells), cells)


def insert_refused(tx: Tx, refused: RefusedAct) -> int:
    """Write an act that a role may not do; gives its number."""
    return signed_row(
        tx, "refused_act", refused.signed, act=refused.act, rule=refused.rule, on_day=refused.on.isoformat()
    )
