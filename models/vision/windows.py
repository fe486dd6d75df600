"""Large pictures in pieces: overlapping square windows, so that a small thing is not shrunk away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.errors import BadShape
from models.vision.detections import BoolArray, FloatArray

EDGE_PX = 2.0  # a box that ends so close to a window's inner edge may go on beyond it


class Window(NamedTuple):
    """A part of a picture in its pixels: columns u0 … u1 − 1, rows v0 … v1 − 1."""

    u0: int
    v0: int
    u1: int
    v1: int


def windows_over(width_px: int, height_px: int, window_px: int, overlap_fraction: float) -> list[Window]:
    """Windows that cover a picture, in reading order.

    Args:
        width_px: of the picture.
        height_px: of the picture.
        window_px: side of a window; a shorter side of the picture makes it shorter, never larger than the picture.
        overlap_fraction: the least share of a window's side that neighbours have in common, 0 up to 0.9.

    Returns:
        One window at least; all of one size, spread evenly, the last ones flush with the far edges.

    Raises:
        BadShape: a size below 1 or a fraction outside 0–0.9.
    """
    if min(width_px, height_px, window_px) < 1 or not 0 <= overlap_fraction <= 0.9:
        raise BadShape("windows", f"{width_px} x {height_px} by {window_px}, overlap {overlap_fraction}")
    columns = _starts(width_px, window_px, overlap_fraction)
    rows = _starts(height_px, window_px, overlap_fraction)
    return [Window(u, v, min(u + window_px, width_px), min(v + window_px, height_px)) for v in rows for u in columns]


def _starts(length: int, window: int, overlap: float) -> list[int]:
    if length <= window:
        return [0]
    step = max(1.0, window * (1 - overlap))
    count = int(np.ceil((length - window) / step)) + 1
    return [round(x) for x in np.linspace(0, length - window, count)]


def cut_by(window: Window, box: FloatArray, width_px: int, height_px: int) -> BoolArray:
    """(n,) True where a box (in pixels of the picture) ends at an edge of its window that is no edge of the picture."""
    return (
        ((box[:, 0] <= window.u0 + EDGE_PX) & (window.u0 > 0))
        | ((box[:, 1] <= window.v0 + EDGE_PX) & (window.v0 > 0))
        | ((box[:, 2] >= window.u1 - EDGE_PX) & (window.u1 < width_px))
        | ((box[:, 3] >= window.v1 - EDGE_PX) & (window.v1 < height_px))
    )
