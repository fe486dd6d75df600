"""Coordinate systems: which metres to work in, and how to get there and back.

Everywhere `x` is east and `y` north, longitude before latitude, whatever a CRS's official axis order says.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from geo.chinese_datums import bd09_to_gcj02, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_gcj02
from geo.errors import DatumShiftUnknown, GeographicCrs, NotMetricCrs, UnknownCrs
from geo.types import FloatArray, LonLat, pairs

WGS84 = "EPSG:4326"
GCJ02 = "GCJ-02"
BD09 = "BD-09"
WGS84_FRAMES = frozenset((4326, 4979, 4490, 4480))  # WGS 84 and CGCS2000 in degrees, with and without height

_FIRST_CGCS2000_ZONE, _FIRST_MERIDIAN = 4534, 75  # EPSG:4534 … 4554, central meridians 75 … 135 E


def metric_crs_at(place: LonLat) -> str:
    """Name the CRS in which metres are measured around a place.

    Args:
        place: WGS 84.

    Returns:
        CGCS2000 / 3-degree Gauss-Krüger by central meridian where EPSG says that zone is used (onshore China:
        'EPSG:4549' for 118.5–121.5 E); UTM elsewhere; UPS beyond 84 N and 80 S.
    """
    meridian = 3 * math.floor((place.lon + 1.5) / 3)
    zone = _FIRST_CGCS2000_ZONE + (meridian - _FIRST_MERIDIAN) // 3
    if 75 <= meridian <= 135 and _zone_is_used_at(zone, place.lat):
        return f"EPSG:{zone}"
    if place.lat > 84:
        return "EPSG:32661"
    if place.lat < -80:
        return "EPSG:32761"
    utm = int((place.lon + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if place.lat >= 0 else 32700) + utm}"


@lru_cache(maxsize=64)
def _zone_is_used_at(epsg: int, lat: float) -> bool:
    area = CRS.from_epsg(epsg).area_of_use
    return area is not None and bool(area.south <= lat <= area.north)


@lru_cache(maxsize=128)
def _crs(name: str) -> CRS:
    """PROJ's CRS of a name such as 'EPSG:4549'.

    Raises:
        UnknownCrs: PROJ does not know it.
    """
    text = name.strip().upper()
    if not text.startswith("EPSG:") or not text.removeprefix("EPSG:").isdigit():
        raise UnknownCrs(name, "EPSG:NNNN, GCJ-02 or BD-09 is expected")
    try:
        crs = CRS.from_epsg(int(text.removeprefix("EPSG:")))
    except CRSError as error:
        raise UnknownCrs(name, "PROJ does not know this code") from error
    if not (crs.is_geographic or crs.is_projected or crs.is_compound):
        raise UnknownCrs(name, f"{crs.type_name} holds no positions on a map")
    return crs


@lru_cache(maxsize=128)
def _transformer(source: str, target: str) -> Transformer:
    """PROJ's way from one CRS to another.

    Raises:
        UnknownCrs: PROJ does not know one of them.
        DatumShiftUnknown: PROJ would take two datums for one because it knows no shift between them.
    """
    for name in (source, target):
        if not _is_of_wgs84(name) and not _shifts(name):
            raise DatumShiftUnknown(name, f"{_crs(name).name}: no shift to WGS 84 is published")
    return Transformer.from_crs(_crs(source), _crs(target), always_xy=True)


@lru_cache(maxsize=128)
def _is_of_wgs84(name: str) -> bool:
    """Whether a CRS stands on WGS 84, or on CGCS2000, which is taken as one frame with it."""
    geodetic = _crs(name).geodetic_crs
    return geodetic is not None and geodetic.to_epsg() in WGS84_FRAMES


@lru_cache(maxsize=128)
def _shifts(name: str) -> tuple[tuple[float, tuple[float, float, float, float]], ...]:
    """The published shifts from a CRS's datum to WGS 84: accuracy in metres; west, south, east, north of their area."""
    ways = TransformerGroup(_crs(name).geodetic_crs, _crs(WGS84), always_xy=True).transformers
    stated = [(way.accuracy, way.area_of_use) for way in ways if way.accuracy is not None and way.accuracy >= 0]
    return tuple((float(a), (area.west, area.south, area.east, area.north)) for a, area in stated if area is not None)


def datum_shift_sigma_m(crs: str, place: LonLat) -> float:
    """How well the way from a CRS to WGS 84 is known at a place.

    Args:
        crs: 'EPSG:NNNN', 'GCJ-02' or 'BD-09'.
        place: WGS 84.

    Returns:
        Metres as EPSG states them; 0 for WGS 84, CGCS2000 and the web maps' shifts.

    Raises:
        UnknownCrs: no such CRS.
        DatumShiftUnknown: no shift is published for that place. EPSG's for Beijing 1954 hold for single oil fields and
            seas (the box of the Yellow Sea's, 15 m, reaches Shanghai north of 31.23 N); for Xi'an 1980 there is none.
    """
    name = _canonical(crs)
    if name in (GCJ02, BD09) or _is_of_wgs84(name):
        return 0.0
    here = [
        accuracy
        for accuracy, (west, south, east, north) in _shifts(name)
        if west <= place.lon <= east and south <= place.lat <= north
    ]
    if not here:
        raise DatumShiftUnknown(name, f"{_crs(name).name} at {place.lon:.2f}, {place.lat:.2f}")
    return min(here)


def wkt_of(crs: str) -> str:
    """A CRS as well-known text, for libraries that carry a PROJ of their own.

    Raises:
        UnknownCrs: PROJ does not know it.
    """
    return str(_crs(crs).to_wkt())


def is_projected(crs: str) -> bool:
    """Whether a CRS counts in lengths, not in degrees. GCJ-02 and BD-09 are degrees.

    Raises:
        UnknownCrs: no such CRS.
    """
    name = _canonical(crs)
    return name not in (GCJ02, BD09) and not _crs(name).is_geographic


def require_metric(crs: str) -> None:
    """Let a CRS pass only where its units are metres on the ground.

    Raises:
        UnknownCrs: PROJ does not know it.
        GeographicCrs: it has degrees.
        NotMetricCrs: it has feet, or metres that are right along one parallel only (Web Mercator, plate carrée).
    """
    found = _crs(crs)
    if found.is_geographic:
        raise GeographicCrs(crs, f"{found.name} has degrees")
    units = {axis.unit_conversion_factor for axis in found.axis_info[:2]}
    if units != {1.0}:
        raise NotMetricCrs(crs, f"{found.name} has {found.axis_info[0].unit_name}")
    operation = found.coordinate_operation
    method = "" if operation is None else operation.method_name.lower().replace("transverse mercator", "")
    if operation is not None and any(
        word in method for word in ("mercator", "cylindrical", "plate carr", "equal earth")
    ):
        raise NotMetricCrs(crs, f"{found.name}: {operation.method_name} stretches lengths with latitude")


def _moved(points: FloatArray, source: str, target: str) -> FloatArray:
    x, y = _transformer(source, target).transform(points[:, 0], points[:, 1])
    moved = np.column_stack([x, y]).astype(np.float64)
    moved[~np.isfinite(moved).all(axis=1)] = np.nan
    return moved


def project(lonlat: ArrayLike, crs: str) -> FloatArray:
    """Put WGS 84 places into a metric CRS.

    Args:
        lonlat: (n, 2) degrees, longitude first, WGS 84.
        crs: 'EPSG:NNNN', projected, in metres.

    Returns:
        (n, 2) metres, x east, y north. CGCS2000 and WGS 84 are taken as one frame (docs/ideas/coordinates.md).
        NaN where the CRS does not reach.

    Raises:
        UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.
        ShapeError: `lonlat` is not (n, 2).
    """
    require_metric(crs)
    return _moved(pairs(lonlat, "lonlat"), WGS84, crs)


def unproject(xy_m: ArrayLike, crs: str) -> FloatArray:
    """Put metric places back on WGS 84.

    Args:
        xy_m: (n, 2) metres in `crs`, x east, y north.
        crs: 'EPSG:NNNN', projected, in metres.

    Returns:
        (n, 2) degrees, longitude first.

    Raises:
        UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.
        ShapeError: `xy_m` is not (n, 2).
    """
    require_metric(crs)
    return _moved(pairs(xy_m, "xy_m"), crs, WGS84)


def convergence_deg(place: LonLat, crs: str) -> float:
    """Grid convergence γ at a place: the azimuth of grid north, clockwise from true north, in degrees.

    +0.73 at Putuo in EPSG:4549, −0.83 in UTM 51N: the sign depends on which side of the central meridian one stands.

    Raises:
        UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.

    Source: PROJ `meridian_convergence`; checked in the tests by projecting a short step north.
    """
    require_metric(crs)
    try:
        factors = Proj(_crs(crs)).get_factors(place.lon, place.lat, errcheck=True)
    except ProjError as error:
        raise UnknownCrs(crs, f"does not reach {place.lon:.6f}, {place.lat:.6f}") from error
    return float(factors.meridian_convergence)


def grid_yaw_deg(yaw_true_deg: float, convergence_deg: float) -> float:
    """A yaw against true north turned into one against grid north. The only place where this is done."""
    return yaw_true_deg - convergence_deg


def convert(points: ArrayLike, source: str, target: str) -> FloatArray:
    """Carry points from one coordinate system to another.

    Args:
        points: (n, 2); degrees longitude first, or x east, y north in the CRS's unit.
        source: 'EPSG:NNNN', 'GCJ-02' or 'BD-09'.
        target: the same.

    Returns:
        (n, 2) in `target`, same order. NaN where `target` does not reach the point.

    Raises:
        UnknownCrs: a name that is none of these.
        DatumShiftUnknown: it is of a datum whose way to WGS 84 nobody has published (Xi'an 1980).
        ShapeError: `points` is not (n, 2).
    """
    origin, goal = _canonical(source), _canonical(target)
    array = pairs(points, "points")
    if origin == goal:
        return array.copy()
    if origin not in (GCJ02, BD09) and goal not in (GCJ02, BD09):
        return _moved(array, origin, goal)
    return _from_gcj02(_to_gcj02(array, origin), goal)


def _to_gcj02(points: FloatArray, source: str) -> FloatArray:
    if source == GCJ02:
        return points
    if source == BD09:
        return bd09_to_gcj02(points)
    return wgs84_to_gcj02(_moved(points, source, WGS84))


def _from_gcj02(points: FloatArray, target: str) -> FloatArray:
    if target == GCJ02:
        return points.copy()
    if target == BD09:
        return gcj02_to_bd09(points)
    return _moved(gcj02_to_wgs84(points), WGS84, target)


def _canonical(name: str) -> str:
    """'gcj02' → 'GCJ-02', 'epsg:4549' → 'EPSG:4549'.

    Raises:
        UnknownCrs: it is none of ours.
    """
    text = name.strip().upper()
    bare = text.replace("-", "").replace("_", "").replace(" ", "")
    if bare == "GCJ02":
        return GCJ02
    if bare in ("BD09", "BD09LL"):
        return BD09
    _crs(text)
    return text
