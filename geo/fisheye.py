"""Fisheye lenses: the distance from the middle is a polynomial of the angle to the optical axis, both ways.

- `fisheye`: Kannala–Brandt as OpenCV has it, θ·(1 + k1·θ² + k2·θ⁴ + k3·θ⁶ + k4·θ⁸).
- `pix4d_fisheye`: with t = 2θ/π, ρ = t + p2·t² + p3·t³[ + p4·t⁴], times the semi-axes C and F of the picture's circle;
  F_px = 2C/π makes that (π/2)·ρ focal lengths.

Source: OpenCV, calib3d, fisheye; Pix4D, "How are the internal and external camera parameters defined?", 2.2.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from geo.brown import first_root
from geo.types import FloatArray

KANNALA_BRANDT = "fisheye"
PIX4D = "pix4d_fisheye"
LENGTHS = {KANNALA_BRANDT: (0, 4), PIX4D: (2, 3)}
_TURNS = 60


@lru_cache(maxsize=64)
def polynomial_of(model: str, terms: tuple[float, ...]) -> tuple[float, ...]:
    """Coefficients of θ, highest power first, the last one 0."""
    if model == PIX4D:
        scale = 2.0 / np.pi
        rising = [0.0, 1.0, *(term * scale ** (k + 1) for k, term in enumerate(terms))]
    else:
        rising = [0.0, 1.0]
        for term in terms:
            rising += [0.0, term]
    return tuple(float(value) for value in reversed(rising))


@lru_cache(maxsize=64)
def widest_angle(model: str, terms: tuple[float, ...]) -> float:
    """The angle from the axis, radians, at which the polynomial stops growing; at most π."""
    return min(first_root(np.polyder(np.array(polynomial_of(model, terms)))), float(np.pi))


def radius_of(angle: FloatArray, model: str, terms: tuple[float, ...]) -> FloatArray:
    """Distance from the middle in focal lengths (n,); NaN beyond the widest angle."""
    radius = np.asarray(np.polyval(polynomial_of(model, terms), angle), dtype=np.float64)
    return np.where(angle <= widest_angle(model, terms), radius, np.nan)


def angle_of(radius: FloatArray, model: str, terms: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    """Angle from the axis (n,) and its slope over the radius; NaN where no angle within the widest one has it.

    Newton's method kept within halving bounds: the polynomial grows up to the widest angle, so it cannot miss.
    """
    forward = np.array(polynomial_of(model, terms))
    slope = np.polyder(forward)
    widest = widest_angle(model, terms)
    low, high = np.zeros(len(radius)), np.full(len(radius), widest)
    angle = np.clip(radius, 0.0, widest)
    with np.errstate(all="ignore"):
        for _ in range(_TURNS):
            over = np.polyval(forward, angle) - radius
            low, high = np.where(over <= 0, angle, low), np.where(over >= 0, angle, high)
            moved = angle - over / np.polyval(slope, angle)
            moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2.0)
            done = not np.any(np.abs(moved - angle) > 1e-14)
            angle = moved
            if done:
                break
        reached = np.abs(np.polyval(forward, angle) - radius) < 1e-9
        return np.where(reached, angle, np.nan), np.where(reached, 1.0 / np.polyval(slope, angle), np.nan)
