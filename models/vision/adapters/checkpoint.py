"""A user's own network, in whichever file it comes, as an ONNX file. A checkpoint is data: nothing in it is run."""

from __future__ import annotations

import hashlib
import importlib
import pickle
from pathlib import Path
from typing import Any

from models.errors import UnknownOutput
from models.vision.adapters.export import export_network, export_onnx
from models.vision.adapters.ultralytics import import_ultralytics

SUFFIXES = (".pt", ".onnx", ".safetensors")
BROKEN = (TypeError, RuntimeError, EOFError, pickle.UnpicklingError, ModuleNotFoundError, AttributeError, KeyError)
"""What reading a file that is no checkpoint, or asks for foreign classes, ends in."""


def to_onnx(file: Path, target: Path) -> None:
    """Write a network as ONNX, as `models.vision.adapters.onnx` opens it.

    Args:
        file: an Ultralytics checkpoint (.pt), a state dict as `models train` writes it (.safetensors), or ONNX, which
            is copied.
        target: written whole or not at all.

    Raises:
        TrainExtraMissing: a .pt or .safetensors file, and the `train` extra is not installed.
        UnknownOutput: no such file, another suffix, or a file that holds no such network or more than a network.
    """
    if not file.is_file():
        raise UnknownOutput(str(file), "no such file")
    suffix = file.suffix.lower()
    if suffix == ".onnx":
        part = target.with_suffix(".part")
        part.write_bytes(file.read_bytes())
        part.replace(target)
    elif suffix == ".safetensors":
        export_onnx(file, target)
    elif suffix == ".pt":
        export_network(_from_checkpoint(file), target, hashlib.sha256(file.read_bytes()).hexdigest())
    else:
        raise UnknownOutput(str(file), f"a file of {' , '.join(SUFFIXES)} is wanted")


def _from_checkpoint(file: Path) -> Any:
    """An `ultralytics.YOLO` with the checkpoint's network, read against a list of known classes alone."""
    ultralytics = import_ultralytics()
    tasks = importlib.import_module("ultralytics.nn.tasks")
    try:
        held, _ = tasks.torch_safe_load(str(file.resolve()), safe_only=True)
        model = (held.get("ema") or held["model"]).float().eval()
        names = {int(number): str(name) for number, name in dict(model.names).items()}
    except BROKEN as error:
        said = " ".join(str(error).split())[:200]
        raise UnknownOutput(str(file), f"no checkpoint that can be read as data: {said}") from error
    if not isinstance(model, tasks.DetectionModel):
        raise UnknownOutput(str(file), f"a {type(model).__name__}; only networks that find boxes are taken")
    network = ultralytics.YOLO(model.yaml.get("yaml_file", "yolo11n.yaml"), task="detect")
    network.model = model
    network.model.names, network.model.task = names, "detect"
    network.model.args = {**importlib.import_module("ultralytics.utils").DEFAULT_CFG_DICT, **network.overrides}
    return network
