"""Fractal noise that repeats at its edges: made once, cut at any place."""

from __future__ import annotations

import cv2
import numpy as np

from models.vision.detections import FloatArray

SIDE_PX = 256


def fractal_tiles(seed: int, tiles: int, falloff: float) -> FloatArray:
    """(tiles, 256, 256) float32 of mean 0 and standard deviation 1, amplitude ~ frequency to the power −`falloff`.

    Source: spectral synthesis, Peitgen and Saupe 1988; a falloff of 11/6 in two dimensions is Kolmogorov's.
    """
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(SIDE_PX)[:, None], np.fft.rfftfreq(SIDE_PX)[None]) * SIDE_PX
    frequency[0, 0] = np.inf
    made = []
    for _ in range(tiles):
        waves = random.normal(size=frequency.shape) + 1j * random.normal(size=frequency.shape)
        noise = np.fft.irfft2(waves / frequency**falloff, s=(SIDE_PX, SIDE_PX))
        made.append((noise / noise.std()).astype(np.float32))
    return np.stack(made)


def cut(tiles: FloatArray, random: np.random.Generator, height: int, width: int, zoom: float = 1.0) -> FloatArray:
    """(height, width) out of one tile, rolled to a random place, mirrored or not; `zoom` above 1 enlarges its waves."""
    tile = tiles[int(random.integers(len(tiles)))]
    rolled = np.roll(tile, tuple(int(s) for s in random.integers(0, SIDE_PX, 2)), (0, 1))
    if random.uniform() < 0.5:
        rolled = rolled[:, ::-1]
    longer = max(height, width)
    need = min(SIDE_PX, max(8, round(longer / max(zoom, 0.2))))
    part = rolled[: max(8, round(need * height / longer)), : max(8, round(need * width / longer))]
    return np.asarray(cv2.resize(np.ascontiguousarray(part), (width, height), interpolation=cv2.INTER_LINEAR))
