"""What a file's places can be held against: registered things already placed, and the basemap's water, roads, streets.

The caller reads them from wherever they are kept; here they become shapes. All is in longitude and latitude, WGS 84.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from enforcement.registry import KINDS, Placed, RegistryFact
from geo.crs import metric_crs_at, project, unproject
from geo.types import LonLat
from pipelines.registry_import.names import Key, keys_of

WATER = frozenset(
    ("water", "waters", "river", "rivers", "creek", "canal", "lake", "水系", "水体", "河流", "河道", "湖泊")
)
ROADS = frozenset(("road", "roads", "street", "streets", "carriageway", "highway", "道路", "路网", "街道", "车行道"))
NAMES = ("name", "名称", "道路名称", "路名", "NAME", "Name")
WIDTHS = ("width", "width_m", "宽度", "路宽")
ROAD_WIDTH_M, WATER_WIDTH_M = 8.0, 10.0  # of a line that gives no width
CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A registered thing with a trusted place. `keys` say which rows of a file are the same thing."""

    keys: frozenset[Key]
    shape: shapely.Geometry  # lon, lat, WGS 84: a point, or its area


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Anchors, and shapes in lon, lat, WGS 84; None where the basemap has none."""

    anchors: tuple[Anchor, ...] = ()
    water: shapely.Geometry | None = None
    roads: shapely.Geometry | None = None
    streets: Mapping[str, shapely.Geometry] = field(default_factory=dict)


def anchors_of(facts: Iterable[RegistryFact]) -> tuple[Anchor, ...]:
    """The anchors among registered facts: those with a place whose CRS was known when it was taken in."""
    return tuple(
        Anchor(keys_of(fact), shape(fact.place.to_geojson()))
        for fact in facts
        if isinstance(fact, Placed) and fact.place is not None and fact.crs_given != CANNOT_TELL
    )


def anchor_kinds() -> tuple[str, ...]:
    """The kinds of fact that have a place of their own. Where a complaint came from is not where a thing is."""
    return tuple(kind for kind, fact in KINDS.items() if issubclass(fact, Placed) and kind != "complaint")


def surroundings_of(facts: Iterable[RegistryFact], layers: Mapping[str, str]) -> Surroundings:
    """Anchors and basemap as shapes.

    Args:
        facts: of the registry, at the instant of the import.
        layers: the basemap's, GeoJSON text by name. What a feature is, its layer's name says, or its property `kind`:
            water and roads of `WATER` and `ROADS`. A line is as wide as its `width` in metres.
    """
    water: list[shapely.Geometry] = []
    roads: list[shapely.Geometry] = []
    named: dict[str, list[shapely.Geometry]] = {}
    for kind, properties, geometry in _features(layers):
        wide = _widened(geometry, properties, WATER_WIDTH_M if kind == "water" else ROAD_WIDTH_M)
        (water if kind == "water" else roads).append(wide)
        name = next((str(properties[key]) for key in NAMES if properties.get(key)), "")
        if kind == "road" and name:
            named.setdefault(name, []).append(wide)
    return Surroundings(
        anchors=anchors_of(facts),
        water=shapely.union_all(water) if water else None,
        roads=shapely.union_all(roads) if roads else None,
        streets={name: shapely.union_all(parts) for name, parts in named.items()},
    )


def _features(layers: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any], shapely.Geometry]]:
    for name, text in layers.items():
        for feature in json.loads(text).get("features", ()):
            properties = feature.get("properties") or {}
            kind = _kind(str(properties.get("kind", "")).lower()) or _kind(name.lower())
            geometry = _usable(feature.get("geometry")) if kind else None
            if kind and geometry is not None:
                yield kind, properties, geometry


def _kind(word: str) -> str:
    return "water" if word in WATER else "road" if word in ROADS else ""


def _usable(geometry: Mapping[str, Any] | None) -> shapely.Geometry | None:
    try:
        given = shape(geometry) if geometry else None
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError):
        return None  # a basemap's broken feature is drawn nowhere and is no evidence either
    if given is None or given.is_empty or given.geom_type in ("Point", "MultiPoint"):
        return None
    return given if given.is_valid else shapely.make_valid(given)


def _widened(geometry: shapely.Geometry, properties: Mapping[str, Any], width_m: float) -> shapely.Geometry:
    if geometry.geom_type not in ("LineString", "MultiLineString"):
        return geometry
    for key in WIDTHS:
        given = properties.get(key)
        if isinstance(given, int | float) and 0 < given < 2000:
            width_m = float(given)
    centre = geometry.centroid
    crs = metric_crs_at(LonLat(centre.x, centre.y))
    ribbon = shapely.transform(geometry, lambda xy: project(xy, crs)).buffer(width_m / 2)
    return shapely.transform(ribbon, lambda xy: np.asarray(unproject(xy, crs)))
