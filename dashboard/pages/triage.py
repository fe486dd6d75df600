"""Triage 研判: the queue, the map, and one alert with its picture, until a person has said what it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard import alert_text, look, markup, registered, report_text, session, verdicts
from dashboard.alert_map import alert_map
from dashboard.components.live_map import live_map
from dashboard.components.queue import alert_queue
from dashboard.labels import Words
from dashboard.layers import TileLayer
from dashboard.pictures import BoxedPicture, UnreadablePicture, boxed_picture
from enforcement.leads import NEXT_STEPS
from pipelines import clock
from pipelines.casework.lead import open_lead
from pipelines.casework.seen import mark_seen
from pipelines.errors import Refusal
from pipelines.records import OPEN_STATES, AlertView
from pipelines.store import Store, files
from pipelines.store.errors import UnknownRow
from pipelines.store.read import alerts, derived, frames

CHOSEN = "alert"
QUEUE_PX, MAP_PX = 606, 330


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        views = sorted(
            alerts.views(store, clock.now(), user=session.actor(store)),
            key=lambda view: (view.alert.observed_at, view.alert.id),
            reverse=True,
        )
        still_open = sum(view.state in OPEN_STATES for view in views)
        look.page_head(store, words("triage.title"), words("triage.subtitle", open=still_open, total=len(views)))
        if not views:
            look.empty(words("triage.empty_home"), words("triage.empty_home_next"))
            return
        _workplace(store, views, words)


def _workplace(store: Store, views: Sequence[AlertView], words: Words) -> None:
    with st.container(key="triage"):
        left, middle, right = st.columns([2.9, 4.9, 4.2], gap="small")
    with left:
        listed = _filtered(views, words)
        chosen = _chosen(listed)
        if listed:
            rows = [alert_text.queue_row(view, words) for view in listed]
            alert_queue(
                rows,
                chosen=chosen.alert.id if chosen else None,
                key="alert_queue",
                title=words("triage.queue"),
                height_px=QUEUE_PX,
                on_pick=_choose,
            )
            st.caption(words("triage.queue_hint"))
        else:
            look.empty(words("triage.empty_open"), words("triage.empty_open_next"))
    with middle:
        if chosen:
            _picture(store, chosen, words)
        _map(store, listed, chosen, words)
    with right:
        if chosen:
            _details(store, chosen, words)


def _choose(alert_id: str) -> None:
    if alert_id.startswith(registered.PREFIX):
        return
    session.remember(CHOSEN, alert_id)


def _filtered(views: Sequence[AlertView], words: Words) -> list[AlertView]:
    """What the filters leave; the alert that is looked at stays in the list although it has been judged meanwhile."""
    which = st.segmented_control(
        words("triage.show"),
        ["open", "all"],
        default="open",
        required=True,
        format_func=lambda choice: words(f"triage.show_{choice}"),
        label_visibility="collapsed",
        key="show",
    )
    kinds = sorted({view.alert.kind for view in views})
    wanted = st.multiselect(
        words("triage.kinds"),
        kinds,
        format_func=lambda kind: words.of("kind", kind),
        placeholder=words("triage.all_kinds"),
        label_visibility="collapsed",
        key="kinds",
    )
    kept = session.recalled(CHOSEN)
    return [
        view
        for view in views
        if (which == "all" or view.state in OPEN_STATES or view.alert.id == kept)
        and (not wanted or view.alert.kind in wanted)
    ]


def _chosen(listed: Sequence[AlertView]) -> AlertView | None:
    if not listed:
        return None
    chosen_id = session.recalled(CHOSEN)
    chosen = next((view for view in listed if view.alert.id == chosen_id), listed[0])
    session.remember(CHOSEN, chosen.alert.id)
    return chosen


@st.cache_data(max_entries=64, show_spinner=False)
def _boxed(path: str, box: tuple[float, float, float, float], time_s: float | None) -> BoxedPicture:
    return boxed_picture(Path(path), box, time_s=time_s)


def _picture(store: Store, view: AlertView, words: Words) -> None:
    frame = frames.get(store, view.frame_id)
    with st.container(key="picture"), st.spinner(words("app.loading")):
        try:
            picture = _boxed(str(files.path_of(store, frame.file_sha256)), view.detection.box, frame.time_s)
        except (UnreadablePicture, UnknownRow) as error:
            look.picture_gone(frame.name, error)
            return
        crop, full = st.tabs([words("triage.crop"), words("triage.full")])
        crop.image(picture.crop, width="stretch")
        full.image(picture.full, width="stretch")


def _map(store: Store, listed: Sequence[AlertView], chosen: AlertView | None, words: Words) -> None:
    place = st.container()
    around = registered.layer_choice(registered.around(store, clock.now(), words), words, key="triage_layers")
    content = alert_map(
        listed, chosen, words, base=registered.basemap(store), registered=around.things, outlines=around.areas,
        tiles=_tiles(store, chosen, words),
    )  # fmt: skip
    with place:
        live_map(content, key="triage_map", title=words("app.map_lost"), height_px=MAP_PX, on_pick=_choose)
    kinds = [*sorted({view.alert.kind for view in listed}), *around.kinds]
    st.html(markup.legend(kinds, words))
    if not content.base:
        st.caption(words("app.basemap_none"))


def _tiles(store: Store, chosen: AlertView | None, words: Words) -> list[TileLayer]:
    """The home's basemap, and the orthophoto of the flight that saw the chosen alert."""
    rasters = derived.all_current(store, "mosaic", "basemap")
    return report_text.tile_layers(rasters, words, flights=[chosen.flight_id] if chosen else [])


def _details(store: Store, view: AlertView, words: Words) -> None:
    frame = frames.get(store, view.frame_id)
    with st.container(key="person"):
        said = alerts.verdicts(store, view.alert.id)
        st.html(alert_text.person_part(said, words, names=session.names(store)))
        if look.offered(store, "verdict"):
            verdicts.buttons(view, words, moved_on=_moved_on)
        _check_link(view, words)
        if view.verdict and view.state != "lead" and look.offered(store, "lead_open"):
            _lead_panel(view, words)
    with st.container(key="machine"):
        st.html(alert_text.machine_part(view, words, frame_name=frame.name))
        _enterprise_link(view, words)
    _mark_seen(store, view)


def _moved_on(alert_id: str) -> bool:
    """Whether the page already turned to another alert: a key that comes in between must not judge the one before."""
    chosen = session.recalled(CHOSEN)
    if chosen is None or chosen == alert_id:
        return False
    session.warn(session.words()("triage.moved_on"))
    return True


def _check_link(view: AlertView, words: Words) -> None:
    st.page_link(
        Path(__file__).parent / "check.py",
        label=words("check.go"),
        icon=":material/policy:",
        query_params={CHOSEN: view.alert.id, session.LANGUAGE: words.language},
    )


def _lead_panel(view: AlertView, words: Words) -> None:
    with st.popover(words("triage.open_lead"), icon=":material/flag:"):
        step_key, why_key = f"step {view.alert.id}", f"why {view.alert.id}"
        st.selectbox(
            words("triage.next_step"), NEXT_STEPS, format_func=lambda step: words.of("next_step", step), key=step_key
        )
        st.text_input(words("triage.reason"), key=why_key)
        st.button(
            words("triage.open_lead"),
            type="primary",
            on_click=_open_lead,
            args=(view.alert.id, step_key, why_key),
            key="open_lead",
        )


def _open_lead(alert_id: str, step_key: str, why_key: str) -> None:
    if _moved_on(alert_id):
        return
    step, why = st.session_state[step_key], st.session_state[why_key]
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: open_lead(store, [alert_id], by=by, at=clock.now(), next_step=step, reason=why))


def _enterprise_link(view: AlertView, words: Words) -> None:
    named = alert_text.named_candidate(view.attribution)
    if named is None or named.enterprise is None:
        return
    st.page_link(
        Path(__file__).parent / "enterprise.py",
        label=f"{words('triage.go_enterprise')} · {markup.escaped(named.name)}",
        icon=":material/domain:",
        query_params={"firm": named.enterprise, session.LANGUAGE: words.language},
    )


def _mark_seen(store: Store, view: AlertView) -> None:
    """Note that this person looked at it; roles that may not leave even that mark just look."""
    if view.seen:
        return
    try:
        mark_seen(store, [view.alert.id], by=session.by(store), at=clock.now())
    except Refusal:
        return


if __name__ == "__main__":
    show()
