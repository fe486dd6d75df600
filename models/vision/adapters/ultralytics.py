"""Detectors on torch and ultralytics: for networks being trained, and as an independent check of the ONNX files.

Needs the `train` extra. Weights come as safetensors or as a state dict, never as a pickle of foreign classes.
"""

from __future__ import annotations

import importlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from models.errors import TrainExtraMissing, UnknownOutput
from models.vision.detections import Detections, UInt8Image, require_image

OFFLINE = {
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_VERBOSE": "false",
    "ULTRALYTICS_SAFE_LOAD": "true",
}


def import_ultralytics(config_dir: Path | None = None) -> ModuleType:
    """Import ultralytics so that it asks no network, installs nothing, and runs no code from a weights file.

    Args:
        config_dir: where it may write its settings; by default a new temporary folder. Only the first import counts.

    Raises:
        TrainExtraMissing: torch or ultralytics is not installed.
    """
    os.environ.update(OFFLINE)
    os.environ["YOLO_CONFIG_DIR"] = str(config_dir or os.environ.get("YOLO_CONFIG_DIR") or tempfile.mkdtemp())
    open_picture = Image.open
    try:
        importlib.import_module("torch")  # first: imported after ultralytics it would run on one thread
        ultralytics = importlib.import_module("ultralytics")
        importlib.import_module("ultralytics.utils.patches")  # else it comes with the first training
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("ultralytics", f"no module {error.name}") from error
    finally:
        Image.open = open_picture  # it puts its own there, which fails on unknown files with another error
    importlib.import_module("models.vision.adapters.torchvision_way").make_importable()
    return ultralytics


def load_network(weights: Path, config_dir: Path | None = None) -> Any:
    """An `ultralytics.YOLO` from a safetensors state dict whose metadata name its yaml and its classes.

    Args:
        weights: names `model.N.…` as in ultralytics; metadata `yaml` (such as `yolo11n.yaml`) and `names` (JSON).
        config_dir: see `import_ultralytics`.

    Raises:
        TrainExtraMissing: torch, ultralytics or safetensors is not installed.
        UnknownOutput: metadata are missing, or the tensors do not fit the yaml.
    """
    ultralytics = import_ultralytics(config_dir)
    try:
        safetensors = importlib.import_module("safetensors")
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("safetensors", f"no module {error.name}") from error
    with safetensors.safe_open(str(weights), "pt") as file:
        meta = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    if not {"yaml", "names"} <= set(meta):
        raise UnknownOutput(str(weights), "the metadata name no yaml or no classes")
    names = {int(k): v for k, v in json.loads(meta["names"]).items()}
    network = ultralytics.YOLO(meta["yaml"], task="detect")
    tasks = importlib.import_module("ultralytics.nn.tasks")
    network.model = tasks.DetectionModel(meta["yaml"], nc=len(names), verbose=False)
    network.model.args = {**importlib.import_module("ultralytics.utils").DEFAULT_CFG_DICT, **network.overrides}
    state = {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}
    try:
        network.model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise UnknownOutput(str(weights), str(error).splitlines()[0]) from error
    network.model.names, network.model.task = names, "detect"
    return network


@dataclass(frozen=True, slots=True)
class UltralyticsDetector:
    """A `Detector` that leaves letterbox, decoding and suppression to ultralytics; built by `open_detector`."""

    name: str
    sha256: str
    window_px: int | None
    size_px: int
    words: Mapping[int, str]
    confidence: float
    iou_above: float
    _network: Any = field(repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The words it can give."""
        return tuple(sorted(set(self.words.values())))

    def detect(self, images: Sequence[UInt8Image]) -> list[Detections]:
        """Boxes of each picture, in order, in each picture's own pixels. See `Detector.detect`."""
        for k, image in enumerate(images):
            require_image(image, f"images[{k}]")
        return [self._one(image) for image in images]

    def _one(self, image: UInt8Image) -> Detections:
        result = self._network.predict(
            np.ascontiguousarray(image[:, :, ::-1]),  # it takes arrays as BGR
            imgsz=self.size_px,
            conf=self.confidence,
            iou=self.iou_above,
            classes=sorted(self.words),
            device="cpu",
            verbose=False,
        )[0]
        rows = result.boxes
        words = [self.words[int(c)] for c in rows.cls]
        return Detections.of(rows.xyxy.numpy(), words, np.clip(rows.conf.numpy(), 0, 1), self.name)


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
    threads: int = 0,
) -> UltralyticsDetector:
    """Open a safetensors state dict on torch. Arguments as in `models.vision.adapters.onnx.open_detector`.

    Raises:
        TrainExtraMissing: the `train` extra is not installed.
        UnknownOutput: see `load_network`; or the network lacks a class of `labels`.
    """
    network = load_network(file)
    numbers = {word: number for number, word in network.model.names.items()}
    unknown = sorted(set(labels) - set(numbers))
    if unknown:
        raise UnknownOutput(name, f"the network has no class {', '.join(unknown)}")
    if threads:
        importlib.import_module("torch").set_num_threads(threads)
    words = {numbers[k]: word for k, word in labels.items()}
    return UltralyticsDetector(name, sha256, window_px, size_px, words, confidence, iou_above, network)
