"""What a row says of its place: numbers, degrees-minutes-seconds, or a geometry. Nothing is moved between CRS here.

What a row alone shows to be wrong is refused here by name: zeros, swapped axes, a lost sign, twice the same number, a
city's local grid. What only the file as a whole shows is for `notation.py` and `datum.py`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipelines.registry_import.cells import Row
from pipelines.registry_import.names import CODES, Key, keys
from pipelines.registry_import.written import SEXAGESIMAL, Written, read_written

CHINA_LON_DEG, CHINA_LAT_DEG = (73.0, 136.0), (3.0, 54.0)
CITY_GRID_REACH_M = 100_000.0  # Shanghai's local grid counts from People's Square; its parameters are not public
WKT_TOKEN = re.compile(r"[(),]|[^\s(),]+")
NOTHING_DEG = 1e-3  # 0.0001, 0.0001 is a zero, too


@dataclass(frozen=True, slots=True)
class RawPlace:
    """A place as the file has it: numbers not yet moved. `polygons` (lon, lat or x, y) is empty for a point.

    Of lines (`is_line`) each stands there like the one ring of a polygon.

    `written` is how the two numbers stood in their cells, None for a geometry. `kind`, `names` and `address` say what
    stands there, so that the place can be held against what else is known of it.
    """

    x: float
    y: float
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    given: str
    written: tuple[Written, Written] | None = None
    kind: str = ""
    names: frozenset[Key] = frozenset()
    address: str = ""
    is_line: bool = False

    @property
    def in_degrees(self) -> bool:
        """Whether the numbers can be degrees at all."""
        return max(abs(self.x), abs(self.y)) <= 180

    @property
    def step(self) -> float:
        """The unit of the last place of the more finely written number; 0 for a geometry."""
        return 0.0 if self.written is None else min(one.step for one in self.written)


def raw_place(row: Row, *, crs: str | None, abroad: bool = True) -> RawPlace | None:
    """The place of a row; None where it gives none.

    Args:
        row: with fields `lon` and `lat`, or `geometry`.
        crs: what the file is said to be in.
        abroad: whether a place may lie outside China where `crs` is given.

    Raises:
        Refusal: `place_half_given`, `place_unreadable`, `place_zero`, `place_axes_equal`, `axes_swapped`,
            `place_sign_lost`, `city_local_grid`, `place_outside_china`.
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
        place = _of_cells(row, x_text, y_text)
    _refuse_impossible(row, place, may_be_abroad=crs is not None and abroad)
    return place


def _of_cells(row: Row, x_text: str, y_text: str) -> RawPlace:
    x, y = read_written(x_text), read_written(y_text)
    if x is None or y is None:
        raise row.refusal("place_unreadable", x_text if x is None else y_text)
    given = f"{x_text}, {y_text}"
    if x.side in ("N", "S") or y.side in ("E", "W"):
        raise row.refusal("axes_swapped", given)
    if (x.form == SEXAGESIMAL and abs(x.value) > 180) or (y.form == SEXAGESIMAL and abs(y.value) > 180):
        raise row.refusal("place_unreadable", given)
    return RawPlace(x.value, y.value, (), given, (x, y))


def with_names(place: RawPlace, row: Row, kind: str) -> RawPlace:
    """The place with what its row says stands there, which is worth its time only where the CRS is tested."""
    fields = {field: row.text(field) for field in (*CODES.get(kind, ()), "name")}
    return replace(place, kind=kind, names=keys(kind, fields), address=row.text("address"))


def _refuse_impossible(row: Row, place: RawPlace, *, may_be_abroad: bool) -> None:
    reason = _impossible(place.x, place.y, in_degrees=place.in_degrees, may_be_abroad=may_be_abroad)
    if reason:
        raise row.refusal(reason, place.given)


def _impossible(x: float, y: float, *, in_degrees: bool, may_be_abroad: bool) -> str:
    if x == 0 or y == 0 or max(abs(x), abs(y)) < NOTHING_DEG:
        return "place_zero"
    if x == y:
        return "place_axes_equal"
    if not in_degrees:
        return "city_local_grid" if max(abs(x), abs(y)) < CITY_GRID_REACH_M else ""
    if in_china(y, x):
        return "axes_swapped"
    if may_be_abroad or in_china(x, y):
        return ""
    return "place_sign_lost" if in_china(abs(x), abs(y)) or in_china(abs(y), abs(x)) else "place_outside_china"


def in_china(lon: float, lat: float) -> bool:
    """Whether degrees are within the box around China."""
    return CHINA_LON_DEG[0] <= lon <= CHINA_LON_DEG[1] and CHINA_LAT_DEG[0] <= lat <= CHINA_LAT_DEG[1]


def _of_geometry(row: Row, text: str) -> RawPlace:
    try:
        if text.startswith("{"):
            kind, coordinates = _of_geojson(json.loads(text))
        else:
            kind, coordinates = _of_wkt(text)
        return _finite(READERS[kind](coordinates, text[:80]))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError) as error:
        raise row.refusal("place_unreadable", f"{text[:40]}: {error}") from error


def _finite(place: RawPlace) -> RawPlace:
    """JSON of some programs holds NaN and Infinity, and 1e999 is one, too."""
    corners = [corner for polygon in place.polygons for ring in polygon for corner in ring]
    if not all(map(math.isfinite, (place.x, place.y, *(number for corner in corners for number in corner)))):
        raise ValueError("a number that is not finite")
    return place


def _of_geojson(geometry: Mapping[str, Any]) -> tuple[str, Any]:
    return str(geometry["type"]).upper(), geometry["coordinates"]


def _of_wkt(text: str) -> tuple[str, Any]:
    found = re.match(
        r"\s*((?:MULTI)?(?:POLYGON|LINESTRING)|POINT)\s*(?:Z\s*)?(\(.*\))\s*$", text, re.IGNORECASE | re.DOTALL
    )
    if not found:
        raise ValueError("no point, line or polygon")
    if re.search(r"[^\d\s.,()eE+-]", found[2]):
        raise ValueError("not numbers")
    nested = _nested(found[2])
    return found[1].upper(), nested[0] if found[1].upper() == "POINT" else nested


def _nested(text: str) -> Any:
    """`((1 2, 3 4))` as lists within lists; in one pass, however long or deep it is."""
    levels: list[list[Any]] = [[]]
    numbers: list[float] = []
    for piece in WKT_TOKEN.findall(text):
        if piece not in "(),":
            numbers.append(float(piece))
            continue
        if numbers:
            levels[-1].append(numbers)
            numbers = []
        if piece == "(":
            levels.append([])
        elif piece == ")" and len(levels) > 1:
            inner = levels.pop()
            levels[-1].append(inner)
    if len(levels) != 1 or numbers or len(levels[0]) != 1:
        raise ValueError("its brackets do not close")
    return levels[0][0]


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
    if not corners:
        raise ValueError("a ring of one position")
    x, y = (sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1))
    return RawPlace(x, y, polygons, given)


def _linestring(coordinates: Any, given: str) -> RawPlace:
    return _multilinestring([coordinates], given)


def _multilinestring(coordinates: Any, given: str) -> RawPlace:
    lines = tuple(tuple((float(position[0]), float(position[1])) for position in line) for line in coordinates)
    longest = max(lines, key=len)
    x, y = longest[len(longest) // 2]
    return RawPlace(x, y, tuple((line,) for line in lines), given, is_line=True)


READERS: dict[str, Callable[[Any, str], RawPlace]] = {
    "POINT": _point,
    "POLYGON": _polygon,
    "MULTIPOLYGON": _multipolygon,
    "LINESTRING": _linestring,
    "MULTILINESTRING": _multilinestring,
}
