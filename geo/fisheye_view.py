"""The part of a fisheye's picture that looks below the horizon: picture, image circle and horizon laid together.

No straight line in such a picture is a straight cut through the world, so the horizon is drawn into it point by point.
"""

from __future__ import annotations

import numpy as np
from shapely import Polygon, box, make_valid

from geo import fisheye
from geo.camera import Camera
from geo.types import FloatArray

_POINTS = 181
_WITHIN = 0.999  # of the widest angle: its very edge has no inverse
_AROUND = 72


def visible_edge(camera: Camera, turn: FloatArray, margin: float) -> tuple[FloatArray, bool]:
    """Pixels along the edge of what looks at least so far below the horizon.

    Args:
        camera: a fisheye.
        turn: (3, 3) from camera axes to the world's.
        margin: radians below the horizon.

    Returns:
        (n, 2) pixels, none where nothing does, and whether the horizon cut anything off. A camera whose axis itself
        points above the margin sees the ground from the rim of its picture only, and counts as seeing none.
    """
    if turn[2, 2] > np.sin(margin):
        return np.empty((0, 2)), True
    bearings = np.linspace(0.0, 2.0 * np.pi, _POINTS)[:-1]
    level = np.column_stack([np.sin(bearings), np.cos(bearings), np.zeros(len(bearings))]) * np.cos(margin)
    horizon = _drawn((level - (0.0, 0.0, np.sin(margin))) @ turn, camera)
    rim = np.column_stack([np.sin(bearings), np.cos(bearings), np.full(len(bearings), -1e9)])
    picture = box(0.0, 0.0, camera.width_px, camera.height_px).intersection(Polygon(_drawn(rim, camera)))
    below = picture.intersection(make_valid(Polygon(horizon)))
    parts = [part for part in getattr(below, "geoms", [below]) if part.geom_type == "Polygon" and not part.is_empty]
    if not parts:
        return np.empty((0, 2)), True
    largest = max(parts, key=lambda part: part.area)
    cut = bool(largest.area < picture.area * (1.0 - 1e-6))
    ring = largest.exterior.segmentize(largest.exterior.length / _AROUND)
    edge = np.clip(np.asarray(ring.coords)[:-1], 0.0, [camera.width_px, camera.height_px])
    return edge, cut


def _drawn(rays: FloatArray, camera: Camera) -> FloatArray:
    """Pixels of directions in the camera's axes; what lies beyond the widest angle is drawn on the image circle."""
    across = np.hypot(rays[:, 0], rays[:, 1])
    widest = fisheye.widest_angle(camera.model, camera.distortion) * _WITHIN
    angle = np.minimum(np.arctan2(across, rays[:, 2]), widest)
    share = fisheye.radius_of(angle, camera.model, camera.distortion) / np.maximum(across, 1e-300)
    return rays[:, :2] * share[:, None] * (camera.fx_px, camera.fy_px) + (camera.cx_px, camera.cy_px)
