"""Tileable noise: spectra shaped in the Fourier domain, so every texture wraps around without a seam."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers

SIZE = 1024


@cache
def field(seed: int, slope: float, longest: float = 0.5, shortest: float = 0.0, size: int = SIZE) -> Float32Array:
    """Periodic noise with a power-law spectrum, mean 0, standard deviation 1.

    Args:
        seed: what it is a function of.
        slope: amplitude falls as wavelength to this power; 0 is white.
        longest: longest wavelength as a share of the tile.
        shortest: wavelengths below this many samples are damped.
        size: samples a side.

    Returns:
        (size, size) float32.
    """
    white = np.random.default_rng(seed).standard_normal((size, size))
    fy = np.fft.fftfreq(size)[:, None] * size
    fx = np.fft.rfftfreq(size)[None, :] * size
    cycles = np.hypot(fy, fx)
    cycles[0, 0] = 1.0
    weight = cycles**-slope * (1 - np.exp(-((cycles * longest) ** 4)))
    if shortest:
        weight *= np.exp(-((cycles * shortest / size) ** 2))
    weight[0, 0] = 0.0
    shaped = np.fft.irfft2(np.fft.rfft2(white) * weight, s=(size, size))
    return (shaped / shaped.std()).astype(np.float32)


@cache
def lit(seed: int, slope: float, azimuth_deg: float, longest: float = 0.1, shortest: float = 2.0) -> Float32Array:
    """A rough surface seen from above under a low light from `azimuth_deg`: brightness, mean 0, deviation 1."""
    height = field(seed, slope, longest, shortest)
    to_light = np.radians(azimuth_deg)
    padded = np.pad(height, 1, mode="wrap")
    east = cv2.Sobel(padded, cv2.CV_32F, 1, 0)[1:-1, 1:-1]
    north = cv2.Sobel(padded, cv2.CV_32F, 0, 1)[1:-1, 1:-1]
    slope_to_light = -(east * np.float32(np.sin(to_light)) + north * np.float32(np.cos(to_light)))
    return (slope_to_light / slope_to_light.std()).astype(np.float32)


@dataclass(frozen=True)
class Tile:
    """A texture laid on the plane: one period is `period_m` long. `levels` are ever smoother copies."""

    levels: tuple[Float32Array, ...]
    period_m: float

    @classmethod
    def of(cls, samples: Float32Array, period_m: float, levels: int = 4) -> Tile:
        """Build the smoother copies by wrapping blurs."""
        made = [samples]
        for level in range(1, levels):
            made.append(_wrapped_blur(samples, 0.5 * 2**level))
        return cls(tuple(made), period_m)

    def at(self, x: NDArray[np.floating], y: NDArray[np.floating], level: int = 0) -> Float32Array:
        """Nearest sample at metres x, y (arrays of one shape)."""
        samples = self.levels[min(level, len(self.levels) - 1)]
        size = samples.shape[0]
        scale = np.float32(size / self.period_m)
        column = np.floor(x * scale).astype(np.int32) & (size - 1)
        row = np.floor(y * scale).astype(np.int32) & (size - 1)
        return samples[row, column]


def _wrapped_blur(samples: Float32Array, sigma: float) -> Float32Array:
    pad = int(4 * sigma) + 1
    blurred = cv2.GaussianBlur(np.pad(samples, pad, mode="wrap"), (0, 0), sigma)
    return np.ascontiguousarray(blurred[pad:-pad, pad:-pad])
