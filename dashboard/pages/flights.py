"""Flights 飞行: add one, and see of every picture how it stands, why, and what it shows of the ground."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import streamlit as st

from dashboard import flight_panel, flight_text, layers, look, registered, session, uploads
from dashboard.components.live_map import live_map
from dashboard.labels import Words
from dashboard.pictures import Box, UnreadablePicture, whole_picture
from pipelines import clock
from pipelines.casework.requests import request_flight
from pipelines.store import Store, files
from pipelines.store.errors import UnknownRow
from pipelines.store.read import detections, flights, jobs
from pipelines.store.records import FlightDetail, FlightSummary, FrameState

FLIGHT, FRAME = "flight", "frame"
MAP_PX, TABLE_PX = 430, 520
RECENT_JOBS, REFRESH_S, LATELY = 6, 2.0, timedelta(minutes=15)


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        uploads.clean(store, now=clock.now())
        known = flights.all(store)
        pictures = sum(flight.frames for flight in known)
        look.page_head(store, words("flights.title"), words("flights.subtitle", flights=len(known), pictures=pictures))
        waiting, recent = jobs.pending(store), jobs.all(store, limit=1)
        lately = bool(recent) and clock.now() - recent[0].asked_at < LATELY
        left, right = st.columns([5, 5], gap="small")
        with left.expander(words("flights.add"), icon=":material/add:", expanded=not known):
            if look.offered(store, "flights_add"):
                _add_form(words)
        with right.expander(words("flights.jobs"), icon=":material/settings:", expanded=lately or not known):
            st.fragment(_jobs, run_every=REFRESH_S if waiting else None)(tuple(job.id for job in waiting))
        if not known:
            look.empty(words("flights.empty"), words("flights.empty_next"))
            return
        _flight(store, known, words)


def _add_form(words: Words) -> None:
    with st.form("add_flight", border=False):
        st.text_input(words("flights.add_path"), placeholder=words("flights.add_path_hint"), key="add_path")
        st.file_uploader(
            words("flights.add_files"),
            type=list(uploads.SUFFIXES),
            accept_multiple_files=True,
            help=words("flights.add_files_hint"),
            key="add_files",
        )
        st.form_submit_button(
            words("flights.add_button"), type="primary", icon=":material/upload:", on_click=_file_flight
        )


def _file_flight() -> None:
    words, now = session.words(), clock.now()
    typed = str(st.session_state.get("add_path", "")).strip()
    given = st.session_state.get("add_files") or []
    if not typed and not given:
        session.warn(words("flights.add_nothing"))
        return
    path = Path(typed).expanduser()
    if typed and not path.exists():
        session.warn(words("flights.add_no_path", path=typed))
        return
    try:
        kept = uploads.keep(session.home(), given, at=now)
    except OSError as error:
        session.warn(words("flights.upload_gone"), seen=str(error))
        return
    paths = [*([path.resolve()] if typed else []), *kept]
    with session.open_store() as store:
        by = session.by(store)
        act = session.attempt(lambda: request_flight(store, paths, by=by, at=now))
    if act:
        session.say(words("flights.filed", job=act.id))
    else:
        uploads.discard(kept)


def _jobs(waiting: tuple[int, ...]) -> None:
    """The jobs, looked at again while some wait or run; when one of them ends, the whole page is made anew."""
    words = session.words()
    with session.open_store() as store:
        recent = jobs.all(store, limit=RECENT_JOBS)
        names = session.names(store)
        if tuple(job.id for job in jobs.pending(store)) != waiting:
            st.rerun()
    if recent:
        st.html(flight_text.job_table(recent, words, names=names))
    else:
        look.note(words("flights.jobs_none"))


def _flight(store: Store, known: Sequence[FlightSummary], words: Words) -> None:
    by_id = {flight.flight.id: flight for flight in known}
    asked = session.recalled(FLIGHT)
    ids = list(by_id)
    chosen = st.selectbox(
        words("flights.choose"),
        ids,
        index=ids.index(asked) if asked in by_id else 0,
        format_func=lambda flight_id: _title(by_id[flight_id], words),
        key="flight_choice",
        on_change=_choose_flight,
    )
    detail = flights.detail(store, chosen)
    look.note(flight_text.summary_line(by_id[chosen], words))
    with st.container(key="split"):
        left, right = st.columns([5.6, 4.4], gap="small")
    with right:
        _footprints(store, detail, words)
    with left:
        _frames(detail, words)
    flight_panel.show(store, chosen, words)
    _rest(detail, words)


def _title(flight: FlightSummary, words: Words) -> str:
    received = words("flights.received", when=words.when(flight.flight.received_at))
    return f"{flight.flight.id} · {flight.flight.name} · {received}"


def _choose_flight() -> None:
    session.remember(FLIGHT, st.session_state["flight_choice"])
    session.remember(FRAME, None)


def _frames(detail: FlightDetail, words: Words) -> None:
    which = st.segmented_control(
        words("flights.pictures"),
        ["every", "problems"],
        default="every",
        required=True,
        format_func=lambda choice: words(f"flights.{choice}"),
        label_visibility="collapsed",
        key="frames_shown",
    )
    states = [state for state in detail.frames if which == "every" or flight_text.has_problem(state)]
    st.html(flight_text.frame_table(states, words, height_px=TABLE_PX))
    if len(states) > flight_text.SHOWN_FRAMES:
        st.caption(words("flights.shown", shown=flight_text.SHOWN_FRAMES, total=len(states)))


def _choose_frame(frame_id: str) -> None:
    session.remember(FRAME, frame_id)
    st.session_state["frame_choice"] = frame_id


def _footprints(store: Store, detail: FlightDetail, words: Words) -> None:
    chosen = session.recalled(FRAME)
    areas = flight_text.footprint_areas(detail.frames, chosen, words)
    cameras = flight_text.camera_marks(detail.frames)
    look.section(words("flights.footprints"), words("flights.footprint_hint") if areas else "")
    if areas or cameras:
        base, key = registered.basemap(store)
        corners = [corner for area in areas for corner in area.ring] + [(mark.lon, mark.lat) for mark in cameras]
        bounds = layers.bounds_of(corners)
        content = layers.MapContent(
            base=base,
            base_key=key,
            things=tuple(cameras),
            areas=tuple(areas),
            chosen=chosen,
            view=layers.View(bounds, detail.flight.id) if bounds else None,
        )
        live_map(content, key="flight_map", title=words("flights.footprints"), height_px=MAP_PX, on_pick=_choose_frame)
    else:
        look.note(words("flights.footprints_none"))
    _one_picture(store, detail, chosen, words)


def _one_picture(store: Store, detail: FlightDetail, chosen: str | None, words: Words) -> None:
    by_id = {state.frame.id: state for state in detail.frames}
    if not by_id:
        return
    ids = list(by_id)
    if st.session_state.get("frame_choice") not in by_id:
        st.session_state["frame_choice"] = chosen if chosen in by_id else None
    st.selectbox(
        words("flights.choose_picture"),
        ids,
        index=None,
        format_func=lambda frame_id: by_id[frame_id].frame.name,
        placeholder=words("flights.choose_picture"),
        label_visibility="collapsed",
        key="frame_choice",
        on_change=lambda: session.remember(FRAME, st.session_state["frame_choice"]),
    )
    if chosen in by_id:
        _picture(store, by_id[chosen], words)


@st.cache_data(max_entries=64, show_spinner=False)
def _whole(path: str, boxes: tuple[Box, ...], time_s: float | None) -> bytes:
    return whole_picture(Path(path), boxes, time_s=time_s)


def _picture(store: Store, state: FrameState, words: Words) -> None:
    boxes = tuple(found.box for found in detections.current_of(store, state.frame.id))
    with st.spinner(words("app.loading")):
        try:
            path = str(files.path_of(store, state.frame.file_sha256))
            st.image(_whole(path, boxes, state.frame.time_s), width="stretch")
        except (UnreadablePicture, UnknownRow) as error:
            look.picture_gone(state.frame.name, error)


def _rest(detail: FlightDetail, words: Words) -> None:
    if detail.tracks:
        look.section(words("flights.tracks"))
        st.html(flight_text.track_table(detail.tracks, words))
    look.section(words("flights.refused"), str(len(detail.refused)) if detail.refused else "")
    if detail.refused:
        st.html(flight_text.refused_table(detail.refused, words))
    else:
        look.note(words("flights.refused_none"))


if __name__ == "__main__":
    show()
