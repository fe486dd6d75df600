"""Files to arrays: pictures and single frames of videos, as stored."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import BmpImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from models.errors import UnreadablePicture
from models.vision.detections import UInt8Image

MAX_PIXELS = 400_000_000  # a 100-megapixel camera four times over; beyond, a small file could ask for all memory
FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,  # also opens MPO, which DJI writes
        PngImagePlugin.PngImageFile,
        TiffImagePlugin.TiffImageFile,
        BmpImagePlugin.BmpImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video says of itself: size as stored, frames a second, number of frames, length in seconds."""

    width_px: int
    height_px: int
    frames_per_s: float
    frames: int
    duration_s: float


def read_picture(source: Path | bytes, *, name: str = "") -> UInt8Image:
    """Decode a whole picture.

    The EXIF orientation is not applied: boxes are in pixels of the picture as stored. 16-bit pictures lose their lower
    byte, transparency is dropped, of several pictures in one file the first is taken.

    Args:
        source: a file, or its bytes.
        name: what to call it in an error; by default the path.

    Returns:
        (h, w, 3) uint8 RGB.

    Raises:
        UnreadablePicture: no file, no picture, cut off in the middle, or larger than `MAX_PIXELS`.
    """
    where = name or (str(source) if isinstance(source, Path) else "bytes")
    try:
        with Image.open(source if isinstance(source, Path) else io.BytesIO(source), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UnreadablePicture(where, f"{picture.width} x {picture.height} pixels")
            return _rgb(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(where, str(error)) from error


def _rgb(picture: Image.Image) -> UInt8Image:
    if picture.mode.startswith("I"):  # 16 bits a pixel, one channel
        deep = np.asarray(picture)
        grey = np.clip(deep >> 8, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if "transparency" in picture.info:
        picture = picture.convert("RGBA")
    return np.array(picture.convert("RGB"))


def video_facts(path: Path) -> VideoFacts:
    """Size, rate and length of a video.

    Raises:
        UnreadablePicture: no video, or one that does not say its rate and length.
    """
    capture = _opened(path)
    try:
        rate = capture.get(cv2.CAP_PROP_FPS)
        frames = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    finally:
        capture.release()
    if not (rate > 0 and frames > 0 and min(size) > 0):
        raise UnreadablePicture(str(path), f"rate {rate}, {frames} frames, size {size}")
    return VideoFacts(*size, rate, frames, frames / rate)


def read_frame(path: Path, time_s: float) -> UInt8Image:
    """The frame that a video shows at a time.

    Args:
        path: anything that OpenCV's FFmpeg reads.
        time_s: seconds from the start.

    Returns:
        (h, w, 3) uint8 RGB, not turned by the file's rotation tag.

    Raises:
        UnreadablePicture: no video, a time outside it, or a frame that cannot be decoded.
    """
    facts = video_facts(path)
    index = math.floor(time_s * facts.frames_per_s + 1e-6)
    if not 0 <= index < facts.frames:
        raise UnreadablePicture(str(path), f"{time_s} s is outside 0 – {facts.duration_s:.2f} s")
    capture = _opened(path)
    try:
        capture.set(cv2.CAP_PROP_POS_FRAMES, index)
        ok, bgr = capture.read()
    finally:
        capture.release()
    if not ok:
        raise UnreadablePicture(str(path), f"no frame at {time_s} s")
    return np.ascontiguousarray(bgr[:, :, ::-1])


def _opened(path: Path) -> cv2.VideoCapture:
    if not path.is_file():
        raise UnreadablePicture(str(path), "no such file")
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise UnreadablePicture(str(path), "not a video")
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
    return capture
