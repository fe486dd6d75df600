"""Which CRS a file is in: said, declared, or tested against the district's outline. The answer may be `cannot_tell`.

The test: a registry of a district lies, but for a few strays, within it. GCJ-02 is some 480 m off here, BD-09 1150 m:
under a wrong assumption points near the edge fall outside. With few points, or none near an edge, nothing can be told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import convert, metric_crs_at
from geo.types import LonLat
from pipelines.registry_import.places import RawPlace

WGS84, CANNOT_TELL = "EPSG:4326", "cannot_tell"
DEGREES = (WGS84, "GCJ-02", "BD-09")
STRAY_SHARE = 0.05  # of rows that lie outside the district although the CRS is right
ODDS_AT_LEAST = math.log(1000.0)  # the best must be a thousand times likelier than the next
INSIDE_AT_LEAST = 0.8  # else the file is not of this district and says nothing


@dataclass(frozen=True, slots=True)
class Told:
    """A CRS, or `cannot_tell`, and what that rests on."""

    crs: str
    evidence: dict[str, Any] = field(default_factory=dict)


def crs_of(
    places: Sequence[RawPlace], *, said: str | None, declared: str | None, outline: shapely.Geometry | None
) -> Told:
    """The CRS of a file's places.

    Args:
        places: of its rows.
        said: by the person who imports; believed.
        declared: within the file; believed where it is projected.
        outline: the district, lon and lat, WGS 84; None where none is set.

    Raises:
        UnknownCrs: `said` or `declared` is no CRS.
    """
    if said is not None:
        convert(np.zeros((0, 2)), said, WGS84)
        return Told(said, {"method": "given"})
    if not places:
        return Told(CANNOT_TELL, {"method": "no_places"})
    if declared is not None:
        convert(np.zeros((0, 2)), declared, WGS84)
        return Told(declared, {"method": "declared_in_file"})
    if outline is None:
        return Told(CANNOT_TELL, {"method": "no_district_set"})
    return _tested(places, outline)


def _tested(places: Sequence[RawPlace], outline: shapely.Geometry) -> Told:
    centre = outline.centroid
    in_degrees = places[0].in_degrees
    names = DEGREES if in_degrees else (metric_crs_at(LonLat(centre.x, centre.y)), "EPSG:32651")
    points = np.array([[place.x, place.y] for place in places if place.in_degrees == in_degrees])
    inside = {name: _inside(points, name, outline) for name in names}
    evidence: dict[str, Any] = {
        "method": "share_inside_district",
        "points": len(points),
        "inside": {name: int(hit.sum()) for name, hit in inside.items()},
    }
    ranked = sorted(names, key=lambda name: -int(inside[name].sum()))
    best, second = ranked[0], ranked[1]
    odds = float(inside[best].sum() - inside[second].sum()) * math.log((1 - STRAY_SHARE) / STRAY_SHARE)
    evidence["log_odds_to_next"] = round(odds, 2)
    if inside[best].mean() < INSIDE_AT_LEAST or odds < ODDS_AT_LEAST:
        return Told(CANNOT_TELL, evidence)
    return Told(best, evidence)


def _inside(points: NDArray[np.float64], crs: str, outline: shapely.Geometry) -> NDArray[np.bool_]:
    lonlat = convert(points, crs, WGS84)
    return np.asarray(shapely.contains_xy(outline, lonlat[:, 0], lonlat[:, 1]), dtype=bool)


def moved(places: Sequence[RawPlace], crs: str) -> list[RawPlace]:
    """The same places in lon, lat, WGS 84; NaN where `crs` does not reach.

    Raises:
        UnknownCrs: no such CRS.
    """
    return [_moved(place, crs) for place in places] if any(place.polygons for place in places) else _points(places, crs)


def _points(places: Sequence[RawPlace], crs: str) -> list[RawPlace]:
    lonlat = convert(np.array([[place.x, place.y] for place in places]).reshape(-1, 2), crs, WGS84)
    return [RawPlace(float(lon), float(lat), (), place.given) for (lon, lat), place in zip(lonlat, places, strict=True)]


def _moved(place: RawPlace, crs: str) -> RawPlace:
    lon, lat = convert(np.array([[place.x, place.y]]), crs, WGS84)[0]
    polygons = tuple(
        tuple(tuple((float(x), float(y)) for x, y in convert(np.array(ring), crs, WGS84)) for ring in polygon)
        for polygon in place.polygons
    )
    return RawPlace(float(lon), float(lat), polygons, place.given)
