"""The queue of alerts: chosen by mouse, arrow keys or j and k."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import streamlit as st

from dashboard import palette
from dashboard.components.assets import text_of


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue, in words already."""

    id: str
    kind: str
    title: str
    source: str
    figure: str
    state: str
    state_words: str
    seen: bool


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "yaoxun_queue",
        html='<div class="yx-queue" role="listbox" tabindex="0"></div>',
        css=text_of("js/queue.css"),
        js=text_of("js/queue.js"),
    )


def alert_queue(
    rows: Sequence[QueueRow],
    *,
    chosen: str | None,
    key: str,
    title: str,
    height_px: int,
    on_pick: Callable[[str], None],
) -> None:
    """Show the queue; `on_pick` gets the id of the row that was chosen, before the page runs again."""

    def picked() -> None:
        row_id = st.session_state[key].get("pick")
        if row_id is not None:
            on_pick(str(row_id))

    data = {
        "rows": [asdict(row) for row in rows],
        "chosen": chosen,
        "marks": palette.marks_json(),
        "title": title,
        "height_px": height_px,
    }
    _component()(key=key, data=data, on_pick_change=picked, height="content")
