"""The tags of a flight's frames in columns, and what lies between one frame and the next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from geo.errors import ShapeError
from geo.tags import Tags
from geo.types import FloatArray

_METRES_PER_DEGREE = 111_195.0
_CLOCK_S = 1.0  # clocks of pictures are written in whole seconds
COURSE_M = 8.0  # a shorter way is made of GNSS noise
COURSE_S = 15.0  # in a longer time the aircraft may have flown round


@dataclass(frozen=True)
class Columns:
    """n frames in columns (n,), NaN where a tag is missing; metres are east and north of the first place."""

    time_s: FloatArray
    east_m: FloatArray
    north_m: FloatArray
    relative_m: FloatArray
    absolute_m: FloatArray
    ground_m: FloatArray
    yaw_deg: FloatArray
    pitch_deg: FloatArray
    roll_deg: FloatArray
    flight_yaw_deg: FloatArray
    shape: FloatArray  # height by width of the picture as stored
    models: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.time_s)

    def steps_m(self) -> FloatArray:
        """(n − 1,) the way from each frame to the next."""
        return np.hypot(np.diff(self.east_m), np.diff(self.north_m))

    def speeds(self, ways: FloatArray) -> FloatArray:
        """(n − 1,) ways over times, the least that whole seconds allow; 0 where the time is unknown or goes back."""
        seconds = np.diff(self.time_s)
        with np.errstate(invalid="ignore"):
            speeds = np.where(seconds >= 0, ways / (np.abs(seconds) + _CLOCK_S), 0.0)
        return np.nan_to_num(speeds)

    def off_the_line_m(self, row: int) -> float:
        """How far a frame lies from the middle of its neighbours; from its only neighbour at an end."""
        rows = [k for k in (row - 1, row + 1) if 0 <= k < self.count]
        east, north = float(np.mean(self.east_m[rows])), float(np.mean(self.north_m[rows]))
        return math.hypot(float(self.east_m[row]) - east, float(self.north_m[row]) - north)

    def off_the_height_m(self, row: int) -> float:
        """The same for the relative altitude."""
        rows = [k for k in (row - 1, row + 1) if 0 <= k < self.count]
        return abs(float(self.relative_m[row]) - float(np.mean(self.relative_m[rows])))

    def courses_deg(self) -> FloatArray:
        """(n,) the direction flown at each frame, from true north: the mean of the ways to and from it; NaN if short.

        Where the way turns by more than 30° there the frame has no course: it stands at the end of a line.
        """
        if self.count < 2:
            return np.full(self.count, np.nan)
        steps = np.column_stack([np.diff(self.east_m), np.diff(self.north_m)])
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        with np.errstate(invalid="ignore", divide="ignore"):
            near = ~(np.diff(self.time_s) > COURSE_S)  # an unknown time counts as near
            units = np.where((near & (lengths >= COURSE_M))[:, None], steps / lengths[:, None], np.nan)
        none = np.full((1, 2), np.nan)
        before, after = np.vstack([none, units]), np.vstack([units, none])
        there, back = np.isfinite(before).all(axis=1), np.isfinite(after).all(axis=1)
        both = np.nan_to_num(before) + np.nan_to_num(after)
        straight = ~(there & back) | (np.nansum(before * after, axis=1) > math.cos(math.radians(30.0)))
        courses: FloatArray = np.degrees(np.arctan2(both[:, 0], both[:, 1]))
        return np.where((there | back) & straight, courses, np.nan)


def columns_of(frames: Sequence[Tags], ground_m: FloatArray | None = None) -> Columns:
    """Columns of the tags of one flight.

    Raises:
        ShapeError: `ground_m` is not (n,).
    """
    ground = np.full(len(frames), np.nan) if ground_m is None else np.asarray(ground_m, dtype=np.float64)
    if ground.shape != (len(frames),):
        raise ShapeError("ground_m", f"({len(frames)},) expected, {ground.shape} given")
    lon, lat = _column([tags.lon for tags in frames]), _column([tags.lat for tags in frames])
    middle = float(np.nanmean(lat)) if np.isfinite(lat).any() else 0.0
    origin = (float(np.nanmin(lon)), float(np.nanmin(lat))) if np.isfinite(lon + lat).any() else (0.0, 0.0)
    return Columns(
        time_s=_times(frames),
        east_m=(lon - origin[0]) * math.cos(math.radians(middle)) * _METRES_PER_DEGREE,
        north_m=(lat - origin[1]) * _METRES_PER_DEGREE,
        relative_m=_column([tags.relative_altitude_m for tags in frames]),
        absolute_m=_column(
            [t.gps_altitude_m if t.absolute_altitude_m is None else t.absolute_altitude_m for t in frames]
        ),
        ground_m=ground,
        yaw_deg=_column([tags.gimbal_yaw_deg for tags in frames]),
        pitch_deg=_column([tags.gimbal_pitch_deg for tags in frames]),
        roll_deg=_column([tags.gimbal_roll_deg for tags in frames]),
        flight_yaw_deg=_column([tags.flight_yaw_deg for tags in frames]),
        shape=_column([tags.height_px / tags.width_px for tags in frames]),
        models=tuple((tags.model or "").strip().upper() for tags in frames),
    )


def _times(frames: Sequence[Tags]) -> FloatArray:
    """Seconds by the cameras' clock; the receiver's where the camera has none. One clock for the whole flight."""
    for clocks in ([t.taken_at for t in frames], [(t.gps_time_utc or "").removesuffix("Z") for t in frames]):
        seconds = [_seconds(clock) for clock in clocks]
        if any(value is not None for value in seconds):
            return _column(seconds)
    return np.full(len(frames), np.nan)


def _seconds(clock: str | None) -> float | None:
    if not clock:
        return None
    return (datetime.fromisoformat(clock).replace(tzinfo=None) - datetime(2000, 1, 1)).total_seconds()  # noqa: DTZ001


def _column(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
