"""Plain types of tasks with what was handed in, and of the duty log, as stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from enforcement.tasks import ASSIGNED
from pipelines.store.case_records import Signed, Task


@dataclass(frozen=True, slots=True)
class Judgement:
    """The word of an acceptance on one piece: `confirmed` or `refused`."""

    word: str
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class TaskItem:
    """A piece of evidence: what it shows, which original, and where, when and with what that was taken, as was said.

    `lon`, `lat`: degrees, WGS 84, both or none.
    """

    id: int
    kind: str
    file_sha256: str
    text: str
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    device: str
    signed: Signed
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class TaskStep:
    """One step of a task."""

    number: int
    step: str
    from_state: str
    to_state: str
    reason: str
    rule: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class TaskFile:
    """A task with what was handed in for it and its steps, as it stands at an instant."""

    task: Task
    items: tuple[TaskItem, ...] = ()
    steps: tuple[TaskStep, ...] = ()

    @property
    def state(self) -> str:
        """Where its last step led; `assigned` before the first."""
        return self.steps[-1].to_state if self.steps else ASSIGNED


@dataclass(frozen=True, slots=True)
class DutyReason:
    """Why a duty is late, in the words of who holds it."""

    duty: str
    subject: str
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class Reminder:
    """That somebody was reminded of a duty that began at an instant."""

    duty: str
    subject: str
    began_at: datetime
    level: str  # warning | overdue
    to_whom: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RefusedAct:
    """An act that a named account asked for, and the row that does not name its role."""

    act: str
    rule: str
    on: date
    signed: Signed
