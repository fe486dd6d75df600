"""A small flight of tagged pictures: two lines of four over the sample district, by the renderer that knows no geo."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np

from data_samples.renderer.camera import Lens
from data_samples.renderer.flight import START, Shot, exact_claim
from data_samples.renderer.tags import write_picture

LENS = Lens(640, 480, 600.0, 320.0, 240.0)
HEIGHT_M = 50.0
FORWARD_M, SIDE_M = 0.3 * 480 / 600 * HEIGHT_M, 0.5 * 640 / 600 * HEIGHT_M


def write_flight(folder: Path, *, blurred: int | None = None, hours: float = 0.0) -> list[Path]:
    """Eight pictures: 70 % forward, 50 % side; one may be blurred, the clock may be off by so many hours."""
    folder.mkdir(parents=True)
    paths = []
    for i in range(8):
        line, step = divmod(i, 4)
        north = (step if line == 0 else 3 - step) * FORWARD_M
        at = START + timedelta(seconds=3 * i, hours=hours)
        shot = Shot("", at, line * SIDE_M, north, HEIGHT_M, 180.0 * line, -90.0, 0.0)
        paths.append(folder / f"DJI_{i:04d}.JPG")
        write_picture(paths[-1], picture(i, blurred=i == blurred), exact_claim(shot), LENS, quality=90)
    return paths


def picture(seed: int, *, blurred: bool = False) -> np.ndarray:
    """Coloured noise at several scales, (480, 640, 3)."""
    random = np.random.default_rng(seed)
    image = np.full((480, 640, 3), 118.0, np.float32)
    for scale, strength in ((1, 9), (2, 9), (8, 14), (64, 20)):
        noise = random.normal(0, strength, (-(-480 // scale), -(-640 // scale), 3)).astype(np.float32)
        image += cv2.resize(noise, (640, 480), interpolation=cv2.INTER_LINEAR)
    image = cv2.blur(image, (9, 1)) if blurred else image
    return np.clip(image, 0, 255).astype(np.uint8)
