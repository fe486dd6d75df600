"""From records to what a map draws. Pure: no page, no store; places are lon, lat on WGS 84."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely

from dashboard import palette
from geo.crs import unproject
from pipelines.records import GroundEllipse

CHI2_95_2DOF = 5.991  # squared radius, in sigmas, of the ellipse that holds 95 % of a plane normal distribution
RING_POINTS = 60

Ring = tuple[tuple[float, float], ...]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Thing:
    """A mark on the map. `kind` is a word of the palette; a click gives back `id`."""

    id: str
    lon: float
    lat: float
    kind: str
    title: str
    faded: bool = False
    size_px: float = 7


@dataclass(frozen=True, slots=True)
class Area:
    """A filled outline on the map, or with `line` just a line; one without `id` cannot be clicked."""

    ring: Ring
    colour: str
    title: str = ""
    id: str | None = None
    chosen: bool = False
    dashes: str | None = None
    line: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """Where to look: west, south, east, north. The map moves only when `key` changes; `about` is the thing meant."""

    bounds: Bounds
    key: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class BaseLayer:
    """The basemap features of one kind, which is a word of the palette."""

    kind: str
    geojson: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TileLayer:
    """A raster below the vector layers, cut into tiles by our own server; people may switch it off."""

    id: int
    title: str
    bounds: Bounds
    shown: bool = True


@dataclass(frozen=True, slots=True)
class MapContent:
    """All that one map shows."""

    base: tuple[BaseLayer, ...] = ()
    base_key: str = ""
    things: tuple[Thing, ...] = ()
    areas: tuple[Area, ...] = ()
    chosen: str | None = None
    view: View | None = None
    tiles: tuple[TileLayer, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form the map component takes."""
        rows = [[t.id, round(t.lon, 7), round(t.lat, 7), t.kind, t.title, t.faded, t.size_px] for t in self.things]
        return {
            "base": {
                "key": self.base_key,
                "layers": [
                    {"kind": b.kind, "style": asdict(palette.BASEMAP[b.kind]), "geojson": b.geojson} for b in self.base
                ],
            },
            "things": {"key": _digest(rows), "rows": rows},
            "areas": [asdict(area) for area in self.areas],
            "chosen": self.chosen,
            "view": asdict(self.view) if self.view else None,
            "tiles": [asdict(layer) for layer in self.tiles],
        }


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


def base_layers(layers: Mapping[str, str]) -> tuple[tuple[BaseLayer, ...], str]:
    """The home's basemap, ground first and lines last, and a key that changes with it.

    Args:
        layers: name → GeoJSON text, each a FeatureCollection. A feature is drawn by its property `kind`; where that is
            absent or no word of the palette, by the word that the layer's name holds.
    """
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for name, text in layers.items():
        for feature in json.loads(text).get("features", []):
            by_kind.setdefault(_kind_of_feature(feature, name), []).append(feature)
    found = tuple(
        BaseLayer(kind, {"type": "FeatureCollection", "features": by_kind[kind]})
        for kind in palette.BASEMAP
        if kind in by_kind
    )
    return found, _digest(sorted(layers.items()))


def _kind_of_feature(feature: Mapping[str, Any], layer: str) -> str:
    kind = str((feature.get("properties") or {}).get("kind", ""))
    return kind if kind in palette.BASEMAP else kind_of_layer(layer)


def kind_of_layer(name: str) -> str:
    """The basemap style a layer's name asks for: `roads` is a `road`; an unknown name is `other`."""
    lowered = name.lower()
    return next((kind for kind in palette.BASEMAP if kind in lowered), "other")


def ellipse_ring(ground: GroundEllipse, *, chi2: float = CHI2_95_2DOF) -> Ring:
    """The outline of the error ellipse on the ground, closed, as lon, lat.

    Args:
        ground: place with its covariance in metres² (x east, y north) in its CRS.
        chi2: squared radius in sigmas; 95 % by default.
    """
    covariance = np.array([[ground.cov_xx_m2, ground.cov_xy_m2], [ground.cov_xy_m2, ground.cov_yy_m2]])
    values, vectors = np.linalg.eigh(covariance)
    axes = vectors * np.sqrt(np.clip(values, 0.0, None) * chi2)
    turn = np.linspace(0.0, 2 * math.pi, RING_POINTS + 1)
    xy_m = np.array([ground.x_m, ground.y_m]) + np.column_stack([np.cos(turn), np.sin(turn)]) @ axes.T
    return tuple((float(lon), float(lat)) for lon, lat in unproject(xy_m, ground.crs))


def outline_rings(wkb: bytes | None) -> list[Ring]:
    """The outer rings of a polygon or multipolygon in WKB; nothing where there is none."""
    if not wkb:
        return []
    shape = shapely.from_wkb(wkb)
    parts = getattr(shape, "geoms", [shape])
    return [
        tuple((float(x), float(y)) for x, y, *_ in part.exterior.coords)
        for part in parts
        if part.geom_type == "Polygon" and not part.is_empty
    ]


def outline_geojson(wkb: bytes, name: str) -> str:
    """A polygon in WKB as a GeoJSON collection of one named feature."""
    geometry = json.loads(shapely.to_geojson(shapely.from_wkb(wkb)))
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


def bounds_of(places: Iterable[Sequence[float]], *, at_least_m: float = 300.0) -> Bounds | None:
    """West, south, east, north around places, at least so many metres across; None where there are none."""
    points = np.array([place[:2] for place in places], dtype=np.float64)
    if points.size == 0:
        return None
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    half_lat = at_least_m / 2 / 111_000
    half_lon = half_lat / max(0.05, math.cos(math.radians((south + north) / 2)))
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
    return (
        float(min(west, middle_lon - half_lon)),
        float(min(south, middle_lat - half_lat)),
        float(max(east, middle_lon + half_lon)),
        float(max(north, middle_lat + half_lat)),
    )
