"""Pairs that cannot be swapped, and the array type of the room."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import ShapeError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.uint8]
AnyArray: TypeAlias = NDArray[Any]


class LonLat(NamedTuple):
    """A place on WGS 84, degrees east and north."""

    lon: float
    lat: float


class Uv(NamedTuple):
    """A place in a picture as stored: pixels right and down, (0, 0) the outer corner of the top left pixel."""

    u: float
    v: float


def pairs(values: ArrayLike, name: str) -> FloatArray:
    """`values` as an (n, 2) float64 array.

    Raises:
        ShapeError: it is not (n, 2).
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ShapeError(name, f"(n, 2) expected, {array.shape} given")
    return array
