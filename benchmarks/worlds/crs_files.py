"""Made-up registry files whose CRS is known: a district with streets, a river, firms; files in every CRS, some dirty.

Imports nothing of what it tests. The web maps' shifts are the sample renderer's, the projections PROJ's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import mapping

from data_samples.district.datum import gcj02_of

DEGREES = ("EPSG:4326", "GCJ-02", "BD-09")
METRES = ("EPSG:4549", "EPSG:4528", "EPSG:4510", "EPSG:4499", "EPSG:32651", "EPSG:3857")
ODD = (
    "GCJ-02 twice",
    "GCJ-02 in EPSG:4549",
    "GCJ-02 in EPSG:3857",
    "EPSG:2437",
    "half GCJ-02, half WGS 84",
    "a fifth GCJ-02, else WGS 84",
)
PER_LAT = 111_195.0
NAMES = (
    "长宁 武宁 曹杨 金沙江 中山北 兰溪 梅川 怒江 真北 大渡河 枣阳 宁夏 "
    "光新 岚皋 新村 志丹 石泉 管弄 芝川 桃浦 祁连山 古浪 敦煌 武威 定边"
).split()
HEADINGS = ("统一社会信用代码", "企业名称", "行业类别", "地址", "经度", "纬度")


@dataclass(frozen=True)
class World:
    """A district and what is known of it. Lon, lat, WGS 84."""

    outline: shapely.Geometry
    layers: dict[str, str]
    firms: tuple[tuple[str, str, str, float, float], ...]  # code, name, address, lon, lat


@dataclass(frozen=True)
class File:
    """A file. `truth` None: no answer but `cannot_tell` is right."""

    crs: str
    truth: str | None
    swapped: bool
    rows: list[tuple[str, ...]]
    size: int
    where: str
    anchors: tuple[tuple[str, str, float, float], ...] = field(default=())
    basemap: bool = True


class Plane:
    """Metres east and north of a point, good enough for a town."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat, self.per_lon = lon, lat, PER_LAT * np.cos(np.radians(lat))

    def lonlat(self, xy: np.ndarray) -> np.ndarray:
        return np.column_stack([self.lon + xy[:, 0] / self.per_lon, self.lat + xy[:, 1] / PER_LAT])

    def shape(self, shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, self.lonlat)


def world(seed: int, *, lon: float = 121.40, lat: float = 31.25, firms: int = 900) -> World:
    """A district of some 8 km with two score of streets and a river, and its firms."""
    chance = np.random.default_rng(seed)
    turns = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    wobble = 1 + sum(0.12 / k * np.sin(k * turns + chance.uniform(0, 7)) for k in (2, 3, 5, 8))
    reach = chance.uniform(2800, 5200)
    outline = shapely.Polygon(np.column_stack([np.cos(turns), np.sin(turns)]) * (reach * wobble)[:, None])
    streets = _streets(chance, reach)
    bends = np.column_stack(
        [np.linspace(-7000, 7000, 60), 900 * np.sin(np.linspace(0, 9, 60)) + chance.uniform(-900, 900)]
    )
    river = shapely.LineString(bends).buffer(chance.uniform(25, 70))
    paved = shapely.union_all([line.buffer(width / 2) for _, line, width in streets])
    found = _firms(chance, outline, streets, river.union(paved), firms)
    plane = Plane(lon, lat)
    places = plane.lonlat(np.array([xy for *_, xy in found]))
    named = tuple((c, n, a, float(p[0]), float(p[1])) for (c, n, a, _), p in zip(found, places, strict=True))
    roads = [
        ({"name": name, "width": width}, plane.shape(line)) for name, line, width in streets if chance.random() < 0.9
    ]
    layers = {"water": _collection([({"name": "河"}, plane.shape(river))]), "roads": _collection(roads)}
    return World(plane.shape(outline), layers, named)


def _streets(chance: np.random.Generator, reach: float) -> list[tuple[str, shapely.Geometry, float]]:
    names = [f"{name}{tail}" for name in NAMES for tail in ("路", "支路")]
    found = []
    for at, offset in enumerate(np.arange(-reach, reach, 380.0)):
        bend = np.column_stack([np.linspace(-7000, 7000, 40), offset + 60 * np.sin(np.linspace(0, 12, 40) + at)])
        for line in (shapely.LineString(bend), shapely.LineString(bend[:, ::-1])):
            found.append((names[len(found) % len(names)], line, float(chance.choice([7.0, 14.0, 30.0]))))
    return found


def _firms(
    chance: np.random.Generator,
    outline: shapely.Geometry,
    streets: list[tuple[str, shapely.Geometry, float]],
    blocked: shapely.Geometry,
    count: int,
) -> list[tuple[str, str, str, np.ndarray]]:
    """Firms beside streets, off carriageways and river; one in seventy stands just across the border."""
    for shape in (outline, blocked, near := outline.buffer(400)):
        shapely.prepare(shape)
    found: list[tuple[str, str, str, np.ndarray]] = []
    lines, widths = np.array([line for _, line, _ in streets]), np.array([width for *_, width in streets])
    while len(found) < count:
        which = chance.integers(len(streets), size=2 * count)
        share = chance.random(len(which))
        at = shapely.get_coordinates(shapely.line_interpolate_point(lines[which], share, normalized=True))
        on = shapely.get_coordinates(shapely.line_interpolate_point(lines[which], share - 0.001, normalized=True))
        along = (at - on) / np.maximum(1e-9, np.hypot(*(at - on).T))[:, None]
        aside = (widths[which] / 2 + chance.exponential(45.0, len(which)) + 4) * chance.choice([-1, 1], len(which))
        xy = at + aside[:, None] * np.column_stack([-along[:, 1], along[:, 0]])
        at_home = shapely.contains_xy(outline, *xy.T) | (
            shapely.contains_xy(near, *xy.T) & (chance.random(len(which)) < 0.015)
        )
        for n in np.flatnonzero(at_home & ~shapely.contains_xy(blocked, *xy.T)):
            number = len(found)
            address = f"普陀区{streets[which[n]][0]}{number * 7 % 900 + 1}号"
            found.append((f"F{number:04d}", f"第{number}号示例厂", address, xy[n]))
    return found[:count]


def file(
    chance: np.random.Generator,
    there: World,
    crs: str,
    size: int,
    *,
    where: str,
    basemap: bool,
    anchors: int,
    dirty: float = 0.05,
) -> File:
    """A file of some firms in a CRS. `where`: edge, centre, or any; `anchors`: how many of its firms are registered."""
    places = np.array([[lon, lat] for *_, lon, lat in there.firms])
    order = np.argsort(
        shapely.distance(there.outline.boundary, shapely.points(places)) + chance.uniform(0, 0.002, len(places))
    )
    pool = {"edge": order[: len(order) // 3], "centre": order[-len(order) // 3 :], "any": order}[where]
    chosen = chance.choice(pool, size=min(size, len(pool)), replace=False)
    truth = places[chosen]
    noted = truth + chance.normal(0, 12.0, truth.shape) / PER_LAT
    stray = chance.random(len(chosen)) < dirty
    noted[stray] += chance.uniform(-0.06, 0.06, (int(stray.sum()), 2))
    if stray.sum() >= 2:
        noted[np.flatnonzero(stray)[:2]] = np.array(there.outline.centroid.coords[0])  # a geocoder that gave up
    xy, swapped = _in(chance, noted, crs)
    rows = [_row(there.firms[at], x, y, crs) for at, (x, y) in zip(chosen, xy, strict=True)]
    known = chance.choice(len(chosen), size=min(anchors, len(chosen)), replace=False)
    held = []
    for n in known:
        code, name, _, lon, lat = there.firms[chosen[n]]
        off = chance.uniform(-4000, 4000, 2) if chance.random() < 0.05 else chance.normal(0, 25.0, 2)
        held.append((code, name, lon + off[0] / (PER_LAT * 0.855), lat + off[1] / PER_LAT))
    return File(crs, None if crs in ODD else crs, swapped, rows, len(rows), where, tuple(held), basemap)


def _row(firm: tuple[str, str, str, float, float], x: float, y: float, crs: str) -> tuple[str, ...]:
    digits = 6 if crs in DEGREES or crs in ODD[:1] + ODD[-2:] else 2
    return (firm[0], firm[1], "C26", firm[2], f"{x:.{digits}f}", f"{y:.{digits}f}")


def _in(chance: np.random.Generator, lonlat: np.ndarray, crs: str) -> tuple[np.ndarray, bool]:
    if crs == "EPSG:4326":
        return lonlat, False
    if crs in ("GCJ-02", "BD-09"):
        return _shifted(lonlat, crs), False
    if crs == "GCJ-02 twice":
        return _shifted(_shifted(lonlat, "GCJ-02"), "GCJ-02"), False
    if crs.startswith(("half", "a fifth")):
        count = max(1, round(len(lonlat) * (0.5 if crs.startswith("half") else 0.2)))
        other = np.zeros(len(lonlat), dtype=bool)
        other[chance.choice(len(lonlat), count, replace=False)] = True
        return np.where(other[:, None], _shifted(lonlat, "GCJ-02"), lonlat), False
    if crs.startswith("GCJ-02 in "):
        lonlat, crs = _shifted(lonlat, "GCJ-02"), crs.removeprefix("GCJ-02 in ")
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    swapped = bool(chance.random() < 0.4)
    return np.column_stack([y, x] if swapped else [x, y]), swapped


def _shifted(lonlat: np.ndarray, crs: str) -> np.ndarray:
    gcj = gcj02_of(lonlat)
    if crs == "GCJ-02":
        return gcj
    wave = np.pi * 3000.0 / 180.0  # Baidu's shift, as it circulates
    z = np.sqrt((gcj**2).sum(axis=1)) + 2e-5 * np.sin(gcj[:, 1] * wave)
    theta = np.arctan2(gcj[:, 1], gcj[:, 0]) + 3e-6 * np.cos(gcj[:, 0] * wave)
    return np.column_stack([z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006])


def _collection(features) -> str:
    made = [{"type": "Feature", "properties": p, "geometry": mapping(g)} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "features": made}, ensure_ascii=False)
