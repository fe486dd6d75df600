"""What YOLO networks take and give, in plain arrays: letterbox in, boxes out. Knows no inference library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from models.errors import UnknownOutput
from models.vision.detections import Detections, FloatArray, UInt8Image
from models.vision.merge import kept_by_nms

PAD_GREY = 114  # the grey that these networks were trained to see beside a picture


class Letterbox(NamedTuple):
    """How a picture lies in the network's input: input pixel = picture pixel x scale + (left, top)."""

    scale: float
    left_px: int
    top_px: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How a network's output is read.

    Attributes:
        labels: class number of the network → word of the product; other classes are dropped.
        class_count: classes that the network knows.
        confidence: boxes below are dropped.
        iou_above: suppression within a word of the product, so that "car" and "truck" on one lorry are one vehicle.
        max_boxes: the most confident so many are kept.
    """

    labels: Mapping[int, str]
    class_count: int
    confidence: float
    iou_above: float = 0.6
    max_boxes: int = 300


def letterbox(
    image: UInt8Image, size_px: int, *, stride: int = 32, square: bool = False
) -> tuple[UInt8Image, Letterbox]:
    """Scale a picture's longer side to `size_px` and pad it with grey, the picture in the middle.

    Args:
        image: (h, w, 3) uint8 RGB.
        size_px: longer side of the input; rounded up to the stride.
        stride: each side of the result is a multiple of it.
        square: pad to a square, for networks of fixed size.

    Returns:
        The padded picture and how the picture lies in it.
    """
    h, w = image.shape[:2]
    side = -(-size_px // stride) * stride
    scale = min(side / h, side / w)
    new_w, new_h = max(1, round(w * scale)), max(1, round(h * scale))
    if (new_w, new_h) != (w, h):
        image = np.asarray(cv2.resize(image, (new_w, new_h), interpolation=cv2.INTER_LINEAR), np.uint8)
    pad_w, pad_h = (side - new_w, side - new_h) if square else (-new_w % stride, -new_h % stride)
    left, top = round(pad_w / 2 - 0.1), round(pad_h / 2 - 0.1)
    boxed = np.full((new_h + pad_h, new_w + pad_w, 3), PAD_GREY, np.uint8)
    boxed[top : top + new_h, left : left + new_w] = image
    return boxed, Letterbox(scale, left, top)


def as_input(images: Sequence[UInt8Image]) -> FloatArray:
    """(b, 3, h, w) float32 in 0–1 from b pictures (h, w, 3) of one size."""
    return np.ascontiguousarray(np.stack(images).transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)


def read_output(output: FloatArray, reading: Reading, *, where: str) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """Boxes of one picture from one network output, told apart by its shape alone.

    Args:
        output: (4 + classes, n): centre, size and a score a class, before suppression; or (n, 6): u0, v0, u1, v1,
            confidence, class, already suppressed ("NMS-free" or with NMS inside).
        reading: how to read it.
        where: named in the error.

    Returns:
        box (m, 4) in pixels of the input, confidence (m,), word (m,), most confident first.

    Raises:
        UnknownOutput: neither shape.
    """
    if output.ndim == 2 and output.shape[0] == 4 + reading.class_count:
        box, confidence, word = _from_scores(output, reading)
    elif output.ndim == 2 and output.shape[1] == 6:
        box, confidence, word = _from_rows(output, reading)
    else:
        expected = f"({4 + reading.class_count}, n) or (n, 6)"
        raise UnknownOutput(where, f"output of a picture is {output.shape}, expected {expected}")
    rows = kept_by_nms(box, confidence, word, iou_above=reading.iou_above)[: reading.max_boxes]
    return box[rows], confidence[rows], word[rows]


def _from_scores(output: FloatArray, reading: Reading) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """A box belongs to the best of the classes we have words for, whatever the others score."""
    classes = np.array(sorted(reading.labels), np.intp)
    scores = output[4:][classes]
    best = scores.argmax(axis=0)
    confidence = scores[best, np.arange(scores.shape[1])]
    keep = np.flatnonzero(confidence >= reading.confidence)
    centre, half = output[:2, keep].T, output[2:4, keep].T / 2
    words = np.array([reading.labels[int(c)] for c in classes])
    return np.hstack([centre - half, centre + half]), confidence[keep], words[best[keep]]


def _from_rows(output: FloatArray, reading: Reading) -> tuple[FloatArray, FloatArray, np.ndarray]:
    classes = output[:, 5].round().astype(np.intp)
    keep = (output[:, 4] >= reading.confidence) & np.isin(classes, list(reading.labels))
    words = np.array([reading.labels[int(c)] for c in classes[keep]], dtype=np.str_)
    return output[keep, :4], output[keep, 4], words


def in_picture(box: FloatArray, placed: Letterbox, width_px: int, height_px: int) -> FloatArray:
    """(n, 4) boxes of the input as boxes of the picture, cut off at its edges."""
    shift = np.array([placed.left_px, placed.top_px] * 2, np.float32)
    out = (box - shift) / np.float32(placed.scale)
    return np.clip(out, 0, np.array([width_px, height_px] * 2, np.float32))


def detections_of(
    output: FloatArray, reading: Reading, placed: Letterbox, image: UInt8Image, *, model: str
) -> Detections:
    """A network's output for one letterboxed picture, in pixels of that picture."""
    box, confidence, word = read_output(output, reading, where=model)
    box = in_picture(box, placed, image.shape[1], image.shape[0])
    some = (box[:, 2] > box[:, 0]) & (box[:, 3] > box[:, 1])
    return Detections.of(box[some], word[some], np.clip(confidence[some], 0, 1), model)
