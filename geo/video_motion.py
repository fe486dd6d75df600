"""How fast a video's picture moves and turns: what the track's speed and turns are held against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from geo.errors import UnreadableFile
from geo.types import FloatArray

EVERY_S, AT_MOST_S = 0.2, 90.0
LONGER_PX = 320
FEATURES, LEAST_KEPT = 200, 12


@dataclass(frozen=True)
class Motion:
    """Apparent motion between neighbouring looks, n rows in order of time.

    Attributes:
        times_s: (n,) middle between the two looks, seconds into the video.
        shift_px_s: (n,) by how many pixels a second the picture's middle moves, of a picture 320 px long.
        turn_deg_s: (n,) by how many degrees a second it turns about its middle, clockwise as seen.
    """

    times_s: FloatArray
    shift_px_s: FloatArray
    turn_deg_s: FloatArray


def motion_of(video: Path, *, at_most_s: float = AT_MOST_S) -> Motion:
    """Follow corners from look to look (Lucas and Kanade 1981), five looks a second.

    Args:
        video: the file.
        at_most_s: no more than so much of its beginning is looked at.

    Raises:
        UnreadableFile: it cannot be decoded.
    """
    capture = cv2.VideoCapture(str(video))
    try:
        rate = float(capture.get(cv2.CAP_PROP_FPS))
        if not capture.isOpened() or not 1.0 <= rate <= 1000.0:
            raise UnreadableFile(video.name, "no video that can be decoded")
        return _followed(capture, rate, max(1, round(rate * EVERY_S)), at_most_s)
    finally:
        capture.release()


def _followed(capture: cv2.VideoCapture, rate: float, step: int, at_most_s: float) -> Motion:
    rows: list[tuple[float, float, float]] = []
    before: tuple[int, np.ndarray] | None = None
    number = -1
    while capture.grab() and number < at_most_s * rate:
        number += 1
        if number % step:
            continue
        taken, frame = capture.retrieve()
        if not taken:
            before = None
            continue
        small = _small(frame)
        moved = None if before is None else _moved(before[1], small)
        if before is not None and moved is not None:
            seconds = (number - before[0]) / rate
            rows.append(((number + before[0]) / 2 / rate, moved[0] / seconds, moved[1] / seconds))
        before = number, small
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Motion(columns[:, 0], columns[:, 1], columns[:, 2])


def _small(frame: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    factor = LONGER_PX / max(grey.shape)
    return np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def _moved(before: np.ndarray, after: np.ndarray) -> tuple[float, float] | None:
    """Pixels that the middle moved, and degrees that the picture turned; None where nothing could be followed."""
    corners = cv2.goodFeaturesToTrack(before, FEATURES, 0.01, 6)
    if corners is None or len(corners) < LEAST_KEPT:
        return None
    followed, kept, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, corners.copy())
    some = kept.ravel() == 1
    if some.sum() < LEAST_KEPT:
        return None
    middle = np.array([before.shape[1], before.shape[0]], np.float32) / 2
    start, end = corners.reshape(-1, 2)[some] - middle, followed.reshape(-1, 2)[some] - middle
    matrix, inliers = cv2.estimateAffinePartial2D(start, end, method=cv2.RANSAC, ransacReprojThreshold=1.5)
    if matrix is None or int(inliers.sum()) < LEAST_KEPT:
        return None
    turned = float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])))
    return float(np.hypot(matrix[0, 2], matrix[1, 2])), turned
