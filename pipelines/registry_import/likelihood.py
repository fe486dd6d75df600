"""Log odds from counts and distances: the few likelihoods that the evidence on a CRS is made of.

All shares are unknown and are integrated over (beta-binomial), so that five of five says less than fifty of fifty, and
a few rows that are wrong whatever the CRS do not decide.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

RIGHT = (12.0, 1.0)  # beta prior of the share of places that a right CRS puts where they belong: 0.92 on the average
MIXED_PRIOR = 0.05  # ours: one file in twenty holds rows of two origins
Array = NDArray[np.float64]


def log_beta(a: float, b: float) -> float:
    """Logarithm of Euler's beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def log_counted(hits: float, misses: float, prior: tuple[float, float]) -> float:
    """Log probability of a sequence of hits and misses whose unknown share has a beta prior."""
    return log_beta(hits + prior[0], misses + prior[1]) - log_beta(*prior)


def counted_odds(for_it: float, against: float) -> float:
    """Log odds between two claims, of places that fit one of them and not the other. The right one fits nearly all."""
    return log_counted(for_it, against, RIGHT) - log_counted(against, for_it, RIGHT)


def looks_mixed(for_it: float, against: float, right: tuple[float, float] = RIGHT) -> bool:
    """Whether the places that speak against a claim are too many for strays: some rows are of another origin.

    Args:
        for_it: places that fit this claim, and not the other.
        against: places that fit the other, and not this one.
        right: beta prior of the share of the former where the claim is right.
    """
    if against < 2:
        return False
    mixed = math.log(MIXED_PRIOR) + log_counted(for_it, against, (1.0, 1.0))
    return mixed > log_counted(for_it, against, right) - math.log(20.0)


def placed_odds(hits: int, count: int, right: tuple[float, float], share: float) -> float:
    """How much likelier `hits` of `count` are where they belong than thrown down at random.

    Args:
        hits: places found on the thing.
        count: all places.
        right: beta prior of the share of hits where the CRS is right.
        share: of the ground thereabouts that the thing covers.
    """
    strength = 12.0  # ours: how far the share under a wrong CRS may differ from that of the ground
    random = (max(share, 1e-3) * strength, max(1 - share, 1e-3) * strength)
    return log_counted(hits, count - hits, right) - log_counted(hits, count - hits, random)


def log_normal_mixture_2d(
    distance_m: Array, scales: tuple[tuple[float, float], ...], far: float, reach_m: float
) -> Array:
    """Log density, per square metre, of two-dimensional distances from where a thing belongs.

    Args:
        distance_m: (n,).
        scales: pairs of sigma in metres and weight; the weights sum to 1.
        far: share of things that lie anywhere within `reach_m`.
        reach_m: radius of anywhere.
    """
    density = np.full(distance_m.shape, far / (math.pi * reach_m**2))
    for sigma, weight in scales:
        density += (1 - far) * weight * np.exp(-0.5 * (distance_m / sigma) ** 2) / (2 * math.pi * sigma**2)
    return np.log(density)


def log_normal_mixture_1d(
    distance_m: Array, scales: tuple[tuple[float, float], ...], far: float, reach_m: float
) -> Array:
    """Log density, per metre, of distances from a line; as `log_normal_mixture_2d`."""
    density = np.full(distance_m.shape, far / reach_m)
    for sigma, weight in scales:
        density += (1 - far) * weight * math.sqrt(2 / math.pi) / sigma * np.exp(-0.5 * (distance_m / sigma) ** 2)
    return np.log(density)
