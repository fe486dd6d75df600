"""Week 周计划: the ranked list with its reasons, the map, who is exempt; a person freezes it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date

import streamlit as st

from dashboard import layers, look, markup, registered, session, week_text
from dashboard.components.live_map import live_map
from dashboard.labels import SHOWN_ZONE, Words
from dashboard.printed_week import printed_week
from pipelines import clock
from pipelines.casework.freeze_week import freeze_week
from pipelines.casework.requests import request_draft
from pipelines.records import WeeklyPlan
from pipelines.settings import load
from pipelines.store import Store
from pipelines.store.read import weekly

WEEK = "week"
MAP_PX = 520


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        offered = week_text.weeks_to_offer(weekly.weeks(store), _today())
        asked = session.recalled(WEEK)
        week = asked if asked in offered else _first_with_plan(store, offered)
        plan = weekly.in_force(store, week)
        subtitle = (
            words("week.subtitle", week=week, state=words.of("state", plan.state), version=plan.version)
            if plan
            else week
        )
        look.page_head(store, words("week.title"), subtitle)
        _tools(store, offered, week, plan, words)
        if plan is None:
            look.empty(words("week.empty", week=week), words("week.empty_next", week=week))
            return
        _plan(store, plan, words)


def _today() -> date:
    return clock.now().astimezone(SHOWN_ZONE).date()


def _first_with_plan(store: Store, offered: list[str]) -> str:
    known = set(weekly.weeks(store))
    return next((week for week in offered if week in known), offered[-1])


def _tools(store: Store, offered: list[str], week: str, plan: WeeklyPlan | None, words: Words) -> None:
    with st.container(key="bar_week", horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            words("week.choose"),
            offered,
            index=offered.index(week),
            key="week_choice",
            width=170,
            on_change=lambda: session.remember(WEEK, st.session_state["week_choice"]),
        )
        if (plan is None or plan.state != "frozen") and look.offered(store, "run_request"):
            st.button(
                words("week.draft_button"), icon=":material/draw:", on_click=_ask_for_draft, args=(week,), key="draft"
            )
        if plan is None:
            return
        if plan.state != "frozen" and look.offered(store, "weekly_freeze"):
            st.button(
                words("week.freeze"),
                icon=":material/lock:",
                type="primary",
                on_click=_freeze,
                args=(week, plan.sha256),
                key="freeze",
                help=words("week.freeze_note"),
            )
        st.download_button(
            words("week.download"),
            _printed(store, plan, words),
            file_name=f"yaoxun-{week}-v{plan.version}.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
            key="download",
        )


def _printed(store: Store, plan: WeeklyPlan, words: Words) -> str:
    places = {code: (mark.lon, mark.lat) for code, mark in _marks(store, plan, words).items()}
    return printed_week(plan, words, places=places, base=registered.basemap(store)[0], who=_name(store, plan.frozen_by))


def _name(store: Store, user_id: str | None) -> str:
    return session.names(store).get(user_id, user_id) if user_id else ""


def _marks(store: Store, plan: WeeklyPlan, words: Words) -> Mapping[str, layers.Thing]:
    """The targets that have a registered place, by credit code."""
    places = registered.firm_places(store, clock.now())
    return {
        target.enterprise: layers.Thing(
            target.enterprise,
            *places[target.enterprise],
            target.arm,
            f"{target.rank} · {target.name} · {words(f'week.arm_{target.arm}')}",
            size_px=9,
        )
        for target in plan.targets
        if target.enterprise in places
    }


def _plan(store: Store, plan: WeeklyPlan, words: Words) -> None:
    if plan.frozen_at:
        frozen = words("week.frozen_by", who=_name(store, plan.frozen_by), when=words.when(plan.frozen_at))
        st.html(markup.person_sign(frozen))
    with st.container(key="split"):
        left, right = st.columns([6.4, 4], gap="small")
    with left:
        st.html(week_text.target_table(plan, words))
        if any(target.score is not None and target.probability is None for target in plan.targets):
            look.note(words("week.not_calibrated"))
    with right:
        _map(store, plan, words)
    look.section(words("week.exempt"), f"{len(plan.exempt)}")
    if plan.exempt:
        st.html(week_text.exempt_table(plan, words))
    else:
        look.note(words("week.exempt_none"))
    look.note(week_text.made_line(plan, words))


def _map(store: Store, plan: WeeklyPlan, words: Words) -> None:
    marks = tuple(_marks(store, plan, words).values())
    if not marks:
        look.note(words("week.map_none"))
        return
    base, key = registered.basemap(store)
    bounds = layers.bounds_of([(mark.lon, mark.lat) for mark in marks], at_least_m=600)
    view = layers.View(bounds, f"{plan.week}/{plan.version}") if bounds else None
    content = layers.MapContent(base=base, base_key=key, things=marks, view=view)
    live_map(content, key="week_map", title=words("week.map"), height_px=MAP_PX)
    st.html(markup.legend(("mandated", "risk", "random"), words, section="week", prefix="arm_"))


def _freeze(week: str, sha256: str) -> None:
    """Freeze the list that stood on the page, and no other."""
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: freeze_week(store, week, by=by, at=clock.now(), sha256=sha256))


def _ask_for_draft(week: str) -> None:
    words = session.words()
    with session.open_store() as store:
        by = session.by(store)
        wish = load(store.home, os.environ).draft_week
        act = session.attempt(
            lambda: request_draft(store, week, targets=wish.targets, seed=wish.seed, by=by, at=clock.now())
        )
        if act:
            session.say(words("week.draft_filed", job=act.id))


if __name__ == "__main__":
    show()
