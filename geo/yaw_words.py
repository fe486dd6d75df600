"""One picture's gimbal yaw beside its aircraft's."""

from __future__ import annotations

import math

NEAR_ZERO_DEG = 10.0  # a gimbal that follows its aircraft stays within a few degrees of it
APART_DEG = 30.0
UNKNOWN_DEG = 60.0
"""Stands for 'any direction' as a standard deviation: 2.4 times a radian reaches across the whole circle."""


def yaw_perhaps_of_the_body(gimbal_deg: float | None, aircraft_deg: float | None) -> bool:
    """One picture's gimbal points north, within ten degrees, and its aircraft elsewhere."""
    if gimbal_deg is None or aircraft_deg is None:
        return False
    apart = abs(math.remainder(gimbal_deg - aircraft_deg, 360.0))
    return abs(math.remainder(gimbal_deg, 360.0)) <= NEAR_ZERO_DEG and apart > APART_DEG
