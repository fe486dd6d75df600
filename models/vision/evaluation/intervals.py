"""How far a figure could have come out otherwise: whole sites are drawn anew, since boxes of one site are alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.vision.detections import FloatArray

FEWEST_SITES = 5
"""With fewer, sites drawn anew say nothing about sites not seen."""
DRAWS = 1000
TOO_FEW = "too few sites"


def site_interval(
    figure: Callable[[FloatArray], float], sites: int, *, seed: int, draws: int = DRAWS, level: float = 0.95
) -> tuple[float, float] | None:
    """The percentile interval of a figure under sites drawn with replacement.

    Args:
        figure: given (sites,) how often each site was drawn, the figure; NaN where it has none.
        sites: number of sites.
        seed: of the draws.
        draws: number of them.
        level: share of the draws that lie within.

    Returns:
        Lower and upper end, or None with fewer than `FEWEST_SITES` sites or where hardly a draw has a figure.

    Source: the cluster bootstrap (Davison and Hinkley, Bootstrap Methods and Their Application, 1997, ch. 3.8).
    """
    if sites < FEWEST_SITES:
        return None
    random = np.random.default_rng(seed)
    weights = random.multinomial(sites, np.full(sites, 1 / sites), size=draws)
    values = np.array([figure(weight.astype(float)) for weight in weights])
    values = values[~np.isnan(values)]
    if len(values) < draws / 2:
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return round(float(low), 6), round(float(high), 6)
