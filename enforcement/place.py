"""Where a registered thing is: a point, lines or areas, in longitude and latitude (WGS 84). No projection here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from enforcement import formats
from enforcement.errors import PlaceImpossible

Ring = tuple[tuple[float, float], ...]  # closed: the last position is the first
Polygon = tuple[Ring, ...]  # outer ring, then holes
Line = tuple[tuple[float, float], ...]  # open: two positions or more


@dataclass(frozen=True, slots=True)
class Place:
    """A point (`polygons` and `lines` empty), or areas, or lines, with a point that stands for them.

    `lon`, `lat` are degrees, WGS 84; positions in rings and lines are (lon, lat).
    """

    lon: float
    lat: float
    polygons: tuple[Polygon, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def is_area(self) -> bool:
        """Whether it has an extent."""
        return bool(self.polygons)

    @property
    def is_line(self) -> bool:
        """Whether it is lines, as a drain is."""
        return bool(self.lines)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Least longitude and latitude, greatest longitude and latitude."""
        outlines = [polygon[0] for polygon in self.polygons] + list(self.lines)
        corners = [position for outline in outlines for position in outline] or [(self.lon, self.lat)]
        lons, lats = [c[0] for c in corners], [c[1] for c in corners]
        return min(lons), min(lats), max(lons), max(lats)

    def to_geojson(self) -> dict[str, Any]:
        """The geometry as GeoJSON: Point, (Multi)LineString or (Multi)Polygon."""
        if self.lines:
            lines = [[list(position) for position in line] for line in self.lines]
            if len(lines) == 1:
                return {"type": "LineString", "coordinates": lines[0]}
            return {"type": "MultiLineString", "coordinates": lines}
        if not self.polygons:
            return {"type": "Point", "coordinates": [self.lon, self.lat]}
        areas = [[[list(position) for position in ring] for ring in polygon] for polygon in self.polygons]
        if len(areas) == 1:
            return {"type": "Polygon", "coordinates": areas[0]}
        return {"type": "MultiPolygon", "coordinates": areas}


def point(lon: float, lat: float) -> Place:
    """A point.

    Raises:
        PlaceImpossible: not within ±180, ±90, or not a number.
    """
    _refuse_outside(lon, lat)
    return Place(float(lon), float(lat))


def area(polygons: Sequence[Sequence[Sequence[Sequence[float]]]]) -> Place:
    """One or more polygons, each an outer ring and its holes; the point is the centroid of the largest outer ring.

    Raises:
        PlaceImpossible: a ring is open, too short, without extent, or leaves ±180, ±90.
    """
    if not polygons or not all(polygons):
        raise PlaceImpossible("area", "no ring")
    rings = tuple(tuple(_ring(ring) for ring in polygon) for polygon in polygons)
    largest = max((polygon[0] for polygon in rings), key=lambda ring: abs(_doubled_area(ring)))
    lon, lat = _centroid(largest)
    return Place(lon, lat, rings)


def line(lines: Sequence[Sequence[Sequence[float]]]) -> Place:
    """One or more lines; the point is the middle of the longest one, along it.

    Raises:
        PlaceImpossible: a line has fewer than two positions, no length, or leaves ±180, ±90.
    """
    if not lines:
        raise PlaceImpossible("line", "no line")
    checked = tuple(_line(positions) for positions in lines)
    lon, lat = _middle(max(checked, key=lambda one: sum(_steps(one))))
    return Place(lon, lat, lines=checked)


def from_geojson(geometry: Mapping[str, Any]) -> Place:
    """The place of a GeoJSON Point, LineString, MultiLineString, Polygon or MultiPolygon.

    Raises:
        PlaceImpossible: another type, or coordinates that are none.
    """
    kind, coordinates = str(geometry.get("type")), geometry.get("coordinates")
    build = BUILDERS.get(kind)
    if build is None or not isinstance(coordinates, Sequence):
        raise PlaceImpossible(kind, f"not one of {', '.join(BUILDERS)}")
    try:
        return build(coordinates)
    except (TypeError, ValueError, IndexError) as error:
        raise PlaceImpossible(kind, f"coordinates: {error}") from error


BUILDERS: dict[str, Callable[[Sequence[Any]], Place]] = {
    "Point": lambda coordinates: point(float(coordinates[0]), float(coordinates[1])),
    "LineString": lambda coordinates: line([coordinates]),
    "MultiLineString": line,
    "Polygon": lambda coordinates: area([coordinates]),
    "MultiPolygon": area,
}


def _line(positions: Sequence[Sequence[float]]) -> Line:
    found = tuple((float(position[0]), float(position[1])) for position in positions)
    if len(found) < formats.LINE_POINTS_AT_LEAST:
        raise PlaceImpossible("line", f"{len(found)} positions")
    for lon, lat in found:
        _refuse_outside(lon, lat)
    if sum(_steps(found)) == 0:
        raise PlaceImpossible("line", "without length")
    return found


def _steps(positions: Line) -> list[float]:
    """Lengths of a line's pieces in degrees of latitude; good enough to find its middle, not a distance."""
    narrow = math.cos(math.radians(positions[0][1]))
    return [math.hypot((b[0] - a[0]) * narrow, b[1] - a[1]) for a, b in pairwise(positions)]


def _middle(positions: Line) -> tuple[float, float]:
    steps = _steps(positions)
    left = sum(steps) / 2
    for (a, b), step in zip(pairwise(positions), steps, strict=True):
        if step > 0 and left <= step:
            share = left / step
            return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        left -= step
    return positions[-1]


def _ring(positions: Sequence[Sequence[float]]) -> Ring:
    ring = tuple((float(position[0]), float(position[1])) for position in positions)
    if len(ring) < formats.RING_POINTS_AT_LEAST or ring[0] != ring[-1]:
        raise PlaceImpossible("ring", f"{len(ring)} positions, or its end is not its beginning")
    for lon, lat in ring:
        _refuse_outside(lon, lat)
    if _doubled_area(ring) == 0:
        raise PlaceImpossible("ring", "without extent")
    return ring


def _doubled_area(ring: Ring) -> float:
    lon0, lat0 = ring[0]
    corners = [(lon - lon0, lat - lat0) for lon, lat in ring]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(corners))


def _centroid(ring: Ring) -> tuple[float, float]:
    lon0, lat0 = ring[0]
    corners = [(lon - lon0, lat - lat0) for lon, lat in ring]
    lon_sum = lat_sum = 0.0
    for a, b in pairwise(corners):
        cross = a[0] * b[1] - b[0] * a[1]
        lon_sum, lat_sum = lon_sum + (a[0] + b[0]) * cross, lat_sum + (a[1] + b[1]) * cross
    divisor = formats.TRIANGLE_DIVISOR * _doubled_area(ring) / 2
    return lon0 + lon_sum / divisor, lat0 + lat_sum / divisor


def _refuse_outside(lon: float, lat: float) -> None:
    inside = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= formats.LON_LIMIT_DEG
    if not inside or abs(lat) > formats.LAT_LIMIT_DEG:
        raise PlaceImpossible(f"{lon}, {lat}", "not a longitude and latitude")
