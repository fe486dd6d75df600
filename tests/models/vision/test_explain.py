"""The map points at what carries the detection: covering it costs far more than covering anywhere."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from models.errors import BadShape
from models.vision import explain, zoo
from models.vision.detections import Detections
from models.vision.pictures import read_picture


@dataclass(frozen=True)
class Reds:
    """Sure of a box as far as its upper left quarter is red."""

    name: str = "reds"
    sha256: str = ""
    labels: tuple = ("vehicle",)
    window_px: int | None = 64

    def detect(self, images):
        return [self._one(image) for image in images]

    def _one(self, image):
        h, w = image.shape[:2]
        red = image[h // 4 : h // 2, w // 4 : w // 2, 0].mean() / 255
        return Detections.of(np.array([[w / 4, h / 4, 3 * w / 4, 3 * h / 4]]), ["vehicle"], np.array([red]), self.name)


def test_the_map_is_hot_where_the_detector_looks_and_cold_elsewhere():
    image = np.zeros((400, 400, 3), np.uint8)
    image[150:200, 150:200, 0] = 255
    found = Detections.of(np.array([[150, 150, 250, 250]]), ["vehicle"], np.array([1.0]), "reds")
    told = explain.explain(image, found, 0, Reds())
    assert told.crop.tolist() == [100, 100, 300, 300] and told.confidence == pytest.approx(1, abs=0.01)
    n = explain.GRID
    hot = np.zeros((n, n), bool)
    hot[n // 4 : n // 2 + 1, n // 4 : n // 2 + 1] = True
    assert told.heat[~hot].max() < 0.01 < told.heat[3:5, 3:5].min()
    shown = explain.over_picture(image, told)
    assert shown.shape == (200, 200, 3) and shown[75, 75, 0] > 200


def test_a_crop_stays_within_the_picture_and_a_small_box_gets_room():
    image = np.zeros((300, 500, 3), np.uint8)
    assert explain.crop_of(image, np.array([0.0, 0.0, 10.0, 10.0])).tolist() == [0, 0, 53, 53]
    assert explain.crop_of(image, np.array([10.0, 10.0, 20.0, 20.0]), whole=True).tolist() == [0, 0, 500, 300]


def test_what_is_not_seen_in_the_crop_has_no_map():
    image = np.zeros((200, 200, 3), np.uint8)
    found = Detections.of(np.array([[50.0, 50.0, 90.0, 90.0]]), ["smoke"], np.array([0.9]), "reds")
    told = explain.explain(image, found, 0, Reds())
    assert told.confidence == 0 and not told.heat.any()
    with pytest.raises(BadShape):
        explain.explain(image, found, 1, Reds())


def test_covering_takes_shapes_and_keeps_colours():
    rough = cv2.resize(np.random.default_rng(1).integers(0, 255, (20, 20, 3)).astype(np.uint8), (200, 200))
    covered = explain.cover(rough, range(explain.GRID**2))
    assert covered.std() < 0.5 * rough.std()
    assert np.abs(covered.mean(axis=(0, 1)) - rough.mean(axis=(0, 1))).max() < 6
    assert np.array_equal(explain.cover(rough, []), rough)


@pytest.mark.given
def test_the_top_tenth_of_the_map_matters_three_times_as_much_as_a_random_tenth(shared):
    """On vehicles of real pictures, over all that are explained."""
    detector = dataclasses.replace(zoo.load("yolo11n_coco", confidence=0.01), size_px=256)
    image = read_picture(shared / "data/detection/vehicles/images/train/MOS158.png")[:400, :800]
    found = zoo.load("yolo11n_coco").detect([image])[0]
    random, tenth = np.random.default_rng(2), explain.GRID**2 // 10
    top, anywhere = [], []
    for row in range(2):
        told = explain.explain(image, found, row, detector)
        u0, v0, u1, v1 = told.crop
        view, box = image[v0:v1, u0:u1], found.box[row] - np.array([u0, v0, u0, v0])
        hottest = np.argsort(-told.heat.ravel())[:tenth]
        others = [random.choice(explain.GRID**2, tenth, replace=False) for _ in range(10)]
        views = [explain.cover(view, cells) for cells in (hottest, *others)]
        left = explain.confidences(views, box, "vehicle", detector)
        top.append(told.confidence - left[0])
        anywhere.append(told.confidence - left[1:].mean())
    assert np.mean(top) >= 3 * max(np.mean(anywhere), 0) and np.mean(top) > 0.02
