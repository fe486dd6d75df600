"""The live map: Leaflet on one canvas, ten thousand marks, no rerun when it is panned."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from dashboard import palette
from dashboard.components.assets import leaflet_module, text_of
from dashboard.layers import MapContent


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "yaoxun_map",
        html='<div class="yx-map" role="application" tabindex="0"></div>',
        css=text_of("leaflet/leaflet.css") + text_of("js/map.css"),
        js=leaflet_module() + text_of("js/map.js"),
    )


def live_map(
    content: MapContent, *, key: str, title: str, height_px: int, on_pick: Callable[[str], None] | None = None
) -> None:
    """Draw a map.

    Args:
        content: what is on it; parts whose key did not change are not drawn again.
        key: names the map among the widgets of a page.
        title: what a screen reader calls it.
        height_px: its height on the screen.
        on_pick: called, before the page runs again, with the id of the thing that was clicked.
    """

    def picked() -> None:
        chosen = st.session_state[key].get("pick")
        if chosen is not None and on_pick is not None:
            on_pick(str(chosen))

    data = content.to_json() | {"marks": palette.marks_json(), "title": title, "height_px": height_px}
    _component()(key=key, data=data, on_pick_change=picked, height="content")
