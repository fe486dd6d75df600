"""A track: fixes over time, in columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import ShapeError
from geo.types import FloatArray

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Track:
    """Fixes in order of time, in columns of one length n; blocks without a believable position are counted, not kept.

    Attributes:
        format: 'dji_srt_brackets', 'dji_srt_gps', 'dji_srt_mixed' or 'misb_st0601'.
        frames: blocks or packets in the file.
        dropped: those among them without a believable position.
        times_s: (n,) seconds into the video.
        clock: what the camera's clock said at each fix, ISO without a zone ('Z' where the format gives UTC); None
            where the file has no clock.
        lon, lat: (n,) WGS 84.
        altitude_m: (n,), NaN where none; what it is above says `altitude_kind`: 'takeoff', 'sea', 'ellipsoid',
            'undeclared', 'none'.
        absolute_altitude_m: (n,) where the file gives one beside the height above take-off.
        yaw_true_deg, pitch_deg, roll_deg: (n,) of the camera, NaN where the file says nothing (most do not).
        focal_35mm: (n,) 35-mm equivalent, NaN where none.
        verified: (n,) False where a packet's checksum does not fit.
        digital_zoom, hfov_deg: (n,) NaN where none; None where the format has no such thing.
        resolution_m: how far apart two writable positions lie (11 m at four decimals).
        warnings: stable words.
    """

    format: str
    frames: int
    dropped: int
    times_s: FloatArray
    clock: list[str] | None
    lon: FloatArray
    lat: FloatArray
    altitude_m: FloatArray
    altitude_kind: str
    absolute_altitude_m: FloatArray
    yaw_true_deg: FloatArray
    pitch_deg: FloatArray
    roll_deg: FloatArray
    focal_35mm: FloatArray
    verified: NDArray[np.bool_]
    resolution_m: float
    warnings: tuple[str, ...] = field(default=())
    digital_zoom: FloatArray | None = None
    hfov_deg: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse columns of different lengths.

        Raises:
            ShapeError: they differ.
        """
        lengths = {len(getattr(self, name)) for name in _COLUMNS}
        lengths |= {len(getattr(self, name)) for name in _OPTIONAL if getattr(self, name) is not None}
        if len(lengths) != 1 or (self.clock is not None and len(self.clock) != len(self)):
            raise ShapeError("Track", f"columns of one length expected, {sorted(lengths)} given")

    def __len__(self) -> int:
        """How many fixes there are."""
        return len(self.times_s)

    @property
    def distinct_positions(self) -> int:
        """How many places there are among the fixes: receivers repeat a fix between updates."""
        return len(np.unique(np.column_stack([self.lon, self.lat]), axis=0))

    def trusted(self) -> Track:
        """Without the fixes whose checksum does not fit, where those of others do.

        An encoder that gets one sum right gets all right: a wrong one is a packet that was damaged on its way. Where
        none fits the encoder writes wrong ones, and they say nothing.
        """
        if self.verified.all() or not self.verified.any():
            return self
        rows = self.verified
        columns = {
            name: column[rows] for name in (*_COLUMNS, *_OPTIONAL) if (column := getattr(self, name)) is not None
        }
        clock = None if self.clock is None else [said for said, good in zip(self.clock, rows, strict=True) if good]
        dropped = self.dropped + int((~rows).sum())
        return replace(self, **columns, clock=clock, dropped=dropped)

    def fix(self, row: int) -> dict[str, Any]:
        """One fix for JSON: time (clock, else seconds), lon, lat, altitude_m (null where none)."""
        altitude = float(self.altitude_m[row])
        return {
            "time": self.clock[row] if self.clock else float(self.times_s[row]),
            "lon": float(self.lon[row]),
            "lat": float(self.lat[row]),
            "altitude_m": altitude if np.isfinite(altitude) else None,
        }


_COLUMNS = (
    "times_s", "lon", "lat", "altitude_m", "absolute_altitude_m", "yaw_true_deg", "pitch_deg", "roll_deg",
    "focal_35mm", "verified",
)  # fmt: skip
_OPTIONAL = ("digital_zoom", "hfov_deg")
