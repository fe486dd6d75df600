"""By how much a track's fixes are late against the pictures of its video, told by the picture's own motion.

When the aircraft speeds up, slows down or turns, the picture does so at once and the subtitles some tenths of a second
later. The lag is the one at which the track's speed and turns explain the picture's motion best; how sure it is comes
from drawing the clip's stretches anew (block bootstrap, Künsch 1989). A clip that flies steadily says nothing of it:
then the lag is taken for none, with the larger doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.fixes import Track
from geo.track_tags import LAG_SIGMA_S, fresh_rows
from geo.types import FloatArray
from geo.video_motion import EVERY_S, Motion

METRES_PER_DEGREE = 111_195.0
REACH_S, STEP_S = 1.6, 0.05
SMOOTH_S = 1.0
"""Positions come once a second or so: speeds between them are means, and the picture's motion is averaged alike."""
BLOCK_S, DRAWS, SEED = 4.0, 200, 20
LEAST_ROWS = 40  # eight seconds
LEAST_EXPLAINED = 0.5
LEAST_SIGMA_S = 0.05
TOO_COARSE_M = 3.0
"""Written in steps above this, places show no speed."""


@dataclass(frozen=True)
class Lag:
    """A picture at second t shows what the track says at t + `seconds`.

    Attributes:
        seconds: positive where the fixes are late.
        sigma_s: 1 sigma.
        explained: share of the picture's motion that the track explains at that lag; NaN where it is assumed.
    """

    seconds: float
    sigma_s: float
    explained: float = float("nan")

    @property
    def is_estimated(self) -> bool:
        """Whether the clip itself told it."""
        return bool(np.isfinite(self.explained))

    @property
    def measured_s(self) -> float | None:
        """The lag as `geo.track_tags.tags_at` takes it: None where it is assumed."""
        return self.seconds if self.is_estimated else None


ASSUMED = Lag(0.0, LAG_SIGMA_S)
"""Where the clip does not tell; ours: subtitles are written once a frame, fixes come late."""


def lag_of(motion: Motion, track: Track) -> Lag:
    """Estimate the lag of a track against its video.

    Args:
        motion: of the video, from `geo.video_motion.motion_of`.
        track: its fixes.

    Returns:
        The lag; `ASSUMED` where the clip is short, flies steadily, or moves otherwise than its track says.
    """
    track = track.trusted()
    if len(motion.times_s) < LEAST_ROWS or len(track.times_s) < 3:
        return ASSUMED
    lags = np.arange(-REACH_S, REACH_S + STEP_S / 2, STEP_S)
    signals = _signals(track, motion.times_s, lags)
    if not signals:
        return ASSUMED
    pictures = [_smooth(motion.shift_px_s)[None], _smooth(motion.turn_deg_s)[None]]
    sums = [_sums(x, pictures[which][0]) for which, x in signals]
    blocks = (motion.times_s // BLOCK_S).astype(int)
    parts = [np.stack([s[..., blocks == b].sum(axis=-1) for b in np.unique(blocks)]) for s in sums]
    explained = _explained([part.sum(axis=0) for part in parts])
    best = int(explained.argmax())
    random = np.random.default_rng(SEED)
    count = len(parts[0])
    drawn = [random.integers(0, count, count) for _ in range(DRAWS)]
    found = np.array([lags[_explained([part[rows].sum(axis=0) for part in parts]).argmax()] for rows in drawn])
    sigma = float(np.hypot(found.std(), LEAST_SIGMA_S))
    at_edge = abs(lags[best]) > REACH_S - STEP_S
    if explained[best] < LEAST_EXPLAINED or sigma >= ASSUMED.sigma_s or at_edge:
        return ASSUMED
    return Lag(round(_peak(lags, explained, best), 3), round(sigma, 3), round(float(explained[best]), 3))


def _signals(track: Track, times_s: FloatArray, lags: FloatArray) -> list[tuple[int, FloatArray]]:
    """What the track says of the picture's shift (0) and turn (1): (k regressors, lags, n) each."""
    at = times_s[None] + lags[:, None]
    speed, turn = _speed_at(track, at), _turn_at(track, at)
    found: list[tuple[int, FloatArray]] = []
    moving = [s for s in (speed, None if turn is None else np.abs(turn)) if s is not None]
    if moving:
        found.append((0, np.stack(moving)))
    if turn is not None:
        found.append((1, turn[None]))
    return found


def _speed_at(track: Track, at: FloatArray) -> FloatArray | None:
    """(lags, n) metres a second over the ground, averaged over `SMOOTH_S`."""
    rows = fresh_rows(track)
    if len(rows) < 4 or (np.isfinite(track.resolution_m) and track.resolution_m > TOO_COARSE_M):
        return None
    times = track.times_s[rows]
    east = (track.lon[rows] - track.lon[rows[0]]) * np.cos(np.radians(track.lat[rows[0]])) * METRES_PER_DEGREE
    north = (track.lat[rows] - track.lat[rows[0]]) * METRES_PER_DEGREE
    half = SMOOTH_S / 2
    legs = [np.interp(at + half, times, x) - np.interp(at - half, times, x) for x in (east, north)]
    return np.asarray(np.hypot(*legs) / SMOOTH_S)


def _turn_at(track: Track, at: FloatArray) -> FloatArray | None:
    """(lags, n) degrees a second of the camera's yaw, averaged over `SMOOTH_S`; None where the track has none."""
    known = np.isfinite(track.yaw_true_deg)
    if known.sum() < 4:
        return None
    yaw = np.degrees(np.unwrap(np.radians(track.yaw_true_deg[known])))
    if np.ptp(yaw) < 5.0:
        return None
    half = SMOOTH_S / 2
    times = track.times_s[known]
    return np.asarray((np.interp(at + half, times, yaw) - np.interp(at - half, times, yaw)) / SMOOTH_S)


def _smooth(values: FloatArray) -> FloatArray:
    width = max(1, round(SMOOTH_S / EVERY_S))
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.asarray(np.convolve(padded, np.full(width, 1 / width), mode="valid"))


def _sums(x: FloatArray, y: FloatArray) -> FloatArray:
    """(lags, 2 + 2k + k², n) products whose sums give a least-squares fit: 1, y, y², x y, x x."""
    k, lags, n = x.shape
    ones = np.ones((lags, n))
    rows = [ones, np.broadcast_to(y, (lags, n)), np.broadcast_to(y * y, (lags, n))]
    rows += [x[i] * y for i in range(k)] + [x[i] * x[j] for i in range(k) for j in range(k)]
    return np.stack(rows, axis=1)


def _explained(sums: list[FloatArray]) -> FloatArray:
    """(lags,) share of the variance of all pictures' signals that the track explains; each signal counts alike."""
    total = np.zeros(sums[0].shape[0])
    for s in sums:
        k = round((-1 + np.sqrt(1 + 4 * (s.shape[1] - 3))) / 2)
        count, y, yy, xy = s[:, 0], s[:, 1], s[:, 2], s[:, 3 : 3 + k]
        xx = s[:, 3 + k :].reshape(-1, k, k) + np.eye(k) * 1e-9
        spread = np.maximum(yy - y * y / np.maximum(count, 1), 1e-9)
        weight = np.linalg.solve(xx, xy[..., None])[..., 0]
        if k == 2:  # the picture does not move less for flying faster
            weight = np.where((weight < 0).any(axis=1, keepdims=True), 0.0, weight)
            alone = np.maximum(xy / np.maximum(np.einsum("lii->li", xx), 1e-9), 0)
            better = np.argmax(alone * xy, axis=1)
            only = np.zeros_like(weight)
            only[np.arange(len(only)), better] = alone[np.arange(len(only)), better]
            weight = np.where(weight.any(axis=1, keepdims=True), weight, only)
        left = yy - 2 * (weight * xy).sum(axis=1) + np.einsum("li,lij,lj->l", weight, xx, weight)
        total += 1 - left / spread
    return np.asarray(total / len(sums))


def _peak(lags: FloatArray, values: FloatArray, best: int) -> float:
    """The top of a parabola through the best value and its neighbours."""
    before, here, after = values[best - 1], values[best], values[best + 1]
    bend = before - 2 * here + after
    return float(lags[best] + (0.5 * STEP_S * (before - after) / bend if bend < 0 else 0.0))
