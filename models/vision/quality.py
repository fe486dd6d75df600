"""Pictures that nothing may be said about: thermal, no colour, night, glare, fog, blur, no photograph.

A status, not a low score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from models.vision.detections import UInt8Image, require_image
from models.vision.imaging import fitted
from models.vision.unlike import distance

WORK_PX = 640  # the longer side at which everything is measured
REASONS = ("thermal_false_colour", "no_colour", "night", "overexposed", "fog", "blurred", "out_of_distribution")


@dataclass(frozen=True, slots=True)
class JudgeLimits:
    """Where a picture stops being judgeable; levels are 0–255 at work size.

    Set outside what was measured on 280 given plain pictures and the sample flight, so that none of them is refused;
    the nearest plain value stands beside each limit.
    """

    colour_saturation: float = 3.0
    """No colour: nineteen of twenty pixels are less saturated. Plain pictures: 44 and more; thermal greys: 0."""
    night_level: float = 60.0
    """Night: nine of ten pixels are darker. Plain pictures: 84 and more."""
    white_fraction: float = 0.6
    """Overexposed: this share of the pixels is white (250 and more). Plain pictures: 0.33 at most."""
    fog_range: float = 45.0
    """Fog: the middle 96 % of the pixels lie within this, and are bright. Plain pictures: 59 and more, calm water."""
    fog_level: float = 100.0
    """Fog is no darker than this, at the median."""
    blur_detail: float = 3.5
    """Blurred: the sharpest of 36 parts has less fine detail (95 % of its Laplacian). Plain pictures: 4 (a sky alone),
    from a drone 18 and more."""
    unlike: float = 1.15
    """Unlike any photograph measured on, in units of how far plain ones reach (`models.vision.unlike`). Plain pictures:
    1.12 at most (a white wall), thermal greys 0.8; a page of text 1.3, charts and test patterns 1.7 and more."""


DEFAULT_LIMITS = JudgeLimits()


def judge(image: UInt8Image, *, thermal: bool = False, limits: JudgeLimits = DEFAULT_LIMITS) -> str | None:
    """Why a picture cannot be judged.

    Args:
        image: (h, w, 3) uint8 RGB.
        thermal: its tags say that a thermal camera took it: its colours are temperatures.
        limits: where to stop.

    Returns:
        One of `REASONS`, the first that holds, or None where the picture can be judged.

    Raises:
        BadShape: `image` is no such array.
    """
    require_image(image)
    if thermal:
        return "thermal_false_colour"
    seen = measured(image)
    holds = {
        "no_colour": seen["saturation"] < limits.colour_saturation,
        "night": seen["bright_level"] < limits.night_level,
        "overexposed": seen["white_fraction"] >= limits.white_fraction,
        "fog": seen["range"] < limits.fog_range and seen["level"] >= limits.fog_level,
        "blurred": seen["detail"] < limits.blur_detail,
    }
    said = next((reason for reason in REASONS[1:-1] if holds[reason]), None)
    return REASONS[-1] if said is None and distance(image) > limits.unlike else said


def measured(image: UInt8Image) -> Mapping[str, float]:
    """What `judge` looks at: saturation, level, bright_level, white_fraction, range, detail."""
    image = fitted(image, WORK_PX, enlarge=False)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    low, median, bright, high = (float(q) for q in np.quantile(grey, [0.02, 0.5, 0.9, 0.98]))
    return {
        "saturation": float(np.quantile(cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[:, :, 1], 0.95)),
        "level": median,
        "bright_level": bright,
        "white_fraction": float((grey >= 250).mean()),
        "range": high - low,
        "detail": _sharpest(grey),
    }


def _sharpest(grey: np.ndarray) -> float:
    """The most fine detail that any of 6 x 6 parts has: a calm or out-of-focus part condemns no picture."""
    detail = np.abs(cv2.Laplacian(grey.astype(np.float32), -1))
    parts = [part for rows in np.array_split(detail, 6, axis=0) for part in np.array_split(rows, 6, axis=1)]
    return max((float(np.quantile(part, 0.95)) for part in parts if part.size), default=0.0)
