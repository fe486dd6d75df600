"""Whether a picture's pixels were turned after the shot: its own small preview still lies as the camera saw it.

A viewer that turns a picture often rewrites the pixels and leaves the EXIF preview alone, or lets go of the
orientation tag; size, yaw and everything else then look untouched. Tools that turn the preview as well leave no trace
here: for those there is `geo.picture_turns`, which compares neighbouring frames.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from geo import exif as ex
from geo.types import AnyArray, FloatArray

_SIDE = 48
_ALIKE = 0.5  # the right turn of a preview agrees to 0.64 … 1.00 in the 24 given pictures, a wrong one to 0.32 at most
_BETTER_BY = 0.3
_DARK = 24  # previews are filled up to 4:3 with black bars


MIRRORED, CUT = "mirrored", "cut"
_CUT_BELOW = 0.85  # whole pictures agree to 0.94 … 1.00 with their previews, two infrared ones to 0.64 and 0.88
_CUT_ALIKE, _CUT_BETTER_BY = 0.65, 0.15  # cuts of a quarter to 5 % agree to 0.6 … 0.99 where they come from
_CUT_SHARES = tuple(float(share) for share in np.arange(0.30, 0.99, 0.04))  # of the preview's width
_OWN_CUT_SHARE, _OWN_CUT_PX = 0.96, 3  # a camera's own picture of another shape: whole width, about the middle


class Turn(NamedTuple):
    """How the pixels lie against the preview: turned clockwise by so many degrees; and how alike both then are.

    `altered`: 'mirrored', or 'cut' where they are only a part of what the preview shows.
    """

    clockwise_deg: int
    likeness: float
    altered: str | None = None


def turn_against_preview(data: bytes, exif: ex.Exif) -> Turn | None:
    """Compare a JPEG's pixels with its EXIF preview.

    Args:
        data: the whole file.
        exif: its tags, of `geo.exif.read_exif`.

    Returns:
        0, 90, 180 or 270 degrees and the correlation at that turn; whether it is mirrored on top of that, or cut out of
        what the preview shows. None where there is no preview, or none that is alike at any turn (an empty sky), or the
        best turn is not plainly better than none.
    """
    preview = _preview(data, exif)
    if preview is None:
        return None
    pixels = cv2.imdecode(
        np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_IGNORE_ORIENTATION
    )
    if pixels is None or min(pixels.shape) < 8:
        return None
    small = _square(preview)
    # np.rot90 turns counter-clockwise: what matches after k of them was turned clockwise by k quarter turns.
    # Places 4 to 7 are the same of the mirrored picture.
    views = [np.rot90(way, k) for way in (pixels, pixels[:, ::-1]) for k in range(4)]
    likeness = [_correlation(_square(view), small) for view in views]
    best = int(np.argmax(likeness))
    if likeness[best] < _CUT_BELOW and (cut := _likeness_of_cut(pixels, preview)) is not None:
        if cut >= max(_CUT_ALIKE, likeness[best] + _CUT_BETTER_BY):
            return Turn(0, round(cut, 3), CUT)
    if likeness[best] < _ALIKE or (best and likeness[best] < likeness[0] + _BETTER_BY):
        return None
    if best >= 4:
        return Turn(90 * (-best % 4), round(likeness[best], 3), MIRRORED)
    return Turn(90 * best, round(likeness[best], 3))


def _likeness_of_cut(pixels: AnyArray, preview: AnyArray) -> float | None:
    """How alike the picture is to the part of its preview that it fits best; None where that is a camera's own cut."""
    height, width = preview.shape
    best: tuple[float, float, int] = (-1.0, 0.0, 0)
    for share in _CUT_SHARES:
        size = (round(width * share), round(width * share * pixels.shape[0] / pixels.shape[1]))
        if size[1] > height or min(size) < 16:
            continue
        part = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
        found = cv2.matchTemplate(preview.astype(np.float32), part.astype(np.float32), cv2.TM_CCOEFF_NORMED)
        _, likeness, _, (_, top) = cv2.minMaxLoc(found)
        if likeness > best[0]:
            best = (float(likeness), share, abs(2 * top - (height - size[1])) // 2)
    own = best[1] >= _OWN_CUT_SHARE and best[2] <= _OWN_CUT_PX
    return None if best[0] < 0 or own else best[0]


def _preview(data: bytes, exif: ex.Exif) -> AnyArray | None:
    offset = ex.number(exif, "Thumbnail JPEGInterchangeFormat")
    length = ex.number(exif, "Thumbnail JPEGInterchangeFormatLength")
    begin = data.find(b"Exif\x00\x00")
    if offset is None or length is None or begin < 0 or not data.startswith(b"\xff\xd8"):
        return None
    at = begin + 6 + int(offset)
    found = cv2.imdecode(
        np.frombuffer(data[at : at + int(length)] or b"\x00", dtype=np.uint8),
        cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION,
    )
    if found is None or min(found.shape) < 8:
        return None
    return _without_bars(found)


def _without_bars(preview: AnyArray) -> AnyArray:
    rows = np.flatnonzero(preview.max(axis=1) > _DARK)
    columns = np.flatnonzero(preview.max(axis=0) > _DARK)
    if len(rows) < 8 or len(columns) < 8:
        return preview
    return preview[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _square(picture: AnyArray) -> FloatArray:
    side = (_SIDE, _SIDE)
    small: FloatArray = cv2.resize(np.ascontiguousarray(picture), side, interpolation=cv2.INTER_AREA).astype(np.float64)
    return small - float(small.mean())


def _correlation(a: FloatArray, b: FloatArray) -> float:
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0
