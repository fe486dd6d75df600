"""Discharges without a network: a patch of other colour in a calm water surface, fading into it.

A surface without sharp edges and of water's colour (measured rivers, canals and a bay from above: dull, between olive
and grey-green) is taken for water. Its own colour is a smooth surface over the picture, since depth and sky change it
slowly. What departs from that, in turbidity (brighter or darker) or tint, is compact, touches the water's rim and has
a soft outline towards the rest, is a candidate. Shadows only darken and keep the tint: darkness alone does not count.
A baseline: it cannot judge ripples, muddy rivers or water in shadow; see `cards/discharge_baseline.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

import cv2
import numpy as np

from models.vision.detections import BoolArray, Detections, FloatArray, UInt8Image, require_image
from models.vision.imaging import blurred, closed, eroded, fitted, gradient_of, grown, opened, parts_of

LABEL = "discharge"
WORK_PX = 512


@dataclass(frozen=True, slots=True)
class WaterLimits:
    """What counts as water and as a departure from it, in CIELAB units at work size. Measured on given pictures."""

    calm_texture: float = 3.0
    """Standard deviation of lightness in 7 x 7 pixels; above, a surface is not calm."""
    water_area_fraction: float = 0.03
    """A calm surface below this share of the picture is not judged."""
    lightness: tuple[float, float] = (10.0, 72.0)
    green_red: tuple[float, float] = (-18.0, -1.5)
    blue_yellow: tuple[float, float] = (-20.0, 32.0)
    chroma: float = 34.0
    """Lawns are greener and more colourful, roads and roofs have no green tint."""
    scatter: float = 4.0
    """Usual scatter around its own colour; above, it is several things and not one water."""
    darkest_departure: float = -2.0
    """Lightness of a patch against the water's own: darker ones are shadows, depths and reflections."""
    greenest_departure: float = -3.0
    """Green–red of a patch against the water's own: greener ones are plants."""
    rim_px: int = 4
    """Pixels this near the water's rim are mixed with the bank; a patch must lie mostly beyond."""
    departure: float = 5.0
    """Least distance from the water's own colour, and at least `departure_sigmas` of its usual scatter."""
    departure_sigmas: float = 4.0
    plain_departure: float = 16.0
    """A departure of this size is certain as far as colour goes."""
    area_fraction: tuple[float, float] = (0.0008, 0.5)
    """Of a patch: least share of the picture, largest share of the water."""
    sharp_edge: float = 0.25
    """Gradient along the outline towards the water, per pixel, as a share of the departure: an object, not a plume."""


class Surface(NamedTuple):
    """A calm surface: its mask (h, w), its own colour at each pixel (h, w, 3) and the usual scatter around it."""

    mask: BoolArray
    own: FloatArray
    scatter: float


@dataclass(frozen=True, slots=True)
class WaterDetector:
    """A `Detector` of `discharge`; built by `open_detector`."""

    name: str
    sha256: str
    window_px: int | None
    confidence: float
    limits: WaterLimits = WaterLimits()

    @property
    def labels(self) -> tuple[str, ...]:
        """The one word it can give."""
        return (LABEL,)

    def detect(self, images: Sequence[UInt8Image]) -> list[Detections]:
        """Patches in water, of each picture in order, in each picture's own pixels. See `Detector.detect`."""
        for k, image in enumerate(images):
            require_image(image, f"images[{k}]")
        return [self._one(image) for image in images]

    def _one(self, image: UInt8Image) -> Detections:
        found = [(confidence_of(cues, self.limits), box, cues) for box, cues in patches(image, self.limits)]
        sure = sorted((f for f in found if f[0] >= self.confidence), key=lambda f: -f[0])
        height, width = image.shape[:2]
        return Detections.of(
            np.array([box for _, box, _ in sure], np.float64).reshape(-1, 4) * [width, height, width, height],
            [LABEL] * len(sure),
            np.array([c for c, _, _ in sure]),
            self.name,
            cues=[cues for _, _, cues in sure],
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
) -> WaterDetector:
    """Build the detector. `file`, `labels`, `size_px` and `threads` are there for the zoo and change nothing."""
    return WaterDetector(name, sha256, window_px, confidence)


def confidence_of(cues: Mapping[str, float], limits: WaterLimits) -> float:
    """0–1, raw: product of how far the colour departs, how soft the outline is, and whether it comes from the rim."""
    colour = _ramp(cues["colour_difference"], 0.5 * limits.departure, limits.plain_departure)
    soft = 1 - _ramp(cues["edge_sharpness"], 0.3 * limits.sharp_edge, limits.sharp_edge)
    rim = 0.6 + 0.4 * _ramp(cues["rim_contact"], 0.0, 0.1)
    return colour * soft * rim


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))


def patches(
    image: UInt8Image, limits: WaterLimits
) -> Iterator[tuple[tuple[float, float, float, float], dict[str, float]]]:
    """Patches that depart from the water around them: box in shares of width and height (u0, v0, u1, v1), and cues.

    Args:
        image: (h, w, 3) uint8 RGB.
        limits: what counts.
    """
    lab = _lab(image)
    for water in surfaces(lab, limits):
        off = departure(lab, water.own)
        distance = np.linalg.norm(off, axis=2)
        above = water.mask & (distance > max(limits.departure, limits.departure_sigmas * water.scatter))
        open_water = eroded(water.mask, 2 * limits.rim_px + 1)
        solid = closed(opened(above, 3), 7)
        least, most = limits.area_fraction[0] * solid.size, limits.area_fraction[1] * water.mask.sum()
        for part in parts_of(solid, least_px=least, most_px=most):
            if (part.mask & open_water).sum() < 0.5 * part.area:
                continue
            cues = _cues(part.mask, water, off, distance, lab)
            if cues is not None and _is_turbid(cues, limits):
                yield part.box, cues


def _lab(image: UInt8Image) -> FloatArray:
    small = blurred(fitted(image, WORK_PX).astype(np.float32) / 255, 1.0)
    return cast(FloatArray, cv2.cvtColor(small, cv2.COLOR_RGB2Lab))


def departure(lab: FloatArray, own: FloatArray) -> FloatArray:
    """How far each pixel departs from the water's own colour: (h, w, 3) lightness, green–red, blue–yellow.

    The tint is compared at equal lightness: half the light scales L + 16, a and b alike (CIELAB is a cube root), so
    that a shadow changes the first number only.
    """
    off = np.empty_like(lab)
    off[:, :, 0] = lab[:, :, 0] - own[:, :, 0]
    same_light = (own[:, :, :1] + 16) / (np.clip(lab[:, :, :1], 0, None) + 16)
    off[:, :, 1:] = lab[:, :, 1:] * same_light - own[:, :, 1:]
    return off


def _is_turbid(cues: Mapping[str, float], limits: WaterLimits) -> bool:
    return cues["lighter"] >= limits.darkest_departure and cues["redder"] >= limits.greenest_departure


def surfaces(lab: FloatArray, limits: WaterLimits) -> Iterator[Surface]:
    """Calm surfaces whose own colour is water's, largest first.

    Args:
        lab: (h, w, 3) CIELAB at work size.
        limits: what counts as calm and as water.
    """
    light = lab[:, :, 0]
    spread = cv2.blur(light * light, (7, 7)) - cv2.blur(light, (7, 7)) ** 2
    calm = np.sqrt(np.clip(spread, 0, None)) < limits.calm_texture
    for part in parts_of(opened(calm, 5), least_px=limits.water_area_fraction * calm.size):
        if _is_water(np.median(lab[part.mask], axis=0), limits):
            own, scatter = _own_colour(lab, part.mask)
            if scatter <= limits.scatter:
                yield Surface(part.mask, own, scatter)


def _is_water(colour: FloatArray, limits: WaterLimits) -> bool:
    light, green_red, blue_yellow = (float(c) for c in colour)
    return (
        limits.lightness[0] <= light <= limits.lightness[1]
        and limits.green_red[0] <= green_red <= limits.green_red[1]
        and limits.blue_yellow[0] <= blue_yellow <= limits.blue_yellow[1]
        and np.hypot(green_red, blue_yellow) <= limits.chroma
    )


def _own_colour(lab: FloatArray, mask: BoolArray) -> tuple[FloatArray, float]:
    """A quadratic colour surface through most of the mask's pixels, and 1.48 MAD of the tint around it.

    Pixels that lie far off are left out in turn, so that a patch does not pull the surface towards itself.
    """
    height, width = mask.shape
    v, u = np.mgrid[:height, :width].astype(np.float32) / max(height, width)
    terms = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=-1)
    x, y = terms[mask][::7], lab[mask][::7]
    used = np.ones(len(x), bool)
    off = np.linalg.norm(y - np.median(y, axis=0), axis=1)
    for _ in range(4):
        used = off <= max(2.5 * float(np.median(off)), 1.0)
        solution = np.linalg.lstsq(x[used], y[used], rcond=None)[0]
        off = np.linalg.norm(y - x @ solution, axis=1)
    scatter = 1.48 * float(np.median(np.linalg.norm((y - x @ solution)[used], axis=1)))
    own = terms @ solution
    low, high = y[used].min(axis=0), y[used].max(axis=0)
    return np.clip(own, low, high), scatter


def _cues(
    patch: BoolArray, water: Surface, off: FloatArray, distance: FloatArray, lab: FloatArray
) -> dict[str, float] | None:
    """The figures of a patch, or None where no water lies beside it."""
    around = grown(patch, 5) & ~patch
    to_water, to_rim = around & water.mask, around & ~water.mask
    if to_water.sum() < 10:
        return None
    gradient = np.sqrt(sum(gradient_of(lab[:, :, c]) ** 2 for c in range(3))) / 2
    difference = float(np.quantile(distance[patch], 0.8))
    return {
        "colour_difference": difference,
        "lighter": float(off[:, :, 0][patch].mean()),
        "redder": float(off[:, :, 1][patch].mean()),
        "yellower": float(off[:, :, 2][patch].mean()),
        "edge_sharpness": float(np.median(gradient[to_water]) / max(difference, 1e-6)),
        "rim_contact": float(to_rim.sum() / around.sum()),
        "area_fraction": float(patch.mean()),
        "water_fraction": float(patch.sum() / water.mask.sum()),
    }
