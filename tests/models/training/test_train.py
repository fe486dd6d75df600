"""A whole training, as small as it can be: start weights in, weights out, which the ONNX adapter then runs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from models.vision.training import recipe as recipes

pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Four pictures of a bright square, and a recipe of one epoch."""
    folder = tmp_path_factory.mktemp("tiny")
    rng = np.random.default_rng(5)
    for n in range(4):
        picture = rng.integers(0, 60, (64, 64, 3), dtype=np.uint8)
        u, v = rng.integers(4, 36, 2)
        picture[v : v + 24, u : u + 24] = 220
        for kind in ("images/train", "labels/train"):
            (folder / "cars" / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / f"cars/images/train/{n}.png")
        row = f"0 {(u + 12) / 64} {(v + 12) / 64} {24 / 64} {24 / 64}\n"
        (folder / f"cars/labels/train/{n}.txt").write_text(row)
    (folder / "cars/data.yaml").write_text("train: images/train\nnames: [car]\n")
    file = folder / "tiny.toml"
    text = """
    network = "yolo11n.yaml"
    words = ["vehicle"]
    image_px = 64
    epochs = 3
    stop_after = 1
    batch = 2
    seed = 1
    [[train]]
    folder = "cars"
    split = "train"
    licence = "CC0"
    words = { 0 = "vehicle" }
    """
    file.write_text(text, encoding="utf-8")
    return recipes.read(str(file)), folder


@pytest.fixture(scope="module")
def trained(tiny):
    from models.vision.adapters.train import train

    recipe, data = tiny
    return train(recipe, data, data / "out", threads=1)


def test_a_training_ends_in_weights_a_curve_and_the_hash_of_its_set(trained):
    assert trained.weights.is_file()
    assert len(trained.curve) == 1
    assert len(trained.cut.pictures_sha256) == 64


def test_trained_weights_continue_as_start_weights(tiny, trained):
    from models.vision.adapters.train import train

    recipe, data = tiny
    again = dataclasses.replace(recipe, start=str(trained.weights.relative_to(data)), start_classes=(0,))
    second = train(again, data, data / "second", threads=1)
    assert second.fitted == second.tensors


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_weights_export_to_a_detector_that_agrees_with_torch(trained, tmp_path):
    pytest.importorskip("onnx", reason="NOT RUN: the train extra is not installed")
    from models.vision.adapters import onnx, ultralytics
    from models.vision.adapters.export import export_onnx

    file = tmp_path / "tiny.onnx"
    sha256 = export_onnx(trained.weights, file)
    options = {"name": "tiny", "labels": {"vehicle": "vehicle"}, "confidence": 1e-4, "size_px": 64}
    fast = onnx.open_detector(file, sha256=sha256, **options)
    reference = ultralytics.open_detector(trained.weights, sha256=sha256, **options)
    image = np.full((64, 64, 3), 90, np.uint8)
    a, b = fast.detect([image])[0], reference.detect([image])[0]
    assert len(a) and len(b)  # an untrained network sees faint boxes everywhere, of equal worth: the best one is told
    assert a.confidence.max() == pytest.approx(b.confidence.max(), abs=1e-4)
