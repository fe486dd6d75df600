"""What becomes of a task: evidence is handed in, the work is submitted, accepted 验收, returned, or withdrawn."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from enforcement import policy as law
from enforcement.tasks import TaskFacts, judged_items, may_hand_in, may_step, step_row
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.people import lawful
from pipelines.errors import Refusal
from pipelines.records import Act, StoredFile, User
from pipelines.store import Store, Tx, files
from pipelines.store.read import tasks as read
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.task_records import TaskFile, TaskItem, TaskStep
from pipelines.store.write import tasks as write

WORK, ACCEPT = "task_work", "accept"
ENTRY_KINDS = {
    "submit": "task_submitted", "accept": "task_accepted", "return": "task_returned", "withdraw": "task_withdrawn",
}  # fmt: skip
HALF_TURN_DEG, RIGHT_ANGLE_DEG = 180.0, 90.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What is said of a piece of evidence: in words, when, where (longitude, latitude) and with what it was taken."""

    text: str
    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    device: str = ""


def add_item(store: Store, task_id: str, kind: str, source: Path, taken: Taken, *, by: str | None, at: datetime) -> Act:
    """Hand in a piece of evidence for a task that was given to the acting account.

    Args:
        store: the home.
        task_id: the task.
        kind: what it shows, one of `enforcement.tasks.ITEM_KINDS`.
        source: the file: picture, video, sound, document. It is copied into the home and kept by its SHA-256.
        taken: what is said of it.
        by: the account, or None for the local owner.
        at: when it is handed in.

    Returns:
        The number of the piece, state of the task; the same file as the same kind again gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_task`, `task_not_yours`, `task_step_illegal`, `item_kind_unknown`,
            `reason_missing`, `unreadable_file`, `empty_file`, `seen_in_future`, `place_not_on_earth`.
    """
    _refuse_impossible(taken, at)
    with acting(store, by, WORK, at) as (tx, user):
        one = known_task(tx, task_id, at)
        facts = TaskFacts(one.state, one.task.assigned_to, user.id)
        rule = may_hand_in(one.task.id, kind, facts, taken.text, policy=law.load(), on=beijing_day(at))
        held = _held(store, source, at)
        for before in one.items:
            if (before.kind, before.file_sha256) == (kind, held.sha256):
                return Act(str(before.id), one.state, first_entry_of_row(tx, "task_item", str(before.id)), True)
        item = TaskItem(
            0, kind, held.sha256, taken.text.strip(), taken.at, taken.lon, taken.lat, taken.device, signed(user, at)
        )
        number = write.insert_item(tx, one.task.id, item, held)
        payload = {
            "item": number, "kind": kind, "file": held.sha256, "name": held.name, "text": item.text,
            "taken_at": None if taken.at is None else taken.at.isoformat(), "lon": taken.lon, "lat": taken.lat,
            "device": taken.device, "rules": [rule],
        }  # fmt: skip
        entry = noted(tx, user, at=at, kind="task_item_added", subject=one.task.id, payload=payload)
        return Act(str(number), one.state, entry)


@dataclass(frozen=True, slots=True)
class Said:
    """What comes with a step: the reason, and for an acceptance the pieces refused, each with its reason."""

    reason: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)


def take_step(store: Store, task_id: str, step: str, said: Said, *, by: str | None, at: datetime) -> Act:
    """Take a task a step further.

    Args:
        store: the home.
        task_id: the task.
        step: one of `enforcement.tasks.STEPS`.
        said: the reason, and what an acceptance refuses; every other piece it confirms.
        by: the account, or None for the local owner; the step's row names the act that its role must have.
        at: when.

    Returns:
        The task's id and its new state. The last step again with the same words by the same account gives its entry.

    Raises:
        Refusal: the role may not, `unknown_task`, `task_step_unknown`, or what the step's row forbids.
    """
    with lawful():
        act = str(step_row(step, policy=law.load(), on=beijing_day(at)).table()["act"])
    with acting(store, by, act, at) as (tx, user):
        one = known_task(tx, task_id, at)
        done = _done(tx, one, step, said, user)
        if done is not None:
            return done
        facts = TaskFacts(
            one.state, one.task.assigned_to, user.id, tuple(item.id for item in one.items), said.reason, said.refused
        )
        permission = may_step(one.task.id, step, facts, policy=law.load(), on=beijing_day(at))
        number = one.steps[-1].number + 1 if one.steps else 1
        row = TaskStep(number, step, one.state, permission.to, said.reason, permission.rule, signed(user, at))
        return _written(tx, user, one, row, said)


def known_task(tx: Tx, task_id: str, at: datetime) -> TaskFile:
    """A task as it stands when somebody acts on it.

    Raises:
        Refusal: `unknown_task`.
    """
    found = read.task(tx, task_id, at)
    if found is None:
        raise Refusal(task_id or "(empty)", "unknown_task")
    return found


def _written(tx: Tx, user: User, one: TaskFile, row: TaskStep, said: Said) -> Act:
    write.insert_step(tx, one.task.id, row)
    due = one.task.due_on
    payload: dict[str, object] = {
        "from_state": row.from_state, "to_state": row.to_state, "reason": row.reason, "items": len(one.items),
        "to": one.task.assigned_to, "due_on": None if due is None else due.isoformat(),
        "given_by": one.task.signed.by, "rules": [row.rule],
    }  # fmt: skip
    if row.step == ACCEPT:
        judged = judged_items([item.id for item in one.items], said.refused)
        write.insert_judgements(tx, judged, row.signed)
        payload["judged"] = [list(word) for word in judged]
    entry = noted(tx, user, at=row.signed.at, kind=ENTRY_KINDS[row.step], subject=one.task.id, payload=payload)
    return Act(one.task.id, row.to_state, entry)


def _done(tx: Tx, one: TaskFile, step: str, said: Said, user: User) -> Act | None:
    """The act that did the same before, where nothing was done to the task since."""
    last = one.steps[-1] if one.steps else None
    if last is None or (last.step, last.reason, last.signed.by) != (step, said.reason, user.id):
        return None
    refused = {i.id: i.judgement.reason for i in one.items if i.judgement and i.judgement.word == "refused"}
    if step == ACCEPT and refused != dict(said.refused):
        return None
    if any(item.signed.at > last.signed.at for item in one.items):
        return None
    row = str(read.step_row(tx, one.task.id, last.number))
    return Act(one.task.id, one.state, first_entry_of_row(tx, "task_step", row), True)


def _refuse_impossible(taken: Taken, at: datetime) -> None:
    if taken.at is not None and taken.at > at:
        raise Refusal(taken.at.isoformat(), "seen_in_future")
    given = [degrees for degrees in (taken.lon, taken.lat) if degrees is not None]
    within = abs(taken.lon or 0.0) <= HALF_TURN_DEG and abs(taken.lat or 0.0) <= RIGHT_ANGLE_DEG
    if len(given) == 1 or not within:
        raise Refusal(f"{taken.lon} {taken.lat}", "place_not_on_earth")


def _held(store: Store, source: Path, at: datetime) -> StoredFile:
    """Copy the file into the home; one that is not named in the end is found there by the next try."""
    if not source.is_file():
        raise Refusal(str(source), "unreadable_file")
    size = source.stat().st_size
    if not size:
        raise Refusal(str(source), "empty_file")
    sha256 = files.sha256_of(source)
    files.hold(store, source, sha256)
    media_type = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    return StoredFile(sha256, size, source.name, media_type, at)
