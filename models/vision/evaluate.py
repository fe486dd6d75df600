"""A detector against a labelled set: the figures of `yaoxun models evaluate` and of the cards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.vision import datasets, scores
from models.vision.compose import detect_image
from models.vision.detections import Detections, Detector, FloatArray
from models.vision.pictures import read_picture

FEWEST_FOR_ECE = 100  # calibrated boxes; below, the error of calibration is noise


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One picture: what was found, what is drawn in pixels, the word (m,) of each drawn box, and its group."""

    found: Detections
    box: FloatArray
    word: np.ndarray
    group: str


def evaluate(
    file: Path, detector: Detector, *, confidence: float, iou_at_least: float = 0.5, overlap_fraction: float = 0.2
) -> dict[str, Any]:
    """Measure a detector on a set.

    Args:
        file: data.yaml; its classes are turned into our words by `datasets.OUR_WORD`, others are left out.
        detector: loaded at a low threshold, so that average precision sees the whole curve.
        confidence: precision, recall and false boxes count boxes at or above it.
        iou_at_least: overlap that counts as found, for precision, recall, `ap` and false boxes; `ap50` and the means
            keep their own.
        overlap_fraction: of the windows, for detectors that use them.

    Returns:
        The document of `yaoxun models evaluate` (see CLI.md), with `confidence` and a class's `ap` at `iou` beside.
        Only words that the detector can give are measured; a figure that cannot be had is None.

    Raises:
        BadDataset: the set cannot be used.
        UnreadablePicture: one of its pictures cannot be decoded.
    """
    labelled = datasets.read_set(file)
    judged = [_judged(p, labelled, detector, overlap_fraction) for p in datasets.pictures_of(labelled)]
    classes = {
        word: _class_figures(judged, word, confidence, iou_at_least)
        for word in detector.labels
        if any((j.word == word).any() for j in judged)
    }
    return {
        "model": detector.name,
        "sha256": detector.sha256,
        "images": len(judged),
        "map50": _mean([_ap(judged, w, 0.5) for w in classes]),
        "map50_95": _mean([_ap(judged, w, t) for w in classes for t in scores.IOU_STEPS]),
        "iou": iou_at_least,
        "confidence": confidence,
        "classes": classes,
        "false_boxes_per_empty_image": _false_per_empty(judged, detector.labels, confidence),
        "ece": _calibration_error(judged, detector.labels, iou_at_least),
        "by_group": _by_group(judged, detector.labels, confidence, iou_at_least),
    }


def _judged(
    picture: datasets.LabelledPicture, labelled: datasets.LabelledSet, detector: Detector, overlap_fraction: float
) -> Judged:
    image = read_picture(picture.file)
    height, width = image.shape[:2]
    words = np.array([datasets.OUR_WORD.get(labelled.names[int(n)].lower(), "") for n in picture.number], dtype=np.str_)
    found = detect_image(image, [detector], overlap_fraction=overlap_fraction)
    return Judged(found, picture.box * [width, height, width, height], words, _group(picture.file, labelled.images))


def _group(file: Path, root: Path) -> str:
    """The folder below the pictures' root, or the letters that the file's name begins with: one flight, one source."""
    parts = file.relative_to(root).parts
    if len(parts) > 1:
        return parts[0]
    found = re.match(r"[^\W\d_]+", file.stem)
    return found.group() if found else "other"


def _gathered(judged: Sequence[Judged], word: str, iou_at_least: float) -> scores.Found:
    rows = []
    for j in judged:
        mine = j.found.label == word
        rows.append((j.found.box[mine], j.found.confidence[mine], j.box[j.word == word]))
    return scores.gather(rows, iou_at_least=iou_at_least)


def _ap(judged: Sequence[Judged], word: str, iou_at_least: float) -> float:
    return scores.average_precision(_gathered(judged, word, iou_at_least))


def _class_figures(judged: Sequence[Judged], word: str, confidence: float, iou_at_least: float) -> dict[str, Any]:
    found = _gathered(judged, word, iou_at_least)
    precision, recall = scores.precision_recall(found, confidence=confidence)
    return {
        "precision": _or_none(precision),
        "recall": _or_none(recall),
        "ap50": _or_none(_ap(judged, word, 0.5)),
        "ap": _or_none(scores.average_precision(found)),
        "boxes": found.drawn,
    }


def _false_per_empty(judged: Sequence[Judged], labels: Sequence[str], confidence: float) -> float | None:
    """Boxes in pictures where nothing that the detector knows is drawn; None where there is no such picture."""
    empty = [j for j in judged if not np.isin(j.word, labels).any()]
    return _mean([float((j.found.confidence >= confidence).sum()) for j in empty])


def _calibration_error(judged: Sequence[Judged], labels: Sequence[str], iou_at_least: float) -> float | None:
    probability: list[float] = []
    right: list[bool] = []
    for j in judged:
        for word in labels:
            mine = j.found.select((j.found.label == word) & ~np.isnan(j.found.probability))
            hit = scores.matched(mine.box, mine.confidence, j.box[j.word == word], iou_at_least=iou_at_least)
            probability += mine.probability.tolist()
            right += hit.tolist()
    if len(probability) < FEWEST_FOR_ECE:
        return None
    return scores.expected_calibration_error(np.array(probability), np.array(right))


def _by_group(
    judged: Sequence[Judged], labels: Sequence[str], confidence: float, iou_at_least: float
) -> Mapping[str, Mapping[str, Any]]:
    out: dict[str, Mapping[str, Any]] = {}
    for group in sorted({j.group for j in judged}):
        mine = [j for j in judged if j.group == group]
        here = [w for w in labels if any((j.word == w).any() for j in mine)]
        out[group] = {
            "images": len(mine),
            "boxes": int(sum(np.isin(j.word, labels).sum() for j in mine)),
            "map50": _mean([_ap(mine, w, 0.5) for w in here]),
            "recall": _mean(
                [scores.precision_recall(_gathered(mine, w, iou_at_least), confidence=confidence)[1] for w in here]
            ),
        }
    return out


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 6) if len(values) else None
