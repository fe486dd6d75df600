"""What a file's numbers may be: the CRS that are tested against each other, and those that would spoil the answer.

A rival that cannot be named as a CRS (degrees shifted twice, a web map's degrees projected to metres) is tested along
with the others. Where it does best, or nearly so, the answer is `cannot_tell`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import convert, metric_crs_at, project
from geo.errors import GeoError
from geo.gauss_kruger import BEIJING_1954, Zone, zone_in_easting, zone_of, zones_near
from geo.types import LonLat

WGS84, GCJ02, BD09, WEB_MERCATOR = "EPSG:4326", "GCJ-02", "BD-09", "EPSG:3857"
ODD_DEGREES = math.log(1.0 / 150.0)  # ours: a file whose degrees were shifted once too often, or never should have been
ODD_METRES = math.log(1.0 / 2500.0)  # ours: a survey's metres made of a web map's degrees, or of an older datum
ODD_TILES = math.log(1.0 / 5.0)  # ours: Web Mercator is what Amap's and Tencent's tiles are in, shifted
NEAR_M = 20_000.0  # how far from the district the middle of a file may lie, for its metres to be of a zone
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One thing that the numbers may be. `crs` is the answer where it wins, None where it has none."""

    name: str
    crs: str | None
    swapped: bool  # the first number is the northing
    log_prior: float
    to_wgs84: Callable[[Array], Array]
    in_degrees: bool = False

    @property
    def can_be_told(self) -> bool:
        """Whether it is a CRS with a name."""
        return self.crs is not None


def of_degrees() -> list[Hypothesis]:
    """WGS 84 (CGCS2000 is the same here), GCJ-02, BD-09; and degrees that somebody shifted once too often."""
    named = [Hypothesis(crs, crs, False, 0.0, _from(crs), True) for crs in (WGS84, GCJ02, BD09)]
    return [
        *named,
        Hypothesis("GCJ-02 twice", None, False, ODD_DEGREES, _twice, True),
        Hypothesis("GCJ-02 undone in vain", None, False, ODD_DEGREES, lambda xy: convert(xy, WGS84, GCJ02), True),
    ]


def of_metres(points: Array, district: shapely.Geometry | None) -> list[Hypothesis]:
    """The metric CRS that put the middle of a file near the district, with their rivals.

    Args:
        points: (n, 2) as in the file.
        district: lon and lat, WGS 84; without one only a zone's number before the easting tells a zone.
    """
    found: list[Hypothesis] = []
    middle = np.median(points, axis=0)
    for swapped in (False, True):
        easting = float(middle[1] if swapped else middle[0])
        for crs in _codes(easting, district):
            if _is_there(middle, crs, swapped, district):
                found += _with_rivals(crs, swapped)
    return found


def _codes(easting: float, district: shapely.Geometry | None) -> list[str]:
    numbered = zone_in_easting(easting)
    mercator = [WEB_MERCATOR] if 8.1e6 <= easting <= 15.2e6 else []
    if numbered is not None:
        return [numbered.crs, *mercator]
    if mercator or district is None or not 1e5 <= easting <= 9e5:
        return mercator
    lon = float(district.centroid.x)
    utm = int((lon + 180) // 6) + 1
    return [zone.crs for zone in zones_near(lon)] + [f"EPSG:{32600 + zone}" for zone in (utm - 1, utm, utm + 1)]


def _is_there(middle: Array, crs: str, swapped: bool, district: shapely.Geometry | None) -> bool:
    lon, lat = _from(crs, swapped)(middle[None, :])[0]
    if not (math.isfinite(lon) and 73 <= lon <= 136 and 3 <= lat <= 54):
        return False
    if district is None:
        zone = zone_of(crs)
        return zone is None or abs(lon - zone.meridian_deg) <= 0.6 * zone.width_deg
    centre = district.centroid
    metric = metric_crs_at(LonLat(centre.x, centre.y))
    shape = shapely.transform(district, lambda xy: project(xy, metric))
    return bool(shapely.distance(shape, shapely.Point(*project([(lon, lat)], metric)[0])) <= NEAR_M)


def _with_rivals(crs: str, swapped: bool) -> list[Hypothesis]:
    tail = ", north first" if swapped else ""
    plain = _from(crs, swapped)
    prior = ODD_TILES if crs == WEB_MERCATOR else ODD_METRES
    found = [Hypothesis(f"{crs}{tail}", crs, swapped, 0.0, plain)]
    found += [
        Hypothesis(f"{shifted} in {crs}{tail}", None, swapped, prior, _after(plain, _from(shifted)))
        for shifted in (GCJ02, BD09)
    ]
    zone = zone_of(crs)
    if zone is not None:
        older = Zone(BEIJING_1954, zone.width_deg, zone.number, zone.numbered).crs
        found.append(Hypothesis(f"{older}{tail}", None, swapped, ODD_METRES, _from(older, swapped)))
    return found


def _from(crs: str, swapped: bool = False) -> Callable[[Array], Array]:
    return lambda xy: convert(xy[:, ::-1] if swapped else xy, crs, WGS84)


def _after(first: Callable[[Array], Array], then: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda xy: then(first(xy))


def _twice(xy: Array) -> Array:
    return convert(convert(xy, GCJ02, WGS84), GCJ02, WGS84)


def read_as_said(points: Array, crs: str) -> tuple[str, bool]:
    """A CRS that somebody names, as the numbers show it to be meant: with or without the zone's number, x or y first.

    Args:
        points: (n, 2) metres, as in the file.
        crs: a projected CRS.

    Returns:
        The CRS whose numbers these are, and whether the northing stands first. What was said, where that puts four
        fifths of the places into its zone, or where no other reading does.
    """
    zone = zone_of(crs)
    codes = [crs] if zone is None else [crs, zone.with_number(not zone.numbered).crs]
    readings = [(code, swapped) for swapped in (False, True) for code in codes]
    fitting = [reading for reading in readings if _share_in_zone(points, *reading) >= 0.8]
    return fitting[0] if fitting else (crs, False)


def _share_in_zone(points: Array, crs: str, swapped: bool) -> float:
    lonlat = _from(crs, swapped)(points)
    zone = zone_of(crs)
    half = 4.5 if zone is None else 0.5 * zone.width_deg + 1.5
    meridian = _meridian(crs) if zone is None else zone.meridian_deg
    near = np.ones(len(lonlat), dtype=bool) if meridian is None else np.abs(lonlat[:, 0] - meridian) <= half
    in_range = (np.abs(lonlat[:, 1]) <= 84) & (points.min(axis=1) > 0 if zone else True)
    return float((np.isfinite(lonlat).all(axis=1) & near & in_range).mean()) if len(lonlat) else 0.0


def _meridian(crs: str) -> float | None:
    """The central meridian of a UTM zone; None of anything else."""
    digits = crs.removeprefix("EPSG:")
    north_or_south = digits.isdigit() and (32601 <= int(digits) <= 32660 or 32701 <= int(digits) <= 32760)
    return float(int(digits) % 100 * 6 - 183) if north_or_south else None


def centre_frame(lonlat: Sequence[Array]) -> tuple[str, Callable[[Array], Array]]:
    """A metric CRS around the middle of places, and the way into it.

    Raises:
        GeoError: there is no place.
    """
    there = np.concatenate([one[np.isfinite(one).all(axis=1)] for one in lonlat])
    if not len(there):
        raise GeoError("places", "no place that could be moved")
    lon, lat = np.median(there, axis=0)
    metric = metric_crs_at(LonLat(float(lon), float(lat)))
    return metric, lambda xy: project(xy, metric)


__all__ = ["Hypothesis", "centre_frame", "of_degrees", "of_metres", "read_as_said"]
