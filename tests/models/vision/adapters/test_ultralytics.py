"""The torch adapter, and that the ONNX adapter says the same through other code."""

import importlib
import os

import numpy as np
import pytest

from models.errors import TrainExtraMissing, UnknownOutput
from models.vision import pictures, zoo
from models.vision.merge import iou

LABELS = {"car": "vehicle", "truck": "vehicle", "bus": "vehicle"}
WEIGHTS = "data/detection/weights/yolo11n_coco_from_int8.safetensors"


@pytest.fixture()
def adapter():
    return importlib.import_module("models.vision.adapters.ultralytics")


@pytest.mark.torch
@pytest.mark.given
def test_onnx_and_torch_find_the_same_vehicles(shared, adapter):
    """Letterbox, decoding and suppression are ours in one and ultralytics' own in the other."""
    pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
    onnx = importlib.import_module("models.vision.adapters.onnx")
    options = {"labels": LABELS, "confidence": 0.1, "size_px": 960, "iou_above": 0.6}
    ours = onnx.open_detector(zoo.entry("yolo11n_coco").path, name="a", sha256="", **options)
    theirs = adapter.open_detector(shared / WEIGHTS, name="b", sha256="", **options)
    folder = shared / "data/detection/vehicles/images/train"
    compared = 0
    for name in ("MOS157.png", "MOS158.png", "MOS159.png", "MOS84.png"):
        image = pictures.read_picture(folder / name)[:-3, :-5]  # an odd size: padding on all sides
        a, b = ours.detect([image])[0], theirs.detect([image])[0]
        for one, other in ((a, b), (b, a)):
            sure = one.select(one.confidence >= 0.2)
            if len(sure) == 0:
                continue
            overlap = iou(sure.box, other.box)
            assert overlap.max(axis=1).min() >= 0.95, name
            partner = overlap.argmax(axis=1)
            assert np.abs(sure.confidence - other.confidence[partner]).max() < 0.02, name
            compared += len(sure)
    assert compared >= 20


# ultralytics 8.4 calls the exporter that torch 2.13 calls legacy.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.torch
@pytest.mark.given
def test_export_gives_the_file_that_is_committed(shared, tmp_path):
    pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
    export = importlib.import_module("models.vision.adapters.export")
    target = tmp_path / "out.onnx"
    found = zoo.entry("yolo11n_coco")
    digest = export.export_onnx(shared / WEIGHTS, target)
    assert target.stat().st_size <= 11_000_000
    image = np.random.default_rng(5).integers(0, 255, (2, 3, 96, 160)).astype(np.float32) / 255
    assert np.allclose(_run(target, image), _run(found.path, image), rtol=1e-3, atol=1e-3)
    if digest != found.sha256:
        pytest.skip("NOT RUN: other library versions write other bytes; the numbers agree")


def _run(file, image):
    ort = importlib.import_module("onnxruntime")
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(None, {"images": image})[0]


def test_without_torch_the_reason_says_what_to_install(monkeypatch, adapter, tmp_path):
    real = importlib.import_module

    def without_torch(name, *rest):
        if name.partition(".")[0] in {"torch", "ultralytics"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(adapter.importlib, "import_module", without_torch)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    with pytest.raises(TrainExtraMissing) as caught:
        adapter.load_network(tmp_path / "x.safetensors")
    assert caught.value.reason == "train_extra_missing"
    assert "torch" in caught.value.detail


@pytest.mark.torch
def test_ultralytics_is_imported_offline_and_will_not_run_code_from_weights(adapter):
    pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
    adapter.import_ultralytics()
    assert os.environ["YOLO_OFFLINE"] == "true"
    assert os.environ["YOLO_AUTOINSTALL"] == "false"
    assert os.environ["ULTRALYTICS_SAFE_LOAD"] == "true"
    assert os.environ["YOLO_CONFIG_DIR"]


@pytest.mark.torch
def test_weights_without_a_yaml_name_are_refused(adapter, tmp_path):
    torch = pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
    file = tmp_path / "w.safetensors"
    importlib.import_module("safetensors.torch").save_file({"model.0.x": torch.zeros(2)}, str(file))
    with pytest.raises(UnknownOutput):
        adapter.load_network(file)
