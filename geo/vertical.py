"""Heights of different datums: ellipsoid, geoid, the national datum of 1985. PROJ has no geoid grid here.

Without a grid PROJ answers a change of vertical datum with a "ballpark" transformation, which returns the height as it
came and raises nothing: in Shanghai that is 11 m. So a small table stands beside this module: EGM96 over China at every
half degree, out of NGA's 15-minute grid. Between its points it is read linearly; against the 15-minute grid that errs
by 0.05 m rms (0.2 m at most) in the Yangtze delta, 0.12 m rms (1.7 m) east of 110° E, 0.2 m rms (2.7 m) in all China.
EGM96 itself is good to about a metre. Where the table does not reach, or a datum is not declared, nothing is mixed.
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
        NoGeoid: the table does not reach there.

    Source: EGM96 (Lemoine et al. 1998), NGA grid WW15MGH; `geo/egm96_china.csv`.
    """
    table = _table()
    row, column = (_NORTH - place.lat) / _STEP, (place.lon - _WEST) / _STEP
    if not (0 <= row <= table.shape[0] - 1 and 0 <= column <= table.shape[1] - 1):
        raise NoGeoid(f"{place.lon:.4f}, {place.lat:.4f}", "the geoid table holds 18–54 N, 73–135 E")
    top, left = min(int(row), table.shape[0] - 2), min(int(column), table.shape[1] - 2)
    down, right = row - top, column - left
    corner = table[top : top + 2, left : left + 2]
    across = corner @ np.array([1.0 - right, right])
    height = float(np.array([1.0 - down, down]) @ across)
    return Height(height, SIGMA_WEST_M if place.lon < _MOUNTAINS_WEST_OF else SIGMA_EAST_M)


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
        NoGeoid: one of the datums is not declared, or the table does not reach there.
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
    """(73, 125) metres, north to south and west to east."""
    text = resources.files("geo").joinpath("egm96_china.csv").read_text("ascii")
    rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    table: FloatArray = np.array(rows, dtype=np.float64) / 100.0
    return table
