"""Overlap by hand, suppression against OpenCV's, seams against what a single large window would see."""

import tracemalloc

import cv2
import numpy as np
import pytest

from models.vision.detections import Detections
from models.vision.merge import iou, kept_by_nms, merge_seams, nms, overlap_of_smaller


def test_iou_by_hand():
    a = np.array([[0, 0, 2, 2]], float)
    b = np.array([[1, 1, 3, 3], [0, 0, 2, 2], [5, 5, 6, 6], [0, 0, 1, 2]], float)
    assert iou(a, b)[0] == pytest.approx([1 / 7, 1, 0, 0.5])
    assert overlap_of_smaller(a, b)[0] == pytest.approx([0.25, 1, 0, 1])


def test_boxes_without_area_overlap_nothing():
    point = np.array([[1, 1, 1, 1]], float)
    assert iou(point, point)[0, 0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_nms_keeps_what_opencv_keeps(seed):
    random = np.random.default_rng(seed)
    corner, size = random.uniform(0, 100, (200, 2)), random.uniform(5, 40, (200, 2))
    confidence, group = (random.permutation(200) + 1) / 201.0, random.integers(0, 3, 200)
    box = np.hstack([corner, corner + size])
    ours = kept_by_nms(box, confidence, group, iou_above=0.4)
    theirs = cv2.dnn.NMSBoxesBatched(np.hstack([corner, size]).tolist(), confidence.tolist(), group.tolist(), 0.0, 0.4)
    assert set(ours.tolist()) == set(np.asarray(theirs).ravel().tolist())
    assert (np.diff(confidence[ours]) <= 0).all()


def found(boxes, confidence, labels=None):
    return Detections.of(np.array(boxes, float), labels or ["vehicle"] * len(boxes), np.array(confidence), "m")


def test_a_half_at_a_seam_gives_way_to_the_whole_even_where_it_is_more_confident():
    merged = merge_seams(
        found([[90, 10, 100, 20], [90, 10, 110, 20]], [0.9, 0.6]), np.array([True, False]), iou_above=0.5
    )
    assert merged.box.tolist() == [[90, 10, 110, 20]]


def test_two_halves_become_their_hull_with_the_better_confidence():
    merged = merge_seams(
        found([[50, 10, 100, 20], [80, 10, 140, 20]], [0.5, 0.7]), np.array([True, True]), iou_above=0.5
    )
    # They share 20 of 50: under half of the smaller, so they stay two; with 30 shared they are one.
    assert len(merged) == 2
    merged = merge_seams(
        found([[50, 10, 100, 20], [70, 10, 140, 20]], [0.5, 0.7]), np.array([True, True]), iou_above=0.5
    )
    assert merged.box.tolist() == [[50, 10, 140, 20]]
    assert merged.confidence[0] == pytest.approx(0.7)


def test_different_labels_are_never_merged():
    both = found([[0, 0, 10, 10], [0, 0, 10, 10]], [0.9, 0.8], ["vehicle", "smoke"])
    assert len(nms(both, iou_above=0.5)) == 2
    assert len(merge_seams(both, np.array([True, True]), iou_above=0.5)) == 2


def many(seed, n, spread, labels=("vehicle", "smoke")):
    random = np.random.default_rng(seed)
    corner = random.uniform(0, spread, (n, 2))
    box = np.hstack([corner, corner + random.uniform(20, 80, (n, 2))])
    return found(box, random.permutation(n) / n, [labels[k] for k in random.integers(0, len(labels), n)])


@pytest.mark.parametrize("spread", [150, 800, 8000])
def test_thousands_of_boxes_keep_what_one_after_the_other_would(spread):
    """The tree's pieces against the plain greedy rule, in crowds, in between, and far apart."""
    boxes = many(1, 2500, spread)
    left = np.argsort(-boxes.confidence, kind="stable")
    plain = []
    while left.size:
        best, rest = left[0], left[1:]
        plain.append(int(best))
        over = iou(boxes.box[[best]].astype(float), boxes.box[rest].astype(float))[0] > 0.45
        left = rest[~(over & (boxes.label[rest] == boxes.label[best]))]
    assert kept_by_nms(boxes.box, boxes.confidence, boxes.label, iou_above=0.45).tolist() == plain


@pytest.mark.parametrize("seed", range(4))
def test_halves_join_through_others_as_a_plain_search_would_join_them(seed):
    halves = many(seed, 60, 300)
    linked = (overlap_of_smaller(halves.box, halves.box) > 0.5) & (halves.label[:, None] == halves.label[None, :])
    unseen, hulls = set(range(60)), []
    while unseen:
        group, front = set(), {unseen.pop()}
        while front:
            group |= front
            front = {int(k) for one in front for k in np.flatnonzero(linked[one])} - group
        unseen -= group
        rows = sorted(group)
        hulls.append([*halves.box[rows, :2].min(axis=0), *halves.box[rows, 2:].max(axis=0)])
    merged = merge_seams(halves, np.ones(60, bool), iou_above=0.5)
    assert sorted(map(tuple, merged.box.tolist())) == sorted(tuple(float(x) for x in h) for h in hulls)


def test_twenty_thousand_boxes_stay_within_fifty_megabytes():
    boxes = many(3, 20_000, 400)  # each touches hundreds
    cut = np.random.default_rng(3).uniform(size=20_000) < 0.5
    tracemalloc.start()
    try:
        merge_seams(boxes, cut, iou_above=0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50e6
