"""A detector run over a labelled set once, and what came of each picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.vision.compose import detect_image
from models.vision.datasets.about import About, about, read_about
from models.vision.datasets.labelled import OUR_WORD, LabelledPicture, LabelledSet
from models.vision.detections import BoolArray, Detections, Detector, FloatArray, StrArray, UInt8Image
from models.vision.evaluation.scores import Found, Matchable, gather
from models.vision.pictures import read_picture


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One picture.

    Attributes:
        file: the picture.
        found: what the detector gave.
        box: (m, 4) drawn, in pixels.
        word: (m,) our word of each drawn box; "" for a class that is left out.
        ignored: (m,) drawn boxes that nobody is asked to find.
        about: site, camera, height, light.
    """

    file: Path
    found: Detections
    box: FloatArray
    word: StrArray
    ignored: BoolArray
    about: About

    def matchable(self, word: str, site: int = 0) -> Matchable:
        """What it gives to the measure of one word."""
        mine, drawn = self.found.label == word, self.word == word
        return Matchable(self.found.box[mine], self.found.confidence[mine], self.box[drawn], self.ignored[drawn], site)


def judge_set(
    labelled: LabelledSet,
    detector: Detector,
    *,
    mapping: Mapping[str, str] = OUR_WORD,
    overlap_fraction: float = 0.2,
    heights: Mapping[str, str] | None = None,
) -> list[Judged]:
    """Run a detector over a set.

    Args:
        labelled: the set.
        detector: loaded at a low threshold, so that average precision sees the whole curve.
        mapping: class of the set, in lower case → our word.
        overlap_fraction: of the windows, for detectors that use them.
        heights: file name → band of height, where the caller knows it from the tags.

    Raises:
        BadDataset: its about.csv cannot be used.
        UnreadablePicture: one of its pictures cannot be decoded.
    """
    stated = dict(read_about(labelled))
    for name, band in (heights or {}).items():
        stated[name] = {"height": band, **stated.get(name, {})}
    out = []
    for picture in labelled.pictures:
        image = read_picture(picture.file)
        words = labelled.words(picture, mapping)
        found = detect_image(image, [detector], overlap_fraction=overlap_fraction)
        seen = about(picture, labelled, image, stated)
        out.append(Judged(picture.file, found, _in_pixels(picture, image), words, picture.ignored, seen))
    return out


def _in_pixels(picture: LabelledPicture, image: UInt8Image) -> FloatArray:
    height, width = image.shape[:2]
    return np.asarray(picture.box * np.array([width, height, width, height]))


def site_numbers(judged: Sequence[Judged]) -> dict[str, int]:
    """A number for each site, in order of name."""
    return {site: number for number, site in enumerate(sorted({j.about.site for j in judged}))}


def gathered(judged: Sequence[Judged], word: str, iou_at_least: float) -> Found:
    """All found boxes of a word, matched; sites numbered by `site_numbers` of the same pictures."""
    number = site_numbers(judged)
    return gather([j.matchable(word, number[j.about.site]) for j in judged], iou_at_least=iou_at_least)


def empty_pictures(judged: Sequence[Judged], labels: Sequence[str]) -> Iterator[Judged]:
    """The pictures in which nothing that the detector knows is drawn."""
    return (j for j in judged if not np.isin(j.word, list(labels)).any())
