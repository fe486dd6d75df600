"""Whether a picture's pixels were turned after the shot, by what its neighbours show of the same ground.

A tool that turns the preview along with the picture leaves no trace in the file. But neighbouring frames see the same
ground: by their angles one should lie on the other turned by so much, and by their pixels it does, or it lies turned by
a quarter or a half more. Who is unturned the way flown tells (`geo.turn_by_track`), for a whole flight that was turned
alike agrees with itself; where it does not tell, the company of frames that agree is taken for unturned; where that is
no majority, nobody is.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from geo.attitude import rotation
from geo.errors import ShapeError
from geo.flight_columns import columns_of
from geo.tags import Tags
from geo.turn_by_track import quarter_of
from geo.types import FloatArray
from geo.yaw_words import UNKNOWN_DEG

LONG_SIDE_PX = 640
MOST_FEATURES = 800
RATIO = 0.8
LEAST_INLIERS = 18  # of one similarity: by chance some five agree
LEAST_SHARE = 0.25
WITHIN_PX = 6.0  # at the reduced size; relief and tilt bend what a similarity cannot
REACH = 2  # so many frames after it a frame is held against
AT_ONCE = 16  # pictures in memory, whatever the length of the flight
FAR_M = 250.0  # frames farther apart than this are not held against each other
AXES_APART_DEG = 40.0
NEAR_DEG = 30.0  # so near to a quarter turn it is one; a compass errs by less
LEAST_VOTES, VOTES_AGREE = 3, 0.8  # pairs along the way flown that must say the same, ours
LEAST_TURN_DEG = 25.0  # what is said of a heading that is merely wrong

Grey = NDArray[np.uint8]
Loader = Callable[[int], Grey | None]
Told = Callable[[int, int], None]
"""How many pictures are through, of how many."""


def _untold(done: int, total: int) -> None:
    return None


@dataclass(frozen=True)
class PictureTurn:
    """What the neighbours say of a frame.

    Attributes:
        clockwise_deg: 0, 90, 180 or 270 by which the pixels were turned; None where that cannot be told.
        disputed: it contradicts its neighbours, and there is no majority to say who is right.
        off_deg: how far its angles and its neighbours' lie apart once quarter turns are taken out, the median.
        neighbours: with how many it was compared.
        by_track: the way flown told it, not a majority of the neighbours.
    """

    clockwise_deg: int | None = None
    disputed: bool = False
    off_deg: float = 0.0
    neighbours: int = 0
    by_track: bool = False


@dataclass(frozen=True)
class _Pair:
    i: int
    j: int
    quarter: int | None  # by how many quarter turns clockwise j is turned more than i
    off_deg: float
    by_track: int | None = None  # by how many j is turned against the way flown


def turns_among(
    frames: Sequence[Tags], load: Loader, *, threads: int = 1, told: Told = _untold
) -> tuple[PictureTurn, ...]:
    """Compare the frames of one flight with their neighbours.

    Args:
        frames: tags of one flight and one camera, in the order in which they were taken, with what the flight has
            settled of their yaw in them (`FrameDoubts.applied`).
        load: gives a frame's pixels in grey by its number, as stored and best already reduced; None: cannot be read.
        threads: how many frames are looked at side by side.
        told: after every few frames, in the caller's thread.

    Returns:
        One answer a frame. Frames without angles or of an unknown yaw are compared with nobody.

    Raises:
        ShapeError: a picture of other dimensions than two.
    """
    wanted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for i, j in _neighbours(frames):
        wanted[j].append((i, j))
    used = sorted({k for pairs in wanted.values() for pair in pairs for k in pair})
    seen: dict[int, _Features | None] = {}
    pairs: list[_Pair] = []
    with ThreadPoolExecutor(max(threads, 1), thread_name_prefix="turns") as pool:
        for first in range(0, len(used), AT_ONCE):
            block = used[first : first + AT_ONCE]
            seen.update(zip(block, pool.map(lambda k: _features(load(k), frames[k]), block), strict=True))
            ready = [pair for j in block for pair in wanted[j]]
            compare = partial(_compared, frames=frames, seen=seen)
            found = pool.map(compare, [i for i, _ in ready], [j for _, j in ready])
            pairs += [pair for pair in found if pair is not None]
            seen = {k: one for k, one in seen.items() if k > block[-1] - REACH}
            told(min(first + AT_ONCE, len(used)), len(used))
    return _judged(len(frames), pairs)


def _neighbours(frames: Sequence[Tags]) -> list[tuple[int, int]]:
    """Each frame with the `REACH` that come after it, where their angles are known and they are near."""
    if not frames:
        return []
    columns = columns_of(frames)
    found = []
    for i in range(len(frames)):
        for j in range(i + 1, i + 1 + REACH):
            if j >= len(frames) or not (_usable(frames[i]) and _usable(frames[j])):
                continue
            apart = math.hypot(columns.east_m[j] - columns.east_m[i], columns.north_m[j] - columns.north_m[i])
            ahead = _turn(frames[i])[:, 2] @ _turn(frames[j])[:, 2]
            if apart <= FAR_M and ahead > math.cos(math.radians(AXES_APART_DEG)):
                found.append((i, j))
    return found


def _usable(tags: Tags) -> bool:
    angles = (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg, tags.gimbal_roll_deg)
    known = None not in angles and any(angles) and tags.lon is not None and tags.lat is not None
    return known and not tags.turned_deg and not tags.altered and (tags.yaw_doubt_deg or 0.0) < UNKNOWN_DEG / 2.0


def _turn(tags: Tags) -> FloatArray:
    return rotation(tags.gimbal_yaw_deg or 0.0, tags.gimbal_pitch_deg or 0.0, tags.gimbal_roll_deg or 0.0)


_Features = tuple[NDArray[np.float32], NDArray[np.float32], FloatArray]


def _features(grey: Grey | None, tags: Tags) -> _Features | None:
    """Places (n, 2) at one scale for all frames, words (n, 128), width and height; None where there is hardly any."""
    if grey is None:
        return None
    if grey.ndim != 2:
        raise ShapeError("grey", f"(h, w) expected, {grey.shape} given")
    scale = LONG_SIDE_PX / max(grey.shape)
    if scale < 1.0:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    opencv: Any = cv2  # its stubs do not know SIFT
    points, words = opencv.SIFT_create(MOST_FEATURES).detectAndCompute(grey, None)
    if words is None or len(points) < LEAST_INLIERS:
        return None
    size_px = np.array([grey.shape[1], grey.shape[0]], dtype=np.float64)
    return np.array([p.pt for p in points], dtype=np.float32), np.asarray(words, dtype=np.float32), size_px


def _compared(i: int, j: int, *, frames: Sequence[Tags], seen: dict[int, _Features | None]) -> _Pair | None:
    """By how many quarter turns the picture of j lies turned more than that of i; None where too little agrees."""
    one, other = seen[i], seen[j]
    if one is None or other is None:
        return None
    matches = cv2.BFMatcher(cv2.NORM_L2).knnMatch(one[1], other[1], k=2)
    good = [m[0] for m in matches if len(m) == 2 and m[0].distance < RATIO * m[1].distance]
    if len(good) < LEAST_INLIERS:
        return None
    here, there = one[0][[m.queryIdx for m in good]], other[0][[m.trainIdx for m in good]]
    cv2.setRNGSeed(7)
    found, inside = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=WITHIN_PX)
    if found is None or inside.sum() < max(LEAST_INLIERS, LEAST_SHARE * len(good)):
        return None
    observed = math.degrees(math.atan2(found[1, 0], found[0, 0]))
    between = _turn(frames[j]).T @ _turn(frames[i])
    expected = math.degrees(math.atan2(between[1, 0] - between[0, 1], between[0, 0] + between[1, 1]))
    more = math.remainder(observed - expected, 360.0)
    quarter = round(more / 90.0)
    off = abs(more - 90.0 * quarter)
    by_track = quarter_of(np.asarray(found), (one[2], other[2]), frames[i], frames[j])
    return _Pair(i, j, quarter % 4 if off <= NEAR_DEG else None, off, by_track)


def _judged(count: int, pairs: Sequence[_Pair]) -> tuple[PictureTurn, ...]:
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    off: dict[int, list[float]] = defaultdict(list)
    for pair in pairs:
        for k in (pair.i, pair.j):
            off[k].append(pair.off_deg)
        if pair.quarter is not None:
            beside[pair.i].append((pair.j, pair.quarter))
            beside[pair.j].append((pair.i, -pair.quarter % 4))
    answers = [PictureTurn(off_deg=_median(off[k]), neighbours=len(off[k])) for k in range(count)]
    left = set(beside)
    while left:
        company = _company(min(left), beside)
        left -= set(company)
        zero, sure, by_track = _zero_of(company, pairs)
        for k, quarter in company.items():
            turned = 90 * ((quarter - zero) % 4)
            answers[k] = PictureTurn(
                turned if sure else None, not sure, answers[k].off_deg, answers[k].neighbours, by_track
            )
    return tuple(answers)


def _zero_of(company: dict[int, int], pairs: Sequence[_Pair]) -> tuple[int, bool, bool]:
    """Which turn within a company is none, whether that is sure, and whether the way flown told it.

    One or two pairs that agree tell it where the rest of the flight says the same; else they can only dispute.
    """
    voted = [p for p in pairs if p.by_track is not None]
    said = [((company[p.j] - (p.by_track or 0)) % 4, p.by_track) for p in voted if p.j in company]
    zero = _agreed([offset for offset, _ in said])
    if zero is None and len({offset for offset, _ in said}) == 1:
        of_flight = _agreed([p.by_track or 0 for p in voted])
        zero = said[0][0] if {turn for _, turn in said} == {of_flight} else None
    if zero is not None:
        return zero, True, True
    counts = np.bincount(list(company.values()), minlength=4)
    most = int(counts.argmax())
    offsets = {offset for offset, _ in said}
    disputed = len(offsets) == 1 and most not in offsets
    return most, bool(counts[most] * 2 > counts.sum()) and not disputed, False


def _agreed(turns: Sequence[int]) -> int | None:
    """What enough of enough votes say."""
    votes = np.bincount(turns, minlength=4)
    enough = votes.sum() >= LEAST_VOTES and votes.max() >= VOTES_AGREE * votes.sum()
    return int(votes.argmax()) if enough else None


def _median(values: Sequence[float]) -> float:
    return round(float(np.median(values)), 1) if values else 0.0


def _company(first: int, beside: dict[int, list[tuple[int, int]]]) -> dict[int, int]:
    """All frames that hang together with one, each with its quarter turns against that one, nearest first."""
    turns, waiting = {first: 0}, deque([first])
    while waiting:
        at = waiting.popleft()
        for other, quarter in beside[at]:
            if other not in turns:
                turns[other] = (turns[at] + quarter) % 4
                waiting.append(other)
    return turns
