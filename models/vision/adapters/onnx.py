"""ONNX networks of the YOLO kind on onnxruntime: the runtime of every ordinary run."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import onnxruntime as ort

from models.errors import UnknownOutput
from models.vision.detections import Detections, UInt8Image, require_image
from models.vision.yolo import Letterbox, Reading, as_input, detections_of, letterbox


@dataclass(frozen=True, slots=True)
class OnnxDetector:
    """A `Detector` on onnxruntime; built by `open_detector`.

    Attributes:
        name: the zoo's.
        sha256: of the file.
        window_px: see `Detector`.
        size_px: longer side of the network's input.
        square: the network wants a square of exactly that side.
        batch: pictures of one size that go through the network together.
        reading: how its output is read.
    """

    name: str
    sha256: str
    window_px: int | None
    size_px: int
    square: bool
    batch: int
    reading: Reading
    _session: ort.InferenceSession = field(repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The words it can give."""
        return tuple(sorted(set(self.reading.labels.values())))

    def detect(self, images: Sequence[UInt8Image]) -> list[Detections]:
        """Boxes of each picture, in order, in each picture's own pixels. See `Detector.detect`."""
        for k, image in enumerate(images):
            require_image(image, f"images[{k}]")
        found: list[Detections] = []
        waiting: list[tuple[UInt8Image, UInt8Image, Letterbox]] = []
        for image in images:
            boxed, placed = letterbox(image, self.size_px, square=self.square)
            if waiting and (len(waiting) == self.batch or waiting[0][1].shape != boxed.shape):
                found += self._run(waiting)
                waiting = []
            waiting.append((image, boxed, placed))
        return found + self._run(waiting) if waiting else found

    def _run(self, group: Sequence[tuple[UInt8Image, UInt8Image, Letterbox]]) -> list[Detections]:
        source = self._session.get_inputs()[0].name
        output = self._session.run(None, {source: as_input([boxed for _, boxed, _ in group])})[0]
        if len(output) != len(group):
            raise UnknownOutput(self.name, f"{len(output)} outputs for {len(group)} pictures")
        return [
            detections_of(out, self.reading, placed, image, model=self.name)
            for out, (image, _, placed) in zip(output, group, strict=True)
        ]


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
) -> OnnxDetector:
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
        UnknownOutput: no class names in the file, or one of `labels` is not among them.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # Waiting threads sleep instead of spinning: beside other work on few cores, spinning trebles the time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    numbers = _class_numbers(session, name)
    unknown = sorted(set(labels) - set(numbers))
    if unknown:
        raise UnknownOutput(name, f"the network has no class {', '.join(unknown)}")
    reading = Reading({numbers[k]: word for k, word in labels.items()}, len(numbers), confidence, iou_above)
    fixed = [side for side in session.get_inputs()[0].shape[2:] if isinstance(side, int)]
    fixed_batch = session.get_inputs()[0].shape[0]
    return OnnxDetector(
        name=name,
        sha256=sha256,
        window_px=window_px,
        size_px=fixed[0] if fixed else size_px,
        square=bool(fixed),
        batch=fixed_batch if isinstance(fixed_batch, int) else batch,
        reading=reading,
        _session=session,
    )


def _class_numbers(session: ort.InferenceSession, name: str) -> dict[str, int]:
    text = session.get_modelmeta().custom_metadata_map.get("names", "")
    try:
        names = ast.literal_eval(text)
        return {str(word): int(number) for number, word in names.items()}
    except (ValueError, SyntaxError, AttributeError) as error:
        raise UnknownOutput(name, "the file's metadata hold no class names") from error
