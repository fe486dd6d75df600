"""Monitors 在线监测: devices by trouble; the chosen one's curve, its exceedances and clues, and what was seen then."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import streamlit as st

from dashboard import look as parts
from dashboard import markup, monitor_chart, monitor_text, session
from dashboard.labels import SHOWN_ZONE, Words
from dashboard.pictures import UnreadablePicture, whole_picture
from enforcement import policy
from enforcement.registry import MonitorPoint
from pipelines import clock
from pipelines.casework import monitors
from pipelines.casework.monitors import Look, Monitor
from pipelines.monitor.picture import curve_png
from pipelines.settings import load
from pipelines.store import Store, files
from pipelines.store.errors import UnknownRow
from pipelines.store.read import frames, registry

DEVICE = "device"
DAYS = 7
SPANS = {"day": 1, "week": 7, "two_months": 60, "year": 366}
BESIDE = timedelta(minutes=10)
MOST_PICTURES = 4
REFRESH_S = 60


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        now = clock.now()
        found = _board(store, now)
        counts = Counter(trouble for one in found for trouble in one.troubles)
        told = {name: counts[name] for name in ("exceeded", "silent", "smells")}
        parts.page_head(store, words("monitors.title"), words("monitors.subtitle", total=len(found), **told))
        if not found:
            parts.empty(words("monitors.empty"), words("monitors.empty_next"))
            return
        with st.container(key="split"):
            left, right = st.columns([3.4, 6.6], gap="small")
        with left:
            _list()
        with right:
            _device(store, _choice(found, words), words, now)


def _board(store: Store, now: datetime) -> list[Monitor]:
    drift_s = load(store.home, os.environ).gateway.clock_drift_s
    return monitors.board(store, policy.load(), as_of=now, days=DAYS, drift_s=drift_s)


@st.fragment(run_every=REFRESH_S)
def _list() -> None:
    """The board; it looks again by itself, so that who leaves the page open sees an outage."""
    words = session.words()
    with session.open_store() as store:
        found = _board(store, clock.now())
    st.html(monitor_text.board(found, words))
    parts.note(words("monitors.refreshed", when=words.when(clock.now()), seconds=REFRESH_S))


def _choice(found: Sequence[Monitor], words: Words) -> Monitor:
    by_mn = {one.mn: one for one in found}
    numbers, asked = list(by_mn), session.recalled(DEVICE)
    st.selectbox(
        words("monitors.choose"), numbers, index=numbers.index(asked) if asked in by_mn else 0, key="device_choice",
        format_func=lambda mn: markup.escaped(monitor_text.line(by_mn[mn], words)), label_visibility="collapsed",
        on_change=lambda: session.remember(DEVICE, st.session_state["device_choice"]),
    )  # fmt: skip
    return by_mn[st.session_state["device_choice"]]


def _device(store: Store, one: Monitor, words: Words, now: datetime) -> None:
    st.html(monitor_text.troubles(one, words) + monitor_text.facts(one, words))
    asked = _asked(store, one, words, now)
    if asked is None:
        parts.note(words("monitors.nothing_read"))
        return
    code, first, last = asked
    with st.spinner(words("app.loading")):
        seen = monitors.look(store, policy.load(), one.mn, code, first=first, last=last, as_of=now)
    unit = _unit(one, seen)
    st.altair_chart(monitor_chart.chart(seen, unit, words), width="stretch", key="curve")
    parts.note(words("monitors.chart_note", minutes=seen.curve.minutes, points=len(seen.curve.at)))
    _downloads(seen, one, code, unit, words)
    if seen.exceedances:
        parts.section(words("monitors.exceedances"), str(len(seen.exceedances)))
        st.html(monitor_text.exceedances(seen.exceedances, words))
        _pictures(store, one, seen, words, now)
    if seen.clues:
        parts.section(words("monitors.clues"), words("monitors.clues_remark"))
        st.html(monitor_text.clues(seen.clues, words))


def _asked(store: Store, one: Monitor, words: Words, now: datetime) -> tuple[str, date, date] | None:
    """Pollutant, first and last day that who looks asks for; None where the device reported nothing lately."""
    today = now.astimezone(SHOWN_ZONE).date()
    last_heard = one.last_at.astimezone(SHOWN_ZONE).date() if one.last_at else today
    codes = monitors.reported(store, one.mn, as_of=now, until=last_heard, days=DAYS)
    if not codes:
        return None
    exceeded = next((e.pollutant for e in reversed(one.exceedances) if e.pollutant in codes), codes[0])
    with st.container(key="asked", horizontal=True, vertical_alignment="bottom", gap="small"):
        code = st.selectbox(
            words("monitors.pollutant"), codes, index=codes.index(exceeded), key=f"code {one.mn}", width=190,
            format_func=lambda c: words.of("pollutant", c), label_visibility="collapsed",
        )  # fmt: skip
        span = st.segmented_control(
            words("monitors.span"), list(SPANS), default="week", required=True, key="span", width="content",
            format_func=lambda name: words(f"monitors.span_{name}"), label_visibility="collapsed",
        )  # fmt: skip
        last = st.date_input(
            words("monitors.until"), value=min(last_heard, today), max_value=today, key=f"until {one.mn}", width=150,
            label_visibility="collapsed", format="YYYY-MM-DD",
        )  # fmt: skip
    return code, last - timedelta(days=SPANS[span] - 1), last


def _unit(one: Monitor, seen: Look) -> str:
    """The unit of the limits, which registered values are brought to; "" where the device's own stands."""
    if seen.limits:
        return seen.limits[-1].unit
    return "" if one.device is None or one.device.factor is None else {"water": "mg/L"}.get(one.device.source, "mg/m3")


def _downloads(seen: Look, one: Monitor, code: str, unit: str, words: Words) -> None:
    name = f"yaoxun-{one.mn}-{code}"
    with st.container(key="downloads", horizontal=True, gap="small"):
        st.download_button(
            words("monitors.csv"), lambda: monitor_text.csv_of(seen, one.mn, code, unit), f"{name}.csv", "text/csv",
            key="csv", icon=":material/table:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            words("monitors.png"), lambda: _png(seen, one, code, unit), f"{name}.png", "image/png", key="png",
            icon=":material/image:", on_click="ignore",
        )  # fmt: skip


def _png(seen: Look, one: Monitor, code: str, unit: str) -> bytes:
    return curve_png(
        seen.curve, title=f"{one.mn}   {code}", unit=unit, bands=seen.bands,
        limits=[(line.value, line.first, line.last) for line in seen.limits],
        beyond=[(mean.begin, mean.value) for e in seen.exceedances for mean in e.means],
    )  # fmt: skip


def _pictures(store: Store, one: Monitor, seen: Look, words: Words, now: datetime) -> None:
    """What drones and cameras saw of the place in those minutes."""
    place = next((p.place for p in registry.facts(store, MonitorPoint, now) if p.mn == one.mn and p.place), None)
    if place is None:
        return
    seen_frames = [
        frame
        for e in reversed(seen.exceedances)
        for frame in frames.that_saw(
            store, place.lon, place.lat, since=e.begin - BESIDE, until=e.end + BESIDE, as_of=now
        )
    ][:MOST_PICTURES]  # fmt: skip
    parts.section(words("monitors.pictures"), words("monitors.pictures_remark", count=len(seen_frames)))
    for frame in seen_frames:
        try:
            path = Path(files.path_of(store, frame.file_sha256))
            st.image(
                whole_picture(path, (), time_s=frame.time_s), caption=f"{words.when(frame.observed_at)} {frame.name}"
            )
        except (UnreadablePicture, UnknownRow) as error:
            parts.picture_gone(frame.name, error)


if __name__ == "__main__":
    show()
