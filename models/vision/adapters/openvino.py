"""ONNX networks of the YOLO kind on OpenVINO, where that is installed (extra `openvino`)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import RuntimeMissing, UnknownOutput
from models.vision.detections import FloatArray
from models.vision.network import NetworkDetector, class_numbers, reading_of


def open_detector(
    file: Path,
    *,
    name: str,
    sha256: str,
    labels: Mapping[str, str],
    confidence: float,
    size_px: int = 640,
    window_px: int | None = None,
    iou_above: float = 0.6,
    batch: int = 1,
    threads: int = 0,
) -> NetworkDetector:
    """Open an ONNX file on the CPU. Arguments as in `models.vision.adapters.onnx.open_detector`.

    Computed in 32-bit floats: what the processor would do in fewer bits by itself is switched off, so that the answers
    stay those of the reference.

    Raises:
        RuntimeMissing: OpenVINO is not installed.
        UnknownOutput: no network, no class names in the file, or one of `labels` is not among them.
    """
    try:
        openvino = importlib.import_module("openvino")
    except ModuleNotFoundError as error:
        raise RuntimeMissing("openvino", f"no module {error.name}") from error
    core = openvino.Core()
    network = _read(core, file, name)
    shape = network.input(0).partial_shape
    fixed = [side.get_length() for side in list(shape)[2:] if side.is_static]
    compiled = core.compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads})
    return NetworkDetector(
        name=name,
        sha256=sha256,
        window_px=window_px,
        size_px=fixed[0] if fixed else size_px,
        square=bool(fixed),
        batch=shape[0].get_length() if shape[0].is_static else batch,
        reading=reading_of(labels, class_numbers(_names(network), name), confidence, iou_above, name=name),
        runtime="openvino",
        forward=lambda pictures: _forward(compiled, pictures),
    )


def _read(core: Any, file: Path, name: str) -> Any:
    try:
        network = core.read_model(str(file))
    except RuntimeError as error:
        raise UnknownOutput(name, f"no network that OpenVINO opens: {str(error).splitlines()[0][:200]}") from error
    if len(network.inputs) != 1 or network.input(0).partial_shape.rank.get_length() != 4:
        raise UnknownOutput(name, "its input is not (b, 3, h, w)")
    return network


def _names(network: Any) -> str:
    """The class names that the file's metadata hold: OpenVINO keeps them beneath `framework`."""
    return str(network.get_rt_info(["framework", "names"]).value) if network.has_rt_info(["framework", "names"]) else ""


def _forward(compiled: Any, pictures: FloatArray) -> FloatArray:
    return np.array(compiled(pictures)[compiled.output(0)])
