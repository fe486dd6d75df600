"""The plain map of the block and the outline of the sample area, as GeoJSON on WGS 84."""

from __future__ import annotations

from typing import Any

from data_samples.district import maps as wide
from data_samples.renderer.things import Scene

ORDER = ("plot", "street", "creek", "site", "building", "works")
OF_DISTRICT = ("street", "creek", "site")
"""These run through the district and are told by it."""


def basemap_of(scene: Scene) -> dict[str, Any]:
    """Streets, creek, plots, site and buildings with their names; `kind` says which. Drawn in the order given."""
    shapes = sorted(scene.shapes, key=lambda shape: ORDER.index(shape.kind))
    own = [
        wide.feature({"kind": shape.kind, "name": shape.name}, shape.points)
        for shape in shapes
        if shape.closed and shape.kind not in OF_DISTRICT
    ]
    return {"type": "FeatureCollection", "features": [*wide.features(), *own]}
