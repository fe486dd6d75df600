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
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from geo.types import LonLat
from geo.vertical import Datum, Height, converted, undulation

FRAME_SIGMA_M = 1.0  # ours, as `rtk_frame_sigma_m`: levelling against EGM96, the frame of the corrections
BASE_SIGMA_M = 2.0
"""Of a base that nobody vouches for; ours. One that located itself errs like any receiver, upwards by 4 m (1 σ);
makers keep to its own fix within 5 m whatever was typed in (DJI Mobile SDK, `getBaseStationReferencingLocation`); a
tripod left out is 1.7 m. A network's, or one on a known point, errs by centimetres. The picture does not say which."""
UNRELATED, UNRELATED_VOUCHED = 0.15, 0.02  # ours: share of flights whose base stood at a height of its own
UNRELATED_RANGE_M = 100.0  # ours: within which such a height may then lie; a wrong point of the same site

LEAST_LIKELY = 1e-6
FAR_SIGMAS = 2.0
"""A way of belonging together so far from the relative altitude is not followed where nobody vouches for the base: it
may fit by chance (a geoid of 48 m and a base 25 m too low leave 23 m), and then costs its whole distance; the relative
altitude costs metres. Ours."""

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


class FlightHeight(NamedTuple):
    """How the receiver's heights of a flight and a height model belong together, and one standard deviation of that."""

    how: str
    sigma_m: float | None = None


def tied(
    absolute: Height,
    relative: Height,
    place: LonLat,
    terrain: Datum,
    *,
    vouched: bool = False,
    flight: FlightHeight | None = None,
) -> Tied:
    """Tie a height of centimetres to a height model by one of metres.

    Args:
        absolute: the receiver's height with fixed corrections, and its 1 σ; its datum is not declared.
        relative: the camera's height over the model by its relative altitude, in the model's datum, and its 1 σ.
        place: WGS 84.
        terrain: what the model's heights are above.
        vouched: somebody stands for the base station's place.
        flight: what the flight as a whole has settled on; None: the likeliest of this picture alone. The receiver's
            height then stands as it is, so that the pictures keep their centimetres against each other.

    Returns:
        The height by that hypothesis, and a standard deviation about it that reaches what the others say, each
        as far as it is likely. `how` names it: 'absolute' as it stands, 'absolute_less_geoid' and 'absolute_plus_geoid'
        moved by the geoid, 'relative' where the receiver's height belongs to nothing known.
    """
    said = _said(absolute, place, terrain, vouched)
    weights = _weights(said, relative, terrain, vouched)
    base = 0.0 if vouched else BASE_SIGMA_M
    heights = {name: _joined(height, relative, base) for name, height in said.items()} | {RELATIVE: relative}
    if flight is not None and flight.how in said:
        height, best = said[flight.how].height_m, flight.how
    else:
        best = _followed(weights, said, relative, vouched)
        height = heights[best].height_m
    square = sum(
        weights[name] * (heights[name].sigma_m ** 2 + (heights[name].height_m - height) ** 2) for name in weights
    )
    total = sum(weights.values())
    sigma = math.sqrt(square / total) if flight is None or flight.sigma_m is None else flight.sigma_m
    return Tied(height, sigma, best, weights[best] / total)


def likelihoods(
    absolute: Height, relative: Height, place: LonLat, terrain: Datum, *, vouched: bool = False
) -> dict[str, float]:
    """How likely each hypothesis is by one picture, together 1; arguments as for `tied`."""
    said = _said(absolute, place, terrain, vouched)
    weights = _weights(said, relative, terrain, vouched)
    if not vouched:  # what one picture would not follow does not outvote its relative altitude in a flight either
        least = weights[RELATIVE] / 2.0
        weights = {n: min(w, least) if n in said and _far(said[n], relative) else w for n, w in weights.items()}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def settled(pictures: Sequence[Mapping[str, float]]) -> str | None:
    """The hypothesis that holds for a whole flight: one base and one model, so one answer. None without pictures.

    What the pictures err by is mostly the same error (one barometer), so they are averaged, not multiplied: many
    pictures are no surer than one, but they no longer disagree.

    Args:
        pictures: of each, what `likelihoods` gives.
    """
    names = list(dict.fromkeys(name for one in pictures for name in one))
    if not names:
        return None
    return max(names, key=lambda name: sum(math.log(max(one.get(name, 0.0), LEAST_LIKELY)) for one in pictures))


def _said(absolute: Height, place: LonLat, terrain: Datum, vouched: bool) -> dict[str, Height]:
    return {name: _of(name, absolute, place, terrain, vouched) for name in _PRIORS[terrain]}


def _weights(said: Mapping[str, Height], relative: Height, terrain: Datum, vouched: bool) -> dict[str, float]:
    weights = {name: _PRIORS[terrain][name] * _fit(height, relative) for name, height in said.items()}
    return weights | {RELATIVE: (UNRELATED_VOUCHED if vouched else UNRELATED) / UNRELATED_RANGE_M}


def _followed(weights: Mapping[str, float], said: Mapping[str, Height], relative: Height, vouched: bool) -> str:
    """The likeliest hypothesis; the relative altitude where that one lies far from it and nobody vouches for it."""
    best = max(weights, key=lambda name: weights[name])
    return RELATIVE if best in said and not vouched and _far(said[best], relative) else best


def _far(said: Height, relative: Height) -> bool:
    return abs(said.height_m - relative.height_m) > FAR_SIGMAS * math.hypot(said.sigma_m, relative.sigma_m)


def _of(name: str, absolute: Height, place: LonLat, terrain: Datum, vouched: bool) -> Height:
    """The camera's height in the terrain's datum if `name` is how both belong together."""
    sigma = math.hypot(absolute.sigma_m, FRAME_SIGMA_M, 0.0 if vouched else BASE_SIGMA_M)
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


def _joined(said: Height, relative: Height, base_sigma_m: float) -> Height:
    """Two heights of one thing by least squares, the first as if its base stood where it says; then the base's doubt.

    A base is right or wrong, it is no noise: an overstated relative altitude shall not pull at a right one's height.
    """
    own = math.sqrt(max(said.sigma_m**2 - base_sigma_m**2, 1e-6))
    wa, wb = own**-2, max(relative.sigma_m, 1e-3) ** -2
    height = (wa * said.height_m + wb * relative.height_m) / (wa + wb)
    return Height(height, math.hypot((wa + wb) ** -0.5, base_sigma_m))
