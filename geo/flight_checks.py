"""Where the tags of a flight's frames contradict each other: named, measured, and paid for with a wider doubt.

One picture can only contradict itself. A flight says more: whether the barometer and the receiver climb together,
whether the nose points where the aircraft goes, whether the gimbal turns with it, whether clock and position go on.
Each doubt carries its figure; none is repaired, but for one: a gimbal whose yaw is plainly told against the aircraft.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.flight_columns import Columns, columns_of
from geo.height_tie import FlightHeight
from geo.srt_checks import TURNED_DEG, spread_deg
from geo.tags import Tags
from geo.types import FloatArray
from geo.yaw_checks import YawFinding, yaw_findings
from geo.yaw_words import UNKNOWN_DEG

HEIGHTS_APART_M = 5.0  # ours: drift of a barometer within a flight is a metre or two
HEIGHT_SCALE = 0.15  # the two heights climb in another ratio than 1
CLIMB_M = 10.0
GREATEST_SPEED_M_S = 30.0  # ours: no camera drone maps faster
GREATEST_CLIMB_M_S = 15.0
LEAST_JUMP_M = 30.0
STILL_DEG = 0.05
LEAST_FRAMES = 4


class Doubt(NamedTuple):
    """A stable word and the figure that was measured, in the unit that the word's sentence names."""

    word: str
    figure: float


@dataclass(frozen=True)
class FrameDoubts:
    """What the flight says against one frame's tags.

    Attributes:
        doubts: in the order in which they were found.
        position_m, height_m, yaw_deg, tilt_deg: standard deviations that join the instruments'.
        yaw_true_deg: the camera's yaw where the tag's own is told against the aircraft; None: the tag's.
        refused: a reason for which the frame gives no place at all, or None.
        height: how the flight's heights of RTK and the terrain belong together (`geo.camera_height`), or None.
        takeoff_m: height of the ground where the flight took off, and one standard deviation, or None.
    """

    doubts: tuple[Doubt, ...] = ()
    position_m: float = 0.0
    height_m: float = 0.0
    yaw_deg: float = 0.0
    tilt_deg: float = 0.0
    yaw_true_deg: float | None = None
    refused: str | None = None
    height: FlightHeight | None = None
    takeoff_m: tuple[float, float] | None = None

    def applied(self, tags: Tags) -> Tags:
        """The frame's tags with these doubts in them, for `geo.pose.pose_of`."""
        yaw = tags.gimbal_yaw_deg if self.yaw_true_deg is None else self.yaw_true_deg
        # What one picture alone has to fear of its yaw, the flight has settled.
        own = None if self.yaw_true_deg is not None else tags.yaw_doubt_deg
        return replace(
            tags,
            gimbal_yaw_deg=yaw,
            position_doubt_m=_joined(tags.position_doubt_m, self.position_m),
            height_doubt_m=_joined(tags.height_doubt_m, self.height_m),
            yaw_doubt_deg=_joined(own, self.yaw_deg),
            tilt_doubt_deg=_joined(tags.tilt_doubt_deg, self.tilt_deg),
            height_how=None if self.height is None else self.height.how,
            height_how_sigma_m=None if self.height is None else self.height.sigma_m,
            takeoff_ground_m=None if self.takeoff_m is None else self.takeoff_m[0],
            takeoff_sigma_m=None if self.takeoff_m is None else self.takeoff_m[1],
        )


def _joined(own: float | None, more: float) -> float | None:
    return math.hypot(own or 0.0, more) or None


@dataclass
class _Found:
    doubts: list[Doubt] = field(default_factory=list)
    position_m: float = 0.0
    height_m: float = 0.0
    yaw_deg: float = 0.0
    yaw_true_deg: float | None = None
    refused: str | None = None

    def add(self, word: str, figure: float) -> None:
        self.doubts.append(Doubt(word, round(float(figure), 2)))


def doubts_of(frames: Sequence[Tags], ground_m: FloatArray | None = None) -> tuple[FrameDoubts, ...]:
    """Hold the frames of one flight against each other.

    Args:
        frames: tags of one flight, one camera, in the order in which they were taken (the order of file names).
        ground_m: (n,) height of the terrain beneath each, where there is a terrain; NaN where it has none.

    Returns:
        One entry a frame, in the same order. Words and the figures with them:
        `heights_disagree` m: absolute minus relative altitude, against the flight's median.
        `height_scale_doubted` ratio: metres of absolute altitude a metre of relative.
        `relative_altitude_constant` m: by how much the absolute altitude changed meanwhile.
        `below_terrain` m: the ground rises above the aircraft by its relative altitude.
        `climb_too_fast` m/s, `position_jump` m/s, `clock_goes_back` s.
        `gimbal_all_zero_in_flight` °, `gimbal_frozen` °: by how much the aircraft turned meanwhile.
        `gimbal_yaw_of_the_body`, `yaw_perhaps_of_the_body` °: gimbal's yaw against the aircraft's.
        `yaw_against_track` °: aircraft's yaw against the way flown; `yaw_offset_from_track` °: in all frames alike.
        `picture_shape_differs` ratio: width by height, where all others have another.

    Raises:
        ShapeError: `ground_m` is not (n,).
    """
    columns = columns_of(frames, ground_m)
    found = [_Found() for _ in frames]
    for check in _CHECKS:
        check(columns, found)
    return tuple(
        FrameDoubts(tuple(f.doubts), f.position_m, f.height_m, f.yaw_deg, 0.0, f.yaw_true_deg, f.refused) for f in found
    )


def _clock(columns: Columns, found: list[_Found]) -> None:
    for row in range(1, columns.count):
        step = columns.time_s[row] - columns.time_s[row - 1]
        if step < -1.0:
            found[row].add("clock_goes_back", -step)


def _jumps(columns: Columns, found: list[_Found]) -> None:
    """A place that cannot be reached from the frame before, nor left for the one behind, in the time between."""
    speeds = columns.speeds(columns.steps_m())
    climbs = columns.speeds(np.abs(np.diff(columns.relative_m)))
    for row in range(columns.count):
        around = [k for k in (row - 1, row) if 0 <= k < len(speeds)]
        fast = [k for k in around if speeds[k] > GREATEST_SPEED_M_S and columns.steps_m()[k] > LEAST_JUMP_M]
        if around and len(fast) == len(around):
            found[row].add("position_jump", max(speeds[k] for k in fast))
            found[row].position_m = math.hypot(found[row].position_m, columns.off_the_line_m(row))
        steep = [k for k in around if climbs[k] > GREATEST_CLIMB_M_S]
        if around and len(steep) == len(around):
            found[row].add("climb_too_fast", max(climbs[k] for k in steep))
            found[row].height_m = math.hypot(found[row].height_m, columns.off_the_height_m(row))


def _heights(columns: Columns, found: list[_Found]) -> None:
    relative, absolute = columns.relative_m, columns.absolute_m
    both = np.isfinite(relative) & np.isfinite(absolute)
    if both.sum() < LEAST_FRAMES:
        return
    apart = absolute - relative
    off = apart - float(np.median(apart[both]))
    if np.ptp(relative[both]) == 0 and np.ptp(absolute[both]) > HEIGHTS_APART_M:
        _all(found, both, "relative_altitude_constant", np.ptp(absolute[both]))
        _widen_height(found, both, np.full(columns.count, float(np.std(absolute[both]))))
        return
    scale = _scale(relative[both], absolute[both])
    if scale is not None and abs(scale - 1.0) > HEIGHT_SCALE:
        _all(found, both, "height_scale_doubted", scale)
        _widen_height(found, both, np.abs(relative) * abs(scale - 1.0))
        return
    for row in np.flatnonzero(both & (np.abs(off) > HEIGHTS_APART_M)):
        found[row].add("heights_disagree", off[row])
        found[row].height_m = math.hypot(found[row].height_m, float(off[row]))


def _scale(relative: FloatArray, absolute: FloatArray) -> float | None:
    """Metres of absolute altitude a metre of relative, where the flight climbed enough to tell."""
    if np.ptp(relative) < CLIMB_M:
        return None
    a, b = relative - relative.mean(), absolute - absolute.mean()
    alike = float((a @ b) / math.sqrt(max((a @ a) * (b @ b), 1e-12)))
    return float((a @ b) / (a @ a)) if alike > 0.95 else None


def _all(found: list[_Found], rows: NDArray[np.bool_], word: str, figure: float) -> None:
    for row in np.flatnonzero(rows):
        found[row].add(word, figure)


def _widen_height(found: list[_Found], rows: NDArray[np.bool_], by_m: FloatArray) -> None:
    for row in np.flatnonzero(rows):
        found[row].height_m = math.hypot(found[row].height_m, float(by_m[row]))


def _terrain(columns: Columns, found: list[_Found]) -> None:
    """An aircraft that stays at its relative altitude above where it took off must clear the ground that it passes."""
    known = np.isfinite(columns.ground_m) & np.isfinite(columns.relative_m)
    if known.sum() < 2:
        return
    start = columns.ground_m[np.flatnonzero(known)[0]]
    clearance = columns.relative_m - (columns.ground_m - start)
    for row in np.flatnonzero(known & (clearance < 0) & (columns.relative_m > 0)):
        found[row].add("below_terrain", -clearance[row])
        found[row].height_m = math.hypot(found[row].height_m, float(columns.ground_m[row] - start))


def _gimbal(columns: Columns, found: list[_Found]) -> None:
    """Angles that stand still while the aircraft turns."""
    gimbal = np.column_stack([columns.yaw_deg, columns.pitch_deg, columns.roll_deg])
    known: NDArray[np.bool_] = np.asarray(np.isfinite(gimbal).all(axis=1))
    if known.sum() < LEAST_FRAMES:
        return
    turned = max(spread_deg(columns.flight_yaw_deg[known]), spread_deg(columns.courses_deg()))
    if turned < TURNED_DEG:
        return
    if not gimbal[known].any():
        _all(found, known, "gimbal_all_zero_in_flight", turned)
        for row in np.flatnonzero(known):
            found[row].refused = "no_attitude"
    elif spread_deg(columns.yaw_deg[known]) <= STILL_DEG:
        _all(found, known, "gimbal_frozen", turned)
        for row in np.flatnonzero(known):
            found[row].yaw_deg = UNKNOWN_DEG


def _yaw(columns: Columns, found: list[_Found]) -> None:
    for row, finding in yaw_findings(columns).items():
        _take_yaw(found[row], finding)


def _take_yaw(found: _Found, finding: YawFinding) -> None:
    found.add(finding.word, finding.figure_deg)
    found.yaw_deg = max(found.yaw_deg, finding.sigma_deg)
    if finding.yaw_true_deg is not None:
        found.yaw_true_deg, found.yaw_deg = finding.yaw_true_deg, finding.sigma_deg


def _shapes(columns: Columns, found: list[_Found]) -> None:
    """A picture that stands upright among others that lie was turned, or cut."""
    upright = columns.shape > 1.0
    odd: NDArray[np.bool_] = np.asarray(upright if upright.sum() * 2 < columns.count else ~upright)
    if columns.count < 3 or odd.sum() * 3 > columns.count:
        return
    for row in np.flatnonzero(odd):
        found[row].add("picture_shape_differs", 1.0 / columns.shape[row])
        found[row].refused = "picture_turned"


_CHECKS: tuple[Callable[[Columns, list[_Found]], None], ...] = (
    _clock, _jumps, _heights, _terrain, _gimbal, _yaw, _shapes
)  # fmt: skip
