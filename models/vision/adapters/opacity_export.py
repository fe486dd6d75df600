"""Opacity networks to ONNX files that run without torch. Needs the `train` extra, once."""

from __future__ import annotations

import hashlib
import importlib
import tempfile
import warnings
from pathlib import Path
from typing import Any

from models.errors import TrainExtraMissing, UnknownOutput
from models.vision.adapters.export import OPSET, written_whole
from models.vision.adapters.opacity_network import build

KIND = "opacity"


def is_opacity(weights: Path) -> bool:
    """Whether a safetensors file holds an opacity network.

    Raises:
        TrainExtraMissing: safetensors is not installed.
        UnknownOutput: it is no safetensors file.
    """
    try:
        safetensors = importlib.import_module("safetensors")
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("safetensors", f"no module {error.name}") from error
    try:
        with safetensors.safe_open(str(weights), "pt") as opened:
            return (opened.metadata() or {}).get("kind") == KIND
    except safetensors.SafetensorError as error:
        raise UnknownOutput(str(weights), str(error)) from error


def export_opacity(weights: Path, target: Path) -> str:
    """Write it: input (b, 3, h, w) in 0–1 with free b, h and w, sides multiples of 32; output (b, 2, h/4, w/4) in 0–1.

    Returns:
        SHA-256 of the file.

    Raises:
        TrainExtraMissing: a package of the `train` extra is not installed.
        UnknownOutput: the file does not fit the network.
    """
    network = load(weights)
    try:
        torch, onnxslim = importlib.import_module("torch"), importlib.import_module("onnxslim")
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("onnxslim", f"no module {error.name}") from error
    shown = torch.nn.Sequential(network, torch.nn.Sigmoid()).eval()
    free = {0: "batch", 2: "height", 3: "width"}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter speaks of itself, and of padding that it leaves as it is
        file = Path(folder) / "network.onnx"
        torch.onnx.export(
            shown,
            (torch.zeros(1, 3, 256, 320),),
            str(file),
            opset_version=OPSET,
            input_names=["picture"],
            output_names=["field"],
            dynamic_axes={"picture": free, "field": free},
            dynamo=False,
        )
        model = onnxslim.slim(str(file))
    source = hashlib.sha256(weights.read_bytes()).hexdigest()
    return written_whole(model, target, {"kind": KIND, "licence": "AGPL-3.0-or-later", "source_sha256": source})


def load(weights: Path) -> Any:
    """The network in torch, ready to look.

    Raises:
        TrainExtraMissing: a package of the `train` extra is not installed.
        UnknownOutput: the file does not fit the network.
    """
    network = build(pretrained=False)
    try:
        state = importlib.import_module("safetensors.torch").load_file(str(weights))
        network.load_state_dict(state)
    except RuntimeError as error:
        raise UnknownOutput(str(weights), str(error).splitlines()[0]) from error
    return network.eval()
