"""Opacity networks (ONNX) on onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.errors import UnknownOutput
from models.vision.adapters.onnx import opened_session
from models.vision.detections import FloatArray
from models.vision.opacity import OpacityDetector

SIZE_PX = 416
SMOKE_FROM = 0.7


def open_detector(
    file: Path,
    *,
    name: str,
    sha256: str,
    labels: Mapping[str, str],
    confidence: float,
    size_px: int = SIZE_PX,
    window_px: int | None = None,
    threads: int = 0,
) -> OpacityDetector:
    """Open an opacity network on the CPU. Arguments as in `adapters.onnx.open_detector`; `labels` changes nothing.

    Raises:
        UnknownOutput: no network, or none that gives two fields.
    """
    session = opened_session(file, threads, name)
    wanted, given = session.get_inputs()[0], session.get_outputs()[0]
    if len(given.shape) != 4 or given.shape[1] != 2:
        raise UnknownOutput(name, f"an opacity network gives (b, 2, h, w), this one {given.shape}")

    def forward(pictures: FloatArray) -> FloatArray:
        return np.asarray(session.run([given.name], {wanted.name: pictures})[0])

    return OpacityDetector(name, sha256, window_px, size_px, confidence, SMOKE_FROM, forward)
