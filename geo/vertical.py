"""Heights of different datums: ellipsoid, geoid, the national datum of 1985. PROJ has no geoid grid here.

Without a grid PROJ answers a change of vertical datum with a "ballpark" transformation, which returns the height as it
came and raises nothing: in Shanghai that is 11 m. So two tables stand beside this module, both out of NGA's 15-minute
grid of EGM96: China at every half degree, the rest of the Earth at every degree. Between their points they are read
linearly. Against the 15-minute grid the first errs by 0.05 m rms (0.2 m at most) in the Yangtze delta, 0.12 m rms
(1.7 m) east of 110° E, 0.2 m rms (2.7 m) in all China; the second by 0.5 m rms (3.5 m) in Europe and 0.4 m rms (3.4 m)
in the contiguous USA, more where the geoid is rough: there its doubt grows. EGM96 itself is good to about a metre.
Where a datum is not declared nothing is mixed here; `geo.height_tie` weighs what it could be.
"""

from __future__ import annotations

import math
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from geo.errors import NoGeoid
from geo.types import FloatArray, LonLat

_NORTH, _WEST, _STEP = 54.0, 73.0, 0.5
_ROUGH_SHARE = 0.2  # measured: the coarse table errs by 0.15 of its own second differences, rms, at any roughness
_MOUNTAINS_WEST_OF = 110.0
SIGMA_EAST_M = 1.0  # ours: EGM96's own error; reading between the points adds nothing to speak of
SIGMA_WEST_M = 3.0  # ours: the table is coarse for Tibet and the Tianshan
NATIONAL_1985_ABOVE_GEOID_M = 0.3  # He, Li, Chu 2016: 0.46 m; Zhai et al. 2011: 0.32 m; Wu, Wei, Liu 2018: 0.34 m
NATIONAL_1985_SIGMA_M = 0.2


class Datum(StrEnum):
    """What a height is above. `UNDECLARED` is what most files say: nothing."""

    ELLIPSOID = "ellipsoid"  # WGS 84, CGCS2000
    EGM96 = "egm96"  # and EGM2008, within the stated doubt
    NATIONAL_1985 = "national_1985"
    UNDECLARED = "undeclared"


class Height(NamedTuple):
    """A height in metres and the standard deviation that changing its datum has added."""

    height_m: float
    sigma_m: float


def undulation(place: LonLat) -> Height:
    """How far the geoid lies above the WGS 84 ellipsoid.

    Args:
        place: WGS 84.

    Returns:
        Metres, +10.9 in Putuo, and one standard deviation.

    Raises:
        NoGeoid: no place on Earth.

    Source: EGM96 (Lemoine et al. 1998), NGA grid WW15MGH; `geo/egm96_china.csv`, `geo/egm96_world.csv`.
    """
    china = _table()
    row, column = (_NORTH - place.lat) / _STEP, (place.lon - _WEST) / _STEP
    if 0 <= row <= china.shape[0] - 1 and 0 <= column <= china.shape[1] - 1:
        return Height(_read(china, row, column), SIGMA_WEST_M if place.lon < _MOUNTAINS_WEST_OF else SIGMA_EAST_M)
    row, column = 90.0 - place.lat, place.lon + 180.0
    if not (0.0 <= row <= 180.0 and 0.0 <= column <= 360.0):
        raise NoGeoid(f"{place.lon:.4f}, {place.lat:.4f}", "no place on Earth")
    world, rough = _world()
    return Height(_read(world, row, column), math.hypot(SIGMA_EAST_M, _ROUGH_SHARE * _read(rough, row, column)))


def _read(table: FloatArray, row: float, column: float) -> float:
    """A table between its points, linearly."""
    top, left = min(int(row), table.shape[0] - 2), min(int(column), table.shape[1] - 2)
    down, right = row - top, column - left
    corner = table[top : top + 2, left : left + 2]
    return float(np.array([1.0 - down, down]) @ (corner @ np.array([1.0 - right, right])))


def converted(height_m: float, place: LonLat, source: Datum, target: Datum) -> Height:
    """A height carried from one vertical datum to another.

    Args:
        height_m: above `source`.
        place: WGS 84.
        source: what it is above.
        target: what it shall be above.

    Returns:
        The height above `target`, and the standard deviation that the change adds (0 where nothing changes).

    Raises:
        NoGeoid: one of the datums is not declared, or there is no such place.
    """
    if Datum.UNDECLARED in (source, target):
        raise NoGeoid("height", f"from {source} to {target}: a datum that is not declared cannot be changed")
    if source == target:
        return Height(height_m, 0.0)
    here, there = _above_geoid(source, place), _above_geoid(target, place)
    return Height(height_m + here.height_m - there.height_m, math.hypot(here.sigma_m, there.sigma_m))


def _above_geoid(datum: Datum, place: LonLat) -> Height:
    """Where a datum's zero lies above the geoid."""
    if datum is Datum.ELLIPSOID:
        geoid = undulation(place)
        return Height(-geoid.height_m, geoid.sigma_m)
    if datum is Datum.NATIONAL_1985:
        return Height(NATIONAL_1985_ABOVE_GEOID_M, NATIONAL_1985_SIGMA_M)
    return Height(0.0, 0.0)


@cache
def _table() -> FloatArray:
    """China: (73, 125) metres, north to south and west to east."""
    return _rows("egm96_china.csv") / 100.0


@cache
def _world() -> tuple[FloatArray, FloatArray]:
    """The Earth: (181, 361) metres, and how rough the geoid is there: the second differences along both axes, added."""
    table = _rows("egm96_world.csv") / 10.0
    rough = np.zeros_like(table)
    rough[1:-1] += np.abs(table[2:] + table[:-2] - 2.0 * table[1:-1])
    rough[:, 1:-1] += np.abs(table[:, 2:] + table[:, :-2] - 2.0 * table[:, 1:-1])
    return table, rough


def _rows(name: str) -> FloatArray:
    text = resources.files("geo").joinpath(name).read_text("ascii")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return np.loadtxt(lines, delimiter=",", dtype=np.float64)
