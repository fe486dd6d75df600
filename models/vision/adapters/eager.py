"""A network on torch's eager mode, weights as safetensors: the reference that the other runtimes are held against."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.vision.adapters.ultralytics import load_network
from models.vision.detections import FloatArray
from models.vision.network import NetworkDetector, reading_of


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
    """Open a safetensors state dict. Arguments as in `models.vision.adapters.onnx.open_detector`.

    Raises:
        TrainExtraMissing: the `train` extra is not installed.
        UnknownOutput: see `load_network`; or the network lacks a class of `labels`.
    """
    network = load_network(file).model.eval()
    torch = importlib.import_module("torch")
    if threads:
        torch.set_num_threads(threads)
    numbers = {str(word): int(number) for number, word in network.names.items()}
    return NetworkDetector(
        name=name, sha256=sha256, window_px=window_px, size_px=size_px, square=False, batch=batch,
        reading=reading_of(labels, numbers, confidence, iou_above, name=name), runtime="torch",
        forward=lambda pictures: _forward(torch, network, pictures),
    )  # fmt: skip


def _forward(torch: Any, network: Any, pictures: FloatArray) -> FloatArray:
    with torch.inference_mode():
        output = network(torch.from_numpy(pictures))
    return np.asarray((output[0] if isinstance(output, (tuple, list)) else output).numpy())
