"""Boxes that mean the same thing become one: overlap, suppression in a window, merging over the seams of windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from models.vision.detections import BoolArray, Detections, FloatArray
from models.vision.pairs import Tree, paired_overlap


def area_of(box: FloatArray) -> FloatArray:
    """(n,) areas in pixels² of (n, 4) boxes."""
    return (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])


def intersection(a: FloatArray, b: FloatArray) -> FloatArray:
    """(n, m) pixels² that each of n boxes shares with each of m."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    size = np.clip(high - low, 0, None)
    return size[..., 0] * size[..., 1]


def iou(a: FloatArray, b: FloatArray) -> FloatArray:
    """Intersection over union of each of n boxes with each of m.

    Args:
        a: (n, 4) u0, v0, u1, v1.
        b: (m, 4).

    Returns:
        (n, m) in 0–1; 0 where both boxes have no area.
    """
    shared = intersection(a, b)
    union = area_of(a)[:, None] + area_of(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def overlap_of_smaller(a: FloatArray, b: FloatArray) -> FloatArray:
    """(n, m) share of the smaller of two boxes that lies in the other; 1 where one holds the other."""
    shared = intersection(a, b)
    smaller = np.minimum(area_of(a)[:, None], area_of(b)[None, :])
    return np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)


def kept_by_nms(box: FloatArray, confidence: FloatArray, group: NDArray, *, iou_above: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression within each group.

    Args:
        box: (n, 4).
        confidence: (n,).
        group: (n,) anything comparable; boxes of different groups never suppress each other.
        iou_above: a box that overlaps a more confident one by more than this goes.

    Returns:
        Row numbers of the kept boxes, most confident first; of equals the earlier row wins.
    """
    order = np.argsort(-confidence, kind="stable")
    box, number = np.asarray(box)[order], np.unique(group, return_inverse=True)[1][order]
    alive = np.ones(len(order), bool)
    if len(order) > 1:
        for asking, held in Tree(box).touching_later(alive):
            same = number[asking] == number[held]
            asking, held = asking[same], held[same]
            over = paired_overlap(box[asking], box[held])[0] > iou_above
            _strike_out(asking[over], held[over], alive)
    return np.asarray(order[alive], np.intp)


def _strike_out(asking: NDArray[np.intp], held: NDArray[np.intp], alive: BoolArray) -> None:
    """Go through the asking boxes in order; each that is still alive takes those that it holds."""
    if not len(asking):
        return
    first = np.flatnonzero(np.diff(asking, prepend=-1))
    for start, end in zip(first.tolist(), [*first[1:].tolist(), len(asking)], strict=True):
        if alive[asking[start]]:
            alive[held[start:end]] = False


def nms(detections: Detections, *, iou_above: float) -> Detections:
    """The detections that greedy suppression within each label keeps, most confident first."""
    return detections.select(kept_by_nms(detections.box, detections.confidence, detections.label, iou_above=iou_above))


def merge_seams(detections: Detections, cut: BoolArray, *, iou_above: float, inside_above: float = 0.5) -> Detections:
    """One box for each thing that several overlapping windows saw.

    A box that ends at an inner edge of its window may be half a thing. Where a whole box of the same label holds most
    of it, it goes. Halves that overlap each other in the strip which two windows share become their hull.

    Args:
        detections: of one model, all windows of one picture, in pixels of the picture.
        cut: (n,) True where the box touches an edge of its window that is not an edge of the picture.
        iou_above: overlap beyond which two whole boxes are one thing.
        inside_above: share of the smaller box beyond which a half belongs to another box.

    Returns:
        Merged rows, most confident first. A hull carries the row (confidence, cues) of its most confident half.
    """
    whole = nms(detections.select(~cut), iou_above=iou_above)
    halves = detections.select(cut)
    if len(halves) == 0:
        return whole
    left = halves.select(~_inside(halves, whole, inside_above))
    joined = Detections.concat([whole, _hulls(left, inside_above)])
    return joined.select(np.argsort(-joined.confidence, kind="stable"))


def _inside(halves: Detections, whole: Detections, inside_above: float) -> BoolArray:
    """(n,) whether a whole box of the same label holds most of a half."""
    held_by_one = np.zeros(len(halves), bool)
    if len(whole) == 0:
        return held_by_one
    for asking, held in Tree(whole.box).touching(halves.box):
        most = paired_overlap(halves.box[asking], whole.box[held])[1] > inside_above
        held_by_one[asking[most & (halves.label[asking] == whole.label[held])]] = True
    return held_by_one


def _hulls(halves: Detections, inside_above: float) -> Detections:
    """Halves that overlap, directly or through others, as one row each with the hull of their boxes."""
    group = _components(halves, inside_above)
    order = np.lexsort((-halves.confidence, group))
    first = np.flatnonzero(np.diff(group[order], prepend=-1)) if len(order) else np.zeros(0, np.intp)
    box = halves.box[order]
    low, high = (
        (np.minimum.reduceat(box[:, :2], first), np.maximum.reduceat(box[:, 2:], first))
        if len(first)
        else (box[:, :2], box[:, 2:])
    )
    best = halves.select(np.asarray(order[first], np.intp))
    hull = np.hstack([low, high])
    return Detections(hull, best.label, best.confidence, best.probability, best.cues, best.model)


def _components(halves: Detections, inside_above: float) -> NDArray[np.intp]:
    """Number of the connected part that each half belongs to; two are linked where one holds most of the other."""
    ones: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
    others: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
    for asking, held in Tree(halves.box).touching(halves.box):
        later = (held > asking) & (halves.label[asking] == halves.label[held])
        asking, held = asking[later], held[later]
        linked = paired_overlap(halves.box[asking], halves.box[held])[1] > inside_above
        ones.append(asking[linked])
        others.append(held[linked])
    one, other = np.concatenate(ones), np.concatenate(others)
    graph = coo_matrix((np.ones(len(one), bool), (one, other)), shape=(len(halves), len(halves)))
    return np.asarray(connected_components(graph, directed=False)[1], np.intp)
