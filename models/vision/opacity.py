"""From an opacity field to boxes: connected veils, how opaque they are, how large, and whether dust or smoke.

A plume has no edge, so a network tells the opacity of every pixel, and boxes come last. `adapters/opacity.py` runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np

from models.vision.detections import Detections, FloatArray, UInt8Image, require_image
from models.vision.imaging import Part, closed, fitted, parts_of

STRIDE = 32
STEEP = 2.2
"""A thin veil is a veil, too: the network learns 1 − transmittance to this power, so that 0.3 opaque counts as 0.54."""
SAID = 0.25  # with the threshold 0.5: on painted pictures and photographs trained on, before any other was looked at
CLOSE_PX = 5
LEAST_SHARE = 0.004
STRONGEST = 1 / 3
MAX_BOXES = 8
DUST, SMOKE = "dust_plume", "smoke"

Forward = Callable[[FloatArray], FloatArray]
"""(b, 3, h, w) float32 in 0–1, sides multiples of 32 → (b, 2, h/4, w/4): opacity and share of smoke, each 0–1."""


def taught(opacity: FloatArray) -> FloatArray:
    """What the network is to say where a veil is `opacity` opaque; any shape, 0–1."""
    return np.asarray(1 - (1 - np.clip(opacity, 0, 1)) ** STEEP, dtype=np.float32)


def opacity_of(said: FloatArray) -> FloatArray:
    """How opaque a veil is where the network says `said`: the inverse of `taught`."""
    return np.asarray(1 - (1 - np.clip(said, 0, 1)) ** (1 / STEEP), dtype=np.float32)


class Field(NamedTuple):
    """What a network tells of a picture, on its own grid, (h, w) float32 each.

    Attributes:
        said: how sure a veil of dust or smoke stands there, 0–1; `opacity_of` tells how opaque.
        smoke: how much of that looks like smoke rather than dust.
    """

    said: FloatArray
    smoke: FloatArray


@dataclass(frozen=True, slots=True)
class OpacityDetector:
    """A `Detector`; adapters build it.

    Attributes:
        name: the zoo's.
        sha256: of the file.
        window_px: see `Detector`.
        size_px: longer side of what the network is shown.
        confidence: boxes below are dropped.
        smoke_from: share of smoke from which on a veil is called smoke.
        forward: runs the network.
    """

    name: str
    sha256: str
    window_px: int | None
    size_px: int
    confidence: float
    smoke_from: float
    forward: Forward = field(repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The words it can give."""
        return DUST, SMOKE

    def detect(self, images: Sequence[UInt8Image]) -> list[Detections]:
        """Boxes of each picture, in order, in each picture's own pixels. See `Detector.detect`."""
        for k, image in enumerate(images):
            require_image(image, f"images[{k}]")
        return [self._boxes(image) for image in images]

    def field(self, image: UInt8Image) -> Field:
        """The opacity field of a picture (h, w, 3) uint8 RGB, for people to look at."""
        small = fitted(image, self.size_px)
        height, width = small.shape[:2]
        padded = cv2.copyMakeBorder(
            small, 0, -height % STRIDE, 0, -width % STRIDE, cv2.BORDER_REFLECT_101 if min(height, width) > STRIDE
            else cv2.BORDER_REPLICATE,
        )  # fmt: skip
        shown = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)
        out = self.forward(shown)[0, :, : -(-height // 4), : -(-width // 4)]
        return Field(np.ascontiguousarray(out[0]), np.ascontiguousarray(out[1]))

    def _boxes(self, image: UInt8Image) -> Detections:
        found = veils(self.field(image))
        height, width = image.shape[:2]
        sure = [v for v in found if v.confidence >= self.confidence][:MAX_BOXES]
        return Detections.of(
            np.array([v.box for v in sure], np.float64).reshape(-1, 4) * [width, height, width, height],
            [SMOKE if v.cues["smoke_share"] >= self.smoke_from else DUST for v in sure],
            np.array([v.confidence for v in sure]),
            self.name,
            cues=[v.cues for v in sure],
        )


class Veil(NamedTuple):
    """A connected veil: its box in shares of width and height, its confidence, and its figures.

    `cues`: `area_fraction` of the picture, `mean_opacity`, `peak_opacity` (mean of its strongest third), `smoke_share`.
    """

    box: tuple[float, float, float, float]
    confidence: float
    cues: Mapping[str, float]


def veils(seen: Field) -> list[Veil]:
    """The connected veils of a field, the most opaque first."""
    mask = closed(seen.said > SAID, CLOSE_PX)
    found = [_veil(part, seen) for part in parts_of(mask, least_px=LEAST_SHARE * mask.size)]
    return sorted(found, key=lambda veil: -veil.confidence)


def _veil(part: Part, seen: Field) -> Veil:
    said = seen.said[part.mask]
    inside = opacity_of(said)
    strongest = np.sort(said)[-max(1, round(STRONGEST * len(said))) :]
    weight = np.maximum(inside, 1e-6)
    cues = {
        "area_fraction": float(part.area / part.mask.size),
        "mean_opacity": float(inside.mean()),
        "peak_opacity": float(opacity_of(strongest).mean()),
        "smoke_share": float((seen.smoke[part.mask] * weight).sum() / weight.sum()),
    }
    return Veil(part.box, float(np.clip(strongest.mean(), 0, 1)), cues)
