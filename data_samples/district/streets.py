"""Streets of the district, and the lots between them: a plan by rule, no chance in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

HALF_SIZE_M = (1000.0, 1000.0)
"""The district is a square of 4 km² around the local origin."""
BLOCK_HALF_M = (350.0, 280.0)
"""The middle of it is the block that is drawn in every detail; nothing else is planned in there."""
EAST_WEST = (
    ("示例沪新路", -740.0, 12.0, 2),
    ("示例工业路", -440.0, 14.0, 2),
    ("示例南路", -150.0, 11.0, 2),
    ("示例北路", 112.0, 15.0, 4),
    ("示例文化路", 420.0, 12.0, 2),
    ("示例大道", 720.0, 18.0, 4),
)
NORTH_SOUTH = (
    ("示例码头路", -780.0, 12.0, 2),
    ("示例桥路", -480.0, 12.0, 2),
    ("示例西路", -165.0, 12.0, 2),
    ("示例东路", 190.0, 12.0, 2),
    ("示例科技路", 500.0, 14.0, 2),
    ("示例站前路", 780.0, 12.0, 2),
)
VERGE_M = 6.0
LOT_M = 92.0


@dataclass(frozen=True)
class Street:
    """A straight street: centre line (2, 2) in local metres, carriageway, lanes."""

    name: str
    line: FloatArray
    width_m: float
    lanes: int

    @property
    def outline(self) -> FloatArray:
        """The carriageway, (4, 2)."""
        (x0, y0), (x1, y1) = self.line
        half = self.width_m / 2
        if y0 == y1:
            return np.array([[x0, y0 - half], [x1, y0 - half], [x1, y0 + half], [x0, y0 + half]])
        return np.array([[x0 - half, y0], [x0 + half, y0], [x0 + half, y1], [x0 - half, y1]])


@dataclass(frozen=True)
class Lot:
    """A piece of ground that something may stand on: west, south, east, north in local metres."""

    name: str
    west: float
    south: float
    east: float
    north: float
    street: str

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    @property
    def outline(self) -> FloatArray:
        """Its corners, (4, 2), counter-clockwise."""
        return np.array(
            [[self.west, self.south], [self.east, self.south], [self.east, self.north], [self.west, self.north]]
        )

    def shrunk(self, by_m: float) -> Lot:
        """The same with a strip of it left free all round."""
        return Lot(
            self.name, self.west + by_m, self.south + by_m, self.east - by_m, self.north - by_m, self.street
        )  # fmt: skip


def streets() -> tuple[Street, ...]:
    """All streets, from border to border."""
    x, y = HALF_SIZE_M
    across = [Street(name, np.array([[-x, at], [x, at]]), width, lanes) for name, at, width, lanes in EAST_WEST]
    along = [Street(name, np.array([[at, -y], [at, y]]), width, lanes) for name, at, width, lanes in NORTH_SOUTH]
    return (*across, *along)


def lots() -> tuple[Lot, ...]:
    """The ground between the streets in lots of about `LOT_M`, from the south-west, the block left out."""
    found: list[Lot] = []
    for (west, east), (south, north) in ((c, r) for r in _rows() for c in _columns()):
        for a, b in _cut(south, north):
            for c, d in _cut(west, east):
                lot = Lot(f"{len(found):03d}", c, a, d, b, _street_at((c + d) / 2, (a + b) / 2))
                if not _in_block(lot):
                    found.append(lot)
    return tuple(found)


def _rows() -> list[tuple[float, float]]:
    return _between([(at, width) for _, at, width, _ in EAST_WEST], HALF_SIZE_M[1])


def _columns() -> list[tuple[float, float]]:
    return _between([(at, width) for _, at, width, _ in NORTH_SOUTH], HALF_SIZE_M[0])


def _between(lines: list[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    edges = [(-end - VERGE_M, 0.0), *lines, (end + VERGE_M, 0.0)]
    return [(a + wa / 2 + VERGE_M, b - wb / 2 - VERGE_M) for (a, wa), (b, wb) in pairwise(edges)]


def _cut(low: float, high: float) -> Iterator[tuple[float, float]]:
    count = max(1, round((high - low) / LOT_M))
    edges = np.linspace(low, high, count + 1)
    yield from pairwise(edges.tolist())


def _in_block(lot: Lot) -> bool:
    x, y = BLOCK_HALF_M
    return lot.west < x and lot.east > -x and lot.south < y and lot.north > -y


def _street_at(x: float, y: float) -> str:
    names = [(abs(y - at), name) for name, at, *_ in EAST_WEST] + [(abs(x - at), name) for name, at, *_ in NORTH_SOUTH]
    return min(names)[1]
