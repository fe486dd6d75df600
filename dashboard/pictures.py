"""Pictures for the screen: whole and cut out, with the box that the machine drew.

Pixels are those that the detectors were given: the picture or the video frame as stored (no turning by EXIF or by a
rotation tag, a frame sought by its number), (0, 0) the outer corner of the top left one.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, UnidentifiedImageError

from dashboard import palette

SCREEN_PX = 1400
CROP_AT_LEAST_PX = 320
ASPECT = 5 / 3  # of the crop, width to height
CROP_MARGIN = 0.9  # of the box's longer side, on each side
JPEG_QUALITY = 86

Box = tuple[float, float, float, float]


class UnreadablePicture(Exception):
    """The file is held, but no picture comes out of it."""


@dataclass(frozen=True, slots=True)
class BoxedPicture:
    """JPEG bytes of the whole picture and of the part around the box."""

    full: bytes
    crop: bytes


def boxed_picture(path: Path, box: Box, *, time_s: float | None = None) -> BoxedPicture:
    """Draw a detection's box into its picture.

    Args:
        path: the original.
        box: u0, v0, u1, v1 in its pixels.
        time_s: into the video, where the original is one.

    Raises:
        UnreadablePicture: nothing comes out of the file.
    """
    image = _opened(path, time_s)
    return BoxedPicture(full=_full(image, (box,)), crop=_crop(image, box))


def whole_picture(path: Path, boxes: Sequence[Box], *, time_s: float | None = None) -> bytes:
    """The whole picture, sized for the screen, with all its boxes, as JPEG.

    Raises:
        UnreadablePicture: nothing comes out of the file.
    """
    return _full(_opened(path, time_s), boxes)


def _opened(path: Path, time_s: float | None) -> Image.Image:
    return _decoded(path) if time_s is None else Image.fromarray(video_frame(path, time_s))


def _decoded(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return _eight_bits(image) if image.mode.startswith("I") else image.convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(str(path.name)) from error


def _eight_bits(image: Image.Image) -> Image.Image:
    """A picture of 16 bits a pixel without its lower byte, as the detectors see it."""
    return Image.fromarray(np.clip(np.asarray(image) >> 8, 0, 255).astype(np.uint8)).convert("RGB")


def video_frame(path: Path, time_s: float) -> NDArray[np.uint8]:
    """The frame that a video shows at a time, the same one that was judged.

    Args:
        path: the original.
        time_s: seconds from the start.

    Returns:
        (h, w, 3) uint8 RGB, as stored.

    Raises:
        UnreadablePicture: no video, a time outside it, or a frame that cannot be decoded.
    """
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        video.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        index = math.floor(time_s * video.get(cv2.CAP_PROP_FPS) + 1e-6)
        inside = 0 <= index < int(video.get(cv2.CAP_PROP_FRAME_COUNT))
        video.set(cv2.CAP_PROP_POS_FRAMES, index)
        taken, pixels = video.read() if inside else (False, None)
    finally:
        video.release()
    if not taken or pixels is None:
        raise UnreadablePicture(f"{path.name} at {time_s:g} s")
    return np.ascontiguousarray(pixels[:, :, ::-1])


def crop_window(size: tuple[int, int], box: Box) -> tuple[int, int, int, int]:
    """The 5:3 window of a picture (width, height) that shows a box and its surroundings, inside the picture."""
    width, height = size
    u0, v0, u1, v1 = box
    reach = max(u1 - u0, (v1 - v0) * ASPECT) * (1 + 2 * CROP_MARGIN)
    wide = min(max(reach, CROP_AT_LEAST_PX), width, height * ASPECT)
    high = wide / ASPECT
    left = min(max((u0 + u1 - wide) / 2, 0), width - wide)
    top = min(max((v0 + v1 - high) / 2, 0), height - high)
    return round(left), round(top), round(left + wide), round(top + high)


def _full(image: Image.Image, boxes: Sequence[Box]) -> bytes:
    scale = min(1.0, SCREEN_PX / image.width)
    small = image.resize((round(image.width * scale), round(image.height * scale)), reducing_gap=2.0)
    for box in boxes:
        small = _with_box(small, box, scale, (0, 0))
    return _jpeg(small)


def _crop(image: Image.Image, box: Box) -> bytes:
    window = crop_window(image.size, box)
    part = image.crop(window)
    scale = min(3.0, 960 / part.width)
    part = part.resize((round(part.width * scale), round(part.height * scale)), Image.Resampling.BICUBIC)
    return _jpeg(_with_box(part, box, scale, window[:2]))


def _with_box(image: Image.Image, box: Box, scale: float, corner: tuple[int, int]) -> Image.Image:
    u0, v0, u1, v1 = ((value - corner[i % 2]) * scale for i, value in enumerate(box))
    drawn = ImageDraw.Draw(image)
    line = max(2, round(image.width / 400))
    drawn.rectangle((u0 - line, v0 - line, u1 + line, v1 + line), outline="#FFFFFF", width=line * 3)
    drawn.rectangle((u0, v0, u1, v1), outline=palette.VERMILION, width=line)
    return image


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()
