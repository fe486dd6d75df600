"""Where the invented block lies: a local frame in metres on the grid of EPSG:4549, at Putuo's real position.

Local x is grid east, local y grid north, z up in metres above the block's ground, which is flat. Local (0, 0) is
`ORIGIN_XY_M` of EPSG:4549. Zero height lies `GROUND_ABOVE_SEA_M` above sea level.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

FloatArray = NDArray[np.float64]

CRS = "EPSG:4549"
ORIGIN_XY_M = (633080.0, 3459480.0)
GROUND_ABOVE_SEA_M = 4.0
PROBE_DEG = 1e-4


@cache
def _forward() -> Transformer:
    return Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


@cache
def _inverse() -> Transformer:
    return Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def grid_of(local_xy: ArrayLike) -> FloatArray:
    """Local metres as EPSG:4549: (n, 2) east, north in metres."""
    return np.atleast_2d(np.asarray(local_xy, float))[:, :2] + np.array(ORIGIN_XY_M)


def lonlat_of(local_xy: ArrayLike) -> FloatArray:
    """Local metres as WGS 84: (n, 2) longitude, latitude in degrees."""
    grid = grid_of(local_xy)
    lon, lat = _inverse().transform(grid[:, 0], grid[:, 1])
    return np.column_stack([lon, lat])


def local_of(lonlat: ArrayLike) -> FloatArray:
    """WGS 84 longitude, latitude (n, 2) as local metres (n, 2)."""
    points = np.atleast_2d(np.asarray(lonlat, float))
    x, y = _forward().transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y]) - np.array(ORIGIN_XY_M)


def true_north_azimuth_deg(local_xy: ArrayLike) -> float:
    """Azimuth, clockwise from grid north, in which true north lies at a place.

    Measured by stepping along the meridian, not taken from a formula: about -0.73 in Putuo on this grid.
    """
    lon, lat = lonlat_of(local_xy)[0]
    ends = local_of([[lon, lat - PROBE_DEG], [lon, lat + PROBE_DEG]])
    east, north = ends[1] - ends[0]
    return float(np.degrees(np.arctan2(east, north)))
