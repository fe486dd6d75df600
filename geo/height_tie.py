"""How a camera with RTK stands over a height model, where nobody says what either height is above.

Two things are known. The relative altitude over the model's ground at take-off: right within metres, whatever the
datums. And the receiver's own height: right within centimetres, but above the ellipsoid, above a geoid, or above a base
station that nobody surveyed, while the model stands on one of the first two. So every way in which the two could belong
together is a hypothesis; what it says of the camera's height is held against the relative altitude. The likeliest
holds, and the others widen its doubt as far as they fit too. Where one fits alone (the geoid is 45 m off in Europe,
−30 m in the USA) the answer is the receiver's; where two fit (11 m in Shanghai, and a barometer that errs by 7) the
doubt is as wide as both.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from geo.types import LonLat
from geo.vertical import Datum, Height, converted, undulation

BASE_SIGMA_M = 1.0  # ours, as `rtk_frame_sigma_m`: a base that averaged its own height, levelling against EGM96
UNRELATED = 0.05  # ours: share of flights whose base station stood on a height that nobody had surveyed
UNRELATED_RANGE_M = 200.0  # ours: within which such a height may then lie

SAME, LOWERED, RAISED, RELATIVE = "absolute", "absolute_less_geoid", "absolute_plus_geoid", "relative"
_PRIORS = {
    # What a file's height with RTK is above the makers say: the ellipsoid ("geodetic altitude"; DJI, Mavic 3E and
    # Matrice 4 manuals). Some stations are set to a levelled height all the same. Models are made of the same pictures
    # (same datum) or by a national survey (levelled). The figures are ours.
    Datum.UNDECLARED: {SAME: 0.50, LOWERED: 0.40, RAISED: 0.05},
    Datum.ELLIPSOID: {SAME: 0.90, RAISED: 0.05},
    Datum.EGM96: {SAME: 0.15, LOWERED: 0.80},
    Datum.NATIONAL_1985: {SAME: 0.15, LOWERED: 0.80},
}


class Tied(NamedTuple):
    """The camera's height in the terrain's datum, one standard deviation, how it came about and how likely that is."""

    height_m: float
    sigma_m: float
    how: str
    probability: float


def tied(absolute: Height, relative: Height, place: LonLat, terrain: Datum) -> Tied:
    """Tie a height of centimetres to a height model by one of metres.

    Args:
        absolute: the receiver's height with fixed corrections, and its 1 σ; its datum is not declared.
        relative: the camera's height over the model by its relative altitude, in the model's datum, and its 1 σ.
        place: WGS 84.
        terrain: what the model's heights are above.

    Returns:
        The height by the likeliest hypothesis, and a standard deviation about it that reaches what the others say, each
        as far as it is likely. `how` names it: 'absolute' as it stands, 'absolute_less_geoid' and 'absolute_plus_geoid'
        moved by the geoid, 'relative' where the receiver's height belongs to nothing known.
    """
    said = {name: _of(name, absolute, place, terrain) for name in _PRIORS[terrain]}
    weights = {name: _PRIORS[terrain][name] * _fit(height, relative) for name, height in said.items()}
    heights = {name: _joined(height, relative) for name, height in said.items()}
    weights[RELATIVE], heights[RELATIVE] = UNRELATED / UNRELATED_RANGE_M, relative
    best = max(weights, key=lambda name: weights[name])
    height = heights[best].height_m
    square = sum(
        weights[name] * (heights[name].sigma_m ** 2 + (heights[name].height_m - height) ** 2) for name in weights
    )
    total = sum(weights.values())
    return Tied(height, math.sqrt(square / total), best, weights[best] / total)


def _of(name: str, absolute: Height, place: LonLat, terrain: Datum) -> Height:
    """The camera's height in the terrain's datum if `name` is how both belong together."""
    sigma = math.hypot(absolute.sigma_m, BASE_SIGMA_M)
    if name == SAME:
        return Height(absolute.height_m, sigma)
    geoid = undulation(place)
    if name == RAISED:
        return Height(absolute.height_m + geoid.height_m, math.hypot(sigma, geoid.sigma_m))
    levelled = Datum.EGM96 if terrain is Datum.UNDECLARED else terrain
    moved = converted(absolute.height_m, place, Datum.ELLIPSOID, levelled)
    return Height(moved.height_m, math.hypot(sigma, moved.sigma_m))


def _fit(said: Height, relative: Height) -> float:
    """How dense the relative altitude's height is there, 1/m."""
    sigma = math.hypot(said.sigma_m, relative.sigma_m)
    return math.exp(-0.5 * ((said.height_m - relative.height_m) / sigma) ** 2) / (sigma * math.sqrt(2.0 * math.pi))


def _joined(a: Height, b: Height) -> Height:
    """Two heights of one thing by least squares."""
    wa, wb = max(a.sigma_m, 1e-3) ** -2, max(b.sigma_m, 1e-3) ** -2
    return Height((wa * a.height_m + wb * b.height_m) / (wa + wb), (wa + wb) ** -0.5)
