"""The quickest runtime wins only where its boxes agree; what was measured is remembered for this machine alone."""

from __future__ import annotations

import dataclasses
import importlib
from dataclasses import dataclass

import numpy as np
import pytest

from models.errors import RuntimeMissing, UnknownOutput
from models.vision import runtimes, zoo
from models.vision.detections import Detections
from models.vision.pictures import read_picture

PICTURE = np.zeros((8, 8, 3), np.uint8)


def boxes(*rows):
    return Detections.of(
        np.array([r[0] for r in rows], float), ["vehicle"] * len(rows), np.array([r[1] for r in rows]), "m"
    )


@dataclass
class Fake:
    answer: Detections
    cost: float
    ticks: list
    name: str = "m"
    sha256: str = ""
    labels: tuple = ("vehicle",)
    window_px: int | None = None

    def detect(self, images):
        self.ticks[0] += self.cost
        return [self.answer for _ in images]


RIGHT = boxes(([0, 0, 10, 10], 0.9))


def opener(ticks, other):
    def opened(runtime):
        if runtime == "onnxruntime":
            return Fake(RIGHT, 1.0, ticks)
        if isinstance(other, Exception):
            raise other
        return Fake(other, 0.25, ticks)

    return opened


@pytest.mark.parametrize(
    ("other", "winner"),
    [
        (RIGHT, "openvino"),
        (boxes(([0, 0, 10, 7], 0.9)), "onnxruntime"),  # IoU 0.7
        (Detections.empty(), "onnxruntime"),
        (RuntimeMissing("openvino", "no module"), "onnxruntime"),
        (UnknownOutput("m", "an operator it does not know"), "onnxruntime"),
    ],
)
def test_the_quicker_one_is_taken_only_where_it_agrees(other, winner):
    ticks = [0.0]
    rows = runtimes.measure(opener(ticks, other), [PICTURE], lambda: ticks[0])
    assert rows[0] == runtimes.Timed("onnxruntime", 1.0, True)
    assert runtimes.fastest(rows) == winner
    assert bool(rows[1].why) == (winner != "openvino")


def test_boxes_just_above_the_threshold_may_fall_on_either_side():
    near = boxes(([0, 0, 10, 10], 0.9), ([50, 50, 60, 60], 0.11))
    assert runtimes.agree(near, RIGHT, threshold=0.1) and runtimes.agree(RIGHT, near, threshold=0.1)
    sure = boxes(([0, 0, 10, 10], 0.9), ([50, 50, 60, 60], 0.5))
    assert not runtimes.agree(sure, RIGHT, threshold=0.1) and not runtimes.agree(RIGHT, sure, threshold=0.1)
    assert runtimes.agree(Detections.empty(), Detections.empty())


def test_a_measurement_is_remembered_for_its_key_and_a_damaged_file_is_measured_anew(tmp_path):
    file = tmp_path / "cache/runtimes.json"
    ticks = [0.0]
    rows = runtimes.measure(opener(ticks, RIGHT), [PICTURE], lambda: ticks[0])
    key = runtimes.machine("a" * 64, 640, 0)
    assert runtimes.remembered(file, key) is None
    runtimes.remember(file, key, rows)
    assert runtimes.remembered(file, key) == "openvino"
    assert runtimes.remembered(file, runtimes.machine("b" * 64, 640, 0)) is None
    runtimes.remember(file, "another", rows[:1])
    assert runtimes.remembered(file, key) == "openvino" and runtimes.remembered(file, "another") == "onnxruntime"
    file.write_text("{")
    assert runtimes.remembered(file, key) is None


def test_an_unknown_runtime_is_refused_with_those_there_are():
    with pytest.raises(RuntimeMissing, match="openvino"):
        zoo.load("yolo11n_coco", runtime="abacus")


@pytest.mark.given
def test_openvino_finds_what_onnxruntime_finds(shared):
    pytest.importorskip("openvino", reason="NOT RUN: openvino is not installed")
    folder = shared / "data/detection/vehicles/images/train"
    images = [read_picture(folder / name)[:700, :900] for name in ("MOS157.png", "MOS158.png", "MOS84.png")]
    reference, other = (zoo.load("yolo11n_coco", runtime=name) for name in runtimes.RUNTIMES)
    found = [d.detect(images) for d in (reference, other)]
    assert sum(len(d) for d in found[0]) >= 20
    assert all(runtimes.agree(a, b, threshold=0.1) for a, b in zip(*found, strict=True))


@pytest.mark.torch
@pytest.mark.given
def test_onnxruntime_finds_what_eager_torch_finds(shared):
    pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
    eager = importlib.import_module("models.vision.adapters.eager")
    labels = dict(zoo.entry("yolo11n_coco").labels)
    weights = shared / "data/detection/weights/yolo11n_coco_from_int8.safetensors"
    reference = eager.open_detector(weights, name="m", sha256="", labels=labels, confidence=0.1, size_px=640)
    ours = zoo.load("yolo11n_coco")
    image = read_picture(shared / "data/detection/vehicles/images/train/MOS158.png")[:640, :640]
    assert runtimes.agree(reference.detect([image])[0], dataclasses.replace(ours, size_px=640).detect([image])[0])
