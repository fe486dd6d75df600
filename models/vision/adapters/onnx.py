"""ONNX networks of the YOLO kind on onnxruntime: the runtime of every ordinary run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NotImplemented,
)

from models.errors import UnknownOutput
from models.vision.detections import FloatArray
from models.vision.network import NetworkDetector, class_numbers, reading_of

CANNOT_OPEN = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NotImplemented)


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
    """Open an ONNX file on the CPU.

    Args:
        file: as exported by ultralytics: class names in the metadata `names`, input (b, 3, h, w).
        name: written beside each box.
        sha256: of the file, as the zoo checked it.
        labels: the network's class name → word of the product; classes not named are dropped.
        confidence: boxes below are dropped.
        size_px: longer side of the input; a network of fixed size overrules it.
        window_px: see `Detector`.
        iou_above: overlap beyond which two boxes are one.
        batch: pictures a pass; more gains nothing on a CPU of few cores.
        threads: 0 leaves it to the runtime.

    Raises:
        UnknownOutput: no network, no class names in the file, or one of `labels` is not among them.
    """
    session = opened_session(file, threads, name)
    wanted = session.get_inputs()[0]
    fixed = [side for side in wanted.shape[2:] if isinstance(side, int)]
    numbers = class_numbers(session.get_modelmeta().custom_metadata_map.get("names", ""), name)
    return NetworkDetector(
        name=name,
        sha256=sha256,
        window_px=window_px,
        size_px=fixed[0] if fixed else size_px,
        square=bool(fixed),
        batch=wanted.shape[0] if isinstance(wanted.shape[0], int) else batch,
        reading=reading_of(labels, numbers, confidence, iou_above, name=name),
        runtime="onnxruntime",
        forward=lambda pictures: _forward(session, wanted.name, pictures),
    )


def opened_session(file: Path, threads: int, name: str) -> ort.InferenceSession:
    """An ONNX network that takes pictures, on the processor.

    Raises:
        UnknownOutput: it is no network, or its input is not (b, 3, h, w).
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # Waiting threads sleep instead of spinning: beside other work on few cores, spinning trebles the time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except CANNOT_OPEN as error:
        raise UnknownOutput(name, f"no network that onnxruntime opens: {str(error).splitlines()[0][:200]}") from error
    shape = session.get_inputs()[0].shape
    if len(shape) != 4:
        raise UnknownOutput(name, f"its input is {shape}, expected (b, 3, h, w)")
    return session


def _forward(session: ort.InferenceSession, source: str, pictures: FloatArray) -> FloatArray:
    return np.asarray(session.run(None, {source: pictures})[0])
