"""The pose of a video's frame, taken from its track: what a picture would say in its tags."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geo.errors import NoPosition
from geo.tags import Tags
from geo.track import Track
from geo.types import FloatArray

DECLARED = {"sea": "egm96", "ellipsoid": "ellipsoid"}
"""What the heights of ST 0601 are above, by the standard's own words (tags 15 and 75). Subtitles have no standard."""
GAP_S = 3.0
"""Between fixes farther apart than this nothing is interpolated: the aircraft may have turned."""
LAG_SIGMA_S = 0.3
"""Between the picture and the fix beside it, 1 sigma, where nobody measured it (`geo.video_lag`)."""
_METRES_PER_DEGREE = 111_195.0


def tags_at(
    track: Track,
    time_s: float,
    width_px: int,
    height_px: int,
    *,
    lag_s: float | None = None,
    lag_sigma_s: float = LAG_SIGMA_S,
) -> Tags:
    """What the track says of one instant of its video.

    Args:
        track: fixes in order of time.
        time_s: seconds into the video.
        width_px: of the video's frames.
        height_px: of the video's frames.
        lag_s: by how much the fixes are late: the picture of `time_s` shows what the track says so much later; None
            where nobody measured it.
        lag_sigma_s: 1 sigma of that.

    Returns:
        Tags with position, height and attitude as far as the track has them: position and height linear between the
        fixes around, where a fix that only repeats the one before counts as none; angles along the shorter way;
        clock of the nearest block. `position_doubt_m` is the resolution of the written places, and the way flown in
        the time by which fixes lag behind the picture. Fixes whose checksum does not fit are passed over where others'
        fit. A track without angles gives tags without angles; straight down
        is never assumed.

    Raises:
        NoPosition: the track has no fix, or none near that instant.
    """
    track = track.trusted()
    shown_s = time_s + (lag_s or 0.0)
    before, after, share = _around(track.times_s, shown_s)
    fresh = fresh_rows(track)
    place = _around(track.times_s[fresh], shown_s) if len(fresh) > 1 else None
    first, last, part = (fresh[place[0]], fresh[place[1]], place[2]) if place else (before, after, share)

    def between(column: FloatArray, i: int = before, k: int = after, way: float = share) -> float | None:
        return _number(float(column[i] + way * (column[k] - column[i])))

    nearest = before if share < 0.5 else after
    altitude, absolute = between(track.altitude_m), between(track.absolute_altitude_m)
    clock = track.clock[nearest] if track.clock else None
    yaw = _turn_between(track.yaw_true_deg, before, after, share)
    roll = _turn_between(track.roll_deg, before, after, share)
    return Tags(
        width_px=width_px,
        height_px=height_px,
        taken_at=clock.removesuffix("Z") if clock else None,
        utc_offset="+00:00" if clock and clock.endswith("Z") else None,
        lon=between(track.lon, first, last, part),
        lat=between(track.lat, first, last, part),
        relative_altitude_m=altitude if track.altitude_kind == "takeoff" else None,
        absolute_altitude_m=altitude if track.altitude_kind in {"sea", "ellipsoid"} else absolute,
        altitude_datum=DECLARED.get(track.altitude_kind) if track.format == "misb_st0601" else None,
        altitude_type=track.altitude_kind if track.altitude_kind in {"sea", "ellipsoid"} else None,
        gimbal_yaw_deg=yaw,
        gimbal_pitch_deg=between(track.pitch_deg),
        gimbal_roll_deg=roll,
        focal_35mm=_number(float(track.focal_35mm[nearest])),
        digital_zoom=None if track.digital_zoom is None else _number(float(track.digital_zoom[nearest])),
        hfov_deg=None if track.hfov_deg is None else _number(float(track.hfov_deg[nearest])),
        position_doubt_m=_doubt_m(track, first, last, lag_sigma_s),
        track_lag_s=lag_s,
        track_lag_sigma_s=None if lag_s is None else lag_sigma_s,
        warnings=track.warnings,
    )


def _around(times: FloatArray, time_s: float) -> tuple[int, int, float]:
    """The rows before and after an instant, and how far between them it lies (0–1).

    Raises:
        NoPosition: there is no row near that instant.
    """
    if len(times) == 0:
        raise NoPosition("track", "it holds no fix")
    after = int(np.searchsorted(times, time_s))
    before = max(0, min(after - 1, len(times) - 1))
    after = min(after, len(times) - 1)
    start, end = float(times[before]), float(times[after])
    outside = time_s < start - GAP_S or time_s > end + GAP_S
    if outside or end - start > GAP_S:
        raise NoPosition("track", f"no fix within {GAP_S:.0f} s of second {time_s:.1f}")
    share = 0.0 if end == start else min(1.0, max(0.0, (time_s - start) / (end - start)))
    return before, after, share


def fresh_rows(track: Track) -> NDArray[np.intp]:
    """Rows whose place is a new one: between them the aircraft flew on, whatever the repeated fixes say.

    A place that stays for longer than `GAP_S` is a hover (or a receiver that died): its last row counts as well. So do
    the first and the last row of the track.
    """
    moved = np.flatnonzero((np.diff(track.lon) != 0) | (np.diff(track.lat) != 0)) + 1
    keep = {0, len(track) - 1, *(int(row) for row in moved)}
    for start, end in zip([0, *moved], [*moved, len(track)], strict=True):
        if end - 1 > start and track.times_s[end - 1] - track.times_s[start] > GAP_S - 1.0:
            keep.update(int(row) for row in range(start, end))
    return np.array(sorted(keep), dtype=np.intp)


def _turn_between(angles: FloatArray, before: int, after: int, share: float) -> float | None:
    """Along the shorter way round; −180 … 180."""
    start, end = float(angles[before]), float(angles[after])
    if not (math.isfinite(start) and math.isfinite(end)):
        return None
    turned = start + share * (math.remainder(end - start, 360.0))
    return math.remainder(turned, 360.0)


def _doubt_m(track: Track, first: int, last: int, lag_sigma_s: float) -> float | None:
    """Rounding of the written places, and the way flown within the lag."""
    rounding = track.resolution_m / math.sqrt(12.0) if math.isfinite(track.resolution_m) else 0.0
    seconds = float(track.times_s[last] - track.times_s[first])
    speed = 0.0
    if seconds > 0:
        east = math.cos(math.radians(float(track.lat[first]))) * float(track.lon[last] - track.lon[first])
        speed = math.hypot(east, float(track.lat[last] - track.lat[first])) * _METRES_PER_DEGREE / seconds
    return round(math.hypot(rounding, speed * lag_sigma_s), 3) or None


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
