"""Overlap by hand, suppression against OpenCV's, seams against what a single large window would see."""

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
