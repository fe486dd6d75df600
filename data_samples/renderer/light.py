"""The sun of a day and hour, the sky, and what they make of colours and normals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.place import lonlat_of, true_north_azimuth_deg

FloatArray = NDArray[np.float64]
Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers

SUN = np.array([2.55, 2.28, 1.86], np.float32)
SKY = np.array([0.50, 0.60, 0.76], np.float32)
BOUNCE = np.array([0.16, 0.15, 0.13], np.float32)
AIR = np.array([0.62, 0.67, 0.74], np.float32)
AIR_LENGTH_M = 2600.0
EXPOSURE = 0.74


def sun_direction(when: datetime) -> FloatArray:
    """Unit vector to the sun (east, north, up; grid) at an aware instant, good to about half a degree.

    Source: the low-precision formulas of the Astronomical Almanac (mean longitude and anomaly, equation of centre).
    """
    days = (when.astimezone(UTC) - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / 86400
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439)
    declination = np.arcsin(np.sin(tilt) * np.sin(longitude))
    ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    lon, lat = np.radians(lonlat_of([[0.0, 0.0]])[0])
    hour_angle = np.radians((280.46061837 + 360.98564736629 * days) % 360) + lon - ascension
    up = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(hour_angle)
    east = -np.cos(declination) * np.sin(hour_angle)
    north = np.cos(lat) * np.sin(declination) - np.sin(lat) * np.cos(declination) * np.cos(hour_angle)
    turn = np.radians(true_north_azimuth_deg([[0.0, 0.0]]))
    c, s = np.cos(turn), np.sin(turn)
    return np.array([east * c + north * s, -east * s + north * c, up])


def lit_colour(colour: Float32Array, normal: Float32Array, sun_share: Float32Array, to_sun: FloatArray) -> Float32Array:
    """Radiance of matt surfaces: (rows, columns, 3) from colour and normal, and the share of sun that arrives."""
    facing = np.clip(normal @ to_sun.astype(np.float32), 0, 1) * sun_share
    up = normal[..., 2:3]
    return colour * (facing[..., None] * SUN + (0.55 + 0.45 * up) * SKY + (0.5 - 0.5 * up) * BOUNCE)


def through_air(radiance: Float32Array, distance_m: Float32Array) -> Float32Array:
    """Radiance after the air between: a little blue haze."""
    kept = np.exp(-distance_m / np.float32(AIR_LENGTH_M))[..., None]
    return radiance * kept + AIR * (1 - kept)


def developed(radiance: Float32Array) -> Float32Array:
    """Radiance as sRGB 0 to 1 with a soft shoulder, as a camera's own JPEG has it."""
    exposed = radiance * np.float32(EXPOSURE)
    toned = exposed * (1 + exposed / np.float32(6.0)) / (1 + exposed)
    return np.power(np.clip(toned * np.float32(1.18), 0, 1), np.float32(1 / 2.2))
