"""The committed network on onnxruntime: batches, sizes, threads, and files that are not understood."""

import numpy as np
import pytest

from models.errors import UnknownOutput
from models.vision import zoo
from models.vision.adapters import onnx as adapter
from models.vision.pictures import read_picture

LABELS = {"car": "vehicle", "truck": "vehicle"}


def opened(**options):
    found = zoo.entry("yolo11n_coco")
    return adapter.open_detector(
        found.path, **{"name": "m", "sha256": "s", "labels": LABELS, "confidence": 0.2, "size_px": 320, **options}
    )


def noise(seed, height, width):
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3)).astype(np.uint8)


def test_a_class_that_the_network_lacks_is_refused():
    with pytest.raises(UnknownOutput) as caught:
        opened(labels={"car": "vehicle", "excavator": "vehicle"})
    assert "excavator" in caught.value.detail


def test_no_pictures_give_no_answers_and_answers_keep_the_order():
    detector = opened(batch=2)
    assert detector.detect([]) == []
    images = [noise(k, h, w) for k, (h, w) in enumerate([(64, 96), (64, 96), (50, 50), (64, 96)])]
    assert len(detector.detect(images)) == 4


@pytest.mark.given
def test_batching_and_threads_change_nothing_but_rounding(shared):
    folder = shared / "data/detection/vehicles/images/train"
    image = read_picture(folder / "MOS158.png")
    images = [image[:400, :800], image[:400, 800:1600], image[:300, :300]]
    one = opened(size_px=640, threads=1).detect(images)
    many = opened(size_px=640, threads=2, batch=2).detect(images)
    assert sum(len(d) for d in one) >= 5
    for a, b in zip(one, many, strict=True):
        assert len(a) == len(b)
        assert np.abs(a.box - b.box).max(initial=0) < 0.1
        assert np.abs(a.confidence - b.confidence).max(initial=0) < 1e-3


@pytest.mark.given
def test_a_detector_remembers_nothing_between_pictures(shared):
    image = read_picture(shared / "data/detection/vehicles/images/train/MOS158.png")[:400, :800]
    detector = opened(size_px=640)
    first = detector.detect([image])[0]
    detector.detect([noise(1, 200, 200)])
    again = detector.detect([image])[0]
    assert np.array_equal(first.box, again.box) and np.array_equal(first.confidence, again.confidence)


def fixed_network(path, output, names="{0: 'car', 1: 'truck'}"):
    """An ONNX file of fixed input size (1, 3, 64, 64) that answers with a constant."""
    onnx = pytest.importorskip("onnx", reason="NOT RUN: the train extra is not installed")
    h = onnx.helper
    value = onnx.numpy_helper.from_array(output.astype(np.float32), "value")
    node = h.make_node("Identity", ["value"], ["out"])
    graph = h.make_graph(
        [node],
        "g",
        [h.make_tensor_value_info("images", 1, [1, 3, 64, 64])],
        [h.make_tensor_value_info("out", 1, list(output.shape))],
        [value],
    )
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 18)], ir_version=9)
    if names:
        h.set_model_props(model, {"names": names})
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.torch
def test_a_fixed_network_gets_squares_and_its_rows_come_back_in_picture_pixels(tmp_path):
    rows = np.zeros((1, 300, 6))
    rows[0, 0] = [16, 24, 32, 40, 0.9, 1]  # NMS-free: corners in a 64 x 64 input
    file = fixed_network(tmp_path / "n.onnx", rows)
    detector = adapter.open_detector(file, name="n", sha256="", labels=LABELS, confidence=0.5, size_px=640)
    found = detector.detect([noise(0, 100, 200), noise(1, 128, 128)])
    # 200 x 100 is scaled by 0.32 and padded by 16 rows above; 128 x 128 by 0.5.
    assert found[0].box.tolist() == [[50, 25, 100, 75]]
    assert found[1].box.tolist() == [[32, 48, 64, 80]]


@pytest.mark.torch
def test_outputs_of_other_shapes_and_files_without_class_names_are_refused(tmp_path):
    strange = fixed_network(tmp_path / "a.onnx", np.zeros((1, 5, 11)))
    detector = adapter.open_detector(strange, name="n", sha256="", labels=LABELS, confidence=0.5)
    with pytest.raises(UnknownOutput):
        detector.detect([noise(0, 64, 64)])
    nameless = fixed_network(tmp_path / "b.onnx", np.zeros((1, 300, 6)), names="")
    with pytest.raises(UnknownOutput):
        adapter.open_detector(nameless, name="n", sha256="", labels=LABELS, confidence=0.5)
