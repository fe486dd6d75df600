"""Where registered things are, for many questions at once: what contains a place, what is nearest to it.

Shapes are held in one metric CRS, that of the middle of all of them, and in trees over their boxes, one for each set of
kinds that is asked for. `LiveIndex` builds it anew once the registry says something else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import shape

from enforcement.place import Place
from enforcement.registry import RegistryFact
from geo.crs import metric_crs_at, project
from geo.types import FloatArray, LonLat, pairs
from pipelines.store.canonical import from_instant
from pipelines.store.home import Store
from pipelines.store.read import registry

IntArray = NDArray[np.int64]
AT_ONCE = 50_000
"""Places that are asked after at once: the answer's ties are bounded by it, not by the question."""
VERSION = """
SELECT (SELECT max(id) FROM registry_row) AS row, (SELECT max(id) FROM registry_undo) AS undo,
    (SELECT max(id) FROM firm_decision) AS decision
"""
LAST_CHANGE = """
SELECT max(coalesce(received_at, ''), coalesce(superseded_at, ''), coalesce(decided_at, '')) AS at FROM (
    SELECT max(received_at) AS received_at, max(superseded_at) AS superseded_at,
        (SELECT max(at) FROM firm_decision) AS decided_at
    FROM registry_row
)
"""


@dataclass(frozen=True, slots=True)
class _Tree:
    """The things of some kinds: their shapes in a tree, and the number of each among all."""

    tree: shapely.STRtree
    numbers: IntArray


@dataclass(frozen=True, slots=True)
class RegistryIndex:
    """Registered things with a place. An answer names a thing by its number in `facts`.

    `shapes` are (n,) in `crs`, metres. Within EPSG's 3-degree zone a metre is right to 0.03 %; things far away are held
    as well, and distances between them are stretched, by about 1 % at ten degrees of longitude from here.
    """

    facts: tuple[RegistryFact, ...]
    crs: str
    shapes: NDArray[np.object_]
    _trees: dict[frozenset[str], _Tree] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, facts: Iterable[RegistryFact]) -> RegistryIndex:
        """Put the facts that have a place into an index, in the order given."""
        placed = [(fact, place) for fact in facts if isinstance(place := getattr(fact, "place", None), Place)]
        if not placed:
            return cls((), "", np.empty(0, dtype=np.object_))
        middle = np.median([(place.lon, place.lat) for _, place in placed], axis=0)
        crs = metric_crs_at(LonLat(float(middle[0]), float(middle[1])))
        shapes = shapely.transform(_shapes([place for _, place in placed]), lambda corners: project(corners, crs))
        held = np.isfinite(shapely.bounds(shapes)).all(axis=1)
        return cls(tuple(fact for (fact, _), good in zip(placed, held, strict=True) if good), crs, shapes[held])

    def nearest(
        self, lonlat: ArrayLike, kinds: Collection[str] | None = None, *, within_m: float | None = None
    ) -> tuple[IntArray, FloatArray]:
        """The nearest thing to each place.

        Args:
            lonlat: (n, 2) degrees, WGS 84.
            kinds: of the things that count; None: all.
            within_m: how far at most.

        Returns:
            (n,) its number, -1 where there is none; (n,) metres to it, 0 within an area or on a line, NaN where there
            is none. Of several equally near ones the first in `facts`.

        Raises:
            ShapeError: `lonlat` is not (n, 2).
        """
        places = self._metric(lonlat)
        index, distance = np.full(len(places), -1, dtype=np.int64), np.full(len(places), np.nan)
        found = self._tree(kinds)
        if not len(found.numbers):
            return index, distance
        asked = np.flatnonzero(np.isfinite(places).all(axis=1))
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            (which, thing), apart = found.tree.query_nearest(
                shapely.points(places[some]), max_distance=within_m, return_distance=True
            )
            number, at = found.numbers[thing], some[which]
            order = np.lexsort((-number, at))  # the last written counts: the first of equals
            index[at[order]], distance[at[order]] = number[order], apart[order]
        return index, distance

    def containing(self, lonlat: ArrayLike, kinds: Collection[str] | None = None) -> tuple[IntArray, IntArray]:
        """Which areas hold each place; their edge belongs to them.

        Args:
            lonlat: (n, 2) degrees, WGS 84.
            kinds: of the things that count; None: all.

        Returns:
            (k,) numbers of places and (k,) numbers of areas, sorted by both.

        Raises:
            ShapeError: `lonlat` is not (n, 2).
        """
        places = self._metric(lonlat)
        found = self._tree(kinds)
        asked = np.flatnonzero(np.isfinite(places).all(axis=1))
        which, thing = found.tree.query(shapely.points(places[asked]), predicate="intersects")
        number = found.numbers[thing]
        area = shapely.get_dimensions(self.shapes[number]) > 1 if len(number) else np.empty(0, dtype=bool)
        at, number = asked[which][area], number[area]
        order = np.lexsort((number, at))
        return at[order], number[order]

    def around(
        self, place: LonLat, radius_m: float, kinds: Collection[str] | None = None
    ) -> tuple[IntArray, FloatArray]:
        """What lies within a radius of one place, nearest first: (k,) numbers and (k,) metres.

        A thing that the circle touches is among it; areas that hold the place come first, with 0.
        """
        here = shapely.points(self._metric([place]))[0]
        found = self._tree(kinds)
        if not np.isfinite(shapely.bounds(here)).all() or not len(found.numbers):
            return np.empty(0, dtype=np.int64), np.empty(0)
        number = found.numbers[found.tree.query(here, predicate="dwithin", distance=radius_m)]
        apart = shapely.distance(self.shapes[number], here)
        order = np.lexsort((number, apart))
        return number[order], apart[order]

    def _metric(self, lonlat: ArrayLike) -> FloatArray:
        degrees = pairs(lonlat, "lonlat")
        return project(degrees, self.crs) if self.crs else degrees

    def _tree(self, kinds: Collection[str] | None) -> _Tree:
        chosen = frozenset(fact.KIND for fact in self.facts) if kinds is None else frozenset(kinds)
        if chosen not in self._trees:
            numbers = np.flatnonzero([fact.KIND in chosen for fact in self.facts]).astype(np.int64)
            self._trees[chosen] = _Tree(shapely.STRtree(self.shapes[numbers]), numbers)
        return self._trees[chosen]


class LiveIndex:
    """The index of a home, kept current: another import, undo or decision, another day, and it is built anew."""

    def __init__(self, store: Store, kinds: Collection[str] | None = None) -> None:
        self._store = store
        self._kinds = kinds
        self._seen: tuple[object, ...] | None = None
        self._last_change: datetime | None = None
        self._held = RegistryIndex.of(())

    def at(self, as_of: datetime) -> RegistryIndex:
        """The index of what held on the Beijing day of an instant, as known by then."""
        with self._store.snapshot():
            row = self._store.row(VERSION)
            version: tuple[object, ...] = tuple(row) if row is not None else ()
            if self._seen is None or self._seen[: len(version)] != version:
                change = self._store.row(LAST_CHANGE)
                self._last_change = from_instant(change["at"]) if change is not None and change["at"] else None
            seen = (*version, *self._moment(as_of))
            if seen != self._seen:
                self._held = RegistryIndex.of(registry.everything(self._store, as_of, self._kinds))
                self._seen = seen
        return self._held

    def _moment(self, as_of: datetime) -> tuple[date, datetime | None]:
        """What of an instant matters: its day, and itself only where it lies before the last change."""
        settled = self._last_change is None or self._last_change <= as_of
        return registry.day_of(as_of), None if settled else as_of


def _shapes(places: list[Place]) -> NDArray[np.object_]:
    shapes = np.empty(len(places), dtype=np.object_)
    simple = [i for i, place in enumerate(places) if not place.polygons and not place.lines]
    shapes[simple] = shapely.points([(places[i].lon, places[i].lat) for i in simple]) if simple else []
    for i, place in enumerate(places):
        if place.polygons or place.lines:
            shapes[i] = shape(place.to_geojson())
    return shapes
