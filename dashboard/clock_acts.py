"""What a person may do to a clock on the board: let it stand still, go on, give it more days, accept a counting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from dashboard import look, session
from dashboard.labels import SHOWN_ZONE, Words
from enforcement import policy
from enforcement.clocks import Deadline
from enforcement.deadlines import COUNTINGS
from pipelines import clock
from pipelines.casework.clocks import accept_counting, extend_clock, pause_clock, resume_clock
from pipelines.records import Act
from pipelines.store import Store

ACTS = {"pause": "clock_pause", "resume": "clock_pause", "extend": "clock_extend", "accept": "clock_counting"}


def form(store: Store, found: Sequence[Deadline], words: Words) -> None:
    """The acts on one of these clocks that its rows and the role of who acts allow."""
    allowed = [name for name, act in ACTS.items() if session.may(store, act)]
    running = {f"{one.clock.subject} {one.name}": one for one in found if one.clock.ended is None}
    if not allowed or not running:
        return
    look.section(words("clocks.act"))
    with st.container(key="clock_form", horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            words("clocks.which"), list(running), key="clock_which", width=330,
            format_func=lambda one: f"{running[one].clock.subject} · {words.of('clock_name', running[one].name)}",
        )  # fmt: skip
        one, today = running[chosen], clock.now().astimezone(SHOWN_ZONE).date()
        fit = [name for name in allowed if name in _by_rows(one, today)]
        if not fit:
            look.note(words("clocks.no_act"))
            return
        act = st.segmented_control(
            words("clocks.do"), fit, default=fit[0], required=True, key=f"clock_act {chosen}",
            format_func=lambda name: words(f"clocks.{name}"), label_visibility="collapsed",
        )  # fmt: skip
    with st.container(key="clock_words", horizontal=True, vertical_alignment="bottom", gap="small"):
        FORMS[str(act)](one, today, words)


def _by_rows(one: Deadline, today: date) -> list[str]:
    rules = policy.load()
    still = bool(one.clock.pauses) and one.clock.pauses[-1].until is None
    found = ["accept"]
    if one.name in rules.at("clock_pauses", today).table():
        found.append("resume" if still else "pause")
    if one.name in rules.at("clock_extensions", today).table():
        found.append("extend")
    return found


def _pause(one: Deadline, today: date, words: Words) -> None:
    why = st.selectbox(
        words("clocks.why"), policy.load().at("clock_pauses", today).words(one.name), key="pause_reason", width=140,
        format_func=lambda word: words.of("pause_reason", word),
    )  # fmt: skip
    day = st.date_input(words("clocks.day"), today, key="clock_day", width=140)
    _document(words)
    _button(words, lambda store, by: pause_clock(
        store, one.clock.subject, one.name, by=by, at=clock.now(), day=_day(day), reason=why,
        document=_said("clock_document"),
    ))  # fmt: skip


def _resume(one: Deadline, today: date, words: Words) -> None:
    day = st.date_input(words("clocks.day"), today, key="clock_day", width=140)
    _document(words)
    _button(words, lambda store, by: resume_clock(
        store, one.clock.subject, one.name, by=by, at=clock.now(), day=_day(day), document=_said("clock_document")
    ))  # fmt: skip


def _extend(one: Deadline, today: date, words: Words) -> None:
    most = int(policy.load().at("clock_extensions", today).number(one.name))
    days = st.number_input(words("clocks.days"), 1, most, min(15, most), key="clock_days", width=120)
    st.text_input(words("clocks.reason"), key="clock_reason", width=220)
    _document(words)
    _button(words, lambda store, by: extend_clock(
        store, one.clock.subject, one.name, by=by, at=clock.now(), days=int(days), reason=_said("clock_reason"),
        document=_said("clock_document"),
    ))  # fmt: skip


def _accept(one: Deadline, today: date, words: Words) -> None:
    del today
    counting = st.selectbox(
        words("clocks.counting"), COUNTINGS, key="clock_counting", width=140,
        format_func=lambda name: words(f"clocks.{name}"),
    )  # fmt: skip
    st.text_input(words("clocks.reason"), key="clock_reason", width=280)
    _button(words, lambda store, by: accept_counting(
        store, one.clock.subject, one.name, counting, by=by, at=clock.now(), reason=_said("clock_reason")
    ))  # fmt: skip


FORMS: dict[str, Callable[[Deadline, date, Words], None]] = {
    "pause": _pause, "resume": _resume, "extend": _extend, "accept": _accept,
}  # fmt: skip


def _document(words: Words) -> None:
    st.text_input(words("clocks.document"), key="clock_document", width=180)


def _day(day: object) -> date:
    """The day of a field that holds one."""
    return day if isinstance(day, date) else clock.now().astimezone(SHOWN_ZONE).date()


def _said(key: str) -> str:
    return str(st.session_state.get(key) or "").strip()


def _button(words: Words, act: Callable[[Store, str | None], Act]) -> None:
    st.button(words("clocks.do"), key="clock_do", type="primary", width="content", on_click=_do, args=(act,))


def _do(act: Callable[[Store, str | None], Act]) -> None:
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: act(store, by))
