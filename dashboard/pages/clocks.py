"""Clocks 期限: every deadline with its three dates, the most urgent first, and as a calendar file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from dashboard import clock_acts, look, markup, session
from dashboard.labels import Words
from enforcement import calendar
from enforcement.clocks import Deadline
from enforcement.deadlines import COUNTINGS
from enforcement.registry import Enterprise
from pipelines import clock
from pipelines.casework.clocks import deadlines
from pipelines.casework.deadline_calendar import ics
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.read import registry
from pipelines.store.read.clocks import parties

ORDER = ("overdue", "disputed", "warning", "running", "paused", "met_late", "met_disputed", "met")


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        found = _seen(store)
        states = Counter(one.state.value for one in found)
        figures = {name: states[name] for name in ("overdue", "disputed", "warning")}
        look.page_head(store, words("clocks.title"), words("clocks.subtitle", total=len(found), **figures))
        if not found:
            look.empty(words("clocks.empty"), words("clocks.empty_next"))
            return
        shown = _filtered(found, words)
        st.html(table(shown, words, _parties(store)))
        clock_acts.form(store, shown, words)
        look.note(words("clocks.coverage", day=calendar.load().covered_to.isoformat()))
        st.download_button(
            words("clocks.download"), ics(shown, made_at=clock.now()), "yaoxun-deadlines.ics", "text/calendar",
            key="ics", icon=":material/event:",
        )  # fmt: skip


def _seen(store: Store) -> Sequence[Deadline]:
    """The deadlines that who acts may see; none where the role may not look."""
    try:
        return deadlines(store, by=session.by(store), as_of=clock.now())
    except Refusal as refusal:
        session.warn(session.words().reason(refusal.reason), seen=session.technical(refusal))
        return ()


def _parties(store: Store) -> Mapping[str, str]:
    """The firm that each subject concerns, by its name where the registry has it."""
    now = clock.now()
    names = {firm.uscc: firm.name for firm in registry.ever(store, Enterprise, now)}
    return {subject: names.get(uscc, uscc) for subject, uscc in parties(store, now).items()}


def _filtered(found: Sequence[Deadline], words: Words) -> list[Deadline]:
    which = st.segmented_control(
        words("clocks.show"), ["running", "all"], default="running", required=True, key="clocks_show",
        format_func=lambda one: words(f"clocks.show_{one}"), label_visibility="collapsed",
    )  # fmt: skip
    wanted = [one for one in found if which == "all" or one.clock.ended is None]
    return sorted(wanted, key=lambda one: (ORDER.index(one.state.value), one.due.earliest, one.clock.subject))


def table(found: Sequence[Deadline], words: Words, parties: Mapping[str, str]) -> str:
    """The board: the earliest date decides what is urgent, the latest what is overdue. `parties`: firm by subject."""
    heads = [
        (words("clocks.state"), ""), (words("clocks.clock"), ""), (words("clocks.subject"), "code"),
        (words("clocks.started"), ""), (words("clocks.calendar"), ""), (words("clocks.rolled"), ""),
        (words("clocks.working"), ""), (words("clocks.left"), "figure"),
    ]  # fmt: skip
    return markup.table(heads, [_row(one, words, parties.get(one.clock.subject, "")) for one in found], height_px=560)


def _row(one: Deadline, words: Words, party: str) -> list[str]:
    due, state = one.due, one.state.value
    counted = due.counting in COUNTINGS
    days = [
        f"<b>{day}</b>" if not counted or due.counting == name else f'<span class="yx-note">{day}</span>'
        for name, day in zip(COUNTINGS, (due.calendar, due.rolled, due.working), strict=True)
    ]
    left = "—" if one.clock.ended is not None else str(one.days_left)
    name = f"{escape(words.of('clock_name', one.name))}{_small(one.clock.rule.ref)}"
    beside = [party, one.matter.case if one.matter.case != one.clock.subject else ""]
    subject = escape(one.clock.subject) + "".join(_small(text) for text in beside if text)
    said = markup.chip(state, words.of("clock_state", state)) + "".join(_small(text) for text in _remarks(one, words))
    return [said, name, subject, one.clock.started.isoformat(), *days, left]


def _remarks(one: Deadline, words: Words) -> list[str]:
    found = []
    if one.clock.ended is not None:
        found.append(words("clocks.ended", day=one.clock.ended.isoformat()))
    elif one.clock.pauses and one.clock.pauses[-1].until is None:
        last = one.clock.pauses[-1]
        found.append(words("clocks.paused_since", day=last.first.isoformat(), document=last.document))
    if one.due.counting in COUNTINGS and one.clock.counting is not None:
        found.append(words("clocks.fixed", counting=words(f"clocks.{one.due.counting}")))
    if one.due.provisional_from is not None and one.clock.ended is None:
        found.append(words("clocks.provisional", year=one.due.provisional_from.year))
    return found


def _small(text: str | None) -> str:
    return f"<br><small>{escape(text or '')}</small>"


if __name__ == "__main__":
    show()
