"""Tasks 任务: what was given to whom, evidence handed in, acceptance; a contractor sees its own and no other page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from html import escape
from pathlib import Path

import streamlit as st

from dashboard import look, markup, session
from dashboard.labels import SHOWN_ZONE, Words
from enforcement import policy
from enforcement.tasks import ITEM_KINDS, KINDS
from pipelines import clock
from pipelines.casework.task import assign_task, tasks
from pipelines.casework.task_work import Said, Taken, add_item, take_step
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store
from pipelines.store.task_records import TaskFile

HANDS_IN = ("assigned", "returned")


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        try:
            found = tasks(store, by=session.by(store), as_of=clock.now())
        except Refusal as refusal:
            found = []
            session.warn(words.reason(refusal.reason), seen=session.technical(refusal))
        look.page_head(store, words("tasks.title"), words("tasks.subtitle", total=len(found)))
        if found:
            st.html(table(found, words, session.names(store)))
            _working(store, found, words)
        else:
            look.empty(words("tasks.empty"), words("tasks.empty_next"))
        if session.may(store, "task_assign") and session.actors(store):
            _giving(store, words)


def table(found: Sequence[TaskFile], words: Words, names: dict[str, str]) -> str:
    """The tasks; why one came back stands below its state."""
    titles = ("id", "state", "kind", "text", "items", "subject", "to", "due", "by")
    heads = [(words(f"tasks.{name}"), "code" if name in ("id", "subject") else "") for name in titles]
    rows = [
        [
            escape(one.task.id), _state(one, words), escape(words.of("task_kind", one.task.kind)),
            escape(one.task.text), str(len(one.items) or "—"), escape(one.task.subject or "—"),
            escape(names.get(one.task.assigned_to, one.task.assigned_to)), escape(words.day(one.task.due_on)),
            escape(names.get(one.task.signed.by, one.task.signed.by)),
        ]
        for one in found
    ]  # fmt: skip
    return markup.table(heads, rows)


def _state(one: TaskFile, words: Words) -> str:
    said = escape(words.of("task_state", one.state))
    if one.state == "returned":
        said += f"<br><small>{escape(words('tasks.back', reason=one.steps[-1].reason))}</small>"
    return said


def _working(store: Store, found: Sequence[TaskFile], words: Words) -> None:
    user = session.actor(store)
    me = user.id if user else session.OWNER
    mine = {one.task.id: one for one in found if one.task.assigned_to == me and one.state in HANDS_IN}
    judged = {
        one.task.id: one
        for one in found
        if one.state == "submitted" and one.task.assigned_to != me and session.may(store, "task_accept")
    }
    offered = mine | judged
    if not offered:
        return
    chosen = st.selectbox(
        words("tasks.choose"), list(offered), key="task_which", width=420,
        format_func=lambda name: f"{name} · {offered[name].task.text}",
    )  # fmt: skip
    (_handing_in if chosen in mine else _judging)(offered[chosen], words)


def _handing_in(one: TaskFile, words: Words) -> None:
    with st.container(key="task_form", horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.selectbox(
            words("tasks.shows"), ITEM_KINDS, key="item_shows", width=130,
            format_func=lambda name: words.of("task_item", name),
        )  # fmt: skip
        st.text_input(words("tasks.said"), key="item_said", width=260)
        st.file_uploader(words("tasks.file"), key="item_file", width=330)
        st.button(words("tasks.add"), key="item_add", on_click=_add, args=(one.task.id, kind))
    with st.container(key="task_done", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(words("tasks.reason"), key="task_reason", width=260)
        st.button(
            words("tasks.submit"), key="task_submit", type="primary", on_click=_step, args=(one.task.id, "submit")
        )


def _judging(one: TaskFile, words: Words) -> None:
    titles = {item.id: f"{item.id} {words.of('task_item', item.kind)} {item.text}" for item in one.items}
    with st.container(key="task_judge", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            words("tasks.refused"),
            list(titles),
            placeholder=words("tasks.none_refused"),
            key="task_refused",
            format_func=lambda number: titles[number],
            width=380,
        )
        st.text_input(words("tasks.reason"), key="task_reason", width=260)
        st.button(
            words("tasks.accept"), key="task_accept", type="primary", on_click=_step, args=(one.task.id, "accept")
        )
        st.button(words("tasks.give_back"), key="task_return", on_click=_step, args=(one.task.id, "return"))


def _step(task_id: str, step: str) -> None:
    reason = str(st.session_state.get("task_reason") or "")
    refused = dict.fromkeys(st.session_state.get("task_refused") or [], reason) if step == "accept" else {}
    _do(lambda store, by: take_step(store, task_id, step, Said(reason, refused), by=by, at=clock.now()))


def _add(task_id: str, kind: str) -> None:
    """Take the uploaded file in; where there is none, the act itself says so."""
    upload, said = st.session_state.get("item_file"), str(st.session_state.get("item_said") or "")
    with tempfile.TemporaryDirectory(prefix="yaoxun-task-") as folder:
        file = Path(folder) / (Path(upload.name).name if upload is not None else "-")
        if upload is not None:
            file.write_bytes(upload.getvalue())
        _do(lambda store, by: add_item(store, task_id, kind, file, Taken(said), by=by, at=clock.now()))


def _giving(store: Store, words: Words) -> None:
    look.section(words("tasks.give"))
    names = session.names(store)
    today = clock.now().astimezone(SHOWN_ZONE).date()
    kinds = policy.load().at("task_kinds", today).words()
    with st.container(key="give_form", horizontal=True, vertical_alignment="bottom", gap="small"):
        to = st.selectbox(
            words("tasks.to"), [user.id for user in session.actors(store)], key="give_to", width=150,
            format_func=lambda name: names.get(name, name),
        )  # fmt: skip
        kind = st.selectbox(
            words("tasks.kind"), [one for one in KINDS if one in kinds], key="give_kind", width=130,
            format_func=lambda name: words.of("task_kind", name),
        )  # fmt: skip
        st.text_input(words("tasks.text"), key="give_text", width=240)
        st.text_input(words("tasks.subject"), key="give_subject", width=140)
        due = st.date_input(words("tasks.due"), None, key="give_due", width=140)
        st.button(words("tasks.give_do"), key="give", type="primary", on_click=_give, args=(to, kind, due))


def _give(to: str, kind: str, due: object) -> None:
    text, subject = (str(st.session_state.get(key) or "") for key in ("give_text", "give_subject"))
    day = due if isinstance(due, date) else None
    _do(lambda store, by: assign_task(
        store, to, kind, by=by, at=clock.now(), text=text, subject=subject.strip(), due_on=day
    ))  # fmt: skip


def _do(act: Callable[[Store, str | None], Act]) -> None:
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: act(store, by))


if __name__ == "__main__":
    show()
