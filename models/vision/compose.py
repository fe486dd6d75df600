"""One picture through all detectors: whole or in windows, with one box for each thing in the end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.vision.detections import Detections, Detector, UInt8Image, require_image
from models.vision.merge import merge_seams
from models.vision.quality import judge
from models.vision.windows import cut_by, windows_over

__all__ = ["detect_image", "judge"]

SAME_THING_IOU = 0.5
WINDOWS_AT_ONCE = 8  # bounds the memory that a picture of many windows takes


def detect_image(
    image: UInt8Image,
    detectors: Sequence[Detector],
    *,
    window_px: int | None = None,
    overlap_fraction: float = 0.2,
    confidence: float = 0.0,
) -> Detections:
    """What the detectors see in one picture.

    Args:
        image: (h, w, 3) uint8 RGB, as stored.
        detectors: from `zoo.load`; each applies its own threshold.
        window_px: overrules the window side of those detectors that look through windows; None takes theirs.
        overlap_fraction: the least share of a window that neighbours have in common.
        confidence: boxes below are dropped, on top of each detector's own threshold.

    Returns:
        Boxes in pixels of `image`; detectors in their order, within each the most confident first.

    Raises:
        BadShape: `image` is no such array.
    """
    require_image(image)
    parts = []
    for detector in detectors:
        side = None if detector.window_px is None else (window_px or detector.window_px)
        found = (
            detector.detect([image])[0] if side is None else _through_windows(image, detector, side, overlap_fraction)
        )
        parts.append(found.select(found.confidence >= confidence))
    return Detections.concat(parts)


def _through_windows(image: UInt8Image, detector: Detector, side: int, overlap_fraction: float) -> Detections:
    height, width = image.shape[:2]
    windows = windows_over(width, height, side, overlap_fraction)
    parts, cut = [], []
    for first in range(0, len(windows), WINDOWS_AT_ONCE):
        some = windows[first : first + WINDOWS_AT_ONCE]
        views = [image[w.v0 : w.v1, w.u0 : w.u1] for w in some]
        for window, found in zip(some, detector.detect(views), strict=True):
            moved = found.moved(window.u0, window.v0)
            parts.append(moved)
            cut.append(cut_by(window, moved.box, width, height))
    return merge_seams(Detections.concat(parts), np.concatenate(cut), iou_above=SAME_THING_IOU)
