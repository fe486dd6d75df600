"""GCJ-02 (Amap, Tencent) and BD-09 (Baidu): the shifted degrees of Chinese web maps, both ways.

There is no official text. The forward polynomial is the widely published one (see docs/ideas/coordinates.md); its
inverse, and Baidu's, have no closed form and are iterated to 1e-10 degrees (0.01 mm).
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


def wgs84_to_gcj02(lonlat: FloatArray) -> FloatArray:
    """Shift WGS 84 degrees (n, 2), longitude first, to GCJ-02. Outside China's box nothing moves."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (waves + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (waves + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w2 = 1.0 - KRASOVSKY_E2 * np.sin(phi) ** 2
    per_degree_north = np.pi / 180.0 * KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (w2 * np.sqrt(w2))
    per_degree_east = np.pi / 180.0 * KRASOVSKY_A_M / np.sqrt(w2) * np.cos(phi)
    shifted = lonlat + np.column_stack([east / per_degree_east, north / per_degree_north])
    return np.where(_in_box(lonlat)[:, None], shifted, lonlat)


def gcj02_to_wgs84(lonlat: FloatArray) -> FloatArray:
    """Undo the shift of GCJ-02, (n, 2) degrees, longitude first, to better than 1 mm."""
    return np.where(_in_box(lonlat)[:, None], _inverted(wgs84_to_gcj02, lonlat), lonlat)


def gcj02_to_bd09(lonlat: FloatArray) -> FloatArray:
    """Shift GCJ-02 degrees (n, 2), longitude first, to BD-09."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def bd09_to_gcj02(lonlat: FloatArray) -> FloatArray:
    """Undo the shift of BD-09, (n, 2) degrees, longitude first, to better than 1 mm."""
    return _inverted(gcj02_to_bd09, lonlat)


def _inverted(forward: Callable[[FloatArray], FloatArray], target: FloatArray) -> FloatArray:
    """The points that `forward` carries to `target`: a fixed-point iteration, each turn gains two to three digits."""
    guess = target.copy()
    for _ in range(50):
        miss = target - forward(guess)
        guess = guess + miss
        if not np.any(np.abs(miss) > 1e-11):
            break
    return guess


def _in_box(lonlat: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
