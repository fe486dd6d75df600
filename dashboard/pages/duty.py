"""Duties 履职: the log that the acts write, what presses, who answers for what, the figures as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from html import escape

import streamlit as st

from dashboard import look, markup, session
from dashboard.labels import SHOWN_ZONE, Words
from enforcement.duties import OF_ROLE
from enforcement.duty_states import LATE, OVERDUE, URGENT, Duty, figures
from pipelines import clock
from pipelines.casework.duties import accountability, duties, explain_duty
from pipelines.casework.quality import quality_figures
from pipelines.documents.duty_book import duty_book
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.read import duties as read

ORDER = (OVERDUE, "disputed", "warning", "running", "paused", "open", "met_late", "met_disputed", "met", "done")
SHORTEST_DAYS = 30


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        found = _seen(store)
        going = [one for one in found if one.ended is None]
        late = sum(one.state == OVERDUE for one in going)
        look.page_head(
            store, words("duty.title"), words("duty.subtitle", open=len(going), overdue=late, total=len(found))
        )
        if not found:
            look.empty(words("duty.empty"), words("duty.empty_next"))
            return
        st.html(table(_filtered(found, words), words, session.names(store)))
        _explaining(store, going, words)
        _answering(store, words)
        _book(store, found, words)


def _seen(store: Store) -> Sequence[Duty]:
    try:
        return duties(store, by=session.by(store), as_of=clock.now())
    except Refusal as refusal:
        session.warn(session.words().reason(refusal.reason), seen=session.technical(refusal))
        return ()


def _filtered(found: Sequence[Duty], words: Words) -> list[Duty]:
    which = st.segmented_control(
        words("duty.show"), ["pressing", "open", "all"], default="open", required=True, key="duty_show",
        format_func=lambda one: words(f"duty.show_{one}"), label_visibility="collapsed",
    )  # fmt: skip
    wanted = {"pressing": lambda one: one.ended is None and one.state in URGENT, "open": lambda one: one.ended is None}
    chosen = [one for one in found if which == "all" or wanted[str(which)](one)]
    return sorted(chosen, key=lambda one: (ORDER.index(one.state), str(one.due_on), one.subject))


def table(found: Sequence[Duty], words: Words, names: dict[str, str]) -> str:
    """The log: the pressing first."""
    heads = [(words("duty.state"), ""), (words("duty.what"), ""), (words("duty.subject"), "code")]
    heads += [(words(f"duty.{name}"), "") for name in ("holder", "began", "due", "ended", "reason")]
    rows = [
        [
            markup.chip(one.state, state_of(one.state, words)), escape(words.of("duty_name", one.duty)),
            escape(one.subject), escape(holder_of(one.holder, words, names)), one.began.on.isoformat(),
            "—" if one.due_on is None else one.due_on.isoformat(),
            "—" if one.ended is None else one.ended.on.isoformat(), escape(one.reason or "—"),
        ]
        for one in found
    ]  # fmt: skip
    return markup.table(heads, rows, height_px=420)


def state_of(state: str, words: Words) -> str:
    """A duty's state in words: those of a clock, and two of its own."""
    return words.of("duty_state", state) if state in ("open", "done") else words.of("clock_state", state)


def holder_of(holder: str, words: Words, names: dict[str, str]) -> str:
    """Who holds a duty: a person, or anybody of a role."""
    if holder.startswith(OF_ROLE):
        return words("duty.role", role=words.of("role", holder.removeprefix(OF_ROLE)))
    return names.get(holder, holder)


def _explaining(store: Store, going: Sequence[Duty], words: Words) -> None:
    user = session.actor(store)
    if user is None or not session.may(store, "duty_explain"):
        return
    mine = {
        f"{one.duty} {one.subject}": one
        for one in going
        if one.state in LATE and one.holder in (user.id, OF_ROLE + user.role)
    }
    if not mine:
        return
    look.section(words("duty.explain"))
    with st.container(key="explain_form", horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            words("duty.what"), list(mine), key="explain_which", width=330,
            format_func=lambda one: f"{words.of('duty_name', mine[one].duty)} · {mine[one].subject}",
        )  # fmt: skip
        st.text_input(words("duty.reason"), key="explain_reason", width=320)
        one = mine[chosen]
        st.button(words("duty.explain_do"), key="explain", on_click=_explain, args=(one.duty, one.subject))


def _explain(duty: str, subject: str) -> None:
    reason = st.session_state.get("explain_reason", "")
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: explain_duty(store, duty, subject, by=by, at=clock.now(), reason=reason))


def _answering(store: Store, words: Words) -> None:
    if not session.may_read(store, "accountability"):
        return
    found, names = accountability(store, by=session.by(store), as_of=clock.now()), session.names(store)
    look.section(words("duty.accountability"), words("duty.late", count=len(found.late)))
    if found.late:
        heads = [(words("duty.what"), ""), (words("duty.subject"), "code"), (words("duty.holder"), "")]
        heads.append((words("duty.entries"), "figure"))
        st.html(markup.table(heads, [
            [
                escape(words.of("duty_name", one.duty.duty)), escape(one.duty.subject),
                escape(holder_of(one.duty.holder, words, names)), ", ".join(map(str, one.entries)),
            ]
            for one in found.late
        ]))  # fmt: skip
    look.note(words("duty.outside", count=len(found.refused)))
    if found.refused:
        heads = [
            (words("duty.who"), ""),
            (words("duty.act"), ""),
            (words("duty.on"), ""),
            (words("duty.entries"), "figure"),
        ]
        st.html(markup.table(heads, [
            [
                escape(f"{names.get(one.signed.by, one.signed.by)} · {words.of('role', one.signed.role)}"),
                escape(words.of("act", one.act)), one.on.isoformat(), str(entry),
            ]
            for one, entry in found.refused
        ]))  # fmt: skip


def _book(store: Store, found: Sequence[Duty], words: Words) -> None:
    if not session.may_read(store, "quality"):
        return
    today = clock.now().astimezone(SHOWN_ZONE).date()
    with st.container(key="duty_period", horizontal=True, vertical_alignment="bottom", gap="small"):
        first = st.date_input(words("duty.first"), today - timedelta(days=SHORTEST_DAYS), key="duty_first", width=150)
        last = st.date_input(words("duty.last"), today, key="duty_last", width=150)
        if first > last:
            look.note(words.reason("period_impossible"))
            return
        mine = [one for one in found if first <= one.began.on <= last]
        now = clock.now()
        begins, ends = (datetime.combine(day, time.min, SHOWN_ZONE) for day in (first, last + timedelta(days=1)))
        book = duty_book(
            figures(mine, first=first, last=last), mine, read.acts(store, begins, min(ends, now)),
            quality_figures(store, first, last, by=session.by(store), as_of=now), session.names(store),
            first=first, last=last, as_of=now, simulated=any(user.simulated for user in session.actors(store)),
        )  # fmt: skip
        st.download_button(words("duty.book"), book, f"yaoxun-duties-{first}-{last}.xlsx", key="duty_book")


if __name__ == "__main__":
    show()
