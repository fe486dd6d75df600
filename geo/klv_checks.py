"""Whether what a KLV packet says can be true together: where the sensor is, where it looks, how far that is."""

from __future__ import annotations

import math

RANGE_FITS = 2.0  # a frame centre farther than twice the slant range cannot be what the camera looks at
BEARING_FITS_DEG = 30.0  # ours: a compass errs by a few degrees, a wrong sign or a wrong frame by far more
GREATEST_HEIGHT_M = 10_000.0  # ours: no aircraft of an inspection flies there
GREATEST_RANGE_M = 20_000.0  # ours
_EARTH_M = 6_371_000.0
_LEVEL_ENOUGH_DEG = -80.0  # steeper, the bearing of the frame centre says nothing

Place = tuple[float, float]


def looks_elsewhere(place: Place, centre: Place, slant_m: float, yaw_deg: float, pitch_deg: float) -> bool:
    """The frame centre is not where the sensor can look.

    Args:
        place: longitude, latitude of the sensor.
        centre: of the frame.
        slant_m: the stated range between them.
        yaw_deg: where the camera looks by its own angles, from true north; NaN where unknown.
        pitch_deg: 0 level, −90 straight down.

    Returns:
        True where the centre is farther away than the range allows, or lies in another direction than the camera looks.
        False where something is missing.
    """
    if not all(math.isfinite(number) for number in (*place, *centre)):
        return False
    away = distance_m(place, centre)
    if math.isfinite(slant_m) and away > RANGE_FITS * slant_m + 1000:
        return True
    if not (math.isfinite(yaw_deg) and math.isfinite(pitch_deg)) or pitch_deg < _LEVEL_ENOUGH_DEG or away < 100:
        return False
    return abs(math.remainder(bearing_deg(place, centre) - yaw_deg, 360.0)) > BEARING_FITS_DEG


def stands_implausibly(height_m: float, slant_m: float) -> bool:
    """Higher, or farther away from what it looks at, than an aircraft of an inspection can be."""
    return (math.isfinite(height_m) and height_m > GREATEST_HEIGHT_M) or (
        math.isfinite(slant_m) and slant_m > GREATEST_RANGE_M
    )


def distance_m(a: Place, b: Place) -> float:
    """Along the surface of a sphere."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[0] - a[0]) / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(1.0, half)))


def bearing_deg(a: Place, b: Place) -> float:
    """From a to b, clockwise from true north."""
    lat_a, lat_b, east = math.radians(a[1]), math.radians(b[1]), math.radians(b[0] - a[0])
    y = math.sin(east) * math.cos(lat_b)
    x = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(east)
    return math.degrees(math.atan2(y, x)) % 360.0
