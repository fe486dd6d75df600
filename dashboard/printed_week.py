"""The week's plan as one HTML file that needs nothing else: list, map and exempt firms; it opens and prints offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import folium

from dashboard import layers, palette, week_text
from dashboard.components.assets import text_of
from dashboard.labels import Words
from pipelines.records import WeeklyPlan

Place = tuple[float, float]

_PAPER = """
body{font:13px/1.5 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#17212B;
max-width:1040px;margin:24px auto;padding:0 16px}h1{font-size:22px;margin:0 0 4px}h2{font-size:15px;margin:22px 0 6px}
.yx-note{color:#55626F;font-size:12px}table{width:100%;border-collapse:collapse}th{text-align:left;font-size:12px;
color:#55626F;border-bottom:1.5px solid #B7C2CC;padding:4px 6px}td{border-bottom:1px solid #E8EDF1;padding:5px 6px;
vertical-align:top}td.figure,th.figure{text-align:right}td ul{margin:0;padding-left:16px}tr{break-inside:avoid}
.leaflet-tooltip.yx-rank{background:none;border:0;box-shadow:none;font-size:11px;font-weight:600;color:#17212B;padding:0}
.folium-map{border:1px solid #D8DFE6;position:relative;width:100%;height:430px;background:#EEF1F3}
@page{size:A4;margin:14mm}
"""


def printed_week(
    plan: WeeklyPlan, words: Words, *, places: Mapping[str, Place], base: Sequence[layers.BaseLayer], who: str = ""
) -> str:
    """Make the document.

    Args:
        plan: draft or frozen; which of the two stands in the head.
        words: the language.
        places: credit code → lon, lat, of the firms that have one.
        base: basemap layers, ground first.
        who: name of the person who froze it.

    Returns:
        HTML with Leaflet, styles and basemap inlined; opening it sends no request.
    """
    state = words.of("state", plan.state)
    frozen = words("week.frozen_by", who=who, when=words.when(plan.frozen_at)) if plan.frozen_at else ""
    body = (
        f"<h1>{escape(words('week.title'))} {escape(plan.week)}</h1>"
        f'<div class="yx-note">{escape(words("week.subtitle", week=plan.week, state=state, version=plan.version))}'
        f" {escape(frozen)}<br>{escape(week_text.made_line(plan, words))}<br>"
        f"{escape(words('week.not_calibrated'))}</div>"
        f"<h2>{escape(words('week.title'))}</h2>{week_text.target_table(plan, words, inline_marks=True)}"
        f"<h2>{escape(words('week.map'))}</h2>{_map(plan, words, places, base)}"
        f"<h2>{escape(words('week.exempt'))}</h2>"
        + (week_text.exempt_table(plan, words) if plan.exempt else escape(words("week.exempt_none")))
    )
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{escape(words('week.title'))} {escape(plan.week)}</title>"
        f"<style>{text_of('leaflet/leaflet.css')}{_PAPER}</style></head><body>{body}</body></html>"
    )


def _map(plan: WeeklyPlan, words: Words, places: Mapping[str, Place], base: Sequence[layers.BaseLayer]) -> str:
    shown = [target for target in plan.targets if target.enterprise in places]
    bounds = layers.bounds_of([places[target.enterprise] for target in shown], at_least_m=600)
    if bounds is None:
        return escape(words("week.map_none"))
    chart = folium.Map(tiles=None, zoom_control=False, control_scale=True)
    chart.default_js = []
    chart.default_css = []
    for layer in base:
        style = palette.BASEMAP[layer.kind]
        folium.GeoJson(dict(layer.geojson), style_function=_style(style), control=False).add_to(chart)
    for target in shown:
        lon, lat = places[target.enterprise]
        folium.CircleMarker(
            (lat, lon),
            radius=11,
            color=palette.mark_of(target.arm).colour,
            weight=2.5,
            fill=True,
            fill_color=palette.PAPER,
            fill_opacity=1,
            tooltip=folium.Tooltip(str(target.rank), permanent=True, direction="center", class_name="yx-rank"),
        ).add_to(chart)
    west, south, east, north = bounds
    chart.fit_bounds([(south, west), (north, east)], padding=(30, 30))
    return _inlined(chart)


def _style(style: palette.LayerStyle) -> Callable[[object], dict[str, object]]:
    drawn: dict[str, object] = {
        "color": style.stroke,
        "weight": style.width_px,
        "dashArray": style.dashes,
        "fill": style.fill is not None,
        "fillColor": style.fill,
        "fillOpacity": 1,
    }
    return lambda feature: drawn


def _inlined(chart: folium.Map) -> str:
    """The map's own markup and script with Leaflet put before it, and no reference to anything outside."""
    figure: Any = chart.get_root()
    figure.render()
    markup = figure.html.render()
    script = figure.script.render()
    return f"{markup}<script>{text_of('leaflet/leaflet.js')}</script><script>{script}</script>"
