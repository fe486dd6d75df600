"""A monitor's curve as a PNG, for documents: the same points, limits, flags and exceedances as on the page."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

import matplotlib
import numpy as np
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from enforcement.formats import BEIJING
from pipelines.monitor.curve import Band, Curve

OFFSET = np.timedelta64(8, "h")
SIZE_IN, DPI = (11.0, 4.2), 130
BLUE, SKY, VERMILION, GREY = "#0072B2", "#56B4E9", "#D55E00", "#B8BFC6"


def curve_png(
    curve: Curve, *, title: str, unit: str, bands: Sequence[Band] = (),
    limits: Iterable[tuple[float, date, date]] = (), beyond: Iterable[tuple[datetime, float]] = (),
) -> bytes:  # fmt: skip
    """Draw a curve.

    Args:
        curve: its points.
        title: above it; letters that every machine's fonts have.
        unit: of the values.
        bands: stretches of flags.
        limits: value, first and last Beijing day of each.
        beyond: begin and value of each mean beyond a limit.

    Returns:
        PNG bytes; instants are drawn as Beijing's clocks show them.
    """
    with matplotlib.rc_context({"svg.hashsalt": "yaoxun", "font.size": 9}):
        figure = Figure(figsize=SIZE_IN, dpi=DPI, layout="constrained")
        axes = figure.subplots()
        at = (curve.at + OFFSET).astype("datetime64[s]")
        for band in bands:
            axes.axvspan(_shown(band.begin), _shown(band.end), color=GREY, alpha=0.4, lw=0)
            axes.annotate(band.flag, (_shown(band.begin), 0.97), xycoords=("data", "axes fraction"), va="top")
        if curve.minutes > 1:
            axes.fill_between(at, curve.least, curve.most, color=SKY, alpha=0.3, lw=0)
        axes.plot(at, _broken(curve), color=BLUE, lw=1.0)
        for value, first, last in limits:
            ends = date2num([datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())])
            axes.plot(ends, [value, value], color=VERMILION, lw=1.2, ls="--")
        marks = list(beyond)
        axes.plot([_shown(begin) for begin, _ in marks], [v for _, v in marks], "^", color=VERMILION, ms=5)
        axes.set_title(title, loc="left")
        axes.set_ylabel(unit)
        axes.set_xlabel("UTC+8")
        axes.grid(color="#D8DFE6", lw=0.6)
        out = io.BytesIO()
        figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _broken(curve: Curve) -> np.ndarray:
    """The means, with NaN behind each gap of more than two steps, so that no line is drawn over it."""
    mean = curve.mean.copy()
    if len(mean) > 1:
        mean[1:][np.diff(curve.at) > np.timedelta64(3 * max(curve.minutes, 1), "m")] = np.nan
    return mean


def _shown(at: datetime) -> float:
    return float(date2num(at.astimezone(BEIJING).replace(tzinfo=None)))
