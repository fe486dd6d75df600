"""The curve of a monitor as SVG: values that count, values that do not, the limit, the time of the exceedance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise
from statistics import median
from urllib.parse import quote

from dashboard import palette
from dashboard.labels import SHOWN_ZONE, Words
from pipelines.documents.curve import Curve, CurvePoint, hours, ticks

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 18, 24


@dataclass(frozen=True, slots=True)
class _Frame:
    first: datetime
    last: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        share = (at - self.first) / max(self.last - self.first, timedelta(seconds=1))
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - BOTTOM - TOP), 1)


def drawn(curve: Curve, words: Words) -> str:
    """The curve as a picture, with what it shows said in words below it and for those who cannot see it."""
    said = words("station.curve_said", values=len(curve.points), counted=sum(point.counts for point in curve.points))
    source = f"data:image/svg+xml,{quote(svg(curve, words))}"
    return (
        f'<img src="{source}" alt="{escape(said, quote=True)}" style="width:100%;height:auto">'
        f'<div class="yx-note">{escape(said)}</div>'
    )


def svg(curve: Curve, words: Words) -> str:
    """The picture itself. Streamlit takes `<svg>` out of what a page says, so it stands in an address."""
    values = [point.value for point in curve.points] + ([] if curve.limit is None else [curve.limit])
    first = min(curve.begin, curve.points[0].at)
    last = max(curve.end, curve.points[-1].at)
    frame = _Frame(first, last, min(0.0, *values), max(values) * 1.08 if max(values) > 0 else 1.0)
    counted = [point for point in curve.points if point.counts]
    parts = [_span(curve, frame), *_axes(frame, curve.unit or ""), _line(frame, counted)]
    parts += [_cross(frame.x(p.at), frame.y(p.value)) for p in curve.points if not p.counts]
    parts += [] if curve.limit is None else _limit(frame, curve.limit, words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="10" '
        f'font-family="sans-serif" fill="{palette.MUTED}">{"".join(parts)}</svg>'
    )


def _span(curve: Curve, frame: _Frame) -> str:
    left, right = frame.x(curve.begin), frame.x(curve.end)
    height = HEIGHT - TOP - BOTTOM
    return f'<rect x="{left}" y="{TOP}" width="{max(right - left, 1):.1f}" height="{height}" fill="#FBE3DF"/>'


def _axes(frame: _Frame, unit: str) -> list[str]:
    parts = [f'<text x="{LEFT}" y="11">{escape(unit)}</text>']
    for value in ticks(frame.low, frame.high):
        y = frame.y(value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="{palette.LINE}"/>')
        parts.append(f'<text x="{LEFT - 4}" y="{y + 3}" text-anchor="end">{value:g}</text>')
    for at in hours(frame.first, frame.last):
        told = at.astimezone(SHOWN_ZONE)
        text = f"{told:%H:%M}" if told.hour or told.minute else f"{told:%m-%d}"
        parts.append(f'<text x="{frame.x(at)}" y="{HEIGHT - 8}" text-anchor="middle">{text}</text>')
    return parts


def _line(frame: _Frame, points: Sequence[CurvePoint]) -> str:
    steps = [(b.at - a.at).total_seconds() for a, b in pairwise(points)]
    longest = 2.5 * median(steps) if steps else 0.0
    moves = []
    for index, point in enumerate(points):
        letter = "L" if index and steps[index - 1] <= longest else "M"
        moves.append(f"{letter}{frame.x(point.at)} {frame.y(point.value)}")
    return f'<path d="{"".join(moves)}" fill="none" stroke="{palette.BLUE}" stroke-width="1.3"/>'


def _cross(x: float, y: float) -> str:
    return f'<path d="M{x - 2} {y - 2}l4 4M{x - 2} {y + 2}l4 -4" stroke="#8A949D" fill="none"/>'


def _limit(frame: _Frame, limit: float, words: Words) -> list[str]:
    y = frame.y(limit)
    return [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#B3392B" stroke-dasharray="5 3"/>',
        f'<text x="{WIDTH - RIGHT}" y="{y - 4}" text-anchor="end" fill="#B3392B">'
        f"{escape(words('station.limit'))} {limit:g}</text>",
    ]
