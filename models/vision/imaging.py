"""Small steps on pictures and masks that several measures share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

import cv2
import numpy as np

from models.vision.detections import BoolArray, FloatArray, UInt8Image


class Part(NamedTuple):
    """A connected part of a mask: itself (h, w), its box u, v, width, height in pixels, and its area in pixels."""

    mask: BoolArray
    u: int
    v: int
    width: int
    height: int
    area: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """u0, v0, u1, v1 in shares of the mask's width and height."""
        h, w = self.mask.shape
        return self.u / w, self.v / h, (self.u + self.width) / w, (self.v + self.height) / h


def fitted(image: UInt8Image, longer_px: int, *, enlarge: bool = True) -> UInt8Image:
    """A picture scaled so that its longer side has `longer_px` pixels, no side under 8."""
    height, width = image.shape[:2]
    scale = longer_px / max(height, width)
    if scale >= 1 and not enlarge:
        return image
    size = max(8, round(width * scale)), max(8, round(height * scale))
    return cast(UInt8Image, cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))


def blurred(values: FloatArray, sigma_px: float) -> FloatArray:
    """Gaussian blur of a float32 map."""
    return cast(FloatArray, cv2.GaussianBlur(values, (0, 0), sigma_px))


def highest_near(values: FloatArray, side_px: int) -> FloatArray:
    """Highest value in a square around each pixel."""
    return cast(FloatArray, cv2.dilate(values, np.ones((side_px, side_px), np.uint8)))


def lowest_near(values: FloatArray, side_px: int) -> FloatArray:
    """Lowest value in a square around each pixel."""
    return cast(FloatArray, cv2.erode(values, np.ones((side_px, side_px), np.uint8)))


def gradient_of(values: FloatArray) -> FloatArray:
    """Length of the gradient a pixel, from 3 x 3 Sobel filters, half their usual sum: a step of 1 gives 1."""
    return cast(FloatArray, np.hypot(cv2.Sobel(values, -1, 1, 0), cv2.Sobel(values, -1, 0, 1)) / 4)


def grown(mask: BoolArray, side_px: int) -> BoolArray:
    """The mask and what lies in a square of that side around it."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((side_px, side_px), np.uint8)) > 0


def eroded(mask: BoolArray, side_px: int) -> BoolArray:
    """The pixels whose whole square of that side lies in the mask; beyond the picture counts as inside."""
    return cv2.erode(mask.astype(np.uint8), np.ones((side_px, side_px), np.uint8), borderValue=1) > 0


def opened(mask: BoolArray, side_px: int) -> BoolArray:
    """The mask without what is thinner than `side_px`."""
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side_px, side_px), np.uint8)) > 0


def closed(mask: BoolArray, side_px: int) -> BoolArray:
    """The mask with gaps narrower than `side_px` filled."""
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((side_px, side_px), np.uint8)) > 0


def parts_of(mask: BoolArray, *, least_px: float = 0, most_px: float = np.inf) -> Iterator[Part]:
    """The connected parts of a mask whose area is within limits, largest first."""
    _, number, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    for i in np.argsort(-areas, kind="stable"):
        if least_px <= areas[i] <= most_px:
            u, v, width, height, area = (int(x) for x in stats[i + 1])
            yield Part(number == i + 1, u, v, width, height, area)
