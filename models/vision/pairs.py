"""Which boxes touch which, by a tree instead of a table: twenty thousand boxes, and no matrix of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from models.vision.detections import BoolArray, FloatArray

PAIRS_AT_ONCE = 150_000
"""About 15 MB with what is computed of them."""
FIRST_CHUNK, LEAST_CHUNK, MOST_CHUNK = 256, 4, 8192


class Pairs(NamedTuple):
    """Rows of touching boxes: (k,) of the asking ones, (k,) of the boxes in the tree."""

    asking: NDArray[np.intp]
    held: NDArray[np.intp]


class Tree:
    """A packed tree over (n, 4) boxes u0, v0, u1, v1."""

    def __init__(self, box: FloatArray) -> None:
        self._shapes = _shapes(box)
        self._tree = shapely.STRtree(self._shapes)

    def touching(self, box: FloatArray) -> Iterator[Pairs]:
        """Every pair of (m, 4) boxes with those of the tree that share a point, in pieces of bounded size."""
        shapes = _shapes(box)
        first, chunk = 0, FIRST_CHUNK
        while first < len(shapes):
            asking, held = self._tree.query(shapes[first : first + chunk])
            yield Pairs(asking + first, held)
            first, chunk = first + chunk, _next(chunk, len(asking))

    def touching_later(self, alive: BoolArray) -> Iterator[Pairs]:
        """Pairs of the tree's boxes with later ones, sorted by the asking row, in pieces of bounded size.

        Args:
            alive: (n,) which boxes ask and are held; what the caller strikes out between two pieces is left out.
        """
        first, chunk = 0, FIRST_CHUNK
        while first < len(self._shapes):
            rows = first + np.flatnonzero(alive[first : first + chunk])
            asking, held = self._tree.query(self._shapes[rows])
            asking = rows[asking]
            later = (held > asking) & alive[held]
            asking, held = asking[later], held[later]
            order = np.argsort(asking, kind="stable")
            yield Pairs(asking[order], held[order])
            first, chunk = first + chunk, _next(chunk, len(later))


def _next(chunk: int, pairs: int) -> int:
    """The size of the next piece, so that it holds about `PAIRS_AT_ONCE`."""
    return int(np.clip(PAIRS_AT_ONCE * chunk / max(pairs, chunk), LEAST_CHUNK, MOST_CHUNK))


def _shapes(box: FloatArray) -> NDArray[np.object_]:
    box = np.asarray(box, np.float64)
    return np.asarray(shapely.box(box[:, 0], box[:, 1], box[:, 2], box[:, 3]), dtype=np.object_)


def paired_overlap(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of k boxes with k others, row by row: (k,) intersection over union, (k,) share of the smaller one.

    0 where a box has no area.
    """
    size = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.clip(size, 0, None).prod(axis=1)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(axis=1), (b[:, 2:] - b[:, :2]).prod(axis=1)
    union, smaller = area_a + area_b - shared, np.minimum(area_a, area_b)
    out = np.zeros_like(shared)
    return (
        np.divide(shared, union, out=out, where=union > 0),
        np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0),
    )
