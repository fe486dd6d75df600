"""A network of the YOLO kind as a `Detector`, whichever library runs it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from models.errors import UnknownOutput
from models.vision.detections import Detections, FloatArray, UInt8Image, require_image
from models.vision.yolo import Letterbox, Reading, as_input, detections_of, letterbox

Forward = Callable[[FloatArray], FloatArray]
"""(b, 3, h, w) float32 in 0–1 → the network's first output, one row of its first axis a picture."""


@dataclass(frozen=True, slots=True)
class NetworkDetector:
    """A `Detector`; adapters build it.

    Attributes:
        name: the zoo's.
        sha256: of the file.
        window_px: see `Detector`.
        size_px: longer side of the network's input.
        square: the network wants a square of exactly that side.
        batch: pictures of one size that go through the network together.
        reading: how its output is read.
        runtime: the library that runs it.
        forward: runs it.
    """

    name: str
    sha256: str
    window_px: int | None
    size_px: int
    square: bool
    batch: int
    reading: Reading
    runtime: str
    forward: Forward = field(repr=False)

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
        output = self.forward(as_input([boxed for _, boxed, _ in group]))
        if len(output) != len(group):
            raise UnknownOutput(self.name, f"{len(output)} outputs for {len(group)} pictures")
        return [
            detections_of(out, self.reading, placed, image, model=self.name)
            for out, (image, _, placed) in zip(output, group, strict=True)
        ]


def class_numbers(text: str, name: str) -> dict[str, int]:
    """Class name → number, from what an exported file's metadata say: `{0: 'person', 1: 'bicycle'}`.

    Args:
        text: a Python literal; nothing in it is run.
        name: of the model, for the error.

    Raises:
        UnknownOutput: no such text.
    """
    try:
        names = ast.literal_eval(text)
        return {str(word): int(number) for number, word in names.items()}
    except (ValueError, SyntaxError, AttributeError, TypeError, RecursionError, MemoryError) as error:
        raise UnknownOutput(name, "the file's metadata hold no class names") from error


def reading_of(
    labels: Mapping[str, str], numbers: Mapping[str, int], confidence: float, iou_above: float, *, name: str
) -> Reading:
    """How the output is read, for the classes that are wanted.

    Args:
        labels: the network's class name → word of the product; classes not named are dropped.
        numbers: the network's classes.
        confidence: boxes below are dropped.
        iou_above: overlap beyond which two boxes are one.
        name: of the model, for the error.

    Raises:
        UnknownOutput: one of `labels` is not among the network's classes.
    """
    unknown = sorted(set(labels) - set(numbers))
    if unknown:
        raise UnknownOutput(
            name, f"the network has no class {', '.join(unknown)}; it has {', '.join(list(numbers)[:20])}"
        )
    return Reading({numbers[k]: word for k, word in labels.items()}, len(numbers), confidence, iou_above)
