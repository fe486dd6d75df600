"""Whether pictures lie turned against the way their aircraft flew: the ground must pass through them along it.

Neighbours tell who of them lies turned against the others, but not whether all of them do. The way flown does: where
the middle of one picture comes to lie in the next is known from both places and the camera's angles. In a picture whose
pixels were turned, that shift is turned with them.
"""

from __future__ import annotations

import math

import numpy as np

from geo.attitude import rotation
from geo.tags import Tags
from geo.types import FloatArray

LEAST_WAY_M = 4.0  # shorter, the shift is made of the receiver's noise
LEAST_SHIFT = 0.08  # tangent; less of a picture says no direction
NEAR_DEG = 30.0  # so near to a quarter turn it is one: receiver, compass and height err by less
LEAST_FALL = 0.25  # of the optical axis; flatter views shift with every error of the tilt
SOME_HEIGHT_M = 60.0  # straight down, the height only stretches the shift


def quarter_of(matrix: FloatArray, sizes: tuple[FloatArray, FloatArray], one: Tags, other: Tags) -> int | None:
    """By how many quarter turns clockwise the pixels of `other` lie turned against the way between both cameras.

    Args:
        matrix: (2, 3) similarity that lays the pixels of `one` on those of `other`.
        sizes: width and height of both, in those pixels.
        one: tags of the first.
        other: of the second.

    Returns:
        0 … 3; None where they stand too near to each other, look too flatly, or the shift fits no quarter turn.
    """
    expected = shift_of(one, other)
    if expected is None:
        return None
    seen = matrix[:, :2] @ (sizes[0] / 2.0) + matrix[:, 2] - sizes[1] / 2.0
    turned = math.degrees(math.atan2(seen[1], seen[0]) - math.atan2(expected[1], expected[0]))
    quarter = round(turned / 90.0)
    return quarter % 4 if abs(turned - 90.0 * quarter) <= NEAR_DEG and np.hypot(*seen) > 0 else None


def shift_of(one: Tags, other: Tags) -> FloatArray | None:
    """Where the ground in the middle of one picture lies in another: (2,) tangents right and down; None: not to say."""
    way = _way_m(one, other)
    if way is None or float(np.hypot(way[0], way[1])) < LEAST_WAY_M:
        return None
    ahead, turn = _turn(one)[:, 2], _turn(other)
    height = _height_m(one)
    if height is None or min(-ahead[2], -turn[2, 2]) < LEAST_FALL:
        return None
    inner = turn.T @ (ahead * (height / -ahead[2]) - way)
    if inner[2] <= 0:
        return None
    shift = np.asarray(inner[:2] / inner[2], dtype=np.float64)
    return shift if float(np.hypot(*shift)) >= LEAST_SHIFT else None


def _way_m(one: Tags, other: Tags) -> FloatArray | None:
    """East, north and up from one camera to another."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    east = (other.lon - one.lon) * math.cos(math.radians(one.lat))
    up = (other.relative_altitude_m or 0.0) - (one.relative_altitude_m or 0.0)
    return np.array([east * 111_195.0, (other.lat - one.lat) * 111_195.0, up])


def _height_m(tags: Tags) -> float | None:
    """Over ground, about; straight down any will do."""
    if tags.relative_altitude_m is not None and tags.relative_altitude_m > 5.0:
        return tags.relative_altitude_m
    return tags.above_ground_m or (SOME_HEIGHT_M if (tags.gimbal_pitch_deg or 0.0) < -80.0 else None)


def _turn(tags: Tags) -> FloatArray:
    return rotation(tags.gimbal_yaw_deg or 0.0, tags.gimbal_pitch_deg or 0.0, tags.gimbal_roll_deg or 0.0)
