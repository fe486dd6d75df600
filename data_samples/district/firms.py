"""Who is in the district: firms, building sites and places to be spared, put on lots by rule and a fixed draw."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.district.block import BLOCK_FIRMS, BLOCK_SITES, Firm
from data_samples.district.streets import BLOCK_HALF_M, Lot, lots
from data_samples.district.waters import distance_m, is_dry

FloatArray = NDArray[np.float64]

TABLE = Path(__file__).with_suffix(".toml")
PLAN_SEED = 20261124
"""The plan's own chance: the same district whatever the seed of pictures and data."""
STEM_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BESIDE_WATER_M = 140.0
BLOCK_MEDIA = {
    "dyeing": ("water", "air"), "food": ("water",), "plating": ("water", "air"), "mixing": ("air",), "stone": ("air",),
    "coating": ("air",), "pharma": ("sewer", "air"), "printing": ("air",), "laundry": ("sewer",), "repair": ("sewer",),
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A building site: number, name, key of the builder, phase, its days, its outline (n, 2) in local metres."""

    code: str
    name: str
    builder: str
    phase: str
    begun: str
    ends: str
    outline: FloatArray
    street: str

    @property
    def middle(self) -> tuple[float, float]:
        """The mean of its corners."""
        x, y = self.outline.mean(axis=0)
        return float(x), float(y)


@dataclass(frozen=True)
class Receptor:
    """A place to be spared."""

    code: str
    name: str
    kind: str
    address: str
    xy: tuple[float, float]


@dataclass(frozen=True)
class Settled:
    """Who stands on which lot; `free` lots have flats, shops, or nothing."""

    firms: tuple[Firm, ...]
    sites: tuple[Site, ...]
    receptors: tuple[Receptor, ...]
    plots: dict[str, Lot]
    free: tuple[Lot, ...]


@cache
def settled() -> Settled:
    """The district's people on its lots."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    rng = np.random.default_rng(PLAN_SEED)
    dry = [lot for lot in lots() if is_dry(lot)]
    left = [dry[k] for k in rng.permutation(len(dry))]
    sites = [_site(row, _take(left, _in_quadrant(row[6]))) for row in table["sites"]]
    plots: dict[str, Lot] = {}
    firms = list(_block_firms())
    for number, row in enumerate(table["firms"]):
        plots[row[0]] = _take(left, ZONES[row[7]])
        firms.append(_firm(row, number, plots[row[0]]))
    receptors = [*_block_receptors(), *(_receptor(row, _take(left, _in_town)) for row in table["receptors"])]
    return Settled(tuple(firms), (*_block_sites(), *sites), tuple(receptors), plots, tuple(left))


def by_key() -> dict[str, Firm]:
    """Firms by their key."""
    return {firm.key: firm for firm in settled().firms}


def _take(left: list[Lot], wanted: Callable[[Lot], bool]) -> Lot:
    for lot in left:
        if wanted(lot):
            left.remove(lot)
            return lot
    raise ValueError("no lot is left")


def _beside_water(lot: Lot) -> bool:
    return distance_m(lot.middle) < BESIDE_WATER_M


def _in_industry(lot: Lot) -> bool:
    x, y = lot.middle
    return x < -480 or y < -440


def _in_town(lot: Lot) -> bool:
    return not _in_industry(lot)


ZONES: dict[str, Callable[[Lot], bool]] = {
    "water": _beside_water, "industry": _in_industry, "town": _in_town, "any": lambda lot: True,
}  # fmt: skip


def _in_quadrant(name: str) -> Callable[[Lot], bool]:
    def inside(lot: Lot) -> bool:
        x, y = lot.middle
        if max(abs(x) - BLOCK_HALF_M[0], abs(y) - BLOCK_HALF_M[1]) < 90:
            return False
        across = "east" if x > 0 else "west"
        along = "north" if y > 0 else "south"
        return name == (across if abs(x) > abs(y) else along)

    return inside


def _site(row: list[str], lot: Lot) -> Site:
    code, name, builder, phase, begun, ends, _ = row
    inner = lot.shrunk(5.0)
    outline = inner.outline.copy()
    outline[int(code[-2:]) % 4] += 0.28 * (np.array(inner.middle) - outline[int(code[-2:]) % 4])
    return Site(code, name, builder, phase, begun, ends, np.round(outline, 1), lot.street)


def _firm(row: list[Any], number: int, lot: Lot) -> Firm:
    key, name, industry, size, credit, key_unit, risk, _, media = row
    x, y = lot.middle
    n, base = 7 + 131 * number, len(STEM_LETTERS)
    stem = "MA1G" + "".join(STEM_LETTERS[(n // base**k + 5 * k) % base] for k in range(3)) + str(number % 10)
    address = f"{lot.street} {11 + 7 * number} 号"
    return Firm(key, stem, name, industry, size, credit, key_unit, (round(x, 1), round(y, 1)), address, risk,
                tuple(media))  # fmt: skip


def _receptor(row: list[str], lot: Lot) -> Receptor:
    return Receptor(row[0], row[1], row[2], f"普陀区{lot.street}", lot.middle)


def _block_firms() -> Iterator[Firm]:
    for f in BLOCK_FIRMS:
        yield Firm(f.key, f.stem, f.name, f.industry, f.size, f.credit, f.key_unit, f.xy, f.address, f.risk,
                   BLOCK_MEDIA.get(f.key, ()))  # fmt: skip


def _block_sites() -> tuple[Site, ...]:
    return tuple(Site(*fields, street="示例北路") for fields in BLOCK_SITES)


def _block_receptors() -> tuple[Receptor, ...]:
    return (
        Receptor("MG-01", "示例新村", "居住区", "普陀区示例南路 20 弄", (-88.0, -102.0)),
        Receptor("MG-02", "示例小学", "学校", "普陀区示例南路 99 号", (134.0, -103.0)),
    )
