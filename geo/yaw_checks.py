"""The camera's yaw against the aircraft's, and the aircraft's against the way that it flew.

Some cameras tell the gimbal's yaw against the aircraft instead of against north. The given FC7203 flights do: gimbal
yaw −6 … +3° on legs flown at 170°, −10°, 122° and −56°. Pictures of one ground laid on each other settle it: 70 m and
32 m apart with the gimbal's yaw, 3.5 m and 2.0 m with the aircraft's.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from geo.flight_columns import Columns
from geo.types import FloatArray
from geo.yaw_words import APART_DEG, NEAR_ZERO_DEG, UNKNOWN_DEG

BODY_YAW_MODELS = frozenset({"FC7203"})
"""Cameras of which tie points have shown that their gimbal's yaw is told against the aircraft."""
FOLLOWS_DEG = 25.0  # crab angle in wind, and the noise of a course
LEAST_FRAMES = 4  # so many courses outvote a camera that is known
MOST = 0.8
BODY_SIGMA_DEG = 5.0  # ours: whether the gimbal's few degrees add to the aircraft's is not known either
AGAINST_DEG = 45.0


class YawFinding(NamedTuple):
    """A stable word, its figure in degrees, the doubt that goes with it, and the yaw to use instead of the tag's."""

    word: str
    figure_deg: float
    sigma_deg: float
    yaw_true_deg: float | None = None


def yaw_findings(columns: Columns) -> dict[int, YawFinding]:
    """Row → what is wrong with its yaw. Rows without a finding are left out."""
    found = _against_body(columns)
    return found if found else _against_track(columns)


def signed_deg(angles: FloatArray) -> FloatArray:
    """−180 … 180."""
    wrapped: FloatArray = np.mod(angles + 180.0, 360.0) - 180.0
    return wrapped


def _against_body(columns: Columns) -> dict[int, YawFinding]:
    """The gimbal stays near zero in every frame, while the aircraft points elsewhere.

    A free gimbal can be kept pointing north, so the aircraft's yaw takes the place of the tag's only for cameras whose
    pictures were seen to prove it (`BODY_YAW_MODELS`), and only where the aircraft's yaw does not itself contradict the
    way flown. Any other camera may point anywhere.
    """
    known = np.isfinite(columns.yaw_deg) & np.isfinite(columns.flight_yaw_deg)
    if not known.any():
        return {}
    gimbal, aircraft = signed_deg(columns.yaw_deg), columns.flight_yaw_deg
    apart = signed_deg(gimbal - aircraft)
    if not (np.abs(gimbal[known]) <= NEAR_ZERO_DEG).all() or not (np.abs(apart[known]) > APART_DEG).any():
        return {}
    off = signed_deg(aircraft - columns.courses_deg())
    judged = off[known & np.isfinite(off)]
    ahead = float((np.abs(judged) <= FOLLOWS_DEG).mean()) >= MOST if len(judged) >= LEAST_FRAMES else True
    proved = ahead and all(columns.models[row] in BODY_YAW_MODELS for row in np.flatnonzero(known))
    found = {}
    for row in np.flatnonzero(known):
        figure = round(float(apart[row]), 1)
        if proved:
            yaw = math.remainder(float(aircraft[row] + gimbal[row] / 2.0), 360.0)
            found[int(row)] = YawFinding("gimbal_yaw_of_the_body", figure, BODY_SIGMA_DEG, yaw)
        else:
            found[int(row)] = YawFinding("yaw_perhaps_of_the_body", figure, UNKNOWN_DEG)
    return found


def _against_track(columns: Columns) -> dict[int, YawFinding]:
    """A flight whose nose follows its way, and a frame, or all of them alike, whose compass does not."""
    off = signed_deg(columns.flight_yaw_deg - columns.courses_deg())
    known = np.isfinite(off)
    if known.sum() < 6:
        return {}
    turns = np.radians(off[known])
    east, north = float(np.sin(turns).mean()), float(np.cos(turns).mean())
    middle, together = math.degrees(math.atan2(east, north)), math.hypot(east, north)
    legs = np.radians(columns.courses_deg()[known])
    straight = math.hypot(float(np.sin(legs).mean()), float(np.cos(legs).mean()))
    if together < 0.9:
        return {}  # it flew sideways and backwards at will: the course says nothing
    if abs(middle) > APART_DEG:
        # On legs in several directions a constant offset is the compass; on one line it may be the wind.
        if straight > 0.8:
            return {}
        return {
            int(row): YawFinding("yaw_offset_from_track", round(middle, 1), min(UNKNOWN_DEG, abs(middle)))
            for row in np.flatnonzero(np.isfinite(columns.flight_yaw_deg))
        }
    return {
        int(row): YawFinding("yaw_against_track", round(float(off[row]), 1), min(UNKNOWN_DEG, abs(float(off[row]))))
        for row in np.flatnonzero(known & (np.abs(off) > AGAINST_DEG))
    }
