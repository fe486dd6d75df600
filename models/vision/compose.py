"""One picture through all detectors: whole or in windows, with one box for each thing in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models.vision.detections import BoolArray, Detections, Detector, UInt8Image, require_image
from models.vision.merge import merge_seams
from models.vision.quality import judge
from models.vision.sources import ArraySource, PictureSource
from models.vision.windows import Window, cut_by, windows_over

__all__ = ["detect_image", "detect_source", "judge"]

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
    """What the detectors see in one picture in memory: `detect_source` on (h, w, 3) uint8 RGB, as stored.

    Raises:
        BadShape: `image` is no such array.
    """
    require_image(image)
    return detect_source(
        ArraySource(image), detectors, window_px=window_px, overlap_fraction=overlap_fraction, confidence=confidence
    )


def detect_source(
    source: PictureSource,
    detectors: Sequence[Detector],
    *,
    window_px: int | None = None,
    overlap_fraction: float = 0.2,
    confidence: float = 0.0,
) -> Detections:
    """What the detectors see in one picture, however large.

    Args:
        source: a picture in memory or a raster on disk; of the latter no more is held than some windows.
        detectors: from `zoo.load`; each applies its own threshold. One that looks at whole pictures sees a large raster
            reduced.
        window_px: overrules the window side of those detectors that look through windows; None takes theirs.
        overlap_fraction: the least share of a window that neighbours have in common.
        confidence: boxes below are dropped, on top of each detector's own threshold.

    Returns:
        Boxes in pixels of the picture; detectors in their order, within each the most confident first.

    Raises:
        UnreadablePicture: a part of it cannot be read.
    """
    parts = []
    for detector in detectors:
        if detector.window_px is None:
            found = _whole(source, detector)
        else:
            found = _through_windows(source, detector, window_px or detector.window_px, overlap_fraction)
        parts.append(found.select(found.confidence >= confidence))
    return Detections.concat(parts)


def _whole(source: PictureSource, detector: Detector) -> Detections:
    image, factor = source.whole()
    found = detector.detect([image])[0]
    return found if factor == 1.0 else found.scaled(factor)


def _through_windows(source: PictureSource, detector: Detector, side: int, overlap_fraction: float) -> Detections:
    windows = windows_over(source.width_px, source.height_px, side, overlap_fraction)
    parts: list[Detections] = []
    cut: list[BoolArray] = []
    for some, views in _shown(source, windows):
        for window, found in zip(some, detector.detect(views), strict=True):
            moved = found.moved(window.u0, window.v0)
            parts.append(moved)
            cut.append(cut_by(window, moved.box, source.width_px, source.height_px))
    if not parts:
        return Detections.empty()
    return merge_seams(Detections.concat(parts), np.concatenate(cut), iou_above=SAME_THING_IOU)


def _shown(source: PictureSource, windows: Sequence[Window]) -> Iterator[tuple[list[Window], list[UInt8Image]]]:
    """Windows with their pixels, `WINDOWS_AT_ONCE` at a time; those without data are left out."""
    some: list[Window] = []
    views: list[UInt8Image] = []
    for window in windows:
        view = source.window(window)
        if view is not None:
            some.append(window)
            views.append(view)
        if len(views) == WINDOWS_AT_ONCE:
            yield some, views
            some, views = [], []
    if views:
        yield some, views
