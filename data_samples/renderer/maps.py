"""The plain map of the block and the outline of the sample area, as GeoJSON on WGS 84."""

from __future__ import annotations

from typing import Any

import numpy as np

from data_samples.renderer.place import lonlat_of
from data_samples.renderer.things import Scene

ORDER = ("plot", "street", "creek", "site", "building", "works")
DISTRICT = "示例街区（虚构）"


def basemap_of(scene: Scene) -> dict[str, Any]:
    """Streets, creek, plots, site and buildings with their names; `kind` says which. Drawn in the order given."""
    shapes = sorted(scene.shapes, key=lambda shape: ORDER.index(shape.kind))
    return {
        "type": "FeatureCollection",
        "features": [
            _feature({"kind": shape.kind, "name": shape.name}, shape.points) for shape in shapes if shape.closed
        ],
    }


def district_of(scene: Scene) -> dict[str, Any]:
    """The outline of the sample area."""
    x, y = scene.half_size_m
    outline = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    return {"type": "FeatureCollection", "features": [_feature({"name": DISTRICT, "sample": True}, outline)]}


def _feature(properties: dict[str, Any], points: np.ndarray[Any, Any]) -> dict[str, Any]:
    ring = np.vstack([points, points[:1]])
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [np.round(lonlat_of(ring), 7).tolist()]},
    }
