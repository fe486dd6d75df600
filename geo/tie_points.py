"""Pixels of the same ground in several pictures of a flight, found by OpenCV.

SIFT at reduced size, ratio test both ways, epipolar geometry by MAGSAC and a loose homography; what agrees is joined
into tracks. Nothing here knows where the cameras stood: located tracks are an independent check of pose and lens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from geo.camera import from_opencv
from geo.errors import NotAnImage, ShapeError
from geo.types import AnyArray, FloatArray

LONG_SIDE_PX = 1600
MOST_FEATURES = 4000
RATIO = 0.75
FEWEST_MATCHES = 20
EPIPOLAR_PX = 1.5  # at the reduced size
LOOSE_PX = 40.0  # at the reduced size: relief of a tenth of the height moves a pixel so much
SEED = 7
RowArray = NDArray[np.intp]


@dataclass(frozen=True)
class Features:
    """Points of a picture that can be found again: uv (n, 2) pixels of the picture as stored; words (n, 128)."""

    uv: FloatArray
    words: NDArray[np.float32]
    scale: float  # pixels as stored for one at which the features were sought


@dataclass(frozen=True)
class TiePoints:
    """Sightings of spots in pictures, in columns of one length m.

    Attributes:
        track: (m,) number of the spot, 0 … n − 1; each is seen in two pictures or more, in each at most once.
        frame: (m,) index of the picture.
        uv: (m, 2) pixels of the picture as stored, (0, 0) the outer corner of the top left pixel.
        sigma_px: (m,) standard deviation of the sighting, each of u and v.
    """

    track: RowArray
    frame: RowArray
    uv: FloatArray
    sigma_px: FloatArray

    def __post_init__(self) -> None:
        """Refuse columns of different lengths.

        Raises:
            ShapeError: they differ.
        """
        m = len(self.track)
        if (self.frame.shape, self.uv.shape, self.sigma_px.shape) != ((m,), (m, 2), (m,)):
            raise ShapeError("TiePoints", f"columns for {m} sightings expected")

    def __len__(self) -> int:
        """How many sightings."""
        return len(self.track)

    @property
    def tracks(self) -> int:
        """How many spots."""
        return int(self.track.max()) + 1 if len(self.track) else 0

    @property
    def connected(self) -> set[int]:
        """The pictures that share a spot with another one."""
        return {int(frame) for frame in np.unique(self.frame)}

    def only(self, tracks: Iterable[int]) -> TiePoints:
        """Those of some spots, numbered anew in the order of their numbers."""
        wanted = np.array(sorted(set(tracks)), dtype=np.intp)
        rows = np.isin(self.track, wanted)
        return TiePoints(
            np.searchsorted(wanted, self.track[rows]), self.frame[rows], self.uv[rows], self.sigma_px[rows]
        )

    def halves(self, seed: int = SEED) -> tuple[TiePoints, TiePoints]:
        """Two random halves of the spots: one to adjust with, one to measure the gain by."""
        order = np.random.default_rng(seed).permutation(self.tracks)
        middle = self.tracks // 2
        return self.only(order[:middle].tolist()), self.only(order[middle:].tolist())

    def sightings_of(self, first: int, second: int) -> tuple[FloatArray, FloatArray]:
        """Pixels (k, 2) of the spots that two pictures share, in both."""
        a, b = self.frame == first, self.frame == second
        _, left, right = np.intersect1d(self.track[a], self.track[b], return_indices=True)
        return self.uv[a][left], self.uv[b][right]


NO_TIES = TiePoints(np.empty(0, np.intp), np.empty(0, np.intp), np.empty((0, 2)), np.empty(0))


def grey_picture(path: Path) -> AnyArray:
    """Grey values (height, width) of a picture's pixels as stored, its orientation tag ignored.

    Raises:
        NotAnImage: OpenCV cannot read it.
    """
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)
    if grey is None:
        raise NotAnImage(path.name, "OpenCV reads no pixels")
    return np.asarray(grey)


def features_of(grey: AnyArray, *, long_side_px: int = LONG_SIDE_PX, most: int = MOST_FEATURES) -> Features:
    """Find what can be found again.

    Args:
        grey: (height, width) uint8.
        long_side_px: the picture is reduced to this first; smaller ones stay.
        most: strongest features that are kept.
    """
    scale = max(1.0, max(grey.shape) / long_side_px)
    small = grey if scale == 1.0 else cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    sift: Any = cv2.SIFT.create(most)
    spots, words = sift.detectAndCompute(np.ascontiguousarray(small), None)
    if words is None:
        return Features(np.empty((0, 2)), np.empty((0, 128), np.float32), scale)
    factor = np.array([grey.shape[1] / small.shape[1], grey.shape[0] / small.shape[0]])
    uv = from_opencv(np.array([spot.pt for spot in spots], dtype=np.float64)) * factor
    return Features(uv, np.asarray(words, dtype=np.float32), scale)


def match(first: Features, second: Features, *, ratio: float = RATIO) -> RowArray:
    """Pair the features of two pictures.

    Args:
        first: of one picture.
        second: of the other.
        ratio: the best word must be nearer than this share of the second best, both ways.

    Returns:
        (k, 2) rows in `first` and `second`; empty where fewer than 20 agree on one geometry.

    Source: Lowe (2004), IJCV 60(2), 7.1; Barath et al. (2020), MAGSAC++, as in OpenCV.
    """
    none = np.empty((0, 2), dtype=np.intp)
    if min(len(first.uv), len(second.uv)) < FEWEST_MATCHES:
        return none
    there = _nearest(first, second, ratio)
    back = _nearest(second, first, ratio)
    rows = np.array([(i, j) for i, j in there.items() if back.get(j) == i], dtype=np.intp).reshape(-1, 2)
    if len(rows) < FEWEST_MATCHES:
        return none
    a, b = first.uv[rows[:, 0]] / first.scale, second.uv[rows[:, 1]] / second.scale
    kept = _one_geometry(a, b)
    return rows[kept] if kept.sum() >= FEWEST_MATCHES else none


def _nearest(first: Features, second: Features, ratio: float) -> dict[int, int]:
    index = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 4}, {"checks": 64})
    cv2.setRNGSeed(SEED)
    found: Sequence[Sequence[Any]] = index.knnMatch(first.words, second.words, k=2)
    return {p[0].queryIdx: p[0].trainIdx for p in found if len(p) == 2 and p[0].distance < ratio * p[1].distance}


def _one_geometry(a: FloatArray, b: FloatArray) -> NDArray[np.bool_]:
    """Which pairs fit one epipolar geometry, and a homography within what relief can do."""
    cv2.setRNGSeed(SEED)
    _, lines = cv2.findFundamentalMat(a, b, cv2.USAC_MAGSAC, EPIPOLAR_PX, 0.999, 5000)
    _, plane = cv2.findHomography(a, b, cv2.USAC_MAGSAC, LOOSE_PX, confidence=0.999, maxIters=5000)
    if lines is None or plane is None:
        return np.zeros(len(a), dtype=bool)
    return np.asarray((lines.ravel() > 0) & (plane.ravel() > 0))


def tie_points_of(
    features: Sequence[Features],
    *,
    pairs: Iterable[tuple[int, int]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TiePoints:
    """Join the matches of many pictures into spots.

    Args:
        features: of each picture, in the order that `frame` will count.
        pairs: which pictures to match; all where None. `geo.adjust.overlapping` gives those that can overlap.
        progress: told how many pairs are through, and of how many.

    Returns:
        The spots. One that would lie twice in the same picture is left out: something in it was matched wrongly.
    """
    wanted = list(pairs) if pairs is not None else [(i, j) for j in range(len(features)) for i in range(j)]
    starts = np.concatenate([[0], np.cumsum([len(f.uv) for f in features])])
    parent = np.arange(starts[-1])
    spot = [_first_of_place(f.uv) for f in features]
    for done, (i, j) in enumerate(wanted, start=1):
        for a, b in match(features[i], features[j]):
            _join(parent, int(starts[i] + spot[i][a]), int(starts[j] + spot[j][b]))
        if progress is not None:
            progress(done, len(wanted))
    return _tracks(parent, starts, features)


def _first_of_place(uv: FloatArray) -> RowArray:
    """(n,) the first feature at the same place: SIFT gives a spot of two main directions twice.

    As two tie points it would count twice, and help measure itself.
    """
    if not len(uv):
        return np.empty(0, dtype=np.intp)
    _, first, which = np.unique(uv.round(2), axis=0, return_index=True, return_inverse=True)
    return np.asarray(first[which.ravel()], dtype=np.intp)


def _root(parent: RowArray, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = int(parent[node])
    return node


def _join(parent: RowArray, a: int, b: int) -> None:
    a, b = _root(parent, a), _root(parent, b)
    parent[max(a, b)] = min(a, b)


def _tracks(parent: RowArray, starts: RowArray, features: Sequence[Features]) -> TiePoints:
    roots = np.array([_root(parent, node) for node in range(len(parent))], dtype=np.intp)
    frame = np.repeat(np.arange(len(features)), np.diff(starts))
    sizes = np.bincount(roots, minlength=len(parent))
    seen = np.unique(np.column_stack([roots, frame]), axis=0)
    pictures = np.bincount(seen[:, 0], minlength=len(parent)) if len(seen) else sizes
    good = (sizes[roots] >= 2) & (sizes[roots] == pictures[roots]) if len(parent) else np.empty(0, bool)
    if not good.any():
        return NO_TIES
    _, track = np.unique(roots[good], return_inverse=True)
    uv = np.vstack([f.uv for f in features])[good]
    sigma = np.array([f.scale for f in features])[frame[good]]
    order = np.lexsort((frame[good], track))
    return TiePoints(track[order], frame[good][order], uv[order], sigma[order])


def thinned(ties: TiePoints, most: int, size_px: Sequence[tuple[int, int]], cells: int = 8) -> TiePoints:
    """At most about so many spots, spread over the pictures, those seen most often first.

    Args:
        ties: all spots.
        most: how many are wanted.
        size_px: (width, height) of each picture.
        cells: each picture is laid out in so many cells a side; the spots take turns over them.
    """
    if ties.tracks <= most:
        return ties
    size = np.array(size_px, dtype=np.float64)[ties.frame]
    place = np.clip((ties.uv / size * cells).astype(np.intp), 0, cells - 1)
    cell = (ties.frame * cells + place[:, 1]) * cells + place[:, 0]
    length = np.bincount(ties.track)
    order = np.lexsort((ties.track, -length[ties.track]))
    share = max(1, math.ceil(2 * most / max(1, len(np.unique(cell)))))
    taken: dict[int, int] = {}
    kept: set[int] = set()
    for row in order:
        home, track = int(cell[row]), int(ties.track[row])
        if track not in kept and taken.get(home, 0) < share and len(kept) < most:
            kept.add(track)
        if track in kept:
            taken[home] = taken.get(home, 0) + 1
    return ties.only(kept)
