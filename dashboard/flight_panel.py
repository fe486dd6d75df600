"""The panel of a flight's quality: report, coverage map, orthophoto, and who flew under which approval."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import layers, look, markup, registered, report_text, session
from dashboard.components.live_map import live_map
from dashboard.labels import Words
from pipelines import clock
from pipelines.casework.flight_papers import say_papers
from pipelines.casework.requests import request_mosaic, request_report
from pipelines.records import Act
from pipelines.store import Store
from pipelines.store.read import derived
from pipelines.store.records import DerivedFile

MAP_PX = 300
REPORT, MOSAIC, BASEMAP = "flight_report", "mosaic", "basemap"


def show(store: Store, flight_id: str, words: Words) -> None:
    """Draw the panel below the pictures of a flight."""
    file = derived.current(store, REPORT, flight_id)
    made = words("report.made_at", when=words.when(file.received_at)) if file else ""
    look.section(words("report.title"), made)
    report = _read(store, file)
    with st.container(key="flight_quality"):
        left, right = st.columns([5.6, 4.4], gap="small")
    with left:
        if report is None:
            look.note(words("report.gone") if file else words("report.none"))
        else:
            st.html(report_text.findings_table(report, words))
            remarks = report_text.remarks(report, words)
            look.section(words("report.notes"))
            if remarks:
                st.html(markup.bullets(remarks))
            else:
                look.note(words("report.notes_none"))
        _papers(store, flight_id, words)
    with right:
        _map(store, flight_id, report, words)
        if report is not None:
            st.html(report_text.figures(report, words))
        _buttons(store, flight_id, words)


def _read(store: Store, file: DerivedFile | None) -> dict[str, Any] | None:
    if file is None:
        return None
    try:
        report: dict[str, Any] = json.loads((store.home / file.path).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return report


def _map(store: Store, flight_id: str, report: dict[str, Any] | None, words: Words) -> None:
    rasters = derived.all_current(store, MOSAIC, BASEMAP)
    areas = report_text.areas(report, words) if report else []
    mosaic = next((raster for raster in rasters if raster.kind == MOSAIC and raster.subject == flight_id), None)
    bounds = layers.bounds_of([corner for area in areas for corner in area.ring], at_least_m=60.0)
    if bounds is None and mosaic is not None:
        west, south, east, north = mosaic.facts["bounds"]
        bounds = (west, south, east, north)
    if bounds is None:
        return
    base, key = registered.basemap(store)
    content = layers.MapContent(
        base=base,
        base_key=key,
        areas=tuple(areas),
        view=layers.View(bounds, f"quality {flight_id}"),
        tiles=tuple(report_text.tile_layers(rasters, words, flights=[flight_id])),
    )
    live_map(content, key="quality_map", title=words("report.map"), height_px=MAP_PX)
    st.html(report_text.legend(areas))
    if mosaic is not None:
        st.caption(report_text.mosaic_line(mosaic, words))


def _papers(store: Store, flight_id: str, words: Words) -> None:
    said = derived.papers(store, flight_id)
    look.section(words("report.papers"))
    if said:
        name = session.names(store).get(said[-1].by, said[-1].by)
        st.html(report_text.papers_facts(said[-1], words))
        look.note(words("report.papers_by", name=name, when=words.when(said[-1].at)))
    else:
        look.note(words("report.papers_none"))
    if not session.may(store, "flight_papers"):
        return
    with st.popover(words("report.papers_save"), icon=":material/badge:"), st.form(f"papers {flight_id}", border=False):
        for field in report_text.PAPERS:
            st.text_input(
                words(f"report.{field}"),
                value=(getattr(said[-1], field) or "") if said else "",
                max_chars=200,
                key=_key(field, flight_id),
            )
        st.form_submit_button(words("report.papers_save"), type="primary", on_click=_say_papers, args=(flight_id,))


def _key(field: str, flight_id: str) -> str:
    return f"papers {field} {flight_id}"


def _say_papers(flight_id: str) -> None:
    said = {field: str(st.session_state.get(_key(field, flight_id), "")) for field in report_text.PAPERS}
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: say_papers(store, flight_id, by=by, at=clock.now(), **said))


def _buttons(store: Store, flight_id: str, words: Words) -> None:
    if not look.offered(store, "run_request"):
        return
    with st.container(horizontal=True, gap="small"):
        st.button(
            words("report.make"), icon=":material/fact_check:", on_click=_file, args=(request_report, flight_id),
            key="make_report",
        )  # fmt: skip
        st.button(
            words("report.make_mosaic"), icon=":material/map:", on_click=_file, args=(request_mosaic, flight_id),
            key="make_mosaic",
        )  # fmt: skip


def _file(request: Callable[..., Act], flight_id: str) -> None:
    words = session.words()
    with session.open_store() as store:
        by = session.by(store)
        act = session.attempt(lambda: request(store, flight_id, by=by, at=clock.now()))
    if act:
        session.say(words("report.filed", job=act.id))
