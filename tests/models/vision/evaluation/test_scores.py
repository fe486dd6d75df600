"""Matching and average precision by hand, and against pycocotools."""

import importlib

import numpy as np
import pytest

from models.vision.evaluation import scores
from models.vision.evaluation.scores import Matchable

NOTHING = np.zeros((0, 4))


def seen(box, confidence, drawn, ignored=None, site=0):
    return Matchable(box, confidence, drawn, np.zeros(len(drawn), bool) if ignored is None else ignored, site)


def test_average_precision_by_hand():
    """Three drawn; found right, wrong, right: precision 1 up to recall 1/3, 2/3 up to recall 2/3, then 0."""
    found = scores.Found(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 3, np.zeros(3, int), np.array([3]))
    by_hand = (34 * 1.0 + 33 * (2 / 3)) / 101  # recalls 0.00–0.33, then 0.34–0.66
    assert scores.average_precision(found) == pytest.approx(by_hand)
    assert scores.precision_recall(found) == pytest.approx((2 / 3, 2 / 3))
    assert scores.precision_recall(found, confidence=0.85) == pytest.approx((1.0, 1 / 3))


def test_a_drawn_box_is_matched_once_by_the_most_confident():
    drawn = np.array([[0, 0, 10, 10]], float)
    box = np.array([[0, 0, 10, 9], [0, 0, 10, 10]], float)
    assert scores.matched(box, np.array([0.9, 0.8]), drawn, iou_at_least=0.5).tolist() == [True, False]
    assert scores.matched(box, np.array([0.7, 0.8]), drawn, iou_at_least=0.5).tolist() == [False, True]


def test_nothing_drawn_has_no_figure_and_nothing_found_scores_zero():
    none_drawn = scores.gather([seen(np.array([[0, 0, 1, 1.0]]), np.array([0.5]), NOTHING)], iou_at_least=0.5)
    assert np.isnan(scores.average_precision(none_drawn))
    none_found = scores.gather([seen(NOTHING, np.zeros(0), np.array([[0, 0, 1, 1.0]]))], iou_at_least=0.5)
    assert scores.average_precision(none_found) == 0
    precision, recall = scores.precision_recall(none_found)
    assert np.isnan(precision) and recall == 0


def made_up(seed, pictures=12, crowds=False):
    """Drawn boxes, and found ones that are drawn ones shaken, missed, doubled and invented; some drawn are crowds."""
    random = np.random.default_rng(seed)
    out = []
    for _ in range(pictures):
        m = int(random.integers(0, 8))
        corner = random.uniform(0, 400, (m, 2))
        drawn = np.hstack([corner, corner + random.uniform(30, 120, (m, 2))])
        near = np.repeat(drawn, random.integers(0, 3, m), axis=0)
        near = near + random.normal(0, 9, near.shape)
        corner = random.uniform(0, 400, (3, 2))
        box = np.vstack([near, np.hstack([corner, corner + 60])])
        box[:, 2:] = np.maximum(box[:, 2:], box[:, :2] + 1)
        crowd = random.uniform(size=m) < (0.3 if crowds else 0.0)
        out.append(seen(box, random.uniform(0, 1, len(box)), drawn, crowd))
    return out


def xywh(box):
    return [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])]


@pytest.mark.parametrize("crowds", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_average_precision_agrees_with_pycocotools(seed, crowds, capsys):
    coco = pytest.importorskip("pycocotools.coco", reason="NOT RUN: pycocotools is not installed")
    evaluation = importlib.import_module("pycocotools.cocoeval")
    pictures = made_up(seed, crowds=crowds)
    truth, found = [], []
    for number, one in enumerate(pictures, 1):
        for drawn, crowd in zip(one.drawn, one.ignored, strict=True):
            area = float((drawn[2] - drawn[0]) * (drawn[3] - drawn[1]))
            row = {"id": len(truth) + 1, "image_id": number, "category_id": 1}
            truth.append({**row, "bbox": xywh(drawn), "area": area, "iscrowd": int(crowd)})
        found += [
            {"image_id": number, "category_id": 1, "bbox": xywh(b), "score": float(c)}
            for b, c in zip(one.box, one.confidence, strict=True)
        ]
    book = coco.COCO()
    book.dataset = {
        "images": [{"id": n} for n in range(1, len(pictures) + 1)],
        "annotations": truth,
        "categories": [{"id": 1}],
    }
    book.createIndex()
    run = evaluation.COCOeval(book, book.loadRes(found), "bbox")
    run.evaluate()
    run.accumulate()
    assert not crowds or any(one.ignored.any() for one in pictures)
    for k, step in enumerate(scores.IOU_STEPS):
        theirs = run.eval["precision"][k, :, 0, 0, 2].mean()
        ours = scores.average_precision(scores.gather(pictures, iou_at_least=step))
        assert ours == pytest.approx(theirs, abs=1e-9), step


def test_a_site_that_counts_twice_is_as_if_its_pictures_stood_there_twice():
    pictures = [one._replace(site=number % 3) for number, one in enumerate(made_up(5))]
    twice = [*pictures, *(one for one in pictures if one.site == 1)]
    found = scores.gather(pictures, iou_at_least=0.5)
    weight = np.array([1.0, 2.0, 1.0])
    again = scores.gather(twice, iou_at_least=0.5)
    assert scores.average_precision(found, weight=weight) == pytest.approx(scores.average_precision(again), abs=1e-12)
    point = scores.precision_recall(found, confidence=0.4, weight=weight)
    assert point == pytest.approx(scores.precision_recall(again, confidence=0.4))


def test_the_curve_ends_at_the_recall_and_precision_of_all_boxes():
    found = scores.gather(made_up(4), iou_at_least=0.5)
    recall, precision = scores.curve(found)
    assert (precision[-1], recall[-1]) == pytest.approx(scores.precision_recall(found))
    assert (np.diff(recall) >= 0).all()


def test_calibration_error_by_hand():
    """Two boxes said 0.9 of which one came true, two said 0.1 of which none did: (2 x 0.4 + 2 x 0.1) / 4."""
    said, came = np.array([0.9, 0.9, 0.1, 0.1]), np.array([True, False, False, False])
    assert scores.expected_calibration_error(said, came) == pytest.approx(0.25)
    assert np.isnan(scores.expected_calibration_error(np.zeros(0), np.zeros(0, bool)))
