"""Matching and average precision by hand, and against pycocotools."""

import importlib

import numpy as np
import pytest

from models.vision import scores

NOTHING = np.zeros((0, 4))


def test_average_precision_by_hand():
    """Three drawn; found right, wrong, right: precision 1 up to recall 1/3, 2/3 up to recall 2/3, then 0."""
    found = scores.Found(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 3)
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
    none_drawn = scores.gather([(np.array([[0, 0, 1, 1.0]]), np.array([0.5]), NOTHING)], iou_at_least=0.5)
    assert np.isnan(scores.average_precision(none_drawn))
    none_found = scores.gather([(NOTHING, np.zeros(0), np.array([[0, 0, 1, 1.0]]))], iou_at_least=0.5)
    assert scores.average_precision(none_found) == 0
    precision, recall = scores.precision_recall(none_found)
    assert np.isnan(precision) and recall == 0


def made_up(seed, pictures=12):
    """Drawn boxes, and found ones that are drawn ones shaken, missed, doubled and invented."""
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
        out.append((box, random.uniform(0, 1, len(box)), drawn))
    return out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_average_precision_agrees_with_pycocotools(seed, capsys):
    coco = pytest.importorskip("pycocotools.coco", reason="NOT RUN: pycocotools is not installed")
    evaluation = importlib.import_module("pycocotools.cocoeval")
    pictures = made_up(seed)
    xywh = lambda b: [float(b[0]), float(b[1]), float(b[2] - b[0]), float(b[3] - b[1])]  # noqa: E731
    truth, found = [], []
    for number, (box, confidence, drawn) in enumerate(pictures, 1):
        for b in drawn:
            area = float((b[2] - b[0]) * (b[3] - b[1]))
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": number,
                    "category_id": 1,
                    "bbox": xywh(b),
                    "area": area,
                    "iscrowd": 0,
                }
            )
        found += [
            {"image_id": number, "category_id": 1, "bbox": xywh(b), "score": float(c)}
            for b, c in zip(box, confidence, strict=True)
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
    for k, step in enumerate(scores.IOU_STEPS):
        theirs = run.eval["precision"][k, :, 0, 0, 2].mean()
        ours = scores.average_precision(scores.gather(pictures, iou_at_least=step))
        assert ours == pytest.approx(theirs, abs=1e-9), step


def test_calibration_error_by_hand():
    """Two boxes said 0.9 of which one came true, two said 0.1 of which none did: (2 x 0.4 + 2 x 0.1) / 4."""
    said, came = np.array([0.9, 0.9, 0.1, 0.1]), np.array([True, False, False, False])
    assert scores.expected_calibration_error(said, came) == pytest.approx(0.25)
    assert np.isnan(scores.expected_calibration_error(np.zeros(0), np.zeros(0, bool)))
