"""How good boxes are against drawn ones: matching, precision, recall, average precision, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import BadShape
from models.vision.detections import BoolArray, FloatArray
from models.vision.merge import iou

IOU_STEPS = tuple(round(0.5 + 0.05 * k, 2) for k in range(10))
"""The ten thresholds that COCO averages over for `map50_95`."""
RECALL_STEPS = np.linspace(0, 1, 101)
MATCHES_PER_PICTURE = 100  # COCO scores the most confident hundred boxes of a picture


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes of one label over many pictures, matched with the drawn ones.

    Attributes:
        confidence: (n,) of each found box, most confident first.
        right: (n,) whether it matched a drawn box.
        drawn: number of drawn boxes.
    """

    confidence: FloatArray
    right: BoolArray
    drawn: int


def matched(box: FloatArray, confidence: FloatArray, drawn: FloatArray, *, iou_at_least: float) -> BoolArray:
    """Which found boxes of one picture match a drawn one.

    Each found box, most confident first, takes the drawn box it overlaps most among those not yet taken.

    Args:
        box: (n, 4) found.
        confidence: (n,).
        drawn: (m, 4).
        iou_at_least: a smaller overlap is no match.

    Returns:
        (n,) in the order of `box`.

    Source: the COCO evaluation, without crowd regions.
    """
    if len(box) != len(confidence):
        raise BadShape("confidence", f"{len(confidence)} for {len(box)} boxes")
    right = np.zeros(len(box), bool)
    overlap = iou(box.astype(np.float64), drawn.astype(np.float64))
    free = np.ones(len(drawn), bool)
    for row in np.argsort(-confidence, kind="stable"):
        candidates = np.where(free, overlap[row], -1.0)
        if candidates.size and candidates.max() >= min(iou_at_least, 1 - 1e-10):
            free[candidates.argmax()] = False
            right[row] = True
    return right


def gather(pictures: Sequence[tuple[FloatArray, FloatArray, FloatArray]], *, iou_at_least: float) -> Found:
    """Match picture by picture and put all found boxes of one label in order of confidence.

    Args:
        pictures: found boxes (n, 4), their confidence (n,), drawn boxes (m, 4), a triple a picture.
        iou_at_least: see `matched`.
    """
    confidences: list[FloatArray] = [np.zeros(0)]
    rights: list[BoolArray] = [np.zeros(0, bool)]
    for box, confidence, drawn in pictures:
        top = np.argsort(-confidence, kind="stable")[:MATCHES_PER_PICTURE]
        confidences.append(confidence[top])
        rights.append(matched(box[top], confidence[top], drawn, iou_at_least=iou_at_least))
    confidence, right = np.concatenate(confidences), np.concatenate(rights)
    order = np.argsort(-confidence, kind="stable")
    return Found(confidence[order], right[order], sum(len(drawn) for _, _, drawn in pictures))


def precision_recall(found: Found, *, confidence: float = 0.0) -> tuple[float, float]:
    """Precision and recall of the boxes at or above a confidence; NaN where nothing was found, or nothing drawn."""
    above = found.confidence >= confidence
    hits = int(found.right[above].sum())
    precision = hits / int(above.sum()) if above.any() else float("nan")
    recall = hits / found.drawn if found.drawn else float("nan")
    return precision, recall


def average_precision(found: Found) -> float:
    """Area under the precision–recall curve: mean of the best precision still to come at 101 recalls.

    Returns:
        0–1; NaN where nothing is drawn.

    Source: the COCO evaluation (`precision` of pycocotools, area all, 100 detections).
    """
    if found.drawn == 0:
        return float("nan")
    hits = np.cumsum(found.right)
    recall = hits / found.drawn
    precision = hits / np.arange(1, len(hits) + 1)
    best_to_come = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALL_STEPS, side="left")
    padded = np.append(best_to_come, 0.0)
    return float(padded[np.minimum(at, len(best_to_come))].mean())


def expected_calibration_error(probability: FloatArray, right: BoolArray, *, bins: int = 10) -> float:
    """Mean distance between what was said and what came true, over bins of equal width, weighted by their boxes.

    Args:
        probability: (n,) in 0–1.
        right: (n,).
        bins: number of bins over 0–1.

    Returns:
        0–1; NaN for no boxes.
    """
    if len(probability) == 0:
        return float("nan")
    place: NDArray[np.intp] = np.minimum((probability * bins).astype(np.intp), bins - 1)
    count = np.bincount(place, minlength=bins)
    said = np.bincount(place, weights=probability, minlength=bins)
    true = np.bincount(place, weights=right.astype(float), minlength=bins)
    return float(np.abs(said - true).sum() / count.sum())
