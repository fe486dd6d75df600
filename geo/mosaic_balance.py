"""Between the pictures of a mosaic: their brightness brought to one level, and how far they lie apart at the seams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import shapely

from geo.mosaic_grid import Block, Grid, Held, Reader, UInt8Image, View, reduction_for, sampled, seen_cells, sight_of
from geo.terrain import Terrain
from geo.types import FloatArray

NEIGHBOURS = 6  # of each view: enough to tie a block together
LEAST_SHARE = 0.1  # views that share less of the ground than this are no neighbours
SAMPLES = 24  # along each side of what two views share
GREATEST_GAIN = 1.6  # ours: a picture that would need more is under- or overexposed, and stays visibly so
PULL_BRIGHTNESS, PULL_COLOUR = 0.15, 3.0
"""How strongly gains are held to 1, and red, green and blue to each other, beside the difference of one neighbour."""
PATCH_CELLS = 640
FEATURES, LEAST_MATCHES, AGREE_CELLS = 1500, 12, 2.0


def neighbours_of(views: Sequence[View], *, each: int = NEIGHBOURS) -> list[tuple[int, int]]:
    """Pairs of views that share ground, each view with those few that share most with it; (lower, higher) number."""
    shapes = shapely.make_valid(np.array([view.footprint for view in views], dtype=object))
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    keep = first != second
    first, second = first[keep], second[keep]
    area = shapely.area(shapes)
    share = shapely.area(shapely.intersection(shapes[first], shapes[second])) / np.minimum(area[first], area[second])
    found: set[tuple[int, int]] = set()
    for i in range(len(views)):
        mine = np.flatnonzero((first == i) & (share >= LEAST_SHARE))
        for k in mine[np.argsort(-share[mine], kind="stable")][:each]:
            found.add((min(i, int(second[k])), max(i, int(second[k]))))
    return sorted(found)


def gains_of(views: Sequence[View], read: Reader, terrain: Terrain) -> FloatArray:
    """Factors that bring the colours of neighbouring views to one level.

    Args:
        views: the pictures, poses in one CRS.
        read: decodes one of them.
        terrain: heights in the datum of the poses.

    Returns:
        (n, 3) factors on red, green and blue: least squares over the median log ratio of each pair where they show the
        same ground, each held softly to 1.
    """
    small = [_thumbnail(read(i, 8)) for i in range(len(views))]
    rows: list[FloatArray] = []
    wanted: list[FloatArray] = []
    for i, j in neighbours_of(views):
        both = _same_ground(views, i, j, small, terrain)
        if both is not None:
            row = np.zeros(len(views))
            row[i], row[j] = 1.0, -1.0
            rows.append(row)
            wanted.append(both)
    if not rows:
        return np.ones((len(views), 3))
    differences, ratios = np.vstack(rows), np.vstack(wanted)
    level = ratios.mean(axis=1, keepdims=True)
    logs = _held_to_one(differences, level, PULL_BRIGHTNESS) + _held_to_one(differences, ratios - level, PULL_COLOUR)
    limit = np.log(GREATEST_GAIN)
    return np.asarray(np.exp(np.clip(logs, -limit, limit)), dtype=np.float64)


def _held_to_one(differences: FloatArray, ratios: FloatArray, pull: float) -> FloatArray:
    """Least squares logs (n, channels) whose differences are the ratios, each held to 0 with the weight of `pull`."""
    views = differences.shape[1]
    system = np.vstack([differences, pull * np.eye(views)])
    right = np.vstack([ratios, np.zeros((views, ratios.shape[1]))])
    return np.asarray(np.linalg.lstsq(system, right, rcond=None)[0], dtype=np.float64)


def _thumbnail(picture: UInt8Image) -> UInt8Image:
    scale = 256.0 / max(picture.shape[:2])
    size = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _same_ground(
    views: Sequence[View], i: int, j: int, small: Sequence[UInt8Image], terrain: Terrain
) -> FloatArray | None:
    """(3,) median log of what j shows over what i shows, over a lattice of shared ground."""
    patch = _patch_between(views[i], views[j], cells=SAMPLES)
    if patch is None:
        return None
    seen = [seen_cells(views[k], patch, sight_of(views[k], patch, terrain), np.inf) for k in (i, j)]
    both = seen[0].valid & seen[1].valid
    if int(both.sum()) < SAMPLES:
        return None
    shown = [
        sampled(small[k], views[k].camera, s.u, s.v)[both].astype(np.float64) for k, s in zip((i, j), seen, strict=True)
    ]
    plain = ((shown[0] > 8) & (shown[0] < 247) & (shown[1] > 8) & (shown[1] < 247)).all(axis=1)
    if int(plain.sum()) < SAMPLES:
        return None
    return np.asarray(np.median(np.log(shown[1][plain] / shown[0][plain]), axis=0), dtype=np.float64)


def _patch_between(a: View, b: View, *, cells: int, cell_m: float | None = None) -> Block | None:
    """Cells over the middle of what two views share: as large as fits where no cell size is given."""
    west, south, east, north = shapely.make_valid(a.footprint).intersection(shapely.make_valid(b.footprint)).bounds
    size = cell_m or max(east - west, north - south) / cells
    if not size > 0:
        return None
    columns, rows = (max(2, min(cells, int(side / size))) for side in (east - west, north - south))
    left, top = (west + east - columns * size) / 2.0, (south + north + rows * size) / 2.0
    return Block(Grid(a.pose.crs, left, top, size, columns, rows), 0, 0, columns, rows, 4 if cell_m is None else 16)


@dataclass(frozen=True)
class SeamOffset:
    """How far view `second` lies from view `first` on the ground, metres east and north, over so many matches."""

    first: int
    second: int
    east_m: float
    north_m: float
    matches: int

    @property
    def metres(self) -> float:
        """Length of the offset."""
        return float(np.hypot(self.east_m, self.north_m))


def seam_offsets(
    views: Sequence[View], read: Reader, terrain: Terrain, *, cell_m: float, most_pairs: int = 60
) -> list[SeamOffset]:
    """Measure how far neighbouring views disagree on where the same thing lies.

    Args:
        views: the pictures, poses in one CRS.
        read: decodes one of them.
        terrain: heights in the datum of the poses.
        cell_m: at which both are laid on the ground to be compared.
        most_pairs: a larger block is sampled evenly.

    Returns:
        One row a pair in which enough features agree (ORB, both ways best, median of the largest agreeing group); pairs
        over water or bare soil may have none.
    """
    pairs = neighbours_of(views, each=2)
    chosen = pairs[:: max(1, -(-len(pairs) // most_pairs))]
    held = Held(read)
    return [found for pair in chosen if (found := _offset(views, pair, held, terrain, cell_m)) is not None]


def _offset(
    views: Sequence[View], pair: tuple[int, int], held: Held, terrain: Terrain, cell_m: float
) -> SeamOffset | None:
    a, b = (views[k] for k in pair)
    patch = _patch_between(a, b, cells=PATCH_CELLS, cell_m=cell_m)
    if patch is None:
        return None
    laid = [_laid_down(views[k], held.get(k, reduction_for(views[k].gsd_m, cell_m)), patch, terrain) for k in pair]
    moves = _moves(*laid)
    if len(moves) < LEAST_MATCHES:
        return None
    near = np.hypot(*(moves[:, None, :] - moves[None, :, :]).transpose(2, 0, 1)) <= AGREE_CELLS
    group = near[int(near.sum(axis=1).argmax())]
    if int(group.sum()) < LEAST_MATCHES:
        return None
    east, south = np.median(moves[group], axis=0) * cell_m
    return SeamOffset(*pair, float(east), -float(south), int(group.sum()))


def _laid_down(view: View, picture: UInt8Image, patch: Block, terrain: Terrain) -> UInt8Image:
    """Grey cells of a patch as a view shows them; 0 beyond the picture."""
    cells = seen_cells(view, patch, sight_of(view, patch, terrain), np.inf)
    grey = cv2.cvtColor(sampled(picture, view.camera, cells.u, cells.v), cv2.COLOR_RGB2GRAY)
    return np.where(cells.valid, grey, 0).astype(np.uint8)


def _moves(a: UInt8Image, b: UInt8Image) -> FloatArray:
    """(n, 2) from features of `a` to the same ones in `b`, cells right and down."""
    finder = cv2.ORB.create(FEATURES)
    (points_a, words_a), (points_b, words_b) = (finder.detectAndCompute(image, None) for image in (a, b))
    if words_a is None or words_b is None:
        return np.empty((0, 2))
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(words_a, words_b)
    found = [np.subtract(points_b[m.trainIdx].pt, points_a[m.queryIdx].pt) for m in matches]
    return np.array(found, dtype=np.float64).reshape(-1, 2)
