"""How good boxes are against drawn ones: matching, precision, recall, average precision, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.errors import BadShape
from models.vision.detections import BoolArray, FloatArray
from models.vision.merge import iou

IOU_STEPS = tuple(round(0.5 + 0.05 * k, 2) for k in range(10))
"""The ten thresholds that COCO averages over for `map50_95`."""
RECALL_STEPS = np.linspace(0, 1, 101)
MATCHES_PER_PICTURE = 100  # COCO scores the most confident hundred boxes of a picture


RIGHT, FALSE, IGNORED = 1, 0, -1
"""What a found box came to. An ignored one lies on a drawn box that nobody is asked to find; it counts neither way."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes of one label over many pictures, matched with the drawn ones; ignored ones are left out.

    Attributes:
        confidence: (n,) of each found box, most confident first.
        right: (n,) whether it matched a drawn box.
        drawn: number of drawn boxes that are to be found.
        site: (n,) number of the site that its picture belongs to.
        drawn_by_site: (k,) drawn boxes of each site.
    """

    confidence: FloatArray
    right: BoolArray
    drawn: int
    site: NDArray[np.intp]
    drawn_by_site: NDArray[np.intp]


class Matchable(NamedTuple):
    """What one picture gives to a measure.

    Found boxes (n, 4), their confidence (n,), drawn boxes (m, 4), which of these are ignored (m,), number of its site.
    """

    box: FloatArray
    confidence: FloatArray
    drawn: FloatArray
    ignored: BoolArray
    site: int = 0


def matched(
    box: FloatArray, confidence: FloatArray, drawn: FloatArray, *, iou_at_least: float, ignored: BoolArray | None = None
) -> NDArray[np.int8]:
    """What each found box of one picture came to.

    Each found box, most confident first, takes the drawn box it overlaps most among those not yet taken. One that takes
    none, but lies on an ignored box, is ignored; as many may lie there as will.

    Args:
        box: (n, 4) found.
        confidence: (n,).
        drawn: (m, 4).
        iou_at_least: a smaller overlap is no match. On an ignored box the overlap is the share of the found box.
        ignored: (m,) drawn boxes that nobody is asked to find; None: none.

    Returns:
        (n,) RIGHT, FALSE or IGNORED, in the order of `box`.

    Source: the COCO evaluation; its crowds are ignored boxes.
    """
    if len(box) != len(confidence):
        raise BadShape("confidence", f"{len(confidence)} for {len(box)} boxes")
    aside = np.zeros(len(drawn), bool) if ignored is None else np.asarray(ignored, bool)
    box, drawn = box.astype(np.float64), drawn.astype(np.float64)
    outcome = np.full(len(box), FALSE, np.int8)
    overlap = iou(box, drawn[~aside])
    on_ignored = share_inside(box, drawn[aside]).max(axis=1, initial=0.0)
    enough = min(iou_at_least, 1 - 1e-10)
    free = np.ones(overlap.shape[1], bool)
    for row in np.argsort(-confidence, kind="stable"):
        candidates = np.where(free, overlap[row], -1.0)
        if candidates.size and candidates.max() >= enough:
            free[candidates.argmax()] = False
            outcome[row] = RIGHT
        elif on_ignored[row] >= enough:
            outcome[row] = IGNORED
    return outcome


def share_inside(box: FloatArray, other: FloatArray) -> FloatArray:
    """(n, m) the share of each of n boxes that lies within each of m others."""
    low = np.maximum(box[:, None, :2], other[None, :, :2])
    high = np.minimum(box[:, None, 2:], other[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    own = np.maximum((box[:, 2:] - box[:, :2]).prod(axis=1), 1e-12)
    return np.asarray(both / own[:, None])


def gather(pictures: Sequence[Matchable], *, iou_at_least: float) -> Found:
    """Match picture by picture and put all found boxes of one label in order of confidence.

    Args:
        pictures: what each gives.
        iou_at_least: see `matched`.
    """
    confidences: list[FloatArray] = [np.zeros(0)]
    outcomes: list[NDArray[np.int8]] = [np.zeros(0, np.int8)]
    sites: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
    drawn_by_site = np.zeros(max((p.site for p in pictures), default=0) + 1, np.intp)
    for p in pictures:
        top = np.argsort(-p.confidence, kind="stable")[:MATCHES_PER_PICTURE]
        confidences.append(p.confidence[top])
        outcomes.append(matched(p.box[top], p.confidence[top], p.drawn, iou_at_least=iou_at_least, ignored=p.ignored))
        sites.append(np.full(len(top), p.site, np.intp))
        drawn_by_site[p.site] += int((~p.ignored).sum())
    confidence, outcome, site = np.concatenate(confidences), np.concatenate(outcomes), np.concatenate(sites)
    order = np.argsort(-confidence, kind="stable")
    order = order[outcome[order] != IGNORED]
    return Found(confidence[order], outcome[order] == RIGHT, int(drawn_by_site.sum()), site[order], drawn_by_site)


def precision_recall(found: Found, *, confidence: float = 0.0, weight: FloatArray | None = None) -> tuple[float, float]:
    """Precision and recall of the boxes at or above a confidence; NaN where nothing was found, or nothing drawn.

    Args:
        found: of one label.
        confidence: the operating point.
        weight: (k,) how often each site counts; None: once.
    """
    box_weight, drawn = _weighed(found, weight)
    above = found.confidence >= confidence
    hits, counted = float(box_weight[found.right & above].sum()), float(box_weight[above].sum())
    precision = hits / counted if counted else float("nan")
    recall = hits / drawn if drawn else float("nan")
    return precision, recall


def average_precision(found: Found, *, weight: FloatArray | None = None) -> float:
    """Area under the precision–recall curve: mean of the best precision still to come at 101 recalls.

    Args:
        found: of one label.
        weight: (k,) how often each site counts; None: once.

    Returns:
        0–1; NaN where nothing is drawn.

    Source: the COCO evaluation (`precision` of pycocotools, area all, 100 detections).
    """
    box_weight, drawn = _weighed(found, weight)
    if drawn == 0:
        return float("nan")
    hits = np.cumsum(box_weight * found.right)
    recall = hits / drawn
    precision = hits / np.maximum(np.cumsum(box_weight), 1e-12)
    best_to_come = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALL_STEPS, side="left")
    padded = np.append(best_to_come, 0.0)
    return float(padded[np.minimum(at, len(best_to_come))].mean())


def curve(found: Found) -> tuple[FloatArray, FloatArray]:
    """(n,) recall and (n,) precision after each found box, most confident first."""
    hits = np.cumsum(found.right)
    return hits / max(found.drawn, 1), hits / np.arange(1, len(hits) + 1)


def _weighed(found: Found, weight: FloatArray | None) -> tuple[FloatArray, float]:
    if weight is None:
        return np.ones(len(found.right)), float(found.drawn)
    return weight[found.site], float((weight * found.drawn_by_site).sum())


class Reliability(NamedTuple):
    """A bin of a reliability diagram: what it spans, how many boxes fell in it, what was said and what came true."""

    low: float
    high: float
    boxes: int
    said: float
    came: float


def reliability(probability: FloatArray, right: BoolArray, *, bins: int = 10) -> list[Reliability]:
    """Said against come true, over bins of equal width; empty bins are left out.

    Args:
        probability: (n,) in 0–1.
        right: (n,).
        bins: number of bins over 0–1.
    """
    place: NDArray[np.intp] = np.minimum((np.asarray(probability, float) * bins).astype(np.intp), bins - 1)
    count = np.bincount(place, minlength=bins)
    said = np.bincount(place, weights=probability, minlength=bins)
    true = np.bincount(place, weights=np.asarray(right, float), minlength=bins)
    return [
        Reliability(k / bins, (k + 1) / bins, int(count[k]), float(said[k] / count[k]), float(true[k] / count[k]))
        for k in range(bins)
        if count[k]
    ]


def expected_calibration_error(probability: FloatArray, right: BoolArray, *, bins: int = 10) -> float:
    """Mean distance between what was said and what came true, over bins of equal width, weighted by their boxes.

    Returns:
        0–1; NaN for no boxes.
    """
    if len(probability) == 0:
        return float("nan")
    rows = reliability(probability, right, bins=bins)
    return sum(abs(row.said - row.came) * row.boxes for row in rows) / len(probability)
