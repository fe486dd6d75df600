"""Which sources an observation may belong to: its likelihood at each of them, under its error ellipse."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import Geometry, Polygon

from geo.errors import ShapeError
from geo.types import FloatArray, pairs

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_FAR = 9.0  # standard deviations beyond which a normal holds nothing that a float would notice
_erf = np.vectorize(math.erf, otypes=[np.float64])


def gaussian_density(delta_m: FloatArray, covariance_m2: FloatArray) -> FloatArray:
    """Density of a two-dimensional normal.

    Args:
        delta_m: (n, 2) metres from its mean.
        covariance_m2: (n, 2, 2), or (2, 2) for all.

    Returns:
        (n,) in 1/m². NaN where a covariance is not positive.

    Raises:
        ShapeError: the shapes do not fit.
    """
    delta = pairs(delta_m, "delta_m")
    covariance = np.broadcast_to(np.asarray(covariance_m2, dtype=np.float64), (len(delta), 2, 2))
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    determinant = np.where((xx > 0) & (xx * yy - xy * xy > 0), xx * yy - xy * xy, np.nan)
    dx, dy = delta[:, 0], delta[:, 1]
    squared = (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / determinant
    return np.exp(-0.5 * squared) / (2.0 * np.pi * np.sqrt(determinant))


def distances_m(place_xy_m: FloatArray, sources: Sequence[Geometry]) -> FloatArray:
    """Metres (n,) from a place (2,) to each source in the same CRS; 0 within a polygon."""
    here = np.asarray(place_xy_m, dtype=np.float64)
    return np.asarray(
        shapely.distance(np.array(sources, dtype=object), shapely.Point(here[0], here[1])), dtype=np.float64
    )


def source_likelihoods(
    place_xy_m: FloatArray, covariance_m2: FloatArray, sources: Sequence[Geometry], spread_m: float
) -> FloatArray:
    """How well each source explains an observation.

    Args:
        place_xy_m: (2,) where the thing was seen, metres.
        covariance_m2: (2, 2) of that place.
        sources: points, polygons, or collections of them, in the same CRS.
        spread_m: how far from its source such a thing lies by its nature, 1 σ each way.

    Returns:
        (n,) in 1/m²: the density of the observation at a point; over a polygon its mean, that is the probability
        that the true place lies in the polygon, divided by the polygon's area. A large polygon is thus not more
        likely for being large. 0 for an empty source.

    Raises:
        ShapeError: place or covariance of another shape, or a covariance that is not positive.
    """
    place, covariance = np.asarray(place_xy_m, dtype=np.float64), np.asarray(covariance_m2, dtype=np.float64)
    if place.shape != (2,) or covariance.shape != (2, 2):
        raise ShapeError("place, covariance", f"(2,), (2, 2) expected, {place.shape}, {covariance.shape} given")
    widened = covariance + np.eye(2) * spread_m**2
    try:
        whiten = np.linalg.inv(np.linalg.cholesky(widened))
    except np.linalg.LinAlgError as error:
        raise ShapeError("covariance", "it is not positive") from error
    return np.array([_likelihood(place, widened, whiten, source) for source in sources], dtype=np.float64)


def _likelihood(place: FloatArray, covariance: FloatArray, whiten: FloatArray, source: Geometry) -> float:
    area = float(shapely.area(source))
    if area > 0:
        polygons = [part for part in shapely.get_parts(source) if isinstance(part, Polygon)]
        inside = sum(_probability_inside(place, whiten, polygon) for polygon in polygons)
        return inside / area
    points = shapely.get_coordinates(source)
    if not len(points):
        return 0.0
    length = float(shapely.length(source))
    if length > 0:  # a line: the mean over places along it
        count = max(2, int(length / (0.25 * math.sqrt(float(np.linalg.eigvalsh(covariance)[0])))) + 1)
        points = shapely.get_coordinates(
            [
                shapely.line_interpolate_point(source, share, normalized=True)
                for share in np.linspace(0, 1, min(count, 2000))
            ]
        )
    return float(gaussian_density(points - place, covariance).mean())


def _probability_inside(place: FloatArray, whiten: FloatArray, polygon: Polygon) -> float:
    """Probability that a standard normal, in the whitened plane, falls inside: Green's theorem along each ring."""
    total = 0.0
    for ring, sign in [(polygon.exterior, 1.0), *((hole, -1.0) for hole in polygon.interiors)]:
        corners = (np.asarray(ring.coords)[:, :2] - place) @ whiten.T
        total += sign * abs(_around(corners))
    return float(np.clip(total, 0.0, 1.0))


def _around(corners: FloatArray) -> float:
    """∮ Φ(x)·φ(y) dy along a closed ring, Gauss-Legendre on pieces of half a standard deviation."""
    starts, ends = corners[:-1], corners[1:]
    total = 0.0
    for start, end in zip(starts, ends, strict=True):
        piece = _within_reach(start, end)
        if piece is None:
            continue
        a, b = piece
        count = max(1, math.ceil(float(np.hypot(*(b - a))) / 0.5))
        edges = np.linspace(0.0, 1.0, count + 1)
        share = (edges[:-1, None] + edges[1:, None]) / 2 + (edges[1:, None] - edges[:-1, None]) / 2 * _NODES
        x, y = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        value = 0.5 * (1.0 + _erf(x / math.sqrt(2))) * np.exp(-0.5 * y * y) / math.sqrt(2 * math.pi)
        total += float((value * _WEIGHTS).sum()) / count / 2 * float(b[1] - a[1])
    return total


def _within_reach(start: FloatArray, end: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """The part of an edge with |y| ≤ 9; beyond, the integrand is nothing."""
    y0, y1 = float(start[1]), float(end[1])
    if y0 == y1:
        return None
    shares = sorted(((-_FAR - y0) / (y1 - y0), (_FAR - y0) / (y1 - y0)))
    low, high = max(0.0, shares[0]), min(1.0, shares[1])
    if low >= high:
        return None
    way = end - start
    return start + low * way, start + high * way
