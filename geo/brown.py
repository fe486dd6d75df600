"""Brown–Conrady distortion with OpenCV's rational and thin-prism terms, on normalised points, both ways.

Terms in OpenCV's order: k1, k2, p1, p2[, k3[, k4, k5, k6[, s1, s2, s3, s4]]]. Points are x and y, each (n,).

Source: OpenCV, calib3d, "Detailed description" of the pinhole camera model.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geo.types import FloatArray

LENGTHS = (0, 4, 5, 8, 12)
_TURNS = 20
_LAST_STEP = 1e-6  # convergence is quadratic: the next would be 1e-12
_CLOSE = 1e-10
_GUESS_TO = 1.2  # normalised radius, 50° from the axis

Terms = tuple[float, ...]
Xy = tuple[FloatArray, FloatArray]


def distorted(x: FloatArray, y: FloatArray, terms: Terms) -> Xy:
    """Where a lens puts normalised points."""
    _, _, p1, p2, *_ = _twelve(terms)
    r2 = x * x + y * y
    radial, _ = _radial(r2, terms)
    moved_x, moved_y = x * radial, y * radial
    if p1 or p2:
        twice = 2.0 * x * y
        moved_x += p1 * twice + p2 * (r2 + 2.0 * x * x)
        moved_y += p2 * twice + p1 * (r2 + 2.0 * y * y)
    s1, s2, s3, s4 = _twelve(terms)[8:]
    if s1 or s2 or s3 or s4:
        moved_x += r2 * (s1 + s2 * r2)
        moved_y += r2 * (s3 + s4 * r2)
    return moved_x, moved_y


def undistorted(x: FloatArray, y: FloatArray, terms: Terms) -> Xy:
    """The normalised points that a lens puts at (x, y); NaN where none within its fold is."""
    if not any(terms):
        return x, y
    limit = fold_radius2(terms)
    at_x, at_y = _newton(x, y, *_guessed(x, y, terms), terms)
    good = _lands(at_x, at_y, x, y, terms, limit)
    if not good.all():
        lost = np.flatnonzero(~good & np.isfinite(x) & np.isfinite(y))
        near_x, near_y = _radially(x[lost], y[lost], terms, limit)
        better_x, better_y = _newton(x[lost], y[lost], near_x, near_y, terms)
        landed = _lands(better_x, better_y, x[lost], y[lost], terms, limit)
        at_x, at_y = np.where(good, at_x, np.nan), np.where(good, at_y, np.nan)
        at_x[lost], at_y[lost] = np.where(landed, better_x, np.nan), np.where(landed, better_y, np.nan)
    return at_x, at_y


@lru_cache(maxsize=64)
def fold_radius2(terms: Terms) -> float:
    """Squared normalised radius at which the radial part stops growing, or has a pole; infinite where neither is.

    With s = r² it is r·N(s)/D(s), whose slope has the sign of N·D + 2s·(N'·D − N·D').
    """
    if not any(terms):
        return np.inf
    k1, k2, _, _, k3, k4, k5, k6, *_ = _twelve(terms)
    over, under = np.array([k3, k2, k1, 1.0]), np.array([k6, k5, k4, 1.0])
    bent: FloatArray = np.polysub(np.polymul(np.polyder(over), under), np.polymul(over, np.polyder(under)))
    slope = np.polyadd(np.polymul(over, under), np.polymul([2.0, 0.0], bent))
    return min(first_root(slope), first_root(under))


def first_root(polynomial: FloatArray) -> float:
    """The smallest root above zero of a polynomial, highest power first, whose constant is not zero; else infinite.

    By the polynomial of the inverse: its highest coefficient is the constant, so a highest power of next to nothing
    does no harm.
    """
    inverse = np.roots(np.asarray(polynomial, dtype=np.float64)[::-1])
    real = inverse[np.abs(inverse.imag) <= 1e-9 * np.abs(inverse)].real
    positive = real[real > 1e-12]
    return float(1.0 / positive.max()) if positive.size else float(np.inf)


def _twelve(terms: Terms) -> Terms:
    return (*terms, *(0.0,) * 12)[:12]


def _radial(r2: FloatArray, terms: Terms) -> tuple[FloatArray, FloatArray]:
    """The radial factor and its slope over r²."""
    k1, k2, _, _, k3, k4, k5, k6, *_ = _twelve(terms)
    over = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    rate = k1 + r2 * (2.0 * k2 + 3.0 * k3 * r2)
    if not (k4 or k5 or k6):
        return over, rate
    under = 1.0 + r2 * (k4 + r2 * (k5 + r2 * k6))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = over / under
        return factor, (rate - factor * (k4 + r2 * (2.0 * k5 + 3.0 * k6 * r2))) / under


def _newton(target_x: FloatArray, target_y: FloatArray, x: FloatArray, y: FloatArray, terms: Terms) -> Xy:
    """Newton's method, each point on its own, from a first guess; stops once a further step would be below 1e-12."""
    with np.errstate(all="ignore"):
        for _ in range(_TURNS):
            step_x, step_y = _step(target_x, target_y, x, y, terms)
            x, y = x + step_x, y + step_y
            if not max(np.abs(step_x).max(initial=0.0), np.abs(step_y).max(initial=0.0)) > _LAST_STEP:
                break
    return x, y


def _step(target_x: FloatArray, target_y: FloatArray, x: FloatArray, y: FloatArray, terms: Terms) -> Xy:
    _, _, p1, p2, *_ = _twelve(terms)
    s1, s2, s3, s4 = _twelve(terms)[8:]
    x2, y2 = x * x, y * y
    r2 = x2 + y2
    radial, rate = _radial(r2, terms)
    rate = 2.0 * rate
    cross = x * y
    miss_x, miss_y = target_x - x * radial, target_y - y * radial
    xx, yy = radial + rate * x2, radial + rate * y2
    xy = rate * cross
    if p1 or p2:
        miss_x -= 2.0 * p1 * cross + p2 * (r2 + 2.0 * x2)
        miss_y -= 2.0 * p2 * cross + p1 * (r2 + 2.0 * y2)
        px, py = 2.0 * p1 * x + 2.0 * p2 * y, 2.0 * p1 * y + 2.0 * p2 * x
        xx, yy, xy = xx + py + 4.0 * p2 * x, yy + py + 4.0 * p1 * y, xy + px
    yx = xy
    if s1 or s2 or s3 or s4:
        miss_x -= r2 * (s1 + s2 * r2)
        miss_y -= r2 * (s3 + s4 * r2)
        rise_x, rise_y = 2.0 * s1 + 4.0 * s2 * r2, 2.0 * s3 + 4.0 * s4 * r2
        xx, yx = xx + rise_x * x, yx + rise_y * x
        xy, yy = xy + rise_x * y, yy + rise_y * y
    determinant = xx * yy - xy * yx
    return (yy * miss_x - xy * miss_y) / determinant, (xx * miss_y - yx * miss_x) / determinant


def _guessed(x: FloatArray, y: FloatArray, terms: Terms) -> Xy:
    """A first guess: the radial part undone by a polynomial, the tangential part there taken off."""
    share = _polynomial(_undoing(terms), x * x + y * y)
    at_x, at_y = x * share, y * share
    _, _, p1, p2, *_ = _twelve(terms)
    if p1 or p2:
        x2, y2, twice = at_x * at_x, at_y * at_y, 2.0 * at_x * at_y
        at_x -= p1 * twice + p2 * (3.0 * x2 + y2)
        at_y -= p2 * twice + p1 * (x2 + 3.0 * y2)
    return at_x, at_y


def _polynomial(coefficients: FloatArray, s: FloatArray) -> FloatArray:
    """Horner's rule in place, highest power first."""
    value = np.full(len(s), coefficients[0])
    for coefficient in coefficients[1:]:
        value *= s
        value += coefficient
    return value


@lru_cache(maxsize=64)
def _undoing(terms: Terms) -> FloatArray:
    """The polynomial in the squared distorted radius that comes nearest to undistorted over distorted radius."""
    radius = np.linspace(1e-3, min(0.95 * np.sqrt(fold_radius2(terms)), _GUESS_TO), 200)
    factor = _radial(radius * radius, terms)[0]
    bent = radius * factor
    return np.asarray(np.polyfit(bent * bent, 1.0 / factor, 5))


def _lands(
    x: FloatArray, y: FloatArray, target_x: FloatArray, target_y: FloatArray, terms: Terms, limit: float
) -> NDArray[np.bool_]:
    """Whether the lens puts (x, y) at the target, on this side of its fold."""
    with np.errstate(all="ignore"):
        there_x, there_y = distorted(x, y, terms)
        close = (np.abs(there_x - target_x) < _CLOSE) & (np.abs(there_y - target_y) < _CLOSE)
        return np.asarray(close & (x * x + y * y <= limit))


def _radially(x: FloatArray, y: FloatArray, terms: Terms, limit: float) -> Xy:
    """A first guess by the radial part alone, halved between the axis and the fold: it cannot run away."""
    target = np.hypot(x, y)
    low, high = np.zeros(len(x)), np.full(len(x), min(np.sqrt(limit), 1e3))
    for _ in range(50):
        middle = (low + high) / 2.0
        short = middle * _radial(middle * middle, terms)[0] < target
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    share = low / np.maximum(target, 1e-300)
    return x * share, y * share
