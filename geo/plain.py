"""What a height model's heights are above, told by the ground itself where that is known to lie within a few metres.

A plain is as good as a bench mark: in Shanghai the streets lie two to five metres above the sea, and ten more above the
ellipsoid. A model whose low ground lies at the one or the other says so, whatever its file keeps to itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.types import FloatArray, LonLat
from geo.vertical import Datum, undulation

LOW_SHARE = 0.2  # of a model's heights: streets, yards and water, not roofs
WITHIN_M = 4.0  # ours: reclaimed ground, dikes, a low share that holds roofs or river beds
LEAST_APART_M = 2.2 * WITHIN_M


class Plain(NamedTuple):
    """A box of flat land, and the height of its ground above the geoid."""

    west: float
    south: float
    east: float
    north: float
    ground_m: float


PLAINS = (
    # 上海市: 2–3 m in the west by lake Dianshan, about 4 m along the Huangpu, 4–5 m along the sea, above Wusong zero
    # (land form in zhangyue.com/readbook/10905029), which lies 1.6 m beneath the datum of 1985, and that 0.3 m above
    # the geoid (`geo.vertical`). Its hills (98 m) are no streets.
    Plain(120.85, 30.67, 121.98, 31.88, 2.5),
)


def datum_of_ground(heights_m: FloatArray, place: LonLat) -> Datum:
    """What heights are above, by the low ground among them.

    Args:
        heights_m: of the model around the place, metres; NaN where it has none.
        place: WGS 84.

    Returns:
        `EGM96` or `ELLIPSOID` where the low ground lies within `WITHIN_M` of where the plain's would; `UNDECLARED`
        where no plain is known, the two lie too close together, or neither fits.
    """
    known = heights_m[np.isfinite(heights_m)]
    plain = next((p for p in PLAINS if p.west <= place.lon <= p.east and p.south <= place.lat <= p.north), None)
    if plain is None or not known.size:
        return Datum.UNDECLARED
    low, above = float(np.quantile(known, LOW_SHARE)), undulation(place).height_m
    if abs(above) < LEAST_APART_M:
        return Datum.UNDECLARED
    for datum, ground in ((Datum.EGM96, plain.ground_m), (Datum.ELLIPSOID, plain.ground_m + above)):
        if abs(low - ground) <= WITHIN_M:
            return datum
    return Datum.UNDECLARED
