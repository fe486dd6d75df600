"""A monitor's curve for the screen, zoomed and moved in the browser; limits, flags, exceedances and clues on it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import altair as alt
import numpy as np
import pandas as pd

from dashboard import palette
from dashboard.labels import SHOWN_ZONE, Words
from pipelines.casework.monitors import Look

HEIGHT_PX = 330
OFFSET = np.timedelta64(8, "h")
OTHER_TINT = "#D9D9D9"
FLAG_TINTS = {"D": "#B8BFC6", "B": "#B8BFC6", "M": "#9FC3DB", "C": "#A8D5C2", "S": "#A8D5C2", "T": "#E7C9A9"}
CLUE, EXCEEDED = palette.PURPLE, palette.VERMILION


def chart(look: Look, unit: str, words: Words, *, height_px: int = HEIGHT_PX) -> alt.LayerChart:
    """The curve with all that belongs to it; instants are shown as Beijing's clocks show them.

    Args:
        look: what to draw.
        unit: of the values.
        words: of the reader.
        height_px: on the page.
    """
    zoom = alt.selection_interval(bind="scales", encodings=["x"], name="zoom")
    x = alt.X("at:T", title=None, axis=alt.Axis(format="%m-%d %H:%M", labelOverlap=True, grid=False))
    y = alt.Y("mean:Q", title=unit or words("monitors.own_unit"), scale=alt.Scale(zero=False))
    frame = points(look)
    layers: list[alt.Chart] = [*_bands(look, words)]
    if look.curve.minutes > 1:
        layers.append(alt.Chart(frame).mark_area(opacity=0.25, color=palette.SKY).encode(x=x, y="least:Q", y2="most:Q"))
    line = alt.Chart(frame).mark_line(color=palette.BLUE, strokeWidth=1.2).encode(
        x=x, y=y, detail="piece:N",
        tooltip=[alt.Tooltip("at:T", title=words("monitors.at"), format="%Y-%m-%d %H:%M"),
                 alt.Tooltip("mean:Q", title=words("monitors.mean"), format=".4g")],
    )  # fmt: skip
    layers += [line.add_params(zoom), *_limits(look), *_exceedances(look)]
    return alt.layer(*layers).properties(height=height_px).configure_view(stroke=palette.LINE)


def points(look: Look) -> pd.DataFrame:
    """The curve's points in Beijing time, with a number for each piece without a gap: gaps are not drawn over."""
    curve = look.curve
    gap = np.diff(curve.at) > np.timedelta64(max(2 * curve.minutes, 90 if curve.minutes < 60 else 180), "m")
    piece = np.concatenate([[0], np.cumsum(gap)]) if len(curve.at) else np.array([], int)
    return pd.DataFrame(
        {"at": (curve.at + OFFSET).astype("datetime64[ns]"), "mean": curve.mean, "least": curve.least,
         "most": curve.most, "piece": piece}
    )  # fmt: skip


def _bands(look: Look, words: Words) -> list[alt.Chart]:
    flags = pd.DataFrame(
        [{"begin": shown(b.begin), "end": shown(b.end), "flag": f"{b.flag} {words.of('flag', b.flag)}",
          "tint": FLAG_TINTS.get(b.flag, OTHER_TINT)} for b in look.bands]
    )  # fmt: skip
    clues = pd.DataFrame(
        [{"begin": shown(c.begin), "end": shown(c.end), "clue": words.reason(c.kind)} for c in look.clues]
    )
    span = {"x": "begin:T", "x2": "end:T"}
    layers = []
    if len(flags):
        tint, told = alt.Color("tint:N", scale=None), [alt.Tooltip("flag:N", title=words("monitors.flag"))]
        layers.append(alt.Chart(flags).mark_rect(opacity=0.45).encode(**span, color=tint, tooltip=told))
    if len(clues):
        told = [alt.Tooltip("clue:N", title=words("monitors.clue"))]
        layers.append(alt.Chart(clues).mark_rect(opacity=0.22, color=CLUE).encode(**span, tooltip=told))
    return layers


def _limits(look: Look) -> list[alt.Chart]:
    if not look.limits:
        return []
    rows = pd.DataFrame(
        [{"begin": midnight(line.first), "end": midnight(line.last + timedelta(days=1)), "value": line.value,
          "name": f"{line.value:g} {line.unit} · {line.name}"} for line in look.limits]
    )  # fmt: skip
    base = alt.Chart(rows)
    rule = base.mark_rule(color=EXCEEDED, strokeDash=[6, 4], strokeWidth=1.4).encode(
        x="begin:T", x2="end:T", y="value:Q", tooltip=["name:N"]
    )
    text = base.mark_text(align="left", baseline="bottom", dx=4, dy=-2, color=EXCEEDED, fontSize=10).encode(
        x="begin:T", y="value:Q", text="name:N"
    )
    return [rule, text]


def _exceedances(look: Look) -> list[alt.Chart]:
    rows = pd.DataFrame([{"at": shown(m.begin), "value": m.value} for e in look.exceedances for m in e.means])
    if not len(rows):
        return []
    told = [alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("value:Q", format=".4g")]
    mark = alt.Chart(rows).mark_point(color=EXCEEDED, filled=True, size=46, shape="triangle-up")
    return [mark.encode(x="at:T", y="value:Q", tooltip=told)]


def shown(at: datetime) -> datetime:
    """An instant as Beijing's clocks show it, without its zone: what the browser draws as it stands."""
    return at.astimezone(SHOWN_ZONE).replace(tzinfo=None)


def midnight(on: date) -> datetime:
    """The begin of a day, likewise."""
    return datetime.combine(on, time())
