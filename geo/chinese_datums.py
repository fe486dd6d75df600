"""GCJ-02 (Amap, Tencent) and BD-09 (Baidu): the shifted degrees of Chinese web maps, both ways.

There is no official text. The forward polynomial is the widely published one (see docs/ideas/coordinates.md); its
inverse, and Baidu's, have no closed form and are iterated until a turn moves less than 1e-9 degrees (0.1 mm).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo.types import FloatArray

KRASOVSKY_A_M = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
# Outside this box the web maps leave WGS 84 as it is.
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
_BAIDU_TURN = np.pi * 3000.0 / 180.0
_BLOCK = 8192


def wgs84_to_gcj02(lonlat: FloatArray) -> FloatArray:
    """Shift WGS 84 degrees (n, 2), longitude first, to GCJ-02. Outside China's box nothing moves."""
    return np.where(_in_box(lonlat)[:, None], _blockwise(_shifted, lonlat), lonlat)


def gcj02_to_wgs84(lonlat: FloatArray) -> FloatArray:
    """Undo the shift of GCJ-02, (n, 2) degrees, longitude first, to better than 1 mm.

    A place is undone where a place within China's box is shifted onto it. Just outside the box some places are both
    that and themselves unshifted: there the one within the box is given (docs/ideas/coordinates.md).
    """
    found = _blockwise(lambda block: _inverted(_shifted, block), lonlat)
    return np.where(_in_box(found, slack=1e-9)[:, None], found, lonlat)


def _shifted(lonlat: FloatArray) -> FloatArray:
    """The shift, whatever the box: the published polynomial and its sines, in metres, as degrees on Krasovsky."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root = 0.1 * np.sqrt(np.abs(x))
    x_30, x_12, x_3, x_1, x_2, x_6 = _sines(x)
    y_30, y_12, y_3, y_1, _, _ = _sines(y)
    waves = 20.0 * x_6 + 20.0 * x_2
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * root
    north += (waves + 20.0 * y_1 + 40.0 * y_3 + 160.0 * y_12 + 320.0 * y_30) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root
    east += (waves + 20.0 * x_1 + 40.0 * x_3 + 150.0 * x_12 + 300.0 * x_30) * (2.0 / 3.0)
    phi = np.radians(lat)
    w2 = 1.0 - KRASOVSKY_E2 * np.sin(phi) ** 2
    w = np.sqrt(w2)
    per_degree_north = np.pi / 180.0 * KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (w2 * w)
    per_degree_east = np.pi / 180.0 * KRASOVSKY_A_M / w * np.cos(phi)
    return lonlat + np.column_stack([east / per_degree_east, north / per_degree_north])


def _sines(t: FloatArray) -> tuple[FloatArray, ...]:
    """sin(πt/30), sin(πt/12), sin(πt/3), sin(πt), sin(2πt), sin(6πt): of one sine and cosine, by multiple angles."""
    s, c = np.sin(t * (np.pi / 60.0)), np.cos(t * (np.pi / 60.0))
    s2, c2 = 2.0 * s * c, 1.0 - 2.0 * s * s
    s4, c4 = 2.0 * s2 * c2, 1.0 - 2.0 * s2 * s2
    s5, c5 = s4 * c + c4 * s, c4 * c - s4 * s
    s10, c10 = 2.0 * s5 * c5, 1.0 - 2.0 * s5 * s5
    s20, c20 = 2.0 * s10 * c10, 1.0 - 2.0 * s10 * s10
    s60, c60 = s20 * (3.0 - 4.0 * s20 * s20), c20 * (4.0 * c20 * c20 - 3.0)
    s120 = 2.0 * s60 * c60
    return s2, s5, s20, s60, s120, s120 * (3.0 - 4.0 * s120 * s120)


def _blockwise(function: Callable[[FloatArray], FloatArray], lonlat: FloatArray) -> FloatArray:
    """`function` over blocks whose intermediate arrays fit a processor's cache: twice as quick for a million points."""
    if len(lonlat) <= _BLOCK:
        return function(lonlat)
    return np.concatenate([function(lonlat[at : at + _BLOCK]) for at in range(0, len(lonlat), _BLOCK)])


def gcj02_to_bd09(lonlat: FloatArray) -> FloatArray:
    """Shift GCJ-02 degrees (n, 2), longitude first, to BD-09."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def bd09_to_gcj02(lonlat: FloatArray) -> FloatArray:
    """Undo the shift of BD-09, (n, 2) degrees, longitude first, to better than 1 mm."""
    return _blockwise(lambda block: _inverted(gcj02_to_bd09, block), lonlat)


def _inverted(forward: Callable[[FloatArray], FloatArray], target: FloatArray) -> FloatArray:
    """The points that `forward` carries to `target`: a fixed-point iteration, each turn gains two to three digits.

    `forward` shifts by little more here than there, so what misses the target is what has still to be added. A point
    that is there stays, whatever its neighbours do: its answer does not depend on them.
    """
    guess, still = target.copy(), np.ones((len(target), 1), dtype=bool)
    for _ in range(50):
        miss = target - forward(guess)
        guess = np.where(still, guess + miss, guess)
        still &= (np.abs(miss) > 1e-9).any(axis=1, keepdims=True)  # the next would be some 1e-12 degrees
        if not still.any():
            break
    return guess


def _in_box(lonlat: FloatArray, *, slack: float = 0.0) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    east_west = (lon >= WEST - slack) & (lon <= EAST + slack)
    return east_west & (lat >= SOUTH - slack) & (lat <= NORTH + slack)
