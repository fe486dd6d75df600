"""A page of its own for the browser test: ten thousand marks on one map, and a count of how often the script ran."""

from __future__ import annotations

import random

import streamlit as st

from dashboard import layers, palette
from dashboard.components.live_map import live_map

MARKS = 10_000
chance = random.Random(3)
kinds = [kind for kind in palette.MARKS if not palette.MARKS[kind].hollow]
st.session_state["runs"] = st.session_state.get("runs", 0) + 1


def picked(thing_id: str) -> None:
    st.session_state["picked"] = thing_id


things = tuple(
    layers.Thing(
        f"A-{n}", 121.4 + chance.gauss(0, 0.06), 31.25 + chance.gauss(0, 0.05), kinds[n % len(kinds)], f"A-{n}"
    )
    for n in range(MARKS)
)
view = layers.View(layers.bounds_of([(t.lon, t.lat) for t in things]) or (0, 0, 1, 1), "all")
content = layers.MapContent(things=things, chosen=st.session_state.get("picked"), view=view)
live_map(content, key="many", title="many", height_px=600, on_pick=picked)
st.markdown(f"ran {st.session_state['runs']} picked {st.session_state.get('picked')}")
