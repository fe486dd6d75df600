"""The local frame of the pictures: that of the district."""

from data_samples.district.place import (
    CRS,
    GROUND_ABOVE_SEA_M,
    ORIGIN_XY_M,
    grid_of,
    local_of,
    lonlat_of,
    true_north_azimuth_deg,
)

__all__ = ["CRS", "GROUND_ABOVE_SEA_M", "ORIGIN_XY_M", "grid_of", "local_of", "lonlat_of", "true_north_azimuth_deg"]
