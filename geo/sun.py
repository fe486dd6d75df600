"""Where the sun stands: whether a picture's clock can be right."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from geo.types import LonLat

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_elevation_deg(place: LonLat, at: datetime) -> float:
    """Height of the sun's middle above the horizon, degrees; refraction is left out.

    Args:
        place: WGS 84.
        at: aware.

    Returns:
        −90 … 90, within 0.02° from 1950 to 2050.

    Raises:
        ValueError: `at` has no zone.

    Source: Astronomical Almanac, low precision formulas for the sun's coordinates (section C).
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no zone")
    days = (at - _J2000).total_seconds() / 86_400.0
    mean = math.radians((280.460 + 0.9856474 * days) % 360.0)
    anomaly = math.radians((357.528 + 0.9856003 * days) % 360.0)
    ecliptic = mean + math.radians(1.915 * math.sin(anomaly) + 0.020 * math.sin(2.0 * anomaly))
    obliquity = math.radians(23.439 - 0.0000004 * days)
    right_ascension = math.atan2(math.cos(obliquity) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(obliquity) * math.sin(ecliptic))
    sidereal = math.radians((280.46062 + 360.98564737 * days + place.lon) % 360.0)
    hour_angle = sidereal - right_ascension
    latitude = math.radians(place.lat)
    sine = math.sin(latitude) * math.sin(declination)
    sine += math.cos(latitude) * math.cos(declination) * math.cos(hour_angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))
