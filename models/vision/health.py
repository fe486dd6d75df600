"""How well a picture was taken: sharpness, clipping, and whether anything may be said of it. Made to be quick.

Pictures are decoded at half their size: JPEG then spends a quarter of the work on its cosines, and what is left still
shows a motion of a few pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.vision.detections import UInt8Image
from models.vision.pictures import MAX_PIXELS, read_picture
from models.vision.quality import judge

REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
DARK_LEVEL, WHITE_LEVEL = 5, 250  # of 255: beyond them a camera keeps nothing
PARTS, STRONGEST = 6, 9  # the picture is looked at in 6 x 6 parts, and judged by the nine with the most contrast
EVERY = 2  # every second pixel of every second row is counted: enough for shares, a quarter of the work
DIRECTIONS = tuple(
    np.array(kernel, dtype=np.float32)
    for kernel in (
        [[0, 0, 0], [1, -2, 1], [0, 0, 0]], [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
        [[1, 0, 0], [0, -2, 0], [0, 0, 1]], [[0, 0, 1], [0, -2, 0], [1, 0, 0]],
    )
)  # fmt: skip
JPEG_START = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class Health:
    """What was measured on one picture.

    Attributes:
        sharpness: fine contrast over the contrast at half that scale, in the parts with most of it. Pictures of nature
            look alike at all scales, so this hardly depends on what is shown, and falls where detail was lost: on given
            flights 1.3–2.0 where sharp, and at most 0.76 of that with a motion of five pixels (tests).
        edge_detail: the same along the direction that has least of it, so that a motion shows whichever way it went.
            On given flights 0.9–1.9 where sharp, at most 0.62 with a Gaussian blur of two pixels (tests).
        dark_fraction: share of pixels at the black end.
        white_fraction: share of pixels at the white end.
        forbidden: why nothing may be said of it (`quality.REASONS`), None where it may.
    """

    sharpness: float
    edge_detail: float
    dark_fraction: float
    white_fraction: float
    forbidden: str | None


def read_reduced(path: Path, reduction: int, *, name: str = "") -> UInt8Image:
    """Decode a picture at a half, a quarter or an eighth of its size; JPEG does so far faster than at full size.

    Args:
        path: a picture.
        reduction: 1, 2, 4 or 8.
        name: what to call it in an error; by default the path.

    Returns:
        (h, w, 3) uint8 RGB, not turned by its orientation tag; sides are rounded up.

    Raises:
        UnreadablePicture: no picture, or one that cannot be decoded.
        KeyError: another reduction.
    """
    flags = REDUCED[reduction] | cv2.IMREAD_IGNORE_ORIENTATION
    if _is_jpeg(path):
        bgr = cv2.imread(str(path), flags)
        if bgr is not None:
            return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    whole = read_picture(path, name=name)  # what OpenCV cannot read, or would read otherwise; refuses what is broken
    if reduction == 1:
        return whole
    size = (-(-whole.shape[1] // reduction), -(-whole.shape[0] // reduction))
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _is_jpeg(path: Path) -> bool:
    """By its first bytes, and small enough by its length: a JPEG of a byte a pixel would be a bad one."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
        return start == JPEG_START and path.stat().st_size < MAX_PIXELS
    except OSError:
        return False


def health_of(image: UInt8Image, *, thermal: bool = False) -> Health:
    """Measure a picture.

    Args:
        image: (h, w, 3) uint8 RGB, best at half its size (`read_reduced`).
        thermal: its tags say that a thermal camera took it.

    Raises:
        BadShape: `image` is no such array.
    """
    forbidden = judge(image, thermal=thermal)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    levels = np.bincount(grey[::EVERY, ::EVERY].ravel(), minlength=256) / -(-grey.shape[0] // EVERY)
    levels = levels / -(-grey.shape[1] // EVERY)
    return Health(
        sharpness=sharpness_of(grey),
        edge_detail=edge_detail_of(grey),
        dark_fraction=float(levels[: DARK_LEVEL + 1].sum()),
        white_fraction=float(levels[WHITE_LEVEL:].sum()),
        forbidden=forbidden,
    )


def sharpness_of(grey: np.ndarray) -> float:
    """Fine contrast over coarse contrast, as `Health.sharpness` says; 0 for a picture without any."""
    half = cv2.pyrDown(grey)
    parts = [(row, column) for row in range(PARTS) for column in range(PARTS)]
    coarse = [(_detail(_part(half, *part)), part) for part in parts]
    strongest = sorted(coarse, key=lambda found: -found[0])[:STRONGEST]
    return float(np.median([_detail(_part(grey, *part)) / max(contrast, 1.0) for contrast, part in strongest]))


def edge_detail_of(grey: np.ndarray) -> float:
    """Fine contrast over coarse contrast along the direction that has least, as `Health.edge_detail` says.

    Unlike `sharpness_of` it needs no other picture beside it: what a lens and a sensor leave at the scale of two pixels
    against four is much the same for all cameras, and a motion takes it away in one direction only.
    """
    half = cv2.pyrDown(grey)
    parts = [(row, column) for row in range(PARTS) for column in range(PARTS)]
    coarse = [([_along(_part(half, *part), kernel) for kernel in DIRECTIONS], part) for part in parts]
    strongest = sorted(coarse, key=lambda found: -sum(found[0]))[:STRONGEST]
    ratios = [
        [
            _along(_part(grey, *part), kernel) / max(contrast, 1.0)
            for kernel, contrast in zip(DIRECTIONS, of, strict=True)
        ]
        for of, part in strongest
    ]
    return float(np.median(np.array(ratios), axis=0).min())


def _along(part: np.ndarray, kernel: np.ndarray) -> float:
    """The second difference along one direction that nineteen of twenty pixels stay below."""
    return float(np.percentile(np.abs(cv2.filter2D(part, cv2.CV_16S, kernel)[::EVERY, ::EVERY]), 95))


def _part(grey: np.ndarray, row: int, column: int) -> np.ndarray:
    """One of the parts, at least a pixel large."""
    height, width = grey.shape
    top, left = row * height // PARTS, column * width // PARTS
    bottom, right = max(top + 1, (row + 1) * height // PARTS), max(left + 1, (column + 1) * width // PARTS)
    return grey[top:bottom, left:right]


def _detail(part: np.ndarray) -> float:
    """The Laplacian that nineteen of twenty pixels stay below."""
    values = np.abs(cv2.Laplacian(part, cv2.CV_16S, ksize=1)[::EVERY, ::EVERY]).ravel()
    counts = np.bincount(values).cumsum()
    return float(np.searchsorted(counts, 0.95 * counts[-1]))
