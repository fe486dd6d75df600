"""Tasks 任务: what was given to whom; a contractor sees its own and no other page."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import look, markup, session
from pipelines import clock
from pipelines.casework.task import tasks
from pipelines.errors import Refusal


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
        if not found:
            look.empty(words("tasks.empty"), words("tasks.empty_next"))
            return
        titles = ("id", "kind", "text", "subject", "to", "due", "by")
        heads = [(words(f"tasks.{name}"), "code" if name in ("id", "subject") else "") for name in titles]
        names = session.names(store)
        rows = [
            [
                escape(one.id), escape(words.of("task_kind", one.kind)), escape(one.text), escape(one.subject or "—"),
                escape(names.get(one.assigned_to, one.assigned_to)), escape(words.day(one.due_on)),
                escape(names.get(one.signed.by, one.signed.by)),
            ]
            for one in (file.task for file in found)
        ]  # fmt: skip
        st.html(markup.table(heads, rows))


if __name__ == "__main__":
    show()
