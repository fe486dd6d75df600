"""WGS 84 to GCJ-02, for the registry file that comes in the datum of the web maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

AXIS_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323


def _wave(amplitudes: tuple[float, float], arguments: tuple[FloatArray, FloatArray]) -> FloatArray:
    return sum(a * np.sin(b * np.pi) for a, b in zip(amplitudes, arguments, strict=True)) * 2.0 / 3.0  # type: ignore[return-value]


def gcj02_of(lonlat: ArrayLike) -> FloatArray:
    """WGS 84 longitude, latitude (n, 2) as GCJ-02 (n, 2).

    Source: the polynomial that circulates for GCJ-02, on the Krasovsky ellipsoid; no official text is public.
    """
    points = np.atleast_2d(np.asarray(lonlat, float))
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    common = _wave((20.0, 20.0), (6 * x, 2 * x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + common
    north = north + _wave((20.0, 40.0), (y, y / 3)) + _wave((160.0, 320.0), (y / 12, y / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + common
    east = east + _wave((20.0, 40.0), (x, x / 3)) + _wave((150.0, 300.0), (x / 12, x / 30))
    latitude = np.radians(points[:, 1])
    magic = 1 - ECCENTRICITY2 * np.sin(latitude) ** 2
    per_degree_north = AXIS_M * (1 - ECCENTRICITY2) / (magic * np.sqrt(magic)) * np.pi / 180
    per_degree_east = AXIS_M / np.sqrt(magic) * np.cos(latitude) * np.pi / 180
    return points + np.column_stack([east / per_degree_east, north / per_degree_north])
