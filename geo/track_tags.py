"""The pose of a video's frame, taken from its track: what a picture would say in its tags."""

from __future__ import annotations

import math

import numpy as np

from geo.errors import NoPosition
from geo.tags import Tags
from geo.track import Track
from geo.types import FloatArray

GAP_S = 3.0
"""Between fixes farther apart than this nothing is interpolated: the aircraft may have turned."""


def tags_at(track: Track, time_s: float, width_px: int, height_px: int) -> Tags:
    """What the track says of one instant of its video.

    Args:
        track: fixes in order of time.
        time_s: seconds into the video.
        width_px: of the video's frames.
        height_px: of the video's frames.

    Returns:
        Tags with position, height and attitude as far as the track has them: position and height linear between the
        fixes around, angles and clock of the nearest fix. A track without angles gives tags without angles; straight
        down is never assumed.

    Raises:
        NoPosition: the track has no fix, or none near that instant.
    """
    before, after, share = _around(track, time_s)

    def between(column: FloatArray) -> float | None:
        value = float(column[before] + share * (column[after] - column[before]))
        return value if math.isfinite(value) else None

    nearest = before if share < 0.5 else after
    altitude = between(track.altitude_m)
    absolute = between(track.absolute_altitude_m)
    clock = track.clock[nearest] if track.clock else None
    return Tags(
        width_px=width_px,
        height_px=height_px,
        taken_at=clock.removesuffix("Z") if clock else None,
        utc_offset="+00:00" if clock and clock.endswith("Z") else None,
        lon=between(track.lon),
        lat=between(track.lat),
        relative_altitude_m=altitude if track.altitude_kind == "takeoff" else None,
        absolute_altitude_m=altitude if track.altitude_kind in {"sea", "ellipsoid"} else absolute,
        gimbal_yaw_deg=_at(track.yaw_true_deg, nearest),
        gimbal_pitch_deg=_at(track.pitch_deg, nearest),
        gimbal_roll_deg=_at(track.roll_deg, nearest),
        focal_35mm=_at(track.focal_35mm, nearest),
        warnings=track.warnings,
    )


def _around(track: Track, time_s: float) -> tuple[int, int, float]:
    """The fixes before and after an instant, and how far between them it lies (0–1)."""
    if len(track) == 0:
        raise NoPosition("track", "it holds no fix")
    after = int(np.searchsorted(track.times_s, time_s))
    before = max(0, min(after - 1, len(track) - 1))
    after = min(after, len(track) - 1)
    start, end = float(track.times_s[before]), float(track.times_s[after])
    outside = time_s < start - GAP_S or time_s > end + GAP_S
    if outside or end - start > GAP_S:
        raise NoPosition("track", f"no fix within {GAP_S:.0f} s of second {time_s:.1f}")
    share = 0.0 if end == start else min(1.0, max(0.0, (time_s - start) / (end - start)))
    return before, after, share


def _at(column: FloatArray, row: int) -> float | None:
    value = float(column[row])
    return value if math.isfinite(value) else None
