"""Boxes that mean the same thing become one: overlap, suppression in a window, merging over the seams of windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.vision.detections import BoolArray, Detections, FloatArray


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
    kept: list[int] = []
    while order.size:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        same = (group[rest] == group[best]) & (iou(box[best : best + 1], box[rest])[0] > iou_above)
        order = rest[~same]
    return np.array(kept, np.intp)


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
    same = halves.label[:, None] == whole.label[None, :]
    inside = (overlap_of_smaller(halves.box, whole.box) > inside_above) & same
    left = halves.select(~inside.any(axis=1))
    joined = Detections.concat([whole, _hulls(left, inside_above)])
    return joined.select(np.argsort(-joined.confidence, kind="stable"))


def _hulls(halves: Detections, inside_above: float) -> Detections:
    """Halves that overlap, directly or through others, as one row each with the hull of their boxes."""
    linked = (overlap_of_smaller(halves.box, halves.box) > inside_above) & (
        halves.label[:, None] == halves.label[None, :]
    )
    group = _components(linked)
    rows, boxes = [], []
    for g in np.unique(group):
        members = np.flatnonzero(group == g)
        rows.append(int(members[np.argmax(halves.confidence[members])]))
        boxes.append(np.r_[halves.box[members, :2].min(axis=0), halves.box[members, 2:].max(axis=0)])
    best = halves.select(np.array(rows, np.intp))
    box = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(box, best.label, best.confidence, best.probability, best.cues, best.model)


def _components(linked: BoolArray) -> NDArray[np.intp]:
    """Number of the connected part that each node belongs to, for an (n, n) symmetric adjacency."""
    group = np.arange(len(linked))
    changed = True
    while changed:
        lowest = np.where(linked, group[None, :], len(linked)).min(axis=1, initial=len(linked))
        new = np.minimum(group, lowest)
        changed = bool((new != group).any())
        group = new
    return group
