"""Quality figures 质量评价: what contractors, drones and online monitors found, and what people made of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from enforcement import policy as law
from enforcement.quality import CONFIRMED, REFUSED, QualityFigures, Work, days_after, quality
from enforcement.verdicts import finding_verdict
from pipelines.casework.acting import beijing_day
from pipelines.casework.foot import last_found
from pipelines.casework.people import may_look
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.read import alerts, cases, people, tasks
from pipelines.store.task_records import TaskFile

CONTRACTOR, DRONE, ONLINE = "contractor", "drone", "online"


def quality_figures(
    store: Store, first: date, last: date, *, by: str | None, as_of: datetime
) -> tuple[QualityFigures, ...]:
    """The figures of a period, as known at an instant.

    Of contractors: their tasks by the day of assignment; found are the pieces handed in, judged those of accepted
    tasks. Of drones: the alerts by the day they were raised, per kind; of online monitors the audit reports by the
    day of issue. What people have not judged is undecided, and in no share.

    Raises:
        Refusal: the role may not look at them, `period_impossible`.
    """
    may_look(store, by, "quality", at=as_of)
    if last < first:
        raise Refusal(f"{first} {last}", "period_impossible")
    on = beijing_day(as_of)
    level = law.load().at("quality_interval", on).number()
    with store.snapshot():
        work = [*_tasks(store, as_of), *_alerts(store, as_of), *_reports(store, as_of)]
    return quality(work, first=first, last=last, on=on, level=level)


def _tasks(store: Store, as_of: datetime) -> Iterator[Work]:
    contractors = {user.id for user in people.users(store) if user.role == CONTRACTOR}
    for one in tasks.tasks(store, as_of):
        if one.task.assigned_to in contractors and one.state != "withdrawn":
            yield _work_of(one)


def _work_of(one: TaskFile) -> Work:
    words = tuple(item.judgement.word for item in one.items if item.judgement is not None)
    handed = [step for step in one.steps if step.step == "submit"]
    returned = any(step.step == "return" for step in one.steps)
    done = beijing_day(handed[-1].signed.at) if handed and one.state in ("submitted", "accepted") else None
    again = returned if one.state == "accepted" or returned else None
    return Work(
        CONTRACTOR, one.task.assigned_to, beijing_day(one.task.signed.at), len(one.items), words, one.task.due_on, done,
        again,
    )  # fmt: skip


def _alerts(store: Store, as_of: datetime) -> Iterator[Work]:
    rules = law.load()
    for view in alerts.views(store, as_of):
        day = beijing_day(view.alert.received_at)
        words = alerts.verdicts(store, view.alert.id, as_of=as_of)
        first = min((beijing_day(word.at) for word in words), default=None)
        due = days_after(day, rules.at("quality_late", day).number(DRONE))
        standing = view.verdict.value if view.verdict is not None and not view.verdict.needs_second else None
        yield Work(DRONE, view.alert.kind, day, 1, _word(store, view.alert.id, standing, as_of), due, first)


def _word(store: Store, alert_id: str, verdict: str | None, as_of: datetime) -> tuple[str, ...]:
    """What was found there goes before what was said of the picture."""
    rules, on = law.load(), beijing_day(as_of)
    found = last_found(store, alert_id, as_of)
    said = verdict if found is None else finding_verdict(found, policy=rules, on=on).value
    if said == CONFIRMED:
        return (CONFIRMED,)
    return (REFUSED,) if said in rules.at("verdict_lays_aside", on).words() else ()


def _reports(store: Store, as_of: datetime) -> Iterator[Work]:
    received = {one.report_id: beijing_day(one.signed.at) for one in cases.receipts(store, as_of)}
    for one in cases.reports(store, as_of):
        day = beijing_day(one.signed.at)
        due = days_after(day, law.load().at("quality_late", day).number(ONLINE))
        word = CONFIRMED if one.valid else REFUSED
        yield Work(ONLINE, one.monitor, day, 1, (word,), due, received.get(one.id))
