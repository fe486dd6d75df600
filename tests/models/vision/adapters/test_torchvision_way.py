"""Both branches: a torchvision that imports, and one whose operators are missing."""

import importlib
import sys
import types

import pytest

torch = pytest.importorskip("torch", reason="NOT RUN: the train extra is not installed")
pytestmark = pytest.mark.torch

BROKEN = "operator torchvision::nms does not exist"


@pytest.fixture()
def way(monkeypatch):
    """The module, with nothing of torchvision loaded and nothing left behind."""
    module = importlib.import_module("models.vision.adapters.torchvision_way")
    before = {n: m for n, m in sys.modules.items() if n == "torchvision" or n.startswith("torchvision.")}
    yield module
    for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
        del sys.modules[name]
    sys.modules.update(before)


def fake_import(monkeypatch, way, first_error):
    """`import torchvision` fails once with an error (None: never) and then gives plain modules."""
    errors = [first_error] if first_error else []
    ops, boxes = types.ModuleType("torchvision.ops"), types.ModuleType("torchvision.ops.boxes")
    plain = types.SimpleNamespace(TorchNMS=types.SimpleNamespace(nms=lambda boxes, scores, iou: "plain"))
    modules = {"torchvision.ops": ops, "torchvision.ops.boxes": boxes, "ultralytics.utils.nms": plain}

    def import_module(name):
        if name == "torchvision" and errors:
            sys.modules["torchvision"] = types.ModuleType("torchvision")
            raise errors.pop()
        return modules.get(name, types.ModuleType(name))

    monkeypatch.setattr(way.importlib, "import_module", import_module)
    return ops, boxes


def test_a_torchvision_that_imports_is_left_alone(monkeypatch, way):
    ops, _ = fake_import(monkeypatch, way, None)
    assert way.make_importable() is True
    assert not hasattr(ops, "nms")


def test_missing_operators_are_declared_and_suppression_is_given_in_plain_torch(monkeypatch, way):
    declared = []
    library = types.SimpleNamespace(define=declared.append)
    monkeypatch.setattr(way.torch.library, "Library", lambda name, kind: library)
    ops, boxes = fake_import(monkeypatch, way, RuntimeError(BROKEN))
    assert way.make_importable() is False
    assert [d.split("(")[0] for d in declared] == ["nms", "qnms"]
    assert ops.nms(None, None, 0.5) == boxes.nms(None, None, 0.5) == "plain"
    assert "torchvision" not in sys.modules, "the half-imported module must go"


def test_another_error_is_not_swallowed(monkeypatch, way):
    fake_import(monkeypatch, way, RuntimeError("CUDA is out of memory"))
    with pytest.raises(RuntimeError, match="out of memory"):
        way.make_importable()


def test_with_the_torchvision_of_this_machine_suppression_works():
    """Whichever branch this machine takes."""
    importlib.import_module("models.vision.adapters.ultralytics").import_ultralytics()
    nms = importlib.import_module("torchvision.ops").nms
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]])
    assert nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist() == [0, 2]
