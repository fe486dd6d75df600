"""The curve of a monitor in a paper: values that count, values that do not, the limit, the time of the exceedance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from statistics import median

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from pipelines.documents.page import FAINT, RULE, WIDTH, font, plain

BEIJING = timezone(timedelta(hours=8))
LINE, OVER, LIMIT = colors.HexColor("#1f5f8b"), colors.HexColor("#fbe3df"), colors.HexColor("#b3392b")
HEIGHT = 62 * mm
LEFT, RIGHT, TOP, BOTTOM = 13 * mm, 3 * mm, 6 * mm, 13 * mm
STEPS_H = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A value with its flag; `counts` whether the flag lets it count."""

    at: datetime
    value: float
    flag: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """Values of one device and pollutant, in order of time.

    Attributes:
        points: aware instants as the device sent them.
        period: `minute`, `hour`, `day` or `now`: what a value is the mean of.
        unit: of the values; None where the device's is not known.
        limit: in that unit; None where the device's unit is not known.
        begin: of the exceedance.
        end: of the exceedance.
    """

    points: tuple[CurvePoint, ...]
    period: str
    unit: str | None
    limit: float | None
    begin: datetime
    end: datetime


class CurveDrawing(Flowable):
    """The curve as wide as the text."""

    def __init__(self, curve: Curve) -> None:
        super().__init__()
        self.curve = curve
        self.width, self.height = WIDTH, HEIGHT

    def draw(self) -> None:
        """Draw it on the page's canvas."""
        curve, canvas = self.curve, self.canv
        first = min(curve.begin, *(p.at for p in curve.points))
        last = max(curve.end, *(p.at for p in curve.points))
        values = [p.value for p in curve.points] + ([] if curve.limit is None else [curve.limit])
        frame = _Frame(first, last, min(0.0, *values), max(values) * 1.08 if max(values) > 0 else 1.0)
        canvas.setFillColor(OVER)
        left, right = frame.x(curve.begin), frame.x(curve.end)
        canvas.rect(left, BOTTOM, max(right - left, 0.8), HEIGHT - BOTTOM - TOP, stroke=0, fill=1)
        _axes(canvas, frame, curve.unit)
        _line(canvas, frame, [p for p in curve.points if p.counts])
        _crosses(canvas, frame, [p for p in curve.points if not p.counts])
        if curve.limit is not None:
            _limit(canvas, frame, curve.limit)


@dataclass(frozen=True, slots=True)
class _Frame:
    first: datetime
    last: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        """Where an instant stands, in points from the left."""
        share = (at - self.first) / max(self.last - self.first, timedelta(seconds=1))
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Where a value stands, in points from below."""
        return BOTTOM + (value - self.low) / (self.high - self.low) * (HEIGHT - BOTTOM - TOP)


def _axes(canvas: Canvas, frame: _Frame, unit: str | None) -> None:
    canvas.setFont(font(), 7.5)
    canvas.setFillColor(FAINT)
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.4)
    for value in ticks(frame.low, frame.high):
        canvas.line(LEFT, frame.y(value), WIDTH - RIGHT, frame.y(value))
        canvas.drawRightString(LEFT - 2, frame.y(value) - 2.5, f"{value:g}")
    for at in hours(frame.first, frame.last):
        canvas.line(frame.x(at), BOTTOM, frame.x(at), BOTTOM - 2)
        told = at.astimezone(BEIJING)
        canvas.drawCentredString(
            frame.x(at), BOTTOM - 10, f"{told:%H:%M}" if told.hour or told.minute else f"{told:%m-%d}"
        )
    canvas.drawString(LEFT, HEIGHT - 8, plain("设备单位" if unit is None else unit))
    canvas.drawRightString(WIDTH - RIGHT, 2, "横轴：北京时间；红底：超标时段；灰色叉：标记不计入的值")


def _line(canvas: Canvas, frame: _Frame, points: Sequence[CurvePoint]) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.9)
    steps = [(b.at - a.at).total_seconds() for a, b in pairwise(points)]
    longest = 2.5 * median(steps) if steps else 0.0
    path = canvas.beginPath()
    for index, point in enumerate(points):
        x, y = frame.x(point.at), frame.y(point.value)
        if index and steps[index - 1] <= longest:
            path.lineTo(x, y)
        else:
            path.moveTo(x, y)
            path.lineTo(x + 0.4, y)
    canvas.drawPath(path, stroke=1, fill=0)


def _crosses(canvas: Canvas, frame: _Frame, points: Sequence[CurvePoint]) -> None:
    canvas.setStrokeColor(colors.HexColor("#8a949d"))
    canvas.setLineWidth(0.6)
    for point in points:
        x, y = frame.x(point.at), frame.y(point.value)
        canvas.line(x - 1.4, y - 1.4, x + 1.4, y + 1.4)
        canvas.line(x - 1.4, y + 1.4, x + 1.4, y - 1.4)


def _limit(canvas: Canvas, frame: _Frame, limit: float) -> None:
    canvas.setStrokeColor(LIMIT)
    canvas.setLineWidth(0.8)
    canvas.setDash(4, 2)
    canvas.line(LEFT, frame.y(limit), WIDTH - RIGHT, frame.y(limit))
    canvas.setDash()
    canvas.setFillColor(LIMIT)
    canvas.setFont(font(), 7.5)
    canvas.drawRightString(WIDTH - RIGHT - 1, frame.y(limit) + 2, f"限值 {limit:g}")


def ticks(low: float, high: float) -> list[float]:
    """Round values from low to high, about five."""
    rough = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough)
    first = math.ceil(low / step)
    return [round((first + k) * step, 10) for k in range(int((high - first * step) / step) + 1)]


def hours(first: datetime, last: datetime) -> Iterator[datetime]:
    """Round instants of Beijing time from first to last, at most about a dozen."""
    span = (last - first).total_seconds() / 3600
    step = timedelta(hours=next((h for h in STEPS_H if span / h <= 12), STEPS_H[-1]))
    midnight = first.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + math.ceil((first - midnight) / step) * step
    while at <= last:
        yield at
        at += step
