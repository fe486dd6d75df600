"""Control points: places that a person knows, pointed at in pictures. Each bad row of their table is named."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from geo.crs import WGS84, convert
from geo.errors import BadControl, GeoError
from geo.types import LonLat

REQUIRED = ("image", "u", "v", "lon", "lat")
OPTIONAL = ("elevation_m", "sigma_m", "crs")
DEFAULT_SIGMA_M = 0.5  # ours: a corner read off an orthophoto or a large-scale map
MOST_ROWS = 10_000
_SIGMA_LIMITS = (0.001, 100.0)


@dataclass(frozen=True)
class ControlPoint:
    """One row: a pixel of a picture, and where that place lies.

    Attributes:
        row: line of the table, the heading being 1.
        image: file name of the picture.
        u, v: pixel of the picture as stored.
        lon, lat: WGS 84, whatever the table was in.
        elevation_m: in the terrain's vertical datum, or None: on the ground.
        sigma_m: standard deviation of each coordinate.
        crs: what the row was in.
    """

    row: int
    image: str
    u: float
    v: float
    lon: float
    lat: float
    elevation_m: float | None
    sigma_m: float
    crs: str

    @property
    def place(self) -> LonLat:
        """Where it lies."""
        return LonLat(self.lon, self.lat)

    @property
    def name(self) -> str:
        """Rows of one name are one place, seen in several pictures."""
        return f"{self.lon:.9f} {self.lat:.9f} {self.elevation_m}"


@dataclass(frozen=True)
class ControlTable:
    """What a table held: its good rows, and the line and reason of each other."""

    points: tuple[ControlPoint, ...]
    refused: tuple[tuple[int, str], ...]


def read_control(text: str, sizes: Mapping[str, tuple[int, int]], where: str = "control") -> ControlTable:
    """Read a table of control points.

    Args:
        text: CSV with a heading: image, u, v, lon, lat and, where known, elevation_m, sigma_m, crs. A blank `crs` is
            WGS 84; with a projected one `lon` is x east and `lat` is y north.
        sizes: (width, height) in pixels of each picture of the flight, by file name.
        where: the table's name, for the refusal.

    Returns:
        The rows. One that names another picture, a pixel outside it, or a place that is none is refused by its line.

    Raises:
        BadControl: a heading is missing, twice or unknown, or the table is empty or endless.
    """
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        rows = [(lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise BadControl(where, str(error)) from error
    if len(rows) < 2:
        raise BadControl(where, "a heading and at least one row are expected")
    if len(rows) > MOST_ROWS:
        raise BadControl(where, f"more than {MOST_ROWS} rows")
    heading = _heading(rows[0][1], where)
    points, refused, seen = [], [], set[tuple[str, float, float]]()
    for line, cells in rows[1:]:
        try:
            point = _point(line, dict(zip(heading, cells, strict=False)), sizes)
            key = (point.image, point.u, point.v)
            if key in seen:
                raise BadControl(f"row {line}", "the same pixel of the same picture was given before")
            seen.add(key)
            points.append(point)
        except GeoError as error:
            refused.append((line, error.detail or error.reason))
    return ControlTable(tuple(points), tuple(refused))


def _heading(cells: Collection[str], where: str) -> list[str]:
    names = [cell.strip().casefold() for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL)]
    if missing or unknown or len(set(names)) != len(names):
        said = [f"missing {', '.join(missing)}"] if missing else []
        said += [f"unknown {', '.join(unknown)}"] if unknown else []
        raise BadControl(where, "; ".join(said) or "a heading stands twice")
    return names


def _point(line: int, cells: Mapping[str, str], sizes: Mapping[str, tuple[int, int]]) -> ControlPoint:
    image = cells.get("image", "").strip()
    if image not in sizes:
        raise BadControl(f"row {line}", f"no picture {image or '(blank)'} in this flight")
    u, v = _number(line, cells, "u"), _number(line, cells, "v")
    width, height = sizes[image]
    if not (0 <= u <= width and 0 <= v <= height):
        raise BadControl(f"row {line}", f"pixel {u:g}, {v:g} lies outside {width} x {height}")
    crs = cells.get("crs", "").strip() or WGS84
    given = (_number(line, cells, "lon"), _number(line, cells, "lat"))
    lon, lat = (float(part) for part in convert(np.array([given]), crs, WGS84)[0])
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadControl(f"row {line}", f"{given[0]:g}, {given[1]:g} is no place in {crs}")
    elevation = _number(line, cells, "elevation_m") if cells.get("elevation_m", "").strip() else None
    sigma = _number(line, cells, "sigma_m") if cells.get("sigma_m", "").strip() else DEFAULT_SIGMA_M
    if not _SIGMA_LIMITS[0] <= sigma <= _SIGMA_LIMITS[1]:
        raise BadControl(f"row {line}", f"sigma_m {sigma:g} lies outside {_SIGMA_LIMITS[0]:g} to {_SIGMA_LIMITS[1]:g}")
    return ControlPoint(line, image, u, v, lon, lat, elevation, sigma, crs)


def _number(line: int, cells: Mapping[str, str], name: str) -> float:
    text = cells.get(name, "").strip()
    try:
        value = float(text)
    except ValueError as error:
        raise BadControl(f"row {line}", f"{name} is no number: {text or '(blank)'}") from error
    if not math.isfinite(value):
        raise BadControl(f"row {line}", f"{name} is not finite")
    return value
