"""The plain map of the district and its outline, as GeoJSON on WGS 84."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.district.place import lonlat_of
from data_samples.district.plan import Plan, district
from data_samples.district.streets import Lot

NAME = "示例街区（虚构）"
EMPTY_SHARE = 7
"""Of the lots that nobody in particular stands on, one in so many has no house."""


def outline() -> dict[str, Any]:
    """The outline of the district."""
    x, y = district().half_size_m
    square = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    return {"type": "FeatureCollection", "features": [feature({"name": NAME, "sample": True}, square)]}


def features() -> Iterator[dict[str, Any]]:
    """Plots, streets, waters, sites and houses outside the block, in the order in which they are drawn."""
    plan = district()
    for key, lot in plan.plots.items():
        yield _named("plot", plan.firm(key).name, lot.shrunk(2.0).outline)
    for street in plan.streets:
        yield _named("street", street.name, street.outline)
    for water in plan.waters:
        yield _named("creek", water.name, _simpler(water.outline))
    for site in plan.sites:
        yield _named("site", site.name, site.outline)
    for name, square in houses(plan):
        yield _named("building", name, square)


def houses(plan: Plan) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Roofs outside the block as rectangles (4, 2): halls of firms, two rows of flats on most other lots."""
    for key, lot in plan.plots.items():
        yield plan.firm(key).name, _part(lot, 0.1, 0.45, 0.9, 0.9)
    for number, lot in enumerate(plan.free):
        if number % EMPTY_SHARE:
            yield "", _part(lot, 0.12, 0.15, 0.88, 0.3)
            yield "", _part(lot, 0.12, 0.62, 0.88, 0.77)


def feature(properties: dict[str, Any], points: NDArray[np.float64]) -> dict[str, Any]:
    """A polygon (n, 2) of local metres as a GeoJSON feature."""
    ring = np.vstack([points, points[:1]])
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [np.round(lonlat_of(ring), 7).tolist()]},
    }


def _named(kind: str, name: str, points: NDArray[np.float64]) -> dict[str, Any]:
    return feature({"kind": kind, "name": name}, points)


def _part(lot: Lot, west: float, south: float, east: float, north: float) -> NDArray[np.float64]:
    x = lot.west + (lot.east - lot.west) * np.array([west, east, east, west])
    y = lot.south + (lot.north - lot.south) * np.array([south, south, north, north])
    return np.column_stack([x, y])


def _simpler(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every sixth point: straight pieces of 12 m lie within half a metre of the winding wall."""
    return points[::6]
