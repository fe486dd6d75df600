"""What a whole file of subtitles gives away about its units and axes, so that no number is taken for what it is not."""

from __future__ import annotations

import math

import numpy as np

from geo.types import FloatArray

_SCALED = 1e7  # some telemetry writes degrees times 1e7
_LEAST_DIGITS = 7
TURNED_DEG = 20.0
STILL_DEG = 3.0
UNIT_RATIO_FROM, UNIT_RATIO_TO = 2.5, 4.0  # feet and metres are 3.28 apart
CLIMBED_M = 10.0


def degrees_of(lon: str, lat: str) -> tuple[float, float, str | None]:
    """A place as written, in degrees, and the word for what had to be done or cannot be.

    `position_scaled`: whole numbers of degrees times 1e7. `axis_keys_swapped`: a latitude beyond 90 beside a longitude
    within it. `position_out_of_range`: nothing of this; the place is given back as it stands.
    """
    east, north = float(lon), float(lat)
    if abs(east) <= 180 and abs(north) <= 90:
        return east, north, None
    if "." not in lon + lat and min(len(lon.lstrip("+-")), len(lat.lstrip("+-"))) >= _LEAST_DIGITS:
        if abs(east) / _SCALED <= 180 and abs(north) / _SCALED <= 90:
            return east / _SCALED, north / _SCALED, "position_scaled"
    if 90 < abs(north) <= 180 and abs(east) <= 90:
        return north, east, "axis_keys_swapped"
    return east, north, "position_out_of_range"


def places_are_radians(places: list[tuple[float, float, int]]) -> bool:
    """All places lie within a half turn in radians: in degrees that is the open sea off Guinea, without any land.

    Args:
        places: longitude, latitude, decimals as written. Radians need seven decimals to mean a metre.
    """
    if not places or max(decimals for _, _, decimals in places) < 6:
        return False
    return all(abs(lon) <= math.pi and abs(lat) <= math.pi / 2 for lon, lat, _ in places)


def attitude_columns(
    yaw: FloatArray, pitch: FloatArray, roll: FloatArray, flight_yaw: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, list[str]]:
    """The camera's angles, and NaN where they cannot be what they are called.

    Args:
        yaw: (n,) of the gimbal as written.
        pitch: (n,).
        roll: (n,).
        flight_yaw: (n,) of the aircraft.

    Returns:
        yaw, pitch, roll, and stable words. `angles_perhaps_radians`: a pitch of π/2 and no angle beyond 2π.
        `gimbal_all_zero`: 0/0/0 in every block. `yaw_perhaps_of_the_body`: the aircraft turned by more than 20° and the
        gimbal's yaw stayed at 0: it is told against the aircraft, or not at all.
    """
    nothing = np.full(len(yaw), np.nan)
    together = np.column_stack([yaw, pitch, roll])
    told = together[np.isfinite(together).all(axis=1)]
    if not len(told):
        return yaw, pitch, roll, []
    straight = np.abs(np.abs(told[:, 1]) - math.pi / 2) < 0.0008
    if straight.any() and np.abs(told).max() <= 2 * math.pi:
        return nothing, nothing, nothing, ["angles_perhaps_radians"]
    if not told.any():
        return nothing, nothing, nothing, ["gimbal_all_zero"]
    if spread_deg(flight_yaw) > TURNED_DEG and np.nanmax(np.abs(_signed(yaw))) <= STILL_DEG:
        return nothing, pitch, roll, ["yaw_perhaps_of_the_body"]
    return yaw, pitch, roll, []


def height_doubts(takeoff: FloatArray, sea: FloatArray) -> list[str]:
    """`height_units_differ`: the two heights of a block climb and sink together, but in another unit."""
    both = np.isfinite(takeoff) & np.isfinite(sea)
    if both.sum() < 3:
        return []
    a, b = takeoff[both] - takeoff[both].mean(), sea[both] - sea[both].mean()
    if min(np.ptp(a), np.ptp(b)) < CLIMBED_M:
        return []
    ratio = float((a @ b) / (a @ a))
    alike = float((a @ b) / math.sqrt((a @ a) * (b @ b)))
    steep = max(ratio, 1.0 / ratio) if ratio > 0 else 0.0
    return ["height_units_differ"] if alike > 0.95 and UNIT_RATIO_FROM < steep < UNIT_RATIO_TO else []


def spread_deg(angles: FloatArray) -> float:
    """How far angles (n,) spread, 0 … 180: twice the largest distance from their mean direction."""
    known = angles[np.isfinite(angles)]
    if len(known) < 2:
        return 0.0
    turns = np.radians(known)
    middle = math.degrees(math.atan2(float(np.sin(turns).sum()), float(np.cos(turns).sum())))
    return min(180.0, 2.0 * float(np.abs(_signed(known - middle)).max()))


def _signed(angles: FloatArray) -> FloatArray:
    """−180 … 180."""
    wrapped: FloatArray = np.mod(angles + 180.0, 360.0) - 180.0
    return wrapped
