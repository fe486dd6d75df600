"""A detector against a labelled set: the figures of `yaoxun models evaluate` and of the cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.vision.datasets.about import COLUMNS
from models.vision.datasets.labelled import OUR_WORD, LabelledSet
from models.vision.detections import BoolArray, Detector, FloatArray
from models.vision.evaluation import scores
from models.vision.evaluation.intervals import TOO_FEW, site_interval
from models.vision.evaluation.judged import Judged, empty_pictures, gathered, judge_set, site_numbers

FEWEST_FOR_ECE = 100  # boxes; below, the error of calibration is noise
LOOSE_IOU = 0.3
"""For what has no edge: a plume is found where it is found, not where its drawn box ends."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often is looked, for false boxes an hour of flight and a camera-day; the document repeats it."""

    looks_per_flight_hour: float = 1800.0
    looks_per_camera_day: float = 288.0


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The document of `models evaluate`, and the pictures it was measured on."""

    document: dict[str, Any]
    judged: tuple[Judged, ...]


def evaluate(
    labelled: LabelledSet,
    detector: Detector,
    *,
    confidence: float,
    iou_at_least: float = 0.5,
    overlap_fraction: float = 0.2,
    mapping: Mapping[str, str] = OUR_WORD,
    heights: Mapping[str, str] | None = None,
    rates: Rates = Rates(),
    seed: int = 0,
) -> Evaluation:
    """Measure a detector on a set.

    Args:
        labelled: the set; classes that the mapping does not turn into our words are left out.
        detector: loaded at a low threshold, so that average precision sees the whole curve.
        confidence: the operating point: precision, recall and false boxes count boxes at or above it.
        iou_at_least: overlap that counts as found, for precision, recall, `ap` and false boxes; `ap50`, `ap30` and the
            means keep their own.
        overlap_fraction: of the windows, for detectors that use them.
        mapping: class of the set, in lower case → our word.
        heights: file name → band of height over ground, where the caller knows it from the tags.
        rates: how often is looked.
        seed: of the sites drawn anew for the intervals.

    Returns:
        The document of `yaoxun models evaluate` (CLI.md) with more beside it; see docs/ideas/detection.md. Only words
        that the detector can give are measured; a figure that cannot be had is None, an interval then says why.

    Raises:
        BadDataset: the set cannot be used.
        UnreadablePicture: one of its pictures cannot be decoded.
    """
    judged = judge_set(labelled, detector, mapping=mapping, overlap_fraction=overlap_fraction, heights=heights)
    measured = _Measure(judged, detector.labels, confidence, iou_at_least, seed)
    shown = [word for word in detector.labels if measured.drawn(word)]
    classes = {word: measured.of_class(word) for word in shown}
    document = {
        "model": detector.name,
        "sha256": detector.sha256,
        "images": len(judged),
        "map50": _mean([measured.ap(w, 0.5) for w in classes]),
        "map50_95": _mean([measured.ap(w, t) for w in classes for t in scores.IOU_STEPS]),
        "iou": iou_at_least,
        "confidence": confidence,
        "classes": classes,
        **measured.false_boxes(rates),
        **measured.calibration(),
        "by_group": measured.split("site"),
        "by": {key: measured.split(key) for key in COLUMNS},
        "sites": len(site_numbers(judged)),
        "seed": seed,
        "form": labelled.form,
        "licence": labelled.licence,
    }
    return Evaluation(document, tuple(judged))


@dataclass(frozen=True, slots=True)
class _Measure:
    """Figures of one run, at one operating point."""

    judged: Sequence[Judged]
    labels: Sequence[str]
    confidence: float
    iou: float
    seed: int

    def drawn(self, word: str) -> int:
        """Boxes of a word that are to be found."""
        return int(sum(((j.word == word) & ~j.ignored).sum() for j in self.judged))

    def ap(self, word: str, iou: float) -> float:
        """Average precision of a word."""
        return scores.average_precision(gathered(self.judged, word, iou))

    def of_class(self, word: str) -> dict[str, Any]:
        """A class's figures at the operating point and over the curve, with intervals by site."""
        at_point, at_50 = gathered(self.judged, word, self.iou), gathered(self.judged, word, 0.5)
        sites = len(site_numbers(self.judged))
        precision, recall = scores.precision_recall(at_point, confidence=self.confidence)

        def interval(figure: Any) -> list[float] | str:
            ends = site_interval(figure, sites, seed=self.seed)
            return TOO_FEW if ends is None else list(ends)

        return {
            "precision": _or_none(precision),
            "recall": _or_none(recall),
            "ap50": _or_none(scores.average_precision(at_50)),
            "ap": _or_none(scores.average_precision(at_point)),
            "ap30": _or_none(self.ap(word, LOOSE_IOU)),
            "ap50_95": _mean([self.ap(word, t) for t in scores.IOU_STEPS]),
            "boxes": at_point.drawn,
            "intervals": {
                "ap50": interval(lambda w: scores.average_precision(at_50, weight=w)),
                "precision": interval(
                    lambda w: scores.precision_recall(at_point, confidence=self.confidence, weight=w)[0]
                ),
                "recall": interval(
                    lambda w: scores.precision_recall(at_point, confidence=self.confidence, weight=w)[1]
                ),
            },
        }

    def false_boxes(self, rates: Rates) -> dict[str, Any]:
        """Boxes in pictures where nothing that the detector knows is drawn; None where there is no such picture."""
        empty = list(empty_pictures(self.judged, self.labels))
        per_look = _mean([float((j.found.confidence >= self.confidence).sum()) for j in empty])
        return {
            "false_boxes_per_empty_image": per_look,
            "empty_images": len(empty),
            "false_boxes_per_flight_hour": _times(per_look, rates.looks_per_flight_hour),
            "false_boxes_per_camera_day": _times(per_look, rates.looks_per_camera_day),
            "looks_per_flight_hour": rates.looks_per_flight_hour,
            "looks_per_camera_day": rates.looks_per_camera_day,
        }

    def calibration(self) -> dict[str, Any]:
        """Said against come true, of probabilities, and of raw confidence for those who would take it for one."""
        probability, confidence, right = self._said()
        known = ~np.isnan(probability)
        out: dict[str, Any] = {
            "ece": None,
            "reliability": [],
            "ece_of_confidence": None,
            "reliability_of_confidence": [],
        }
        if int(known.sum()) >= FEWEST_FOR_ECE:
            out["ece"] = scores.expected_calibration_error(probability[known], right[known])
            out["reliability"] = [row._asdict() for row in scores.reliability(probability[known], right[known])]
        if len(confidence) >= FEWEST_FOR_ECE:
            out["ece_of_confidence"] = scores.expected_calibration_error(confidence, right)
            out["reliability_of_confidence"] = [row._asdict() for row in scores.reliability(confidence, right)]
        return out

    def _said(self) -> tuple[FloatArray, FloatArray, BoolArray]:
        probability: list[float] = []
        confidence: list[float] = []
        right: list[bool] = []
        for j in self.judged:
            for word in self.labels:
                mine, one = j.found.select(j.found.label == word), j.matchable(word)
                came = scores.matched(one.box, one.confidence, one.drawn, iou_at_least=self.iou, ignored=one.ignored)
                counted = came != scores.IGNORED
                probability += mine.probability[counted].tolist()
                confidence += mine.confidence[counted].tolist()
                right += (came[counted] == scores.RIGHT).tolist()
        return np.array(probability, float), np.array(confidence, float), np.array(right, bool)

    def split(self, key: str) -> Mapping[str, Mapping[str, Any]]:
        """The main figures of each part of the set."""
        values = sorted({str(getattr(j.about, key)) for j in self.judged})
        return {value: self._part([j for j in self.judged if getattr(j.about, key) == value]) for value in values}

    def _part(self, mine: Sequence[Judged]) -> Mapping[str, Any]:
        part = _Measure(mine, self.labels, self.confidence, self.iou, self.seed)
        here = [word for word in self.labels if part.drawn(word)]
        at_point = [scores.precision_recall(gathered(mine, w, self.iou), confidence=self.confidence) for w in here]
        return {
            "images": len(mine),
            "boxes": sum(part.drawn(word) for word in here),
            "map50": _mean([part.ap(w, 0.5) for w in here]),
            "precision": _mean([p for p, _ in at_point if not np.isnan(p)]),
            "recall": _mean([r for _, r in at_point]),
        }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 6) if len(values) else None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else round(value * factor, 3)
