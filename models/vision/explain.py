"""Why a detector says what it says: cover a part of the picture, and see how much of its confidence goes.

Knows no detector from inside, so that a network, a user's own and a weight-free one are explained alike. Source of the
idea: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks (2014), section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.errors import BadShape
from models.vision.detections import Detections, Detector, FloatArray, UInt8Image, require_image
from models.vision.merge import iou

GRID = 10
AROUND = 0.5
"""How much of the box's size is shown on each side of it."""
LEAST_CROP_PX = 96
SAME_BOX_IOU = 0.3
COVER_SIGMA = 0.15
"""Blur of what covers, in shares of the crop's longer side: colours stay, shapes go."""
AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """One detection explained.

    Attributes:
        crop: (4,) int, pixels of the picture: what was looked at.
        confidence: of the detection within the crop, nothing covered.
        heat: (GRID, GRID) how much of it goes where a cell of the crop is covered; below 0 where it rises.
    """

    crop: np.ndarray
    confidence: float
    heat: FloatArray


def explain(image: UInt8Image, found: Detections, row: int, detector: Detector) -> Explanation:
    """Explain one detection of a picture.

    Args:
        image: (h, w, 3) uint8 RGB.
        found: what a detector found in it.
        row: which of them.
        detector: the one that found it, loaded at a low threshold.

    Returns:
        The map; all zero, with confidence 0, where the crop alone no longer shows the detector what it saw.

    Raises:
        BadShape: `image` is no such array, or there is no such row.
    """
    require_image(image)
    if not 0 <= row < len(found):
        raise BadShape("row", f"{row} of {len(found)}")
    crop = crop_of(image, found.box[row], whole=detector.window_px is None)
    view = image[crop[1] : crop[3], crop[0] : crop[2]]
    box = found.box[row] - np.array([crop[0], crop[1]] * 2)
    label = str(found.label[row])
    whole = confidences([view], box, label, detector)[0]
    covered = confidences(_covered(view), box, label, detector)
    heat = (whole - covered).reshape(GRID, GRID) if whole > 0 else np.zeros((GRID, GRID))
    return Explanation(crop, float(whole), heat)


def crop_of(image: UInt8Image, box: FloatArray, *, whole: bool = False) -> np.ndarray:
    """(4,) the box with its surroundings, within the picture; the whole picture for detectors that look at wholes."""
    height, width = image.shape[:2]
    if whole:
        return np.array([0, 0, width, height])
    size = np.maximum(box[2:] - box[:2], 1)
    margin = np.maximum(size * AROUND, (LEAST_CROP_PX - size) / 2)
    corners = np.hstack([np.floor(box[:2] - margin), np.ceil(box[2:] + margin)])
    return np.clip(corners, 0, [width, height] * 2).astype(int)


def confidences(views: Sequence[UInt8Image], box: FloatArray, label: str, detector: Detector) -> FloatArray:
    """(n,) the highest confidence of that label on that box in each view; 0 where it is not found."""
    out = []
    for first in range(0, len(views), AT_ONCE):
        for found in detector.detect(list(views[first : first + AT_ONCE])):
            there = (found.label == label) & (iou(box[None], found.box)[0] >= SAME_BOX_IOU)
            out.append(float(found.confidence[there].max(initial=0.0)))
    return np.array(out)


def cells_of(view: UInt8Image) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of each cell of the grid, in reading order."""
    height, width = view.shape[:2]
    for v in range(GRID):
        for u in range(GRID):
            rows = slice(v * height // GRID, (v + 1) * height // GRID)
            yield rows, slice(u * width // GRID, (u + 1) * width // GRID)


def cover(view: UInt8Image, cells: Sequence[int]) -> UInt8Image:
    """A view with some cells covered by its own colours without their shapes, edges feathered."""
    veil = cv2.GaussianBlur(view, (0, 0), COVER_SIGMA * max(view.shape[:2]))
    mask = np.zeros(view.shape[:2], np.float32)
    places = list(cells_of(view))
    for cell in cells:
        mask[places[cell]] = 1.0
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.1 * max(view.shape[:2]) / GRID))[:, :, None]
    return np.asarray(view * (1 - soft) + veil * soft).round().astype(np.uint8)


def _covered(view: UInt8Image) -> list[UInt8Image]:
    return [cover(view, [cell]) for cell in range(GRID * GRID)]


def over_picture(image: UInt8Image, explanation: Explanation) -> UInt8Image:
    """The crop with the map laid over it in red, for people: (h, w, 3) uint8 RGB."""
    u0, v0, u1, v1 = explanation.crop
    view = image[v0:v1, u0:u1].astype(np.float32)
    strength = np.clip(explanation.heat, 0, None).astype(np.float32)
    strength /= max(float(strength.max(initial=0.0)), 1e-9)
    large = cv2.resize(strength, (view.shape[1], view.shape[0]), interpolation=cv2.INTER_CUBIC)
    share = np.clip(large, 0, 1)[:, :, None] * 0.6
    red = np.array([255, 40, 20], np.float32)
    return np.asarray(view * (1 - share) + red * share).round().astype(np.uint8)
