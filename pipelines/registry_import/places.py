"""What a row says of its place: numbers, degrees-minutes-seconds, or a geometry. Nothing is moved between CRS here.

Zeros, swapped axes and a city's local grid are recognised by what they look like and refused by name, row by row.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.registry_import.cells import Row

DMS = re.compile(
    r"""^(?P<sign>[-+]?)(?P<d>\d{1,3})[°度](?:(?P<m>\d{1,2})['′分](?:(?P<s>\d{1,2}(?:\.\d+)?)["″秒])?)?(?P<h>[NSEW东西南北]?)$"""
)
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
CHINA_LON_DEG, CHINA_LAT_DEG = (73.0, 136.0), (3.0, 54.0)
CITY_GRID_REACH_M = 100_000.0  # Shanghai's local grid counts from People's Square; its parameters are not public
GAUSS_KRUGER_NORTHING_M = (300_000.0, 6_000_000.0)


@dataclass(frozen=True, slots=True)
class RawPlace:
    """A place as the file has it: numbers not yet moved. `polygons` (lon, lat or x, y) is empty for a point."""

    x: float
    y: float
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    given: str

    @property
    def in_degrees(self) -> bool:
        """Whether the numbers can be degrees at all."""
        return max(abs(self.x), abs(self.y)) <= 180


def raw_place(row: Row, *, crs: str | None) -> RawPlace | None:
    """The place of a row; None where it gives none.

    Args:
        row: with fields `lon` and `lat`, or `geometry`.
        crs: what the file is said to be in; a projected one lets numbers in metres pass.

    Raises:
        Refusal: `place_half_given`, `place_unreadable`, `place_zero`, `axes_swapped`, `city_local_grid`,
            `place_outside_china`.
    """
    geometry = row.text("geometry")
    if geometry:
        place = _of_geometry(row, geometry)
    else:
        x_text, y_text = row.text("lon"), row.text("lat")
        if not x_text and not y_text:
            return None
        if not x_text or not y_text:
            raise row.refusal("place_half_given", f"{x_text or y_text} alone")
        place = RawPlace(_figure(row, x_text), _figure(row, y_text), (), f"{x_text}, {y_text}")
    _refuse_impossible(row, place, crs)
    return place


def _figure(row: Row, text: str) -> float:
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper().replace("''", '"').replace("’", "'")
    bare = bare.replace("”", '"').replace("\N{PRIME}\N{PRIME}", '"')
    if NUMBER.fullmatch(bare):
        return float(bare)
    found = DMS.match(bare)
    if not found:
        raise row.refusal("place_unreadable", text)
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60:
        raise row.refusal("place_unreadable", text)
    value = float(found["d"]) + minutes / 60 + seconds / 3600
    return -value if found["sign"] == "-" or found["h"] in ("S", "W", "南", "西") else value


def _refuse_impossible(row: Row, place: RawPlace, crs: str | None) -> None:
    if place.x == 0 or place.y == 0:
        raise row.refusal("place_zero", place.given)
    if not place.in_degrees:
        looks_local = max(abs(place.x), abs(place.y)) < CITY_GRID_REACH_M
        if looks_local and not _within(place.y, GAUSS_KRUGER_NORTHING_M):
            raise row.refusal("city_local_grid", place.given)
        return
    if _within(place.x, CHINA_LAT_DEG) and _within(place.y, CHINA_LON_DEG):
        raise row.refusal("axes_swapped", place.given)
    if crs is None and not (_within(place.x, CHINA_LON_DEG) and _within(place.y, CHINA_LAT_DEG)):
        raise row.refusal("place_outside_china", place.given)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _of_geometry(row: Row, text: str) -> RawPlace:
    try:
        if text.startswith("{"):
            kind, coordinates = _of_geojson(json.loads(text))
        else:
            kind, coordinates = _of_wkt(text)
        return READERS[kind](coordinates, text[:80])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise row.refusal("place_unreadable", f"{text[:40]}: {error}") from error


def _of_geojson(geometry: Mapping[str, Any]) -> tuple[str, Any]:
    return str(geometry["type"]).upper(), geometry["coordinates"]


def _of_wkt(text: str) -> tuple[str, Any]:
    found = re.match(r"\s*(POINT|POLYGON|MULTIPOLYGON)\s*Z?\s*(\(.*\))\s*$", text, re.IGNORECASE | re.DOTALL)
    if not found:
        raise ValueError("no POINT, POLYGON or MULTIPOLYGON")
    if re.search(r"[^\d\s.,()eE+-]", found[2]):
        raise ValueError("not numbers")
    pairs = re.sub(r"([^\s,()]+(?:\s+[^\s,()]+)+)", lambda pair: f"[{','.join(pair[1].split())}]", found[2])
    nested = json.loads(pairs.replace("(", "[").replace(")", "]"))
    return found[1].upper(), nested[0] if found[1].upper() == "POINT" else nested


def _point(coordinates: Any, given: str) -> RawPlace:
    return RawPlace(float(coordinates[0]), float(coordinates[1]), (), given)


def _polygon(coordinates: Any, given: str) -> RawPlace:
    return _multipolygon([coordinates], given)


def _multipolygon(coordinates: Any, given: str) -> RawPlace:
    polygons = tuple(
        tuple(tuple((float(position[0]), float(position[1])) for position in ring) for ring in polygon)
        for polygon in coordinates
    )
    corners = polygons[0][0][:-1]
    x, y = (sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1))
    return RawPlace(x, y, polygons, given)


READERS: dict[str, Callable[[Any, str], RawPlace]] = {
    "POINT": _point,
    "POLYGON": _polygon,
    "MULTIPOLYGON": _multipolygon,
}
