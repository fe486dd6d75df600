"""The outline of a district, from GeoJSON, GeoPackage or a zipped Shapefile, in WGS 84, with its area."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from geo.crs import convert, metric_crs_at, project
from geo.types import LonLat
from pipelines.errors import Refusal
from pipelines.registry_import.geodata import is_geodata, read_geodata
from pipelines.registry_import.table import declared_crs_of

WGS84, GCJ02 = "EPSG:4326", "GCJ-02"
AMAP_WORDS = ("高德", "amap", "autonavi", "datav", "阿里云")
AMAP_PROPERTIES = frozenset(("adcode", "level", "acroutes", "childrennum", "subfeatureindex", "citycode"))
"""What Amap calls the facts of a district. Two of them, and the outline is Amap's, through whatever hands it went."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A district. `polygon` in lon, lat, WGS 84; `crs` is what the file was read in, `crs_evidence` why."""

    name: str
    adcode: str
    polygon: shapely.Geometry
    crs: str
    crs_evidence: Mapping[str, Any]
    area_km2: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Smallest lon, smallest lat, largest lon, largest lat."""
        west, south, east, north = self.polygon.bounds
        return float(west), float(south), float(east), float(north)


def read_outline(path: Path, *, crs: str | None = None, name: str | None = None) -> Outline:
    """Read the outline of one district.

    Args:
        path: GeoJSON, GeoPackage or a zipped Shapefile.
        crs: what its positions are in, where somebody knows. Else: what it declares; GCJ-02 where it says that it comes
            from Amap, or has the properties that Amap gives a district;
            WGS 84, which GeoJSON is by definition. A Shapefile that declares nothing is refused.
        name: which of several districts, by name or code.

    Raises:
        Refusal: `outline_unreadable`, `outline_ambiguous`.
        UnknownCrs: `crs` is none.
    """
    document = _document(path)
    feature = _one(path.name, document, name)
    properties = feature.get("properties") or {}
    used, evidence = _crs(crs, document, properties, path.name)
    polygon = _polygon(path.name, feature, used)
    return Outline(
        name=str(properties.get("name") or properties.get("名称") or path.stem),
        adcode=str(properties.get("adcode") or ""),
        polygon=polygon,
        crs=used,
        crs_evidence=evidence,
        area_km2=_area_km2(polygon),
    )


def _document(path: Path) -> Mapping[str, Any]:
    try:
        data = path.read_bytes()
        document = read_geodata(path.name, data)[0] if is_geodata(data) else json.loads(data.decode("utf-8-sig"))
    except Refusal as refusal:
        raise Refusal(path.name, "outline_unreadable", refusal.detail) from refusal
    except (OSError, ValueError) as error:
        raise Refusal(path.name, "outline_unreadable", str(error)) from error
    if not isinstance(document, dict):
        raise Refusal(path.name, "outline_unreadable", "no GeoJSON object")
    return document


def _one(file: str, document: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    areas = [one for one in features or [] if isinstance(one, dict) and isinstance(one.get("geometry"), dict)]
    if name is not None:
        areas = [one for one in areas if name in map(str, (one.get("properties") or {}).values())]
    if not areas:
        raise Refusal(file, "outline_unreadable", "no feature with a geometry" + (f" is called {name}" if name else ""))
    if len(areas) > 1:
        names = ", ".join(str((one.get("properties") or {}).get("name", "?")) for one in areas)
        raise Refusal(file, "outline_ambiguous", f"{len(areas)} districts: {names}")
    return areas[0]


def _crs(
    said: str | None, document: Mapping[str, Any], properties: Mapping[str, Any], file: str
) -> tuple[str, dict[str, Any]]:
    if said is not None:
        return said, {"method": "given"}
    declared = declared_crs_of(document)
    if declared is not None:
        return declared, {"method": "declared_in_file"}
    words = " ".join([file, str(document.get("name", "")), *map(str, properties.values())]).lower()
    named = [word for word in AMAP_WORDS if word in words]
    if named:
        return GCJ02, {"method": "source_named_in_file", "source": named[0]}
    fields = sorted(AMAP_PROPERTIES & {str(key).lower() for key in properties})
    if len(fields) > 1:
        return GCJ02, {"method": "properties_of_amap", "properties": fields}
    if "crs" not in document:
        return WGS84, {"method": "geojson_by_definition"}
    if document["crs"] is None:
        raise Refusal(file, "outline_unreadable", "it names no CRS that has a code: give it with --crs")
    return WGS84, {"method": "declared_in_file"}


def _polygon(file: str, feature: Mapping[str, Any], crs: str) -> shapely.Geometry:
    try:
        given = shape(feature["geometry"])
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as error:
        raise Refusal(file, "outline_unreadable", str(error)) from error
    if given.geom_type not in ("Polygon", "MultiPolygon") or given.is_empty:
        raise Refusal(file, "outline_unreadable", f"{given.geom_type or 'nothing'}, not an area")
    polygon = shapely.transform(given, lambda corners: convert(corners, crs, WGS84))
    corners = shapely.get_coordinates(polygon)
    if not np.isfinite(corners).all() or np.abs(corners[:, 0]).max() > 180 or np.abs(corners[:, 1]).max() > 90:
        raise Refusal(file, "outline_unreadable", f"positions are not in {crs}")
    return polygon if polygon.is_valid else shapely.make_valid(polygon)


def _area_km2(polygon: shapely.Geometry) -> float:
    centre = polygon.centroid
    metric = metric_crs_at(LonLat(centre.x, centre.y))
    return float(shapely.transform(polygon, lambda corners: project(corners, metric)).area) / 1e6
