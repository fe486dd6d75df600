"""The keys with which a person says what an alert is, the same on every page that shows one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import session
from dashboard.labels import Words
from enforcement.verdicts import REALLY, VALUES
from pipelines import clock
from pipelines.casework.verdict import record_verdict, undo_verdict
from pipelines.records import AlertView

SHORTCUTS = dict(zip(VALUES, "1234567", strict=True))


def stays(alert_id: str) -> bool:
    """Of a page that shows one alert and turns to no other by itself."""
    del alert_id
    return False


def buttons(view: AlertView, words: Words, *, moved_on: Callable[[str], bool] = stays) -> None:
    """One key a verdict, what it really was where the machine is wrong, a reason, and taking the last word back.

    Args:
        view: the alert.
        words: the language.
        moved_on: whether the page turned to another alert since; then nothing is recorded.
    """
    said = view.verdict.value if view.verdict else None
    keys = (f"reason {view.alert.id}", f"really {view.alert.id}")
    with st.container(key="verdicts", horizontal=True, gap="small"):
        for value in VALUES:
            st.button(
                words.of("verdict", value),
                key=f"verdict_{value}",
                type="primary" if value == said else "secondary",
                shortcut=SHORTCUTS[value],
                width="content",
                on_click=_judge,
                args=(view.alert.id, value, keys, moved_on),
            )
    with st.container(key="verdict_words", horizontal=True, gap="small"):
        st.text_input(
            words("triage.reason"), key=keys[0], placeholder=words("triage.reason"), label_visibility="collapsed"
        )
        st.selectbox(
            words("triage.really"),
            REALLY,
            index=None,
            format_func=lambda word: words.of("really", word),
            key=keys[1],
            placeholder=words("triage.really"),
            label_visibility="collapsed",
        )
        if view.verdict is not None and view.state != "lead":
            st.button(
                words("triage.undo"), key="undo_verdict", width="content", on_click=_undo,
                args=(view.alert.id, keys, moved_on),
            )  # fmt: skip


def _judge(alert_id: str, value: str, keys: tuple[str, str], moved_on: Callable[[str], bool]) -> None:
    if moved_on(alert_id):
        return
    reason, really = st.session_state.get(keys[0], ""), st.session_state.get(keys[1])
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(
            lambda: record_verdict(store, alert_id, value, by=by, at=clock.now(), reason=reason, really=really)
        )


def _undo(alert_id: str, keys: tuple[str, str], moved_on: Callable[[str], bool]) -> None:
    if moved_on(alert_id):
        return
    reason = st.session_state.get(keys[0], "")
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: undo_verdict(store, alert_id, by=by, at=clock.now(), reason=reason))
