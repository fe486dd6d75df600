"""Dust plumes without a network: places in one picture that look veiled beside their surroundings.

A veil of dust adds its own light and takes the scene's away (I = J·t + A·(1 − t), Koschmieder): the darkest channel
rises, fine contrast fades, colour pales or turns warm, the brightness billows, and parts of the outline have no edge.
Pale stone, concrete and roofs share the first of these and rarely the last two. Each candidate region gets these
figures as cues; their weighted sum through a logistic is its confidence. It is a baseline, weak on thin and distant
dust; how weak stands in `cards/haze_baseline.md`.

Source of the darkest-channel measure: He, Sun, Tang, Single image haze removal using dark channel prior (2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.vision.detections import BoolArray, Detections, FloatArray, UInt8Image, require_image
from models.vision.imaging import (
    blurred,
    eroded,
    fitted,
    gradient_of,
    grown,
    highest_near,
    lowest_near,
    opened,
    parts_of,
)
from models.vision.merge import iou, overlap_of_smaller

LABEL = "dust_plume"
WORK_PX = 384  # the longer side that everything is measured at: plumes are large, noise is not
LEVELS = (0.25, 0.35, 0.45, 0.55, 0.65, 0.75)  # of the veil map; a plume is cut out at the level that suits it best
AREA_FRACTION = (0.006, 0.6)  # of the picture; smaller regions are noise, larger ones are weather
OPAQUE_LEVEL = 0.85  # the darkest channel, 0–1, of a veil that hides everything
BARRIER = 0.5  # of the gradient that a tenth of the picture exceeds
SAME_PLUME_IOU = 0.2
SAME_PLUME_INSIDE = 0.5
MAX_BOXES = 5


LOGGED = frozenset({"area_fraction", "billow", "edge_strength"})  # cues that count by their logarithm


class Weight(NamedTuple):
    """How a cue's term counts: `slope` for each `spread` that it lies above `middle`."""

    middle: float
    spread: float
    slope: float


WEIGHTS: Mapping[str, Weight] = {
    "area_fraction": Weight(-3.6290, 0.7827, 1.287),
    "mean_opacity": Weight(0.5191, 0.2120, 0.062),
    "veil_lift": Weight(0.1995, 0.1394, -1.749),
    "contrast_loss": Weight(0.6811, 0.1291, 0.618),
    "saturation_drop": Weight(0.0665, 0.0997, 0.574),
    "warmth": Weight(0.0085, 0.1381, 0.705),
    "billow": Weight(-3.2741, 0.5461, 0.503),
    "edge_strength": Weight(-0.5950, 0.5428, 0.768),
    "weakest_edge": Weight(0.7680, 0.3589, -0.978),
    "edge_fraction": Weight(0.7994, 0.2811, 0.524),
    "inner_texture": Weight(0.5377, 0.2770, -1.019),
    "colour_cast": Weight(0.0192, 0.0417, -0.476),
}
"""Printed by `models.vision.haze_fit` on the freely licensed background pictures; see the card."""
OFFSET = -2.028


@dataclass(frozen=True, slots=True)
class HazeDetector:
    """A `Detector` of `dust_plume`; built by `open_detector`."""

    name: str
    sha256: str
    window_px: int | None
    confidence: float

    @property
    def labels(self) -> tuple[str, ...]:
        """The one word it can give."""
        return (LABEL,)

    def detect(self, images: Sequence[UInt8Image]) -> list[Detections]:
        """Veiled places of each picture, in order, in each picture's own pixels. See `Detector.detect`."""
        for k, image in enumerate(images):
            require_image(image, f"images[{k}]")
        return [self._one(image) for image in images]

    def _one(self, image: UInt8Image) -> Detections:
        found = sorted(candidates(image), key=lambda c: -confidence_of(c.cues))
        sure = [c for c in found if confidence_of(c.cues) >= self.confidence]
        box = np.array([c.box for c in sure], np.float64).reshape(-1, 4)
        rows = _best_of_nested(box)
        height, width = image.shape[:2]
        return Detections.of(
            box[rows] * [width, height, width, height],
            [LABEL] * len(rows),
            np.array([confidence_of(sure[i].cues) for i in rows]),
            self.name,
            cues=[sure[i].cues for i in rows],
        )


def open_detector(
    file: Path,
    *,
    name: str,
    sha256: str,
    labels: Mapping[str, str],
    confidence: float,
    size_px: int = WORK_PX,
    window_px: int | None = None,
    threads: int = 0,
) -> HazeDetector:
    """Build the detector. `file`, `labels`, `size_px` and `threads` are there for the zoo and change nothing."""
    return HazeDetector(name, sha256, window_px, confidence)


class Candidate(NamedTuple):
    """A region: box in shares of the picture's width and height (u0, v0, u1, v1), and its cues."""

    box: tuple[float, float, float, float]
    cues: Mapping[str, float]


class Maps(NamedTuple):
    """A picture's measures at work size, each (h, w) float32 unless said otherwise.

    `veil` 0–1 is the geometric mean of `opacity` (how far the darkest channel rose towards opaque) and `fade` (how
    much fine contrast is gone), both against the rest of the picture. `judged` (bool) leaves the sky out. `barrier`
    (bool) is where an edge is clear: kerbs, roofs and walls part regions, a veil does not.
    """

    veil: FloatArray
    opacity: FloatArray
    fade: FloatArray
    darkest: FloatArray
    saturation: FloatArray
    warmth: FloatArray
    smooth: FloatArray
    gradient: FloatArray
    near_gradient: FloatArray
    barrier: BoolArray
    judged: BoolArray
    strong: float


def confidence_of(cues: Mapping[str, float]) -> float:
    """0–1, raw: the logistic of the weighted cues."""
    total = OFFSET + sum(w.slope * (term(k, cues) - w.middle) / w.spread for k, w in WEIGHTS.items())
    return float(1 / (1 + np.exp(-total)))


def term(name: str, cues: Mapping[str, float]) -> float:
    """What of a cue is weighed: the cue, its logarithm, or, for `colour_cast`, the square of the warmth."""
    if name == "colour_cast":
        return cues["warmth"] ** 2
    return float(np.log(cues[name] + 0.005)) if name in LOGGED else cues[name]


def candidates(image: UInt8Image) -> list[Candidate]:
    """All regions of a picture that are veiled at some level, nested ones too.

    Args:
        image: (h, w, 3) uint8 RGB.
    """
    maps = measured(image)
    least, most = (share * maps.veil.size for share in AREA_FRACTION)
    found = []
    for level in LEVELS:
        above = opened((maps.veil > level) & ~maps.barrier, 5)
        for part in parts_of(above, least_px=least, most_px=most):
            cues = _cues(part.mask, maps)
            if cues is not None:
                found.append(Candidate(part.box, cues))
    return found


def measured(image: UInt8Image) -> Maps:
    """A picture's measures at work size. See `Maps`."""
    rgb = fitted(image, WORK_PX).astype(np.float32) / 255
    low, high = rgb.min(axis=2), rgb.max(axis=2)
    light = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    darkest = blurred(lowest_near(low, 7), 3)
    contrast = blurred(np.abs(light - blurred(light, 1.5)), 5) / (blurred(light, 5) + 0.15)
    judged = _not_sky(contrast, light)
    base = float(np.quantile(darkest[judged], 0.35))
    usual = max(float(np.quantile(contrast[judged], 0.65)), 1e-4)
    opacity = np.clip((darkest - base) / max(OPAQUE_LEVEL - base, 0.1), 0, 1)
    fade = np.clip(1 - contrast / usual, 0, 1)
    gradient = gradient_of(light)
    strong = float(np.quantile(gradient[judged], 0.9)) + 0.01
    return Maps(
        veil=np.where(judged, np.sqrt(opacity * fade), 0).astype(np.float32),
        opacity=opacity,
        fade=fade,
        darkest=darkest,
        saturation=(high - low) / (high + 0.05),
        warmth=rgb[:, :, 0] - rgb[:, :, 2],
        smooth=blurred(light, 4),
        gradient=highest_near(gradient, 5),
        near_gradient=highest_near(gradient, 13),
        barrier=gradient > BARRIER * strong,
        judged=judged,
        strong=strong,
    )


def _not_sky(contrast: FloatArray, light: FloatArray) -> BoolArray:
    """False where the picture is bright and without detail from its upper edge down.

    All True where hardly anything would be left.
    """
    sky = np.zeros(light.shape, bool)
    for part in parts_of((contrast < 0.012) & (light > 0.35), least_px=0.002 * light.size):
        if part.v < 3:
            sky |= part.mask
    sky = grown(sky, 9)
    return ~sky if (~sky).mean() > 0.15 else np.ones_like(sky)


def _cues(region: BoolArray, maps: Maps) -> dict[str, float] | None:
    """The figures of a region, or None where it has no surroundings or no outline inside the picture."""
    ring = grown(region, 25) & ~grown(region, 7) & maps.judged
    outline = region & ~eroded(region, 3)
    outline[:2] = outline[-2:] = False
    outline[:, :2] = outline[:, -2:] = False
    if ring.sum() < 50 or outline.sum() < 10:
        return None
    near_barrier = grown(maps.barrier, 9)
    inner = eroded(region, 9)
    core = inner if inner.sum() >= 20 else region
    return {
        "area_fraction": float(region.mean()),
        "mean_opacity": float(maps.opacity[region].mean()),
        "veil_lift": float(maps.darkest[region].mean() - maps.darkest[ring].mean()),
        "contrast_loss": float(maps.fade[region].mean()),
        "saturation_drop": float(maps.saturation[ring].mean() - maps.saturation[region].mean()),
        "warmth": float(maps.warmth[region].mean()),
        "billow": float(maps.smooth[region].std()),
        "edge_strength": float(maps.gradient[outline].mean() / maps.strong),
        "weakest_edge": float(np.quantile(maps.near_gradient[outline], 0.2) / maps.strong),
        "edge_fraction": float(near_barrier[outline].mean()),
        "inner_texture": float(maps.near_gradient[core].mean() / maps.strong),
    }


def _best_of_nested(box: FloatArray) -> list[int]:
    """Rows kept of boxes in falling order of confidence: none overlaps a better one much, or lies half inside it."""
    kept: list[int] = []
    for i in range(len(box)):
        if kept:
            one = box[i : i + 1]
            same = (iou(one, box[kept]) > SAME_PLUME_IOU) | (overlap_of_smaller(one, box[kept]) > SAME_PLUME_INSIDE)
            if same.any():
                continue
        kept.append(i)
        if len(kept) == MAX_BOXES:
            break
    return kept
