"""Checkpoints of others: read as data, turned into ONNX that answers alike; a hostile one runs nothing."""

from __future__ import annotations

import importlib
import os
import pickle
import zipfile

import numpy as np
import pytest

from models.errors import UnknownOutput

pytestmark = pytest.mark.torch
LABELS = {"lorry": "vehicle"}


@pytest.fixture(scope="module")
def adapter():
    pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
    return importlib.import_module("models.vision.adapters.checkpoint")


@pytest.fixture(scope="module")
def checkpoint(adapter, tmp_path_factory):
    """A network with random weights, saved as Ultralytics saves one: the whole object."""
    torch = importlib.import_module("torch")
    ultralytics = importlib.import_module("models.vision.adapters.ultralytics").import_ultralytics()
    torch.manual_seed(4)
    network = ultralytics.YOLO("yolo11n.yaml", task="detect")
    network.model = importlib.import_module("ultralytics.nn.tasks").DetectionModel("yolo11n.yaml", nc=2, verbose=False)
    network.model.names = {0: "lorry", 1: "heap"}
    network.model.args = {}
    file = tmp_path_factory.mktemp("theirs") / "best.pt"
    torch.save({"model": network.model, "ema": None, "train_args": {}}, file)
    return file


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_checkpoint_becomes_an_onnx_file_that_answers_alike(adapter, checkpoint, tmp_path):
    torch = importlib.import_module("torch")
    onnx = importlib.import_module("models.vision.adapters.onnx")
    adapter.to_onnx(checkpoint, tmp_path / "n.onnx")
    detector = onnx.open_detector(tmp_path / "n.onnx", name="n", sha256="", labels=LABELS, confidence=0.0)
    image = np.random.default_rng(1).uniform(0, 1, (1, 3, 64, 96)).astype(np.float32)
    held = torch.load(checkpoint, weights_only=False)["model"].eval()
    with torch.inference_mode():
        theirs = held(torch.from_numpy(image))[0].numpy()
    assert np.allclose(detector.forward(image), theirs, rtol=1e-3, atol=1e-3)


class Hostile:
    """Runs a command when a plain unpickler reads it."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("form", ["pickle", "torch", "inside"])
def test_a_hostile_checkpoint_runs_nothing(form, adapter, tmp_path):
    torch = importlib.import_module("torch")
    mark, file = tmp_path / "it_ran", tmp_path / "bad.pt"
    if form == "pickle":
        file.write_bytes(pickle.dumps({"model": Hostile(mark)}, protocol=2))
    else:
        held = {"model": Hostile(mark)} if form == "torch" else {"model": None, "train_args": {"x": [Hostile(mark)]}}
        torch.save(held, file)
    with pytest.raises(UnknownOutput):
        adapter.to_onnx(file, tmp_path / "n.onnx")
    assert not mark.exists() and not (tmp_path / "n.onnx").exists()
    if form == "pickle":  # the trap is a real one
        pickle.loads(file.read_bytes())
    else:
        torch.load(file, weights_only=False)
    assert mark.exists()


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK"])
def test_what_is_no_checkpoint_is_refused(content, adapter, tmp_path):
    file = tmp_path / "bad.pt"
    file.write_bytes(content)
    with pytest.raises(UnknownOutput):
        adapter.to_onnx(file, tmp_path / "n.onnx")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"x")
    with pytest.raises(UnknownOutput):
        adapter.to_onnx(file, tmp_path / "n.onnx")
    for other in (tmp_path / "none.pt", tmp_path):
        with pytest.raises(UnknownOutput):
            adapter.to_onnx(other, tmp_path / "n.onnx")
