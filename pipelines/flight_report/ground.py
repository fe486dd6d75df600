"""What a flight saw of the ground: footprints laid over each other, overlaps, ground resolution, ellipses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.coverage import Coverage, Overlaps, coverage_of, gaps_in_space, gaps_in_time, overlaps_of
from geo.crs import project, unproject
from geo.footprint import footprint_of
from geo.ground import pixel_to_ground
from geo.terrain import Dem, Terrain, flat
from geo.types import FloatArray
from geo.uncertainty import ellipse_of
from pipelines.flight_report.work import FrameToReport
from pipelines.records import Frame, Reason

OUTLINE_M = 0.5  # outlines on the map are drawn with this tolerance
MOSTLY_ONCE = 0.5  # ours: below this share of ground that two pictures saw, hardly anything can be seen from two sides
LISTED = 20
NO_FOOTPRINT = "no_footprint"


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """A frame whose footprint is known, in the flight's metric CRS."""

    frame: Frame
    crs: str
    footprint: Polygon
    x_m: float
    y_m: float
    gsd_m: float | None
    sigma_major_m: float | None


@dataclass(frozen=True, slots=True)
class GroundPart:
    """The part of the report about the ground.

    Attributes:
        document, shapes: for the report and for its map.
        notes: what is to be said of it.
        gsd_m: (n,) of the frames whose middle is on the ground.
        sigma_major_m: (n,) 1-sigma major axis of a place in the middle of those frames.
    """

    document: dict[str, Any]
    shapes: dict[str, Any]
    notes: list[Reason]
    gsd_m: FloatArray
    sigma_major_m: FloatArray


def terrain_of(path: str) -> Terrain:
    """Ground heights from a file, or flat ground at the height of take-off."""
    return Dem.open(Path(path)) if path else flat()


def seen_frames(frames: Sequence[FrameToReport], terrain: Terrain) -> tuple[list[SeenFrame], Counter[str]]:
    """Footprints of the frames that have one, in the order they were taken, and why the others have none."""
    seen: list[SeenFrame] = []
    lost: Counter[str] = Counter()
    for item in sorted(frames, key=lambda f: _taken_at(f.frame)):
        if item.camera is None or item.pose is None:
            lost[item.reason or NO_FOOTPRINT] += 1
            continue
        footprint = footprint_of(item.camera, item.pose, terrain)
        if footprint.polygon is None:
            lost[footprint.reason or NO_FOOTPRINT] += 1
            continue
        corners = project(np.array(footprint.polygon.exterior.coords), item.pose.crs)
        middle = np.array([[item.camera.width_px / 2.0, item.camera.height_px / 2.0]])
        point = pixel_to_ground(middle, item.camera, item.pose, terrain)
        sigma = float(ellipse_of(point.covariance_m2)[0, 0]) if point.ok[0] else None
        place = (item.pose.x_m, item.pose.y_m)
        seen.append(SeenFrame(item.frame, item.pose.crs, Polygon(corners), *place, footprint.gsd_m, sigma))
    return seen, lost


def _taken_at(frame: Frame) -> tuple[bool, datetime, str]:
    """Frames without a time last."""
    return frame.observed_at is None, frame.observed_at or frame.received_at, frame.name


def ground_part(seen: Sequence[SeenFrame], lost: Counter[str]) -> GroundPart:
    """Sum up what was seen."""
    coverage = coverage_of([one.footprint for one in seen])
    at_s = np.array([one.frame.observed_at.timestamp() if one.frame.observed_at else np.nan for one in seen])
    places = np.array([(one.x_m, one.y_m) for one in seen]).reshape(-1, 2)
    overlaps = overlaps_of([one.footprint for one in seen], places, at_s)
    pauses = gaps_in_time(at_s)
    breaks = gaps_in_space([one.footprint for one in seen], overlaps)
    gsd = np.array([one.gsd_m for one in seen if one.gsd_m is not None])
    sigma = np.array([one.sigma_major_m for one in seen if one.sigma_major_m is not None])
    names = [one.frame.name for one in seen]
    crs = seen[0].crs if seen else None
    document = {
        "placed": len(seen),
        "without_place": dict(sorted(lost.items())),
        "coverage": _coverage(coverage, crs),
        "overlap": _overlap(overlaps),
        "gsd_m": _spread(gsd),
        "sigma_major_m": _spread(sigma),
        "gaps": {
            "time": [{"after": names[g.before], "before": names[g.after], "seconds": g.size} for g in pauses[:LISTED]],
            "space": [{"after": names[g.before], "before": names[g.after], "metres": g.size} for g in breaks[:LISTED]],
        },
    }
    notes = [
        *([Reason("pictures_without_place", {"count": sum(lost.values())})] if lost else []),
        *_coverage_notes(coverage, len(seen)),
        *([Reason("gap_in_time", {"count": len(pauses), "longest_s": max(g.size for g in pauses)})] if pauses else []),
        *([Reason("gap_in_space", {"count": len(breaks)})] if breaks else []),
    ]
    return GroundPart(document, _shapes(coverage, crs), notes, gsd, sigma)


def _coverage_notes(coverage: Coverage, frames: int) -> list[Reason]:
    notes = []
    if coverage.holes:
        largest = {"count": len(coverage.holes), "largest_m2": float(coverage.holes[0].area)}
        notes.append(Reason("holes_in_coverage", largest))
    if coverage.parts > 1:
        notes.append(Reason("coverage_in_parts", {"parts": coverage.parts}))
    if frames > 1 and coverage.twice_fraction < MOSTLY_ONCE:
        notes.append(Reason("seen_once_mostly", {"percent": round(100 * coverage.twice_fraction)}))
    return notes


def _coverage(coverage: Coverage, crs: str | None) -> dict[str, Any]:
    twice = coverage.twice_fraction
    return {
        "crs": crs,
        "area_m2": coverage.area_m2,
        "once_fraction": 1.0 - twice if coverage.area_m2 else None,
        "twice_fraction": twice if coverage.area_m2 else None,
        "holes": [float(hole.area) for hole in coverage.holes[:LISTED]],
        "holes_count": len(coverage.holes),
        "parts": coverage.parts,
    }


def _overlap(overlaps: Overlaps) -> dict[str, Any]:
    lines = int(overlaps.line.max(initial=-1)) + 1
    return {"lines": lines, "forward": _spread(overlaps.forward), "side": _spread(overlaps.side)}


def _spread(values: FloatArray) -> dict[str, float] | None:
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    return {"min": float(known.min()), "median": float(np.median(known)), "max": float(known.max())}


def _shapes(coverage: Coverage, crs: str | None) -> dict[str, Any]:
    """Outlines in lon, lat for the map."""
    if crs is None:
        return {"seen": [], "twice": [], "holes": []}
    return {
        "seen": _rings(coverage.seen, crs),
        "twice": _rings(coverage.twice, crs),
        "holes": [ring for hole in coverage.holes[:LISTED] for ring in _rings(hole, crs)],
    }


def _rings(shape: BaseGeometry, crs: str) -> list[list[list[float]]]:
    parts = shapely.get_parts(shapely.simplify(shape, OUTLINE_M))
    return [
        [[round(float(lon), 7), round(float(lat), 7)] for lon, lat in unproject(np.array(part.exterior.coords), crs)]
        for part in parts
        if isinstance(part, Polygon) and not part.is_empty
    ]
