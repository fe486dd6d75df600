"""Where a registered thing is: a point, or areas, in longitude and latitude (WGS 84). No projection is done here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from enforcement import formats
from enforcement.errors import PlaceImpossible

Ring = tuple[tuple[float, float], ...]  # closed: the last position is the first
Polygon = tuple[Ring, ...]  # outer ring, then holes


@dataclass(frozen=True, slots=True)
class Place:
    """A point (`polygons` empty), or one or more areas with a point that stands for them.

    `lon`, `lat` are degrees, WGS 84; positions in rings are (lon, lat).
    """

    lon: float
    lat: float
    polygons: tuple[Polygon, ...] = ()

    @property
    def is_area(self) -> bool:
        """Whether it has an extent."""
        return bool(self.polygons)

    def to_geojson(self) -> dict[str, Any]:
        """The geometry as GeoJSON: Point, Polygon or MultiPolygon."""
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


def from_geojson(geometry: Mapping[str, Any]) -> Place:
    """The place of a GeoJSON Point, Polygon or MultiPolygon.

    Raises:
        PlaceImpossible: another type, or coordinates that are none.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    try:
        if kind == "Point" and isinstance(coordinates, Sequence):
            return point(float(coordinates[0]), float(coordinates[1]))
        if kind == "Polygon" and isinstance(coordinates, Sequence):
            return area([coordinates])
        if kind == "MultiPolygon" and isinstance(coordinates, Sequence):
            return area(coordinates)
    except (TypeError, ValueError, IndexError) as error:
        raise PlaceImpossible(str(kind), f"coordinates: {error}") from error
    raise PlaceImpossible(str(kind), "not a Point, Polygon or MultiPolygon")


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
