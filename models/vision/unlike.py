"""Pictures unlike any photograph that the detectors were measured on: drawings, screens, test patterns, noise.

A picture is summed up in figures that photographs of places share (contrast at several scales, how it falls from scale
to scale, colours, edges), and its distance from what the background pictures show is taken. It does not know what it
sees; it knows that it never saw the like.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from models.vision.detections import FloatArray, UInt8Image, require_image
from models.vision.imaging import fitted

WORK_PX = 256
SCALES = 4
FILE = Path(__file__).parent / "unlike.json"


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """What plain pictures are like: (k,) middle, (k, k) inverse covariance of the figures, and how far they reach."""

    middle: FloatArray
    precision: FloatArray
    reach: float


def figures_of(image: UInt8Image) -> FloatArray:
    """(k,) figures of a picture.

    Args:
        image: (h, w, 3) uint8 RGB.

    Raises:
        BadShape: no such array.
    """
    require_image(image)
    small = fitted(image, WORK_PX)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)).astype(np.float32) / 255
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    levels = np.bincount((grey * 63).astype(int).ravel(), minlength=64) / grey.size
    return np.array(
        [
            *_contrasts(grey),
            *_edges(grey),
            grey.mean(),
            _spread(grey),
            float(np.log(levels.max() + 1e-3)),
            float((levels > 1e-4).mean()),
            float(np.log(_chroma(lab).mean() + 1)),
            float(np.log(_chroma(lab).std() + 1)),
            _flat_fraction(small),
        ]
    )


def _contrasts(grey: FloatArray) -> list[float]:
    """Log of the detail at each scale, and how peaked it is: photographs have few strong edges among much calm."""
    out = []
    for _ in range(SCALES):
        half = np.asarray(cv2.pyrDown(grey), np.float32)
        detail = grey - cv2.pyrUp(half, dstsize=(grey.shape[1], grey.shape[0]))
        spread = float(detail.std()) + 1e-4
        out += [float(np.log(spread)), float(np.log(np.mean(np.abs(detail)) / spread + 1e-3))]
        grey = half
    return out


def _edges(grey: FloatArray) -> list[float]:
    """How far edges prefer the picture's own axes, and how far they prefer any one direction."""
    u, v = cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1)
    strength = np.hypot(u, v)
    total = float(strength.sum()) + 1e-6
    twice = np.exp(2j * np.arctan2(v, u))
    four = np.exp(4j * np.arctan2(v, u))
    return [abs(complex((strength * twice).sum())) / total, float((strength * four).sum().real) / total]


def _spread(grey: FloatArray) -> float:
    low, high = np.quantile(grey, [0.02, 0.98])
    return float(high - low)


def _chroma(lab: FloatArray) -> FloatArray:
    return np.asarray(np.hypot(lab[:, :, 1] - 128, lab[:, :, 2] - 128))


def _flat_fraction(small: UInt8Image) -> float:
    """Share of pixels exactly like their right neighbour: next to none in photographs, most of a drawing."""
    return float((small[:, 1:] == small[:, :-1]).all(axis=2).mean())


def fit(figures: FloatArray, *, shrink: float = 0.1, reach_quantile: float = 0.99, margin: float = 1.2) -> Plain:
    """What plain pictures are like.

    Args:
        figures: (n, k) of plain pictures.
        shrink: towards uncorrelated figures.
        reach_quantile: of the distances of the pictures themselves.
        margin: how much farther than that a picture may lie.
    """
    middle = np.median(figures, axis=0)
    covariance = np.cov(figures, rowvar=False)
    covariance = (1 - shrink) * covariance + shrink * np.diag(np.diag(covariance))
    precision = np.linalg.inv(covariance)
    apart = figures - middle
    distances = np.sqrt(np.einsum("ni,ij,nj->n", apart, precision, apart))
    return Plain(middle, precision, float(np.quantile(distances, reach_quantile)) * margin)


def distance(image: UInt8Image, plain: Plain | None = None) -> float:
    """How far a picture lies from plain ones, in units of their reach: beyond 1 it is like none of them."""
    known = plain or known_plain()
    apart = figures_of(image) - known.middle
    squared = float(apart @ known.precision @ apart)
    return float(np.sqrt(max(0.0, squared))) / known.reach


@cache
def known_plain() -> Plain:
    """What the freely licensed background pictures are like, as committed; `python -m models.vision.unlike_fit`."""
    said = json.loads(FILE.read_text("utf-8"))
    return Plain(np.array(said["middle"]), np.array(said["precision"]), float(said["reach"]))
