"""What a picture sees of the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import Polygon

from geo.camera import Camera
from geo.crs import unproject
from geo.fisheye_view import visible_edge
from geo.ground import GroundStatus, horizon_margin_deg, pixel_to_ground
from geo.lens import normalised_to_pixels, pixels_to_normalised
from geo.lens_doubt import is_fisheye
from geo.pose import CameraPose
from geo.station import station_of
from geo.terrain import Terrain
from geo.types import FloatArray

LEAST_DEPRESSION_DEG = 5.0  # ours: what lies nearer to the horizon is not shown as seen
HORIZON_IN_VIEW = "horizon_in_view"
_POINTS_A_SIDE = 9


@dataclass(frozen=True)
class Footprint:
    """What a picture sees of the ground.

    Attributes:
        polygon: longitude, latitude on WGS 84; None where it cannot be said.
        gsd_m: metres a pixel at the middle of the picture along the worse axis; None where the middle is not on the
            ground.
        status: 'ok' or 'refused'.
        reason: why refused; 'horizon_in_view' with 'ok': the polygon is cut off short of the horizon.
    """

    polygon: Polygon | None
    gsd_m: float | None
    status: str
    reason: str | None = None


def footprint_of(camera: Camera, pose: CameraPose, terrain: Terrain) -> Footprint:
    """Outline what a picture sees.

    Args:
        camera: whose picture it is.
        pose: where it stood and looked.
        terrain: the ground.

    Returns:
        The outline through points along the picture's edge, so that a bent lens and rough ground show. Where the
        horizon is in view the picture is cut along a line below it. Refused where any of the remaining edge meets no
        ground: with the reason of the picture's middle, else the commonest one of the edge.
    """
    centre = pixel_to_ground(np.array([[camera.width_px / 2.0, camera.height_px / 2.0]]), camera, pose, terrain)
    gsd = float(centre.gsd_m[0]) if centre.ok[0] else None
    edge, clipped = _visible_edge(camera, pose)
    if len(edge) < 3:
        return Footprint(None, None, "refused", GroundStatus.ABOVE_HORIZON.reason)
    ring = pixel_to_ground(edge, camera, pose, terrain)
    if not ring.ok.all():
        codes, counts = np.unique(ring.status[~ring.ok], return_counts=True)
        code = codes[counts.argmax()] if centre.ok[0] else centre.status[0]
        return Footprint(None, gsd, "refused", GroundStatus(int(code)).reason)
    polygon = Polygon(unproject(ring.xy_m, pose.crs))
    return Footprint(polygon, gsd, "ok", HORIZON_IN_VIEW if clipped else None)


def _visible_edge(camera: Camera, pose: CameraPose) -> tuple[FloatArray, bool]:
    """Pixels along the edge of the part that looks well below the horizon, and whether anything was cut."""
    turn = station_of(camera, pose).turn
    margin = np.radians(max(LEAST_DEPRESSION_DEG, horizon_margin_deg(pose, camera) + 0.5))
    if is_fisheye(camera):
        return visible_edge(camera, turn, margin)
    edge = pixels_to_normalised(_edge(camera), camera)
    edge = edge[np.isfinite(edge).all(axis=1)]
    # In the plane z = 1 of the camera the rays that fall by at least a given part of the longest ray's length form a
    # half-plane, so a straight cut keeps every ray below the margin.
    longest = np.sqrt(1.0 + (edge**2).sum(axis=1).max())
    fall = -(np.column_stack([edge, np.ones(len(edge))]) @ turn.T)[:, 2] - np.sin(margin) * longest
    if (fall >= 0).all():
        return _edge(camera), False
    kept = _clipped(edge, fall)
    inside = np.clip(normalised_to_pixels(kept, camera), 0.0, [camera.width_px, camera.height_px])
    return inside, True


def _edge(camera: Camera) -> FloatArray:
    """Points along the four sides, clockwise from the top left corner, each corner once."""
    w, h = float(camera.width_px), float(camera.height_px)
    corners = np.array([[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]])
    share = np.linspace(0.0, 1.0, _POINTS_A_SIDE - 1, endpoint=False)[:, None]
    sides = [corners[k] + share * (corners[(k + 1) % 4] - corners[k]) for k in range(4)]
    return np.vstack(sides)


def _clipped(ring: FloatArray, value: FloatArray) -> FloatArray:
    """Sutherland–Hodgman: the part of a ring where a linear function is not negative."""
    kept: list[FloatArray] = []
    for here in range(len(ring)):
        there = (here + 1) % len(ring)
        if value[here] >= 0:
            kept.append(ring[here])
        if (value[here] >= 0) != (value[there] >= 0):
            share = value[here] / (value[here] - value[there])
            kept.append(ring[here] + share * (ring[there] - ring[here]))
    return np.array(kept).reshape(-1, 2)
