"""What a flight as a whole saw of the ground: once, twice, not at all; and how its pictures overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geo.errors import ShapeError
from geo.types import FloatArray, pairs

TURN_DEG = 45.0  # ours: a course that turns by more begins another flight line
STILL_M = 0.5  # a step shorter than this has no direction
PAUSES = 5.0  # ours: a pause of so many usual intervals is a gap in time
LEAST_PAUSE_S = 10.0  # and no shorter than this, or every turn of a mapping flight would be one
LEAST_HOLE_M2 = 4.0  # ours: a hole smaller than a lorry's bed hides no site


@dataclass(frozen=True)
class Coverage:
    """The ground that pictures saw, in the metric CRS of their footprints.

    Attributes:
        seen: all of it.
        twice: what at least two pictures saw.
        holes: ground inside the outline of `seen` that no picture saw, largest first.
        parts: into how many separate pieces `seen` falls.
    """

    seen: MultiPolygon
    twice: MultiPolygon
    holes: tuple[Polygon, ...]
    parts: int

    @property
    def area_m2(self) -> float:
        """Of the ground that was seen."""
        return float(self.seen.area)

    @property
    def twice_fraction(self) -> float:
        """Share of the seen ground that at least two pictures saw; 0 where nothing was seen."""
        return float(self.twice.area / self.seen.area) if self.seen.area else 0.0


def coverage_of(footprints: Sequence[Polygon], *, least_hole_m2: float = LEAST_HOLE_M2) -> Coverage:
    """Lay footprints over each other.

    Args:
        footprints: polygons in one metric CRS, in any order.
        least_hole_m2: smaller holes are not told.

    Returns:
        What was seen, exactly (no raster): `twice` is the union of all pairwise intersections.
    """
    shapes = shapely.make_valid(np.array([shape for shape in footprints if not shape.is_empty], dtype=object))
    seen = _polygons(shapely.union_all(shapes))
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="intersects") if len(shapes) else (np.empty(0, int),) * 2
    once = first < second
    shared = shapely.intersection(shapes[first[once]], shapes[second[once]])
    twice = _polygons(shapely.union_all(shared))
    rings = [Polygon(ring) for part in seen.geoms for ring in part.interiors]
    holes = sorted((ring for ring in rings if ring.area >= least_hole_m2), key=lambda ring: -ring.area)
    return Coverage(seen, twice, tuple(holes), len(seen.geoms))


def _polygons(shape: BaseGeometry) -> MultiPolygon:
    """The parts that have an area."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area > 0]
    return MultiPolygon(parts)


@dataclass(frozen=True)
class Overlaps:
    """How neighbouring pictures overlap, as shares of the smaller footprint; pictures in the order they were taken.

    Attributes:
        line: (n,) number of the flight line of each picture, from 0.
        forward: (n,) overlap with the next picture of the same line; NaN where there is none.
        side: (n,) overlap with the nearest picture of another line, moved along the line until it lies beside this
            one; NaN where there is only one line.
    """

    line: NDArray[np.intp]
    forward: FloatArray
    side: FloatArray


def overlaps_of(footprints: Sequence[Polygon], xy_m: FloatArray, at_s: FloatArray) -> Overlaps:
    """Measure forward and side overlap.

    Args:
        footprints: n polygons in a metric CRS, in the order in which the pictures were taken.
        xy_m: (n, 2) where the cameras stood.
        at_s: (n,) seconds on any clock, not decreasing; NaN where unknown.

    Returns:
        One row a picture. Areas, not lengths along an axis, so that it holds for turned and oblique footprints too.

    Raises:
        ShapeError: columns of different lengths.
    """
    places = pairs(xy_m, "xy_m")
    if not len(footprints) == len(places) == len(at_s):
        raise ShapeError("overlaps_of", f"{len(footprints)} footprints, {len(places)} places, {len(at_s)} instants")
    valid = [shapely.make_valid(shape) for shape in footprints]
    line = lines_of(places, at_s)
    forward, side = np.full(len(valid), np.nan), np.full(len(valid), np.nan)
    for i in range(len(valid) - 1):
        if line[i] == line[i + 1]:
            forward[i] = _shared(valid[i], valid[i + 1])
    directions = _line_directions(places, line)
    for i, other in enumerate(_nearest_of_other_line(places, line)):
        if other >= 0:
            apart = places[other] - places[i]
            along = float(apart @ directions[line[i]]) * directions[line[i]]
            side[i] = _shared(valid[i], translate(valid[other], -along[0], -along[1]))
    return Overlaps(line, forward, side)


def lines_of(xy_m: FloatArray, at_s: FloatArray) -> NDArray[np.intp]:
    """The flight line (n,) of each picture: it ends where the course turns by more than 45°, or after a long pause."""
    long = np.zeros(len(xy_m), dtype=bool)
    long[[gap.after for gap in gaps_in_time(at_s)]] = True
    line, number, heading = np.zeros(len(xy_m), dtype=np.intp), 0, None
    for i in range(1, len(xy_m)):
        step = xy_m[i] - xy_m[i - 1]
        length = float(np.hypot(*step))
        course = step / length if length > STILL_M else None
        turned = heading is not None and course is not None and float(heading @ course) < np.cos(np.radians(TURN_DEG))
        if turned or long[i]:
            number, heading = number + 1, None
        elif heading is None:
            heading = course
        line[i] = number
    return line


def _line_directions(xy_m: FloatArray, line: NDArray[np.intp]) -> FloatArray:
    """(lines, 2) unit vector of each line from its first to its last picture; a line of one borrows its neighbour's."""
    found = np.full((int(line.max(initial=-1)) + 1, 2), np.nan)
    for number in range(len(found)):
        places = xy_m[line == number]
        way = places[-1] - places[0]
        if np.hypot(*way) > STILL_M:
            found[number] = way / np.hypot(*way)
    known = found[np.isfinite(found[:, 0])]
    found[~np.isfinite(found[:, 0])] = known[0] if len(known) else (1.0, 0.0)
    return found


def _nearest_of_other_line(xy_m: FloatArray, line: NDArray[np.intp]) -> NDArray[np.intp]:
    """(n,) the nearest picture that belongs to another line, −1 where there is none."""
    found = np.full(len(xy_m), -1, dtype=np.intp)
    for i in range(len(xy_m)):
        away = np.hypot(*(xy_m - xy_m[i]).T)
        away[line == line[i]] = np.inf
        if np.isfinite(away).any():
            found[i] = int(away.argmin())
    return found


def _shared(a: BaseGeometry, b: BaseGeometry) -> float:
    """Intersection over the smaller area."""
    smaller = min(a.area, b.area)
    return float(a.intersection(b).area / smaller) if smaller else np.nan


@dataclass(frozen=True)
class Gap:
    """Between picture `before` and picture `after` (their row numbers): so many seconds, or metres, of nothing."""

    before: int
    after: int
    size: float


def gaps_in_time(at_s: FloatArray) -> list[Gap]:
    """Pauses longer than five usual intervals and ten seconds.

    Args:
        at_s: (n,) seconds, not decreasing; NaN where unknown.
    """
    known = np.flatnonzero(np.isfinite(at_s))
    steps = np.diff(np.asarray(at_s, dtype=np.float64)[known])
    if not len(steps):
        return []
    longest = max(PAUSES * float(np.median(steps)), LEAST_PAUSE_S)
    return [Gap(int(known[i]), int(known[i + 1]), float(steps[i])) for i in np.flatnonzero(steps > longest)]


def gaps_in_space(footprints: Sequence[Polygon], overlaps: Overlaps) -> list[Gap]:
    """Places along a flight line where two successive pictures do not touch; `size` is the metres between them."""
    apart = [int(i) for i in np.flatnonzero(overlaps.forward == 0.0)]
    return [Gap(i, i + 1, float(footprints[i].distance(footprints[i + 1]))) for i in apart]
