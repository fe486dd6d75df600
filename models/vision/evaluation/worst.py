"""The cases that teach most: the largest things missed, the surest boxes that are false."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.vision.detections import FloatArray
from models.vision.evaluation import scores
from models.vision.evaluation.judged import Judged
from models.vision.merge import iou


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One mistake.

    Attributes:
        file: the picture.
        word: what should have been found, or what was said.
        box: (4,) pixels.
        confidence: of a false box; of a miss the best that lay on it at any overlap, 0 where nothing did.
        overlap: with the nearest drawn (of a false box) or found (of a miss) box of the same word.
    """

    file: Path
    word: str
    box: FloatArray
    confidence: float
    overlap: float


def false_alarms(
    judged: Sequence[Judged], labels: Sequence[str], *, confidence: float, iou_at_least: float, most: int = 12
) -> list[Case]:
    """False boxes at or above the operating point, the surest first, one a picture."""
    found = sorted(_false(judged, labels, confidence, iou_at_least), key=lambda case: -case.confidence)
    return _one_a_picture(found, most)


def _false(judged: Sequence[Judged], labels: Sequence[str], confidence: float, iou_at_least: float) -> Iterator[Case]:
    for j in judged:
        for word in labels:
            one = j.matchable(word)
            came = scores.matched(one.box, one.confidence, one.drawn, iou_at_least=iou_at_least, ignored=one.ignored)
            near = iou(one.box, one.drawn).max(axis=1, initial=0.0)
            for row in np.flatnonzero((came == scores.FALSE) & (one.confidence >= confidence)):
                yield Case(j.file, word, one.box[row], float(one.confidence[row]), float(near[row]))


def misses(
    judged: Sequence[Judged], labels: Sequence[str], *, confidence: float, iou_at_least: float, most: int = 12
) -> list[Case]:
    """Drawn boxes that nothing at or above the operating point overlaps enough, the largest first, one a picture."""
    found = sorted(_missed(judged, labels, confidence, iou_at_least), key=lambda case: -_area(case.box))
    return _one_a_picture(found, most)


def _missed(judged: Sequence[Judged], labels: Sequence[str], confidence: float, iou_at_least: float) -> Iterator[Case]:
    for j in judged:
        for word in labels:
            one = j.matchable(word)
            drawn = one.drawn[~one.ignored]
            overlap = iou(drawn, one.box)
            sure = one.confidence >= confidence
            for row in range(len(drawn)):
                if overlap[row][sure].max(initial=0.0) < iou_at_least:
                    best = one.confidence[overlap[row] >= iou_at_least].max(initial=0.0)
                    yield Case(j.file, word, drawn[row], float(best), float(overlap[row].max(initial=0.0)))


def _one_a_picture(cases: Sequence[Case], most: int) -> list[Case]:
    kept: dict[Path, Case] = {}
    for case in cases:
        kept.setdefault(case.file, case)
    return list(kept.values())[:most]


def _area(box: FloatArray) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
