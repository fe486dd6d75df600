"""The relief of the district: nearly flat, as Putuo is, with a mound in a park, embankments, a cutting, and the creek.

The block in the middle is flat at height 0, so that its pictures are true. Heights are metres above that ground, which
lies `GROUND_ABOVE_SEA_M` above sea level (normal heights, as the 1985 datum has them).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

from data_samples.district.place import CRS, GROUND_ABOVE_SEA_M, ORIGIN_XY_M
from data_samples.district.plan import Plan, district
from data_samples.district.streets import BLOCK_HALF_M

FloatArray = NDArray[np.float64]

CELL_M = 4.0
MARGIN_M = 60.0
"""Beyond the block and beyond the border: relief fades in over this."""
ROLL_M = 0.9
MOUND_M, MOUND_REACH_M = 9.0, 34.0
EMBANKMENT_M, EMBANKMENT_Y_M, EMBANKMENT_HALF_M = 5.5, -905.0, 9.0
"""A railway runs on it from border to border in the south."""
CUTTING_M, CUTTING_X_M = -4.0, 890.0
WATER_M = -1.8


def height_m(x: FloatArray, y: FloatArray) -> FloatArray:
    """Height of the ground at local metres, of the water in the creek and its branch; any shape, the same for both."""
    plan = district()
    rolling = ROLL_M * (np.sin(x / 210.0 + 0.4) * np.cos(y / 170.0) + 0.4 * np.sin((x + 2 * y) / 97.0))
    ground = rolling + _mound(plan, x, y) + _embankment(y) + _cutting(x, y)
    away = np.maximum(np.abs(x) - BLOCK_HALF_M[0], np.abs(y) - BLOCK_HALF_M[1])
    ground = ground * _smooth(away / MARGIN_M)
    return np.where(_in_water(plan, x, y), WATER_M, _to_bank(plan, x, y, ground))


def write_cog(path: Path, cell_m: float = CELL_M) -> None:
    """Write the relief as a Cloud Optimized GeoTIFF in EPSG:4549: metres above sea level, to a centimetre."""
    half_x, half_y = district().half_size_m
    reach_x, reach_y = half_x + MARGIN_M, half_y + MARGIN_M
    x = np.arange(-reach_x + cell_m / 2, reach_x, cell_m)
    y = np.arange(reach_y - cell_m / 2, -reach_y, -cell_m)
    heights = np.round(height_m(*np.meshgrid(x, y)) + GROUND_ABOVE_SEA_M, 2).astype(np.float32)
    corner = from_origin(ORIGIN_XY_M[0] - reach_x, ORIGIN_XY_M[1] + reach_y, cell_m, cell_m)
    shape = {"width": len(x), "height": len(y), "count": 1, "dtype": "float32"}
    with rasterio.open(
        path, "w", driver="COG", crs=CRS, transform=corner, compress="DEFLATE", predictor=3, **shape
    ) as file:
        file.write(heights, 1)


def _smooth(share: FloatArray) -> FloatArray:
    share = np.clip(share, 0.0, 1.0)
    return share * share * (3 - 2 * share)


def _mound(plan: Plan, x: FloatArray, y: FloatArray) -> FloatArray:
    park = next(one for one in plan.receptors if one.kind == "公园")
    far = np.hypot(x - park.xy[0], y - park.xy[1])
    return MOUND_M * np.exp(-((far / MOUND_REACH_M) ** 2))


def _embankment(y: FloatArray) -> FloatArray:
    beside = np.abs(y - EMBANKMENT_Y_M) - EMBANKMENT_HALF_M
    return EMBANKMENT_M * (1 - _smooth(beside / 9.0))


def _cutting(x: FloatArray, y: FloatArray) -> FloatArray:
    """A road that dives below the railway."""
    along = np.clip(1 - np.abs(y - EMBANKMENT_Y_M - 40.0) / 45.0, 0, 1)
    return CUTTING_M * (1 - _smooth((np.abs(x - CUTTING_X_M) - 6.0) / 4.0)) * along


def _from_walls(plan: Plan, x: FloatArray, y: FloatArray) -> FloatArray:
    """Metres from the nearest wall, negative in the water; both waters run nearly along an axis."""
    creek, branch = plan.waters
    middle_y = np.interp(x, creek.line[:, 0], creek.line[:, 1])
    middle_x = np.interp(y, branch.line[::-1, 1], branch.line[::-1, 0])
    beside = np.abs(x - middle_x) - branch.half_width_m
    beside = np.where(y < branch.line[-1, 1], np.inf, beside)
    return np.minimum(np.abs(y - middle_y) - creek.half_width_m, beside)


def _in_water(plan: Plan, x: FloatArray, y: FloatArray) -> NDArray[np.bool_]:
    return _from_walls(plan, x, y) < 0


def _to_bank(plan: Plan, x: FloatArray, y: FloatArray, ground: FloatArray) -> FloatArray:
    """The paths along the waters lie at height 0, as in the block."""
    return ground * _smooth(_from_walls(plan, x, y) / 25.0)
