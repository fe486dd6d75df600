"""Whether pictures are smeared along one direction, as a camera does that moves while its shutter is open.

A lens out of focus takes fine detail away in all directions, a motion in one only. So the strength of fine detail is
held against that of coarser detail direction by direction. What lens, sensor and JPEG leave is the same along rows,
columns and both diagonals and drops out of the second harmonic; what the ground has of directions is there in the
coarser detail as well, or differs from picture to picture. Over a flight the smear stays, the ground does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.errors import BadShape

TILE_PX, MOST_TILES = 256, 60
FINE, COARSE = (0.15, 0.32), (0.04, 0.10)  # cycles a pixel
DIRECTIONS = 8
LEAST_CONTRAST = 4.0  # grey values: sky and smooth water say nothing


class Smear(NamedTuple):
    """How much fine detail one direction lacks against the one across it (log of energies), and which it is.

    `along_deg` is counted from the picture's rows, u towards v, 0 … 180.
    """

    strength: float
    along_deg: float


def smear_of(grey: NDArray[np.uint8]) -> complex | None:
    """The second harmonic of fine against coarse detail over direction, of one picture.

    Args:
        grey: (h, w) uint8, not reduced: what a motion of three pixels takes away is gone at half the size.

    Returns:
        The harmonic, log units; its angle is twice that of the direction with most detail. None where too little of the
        picture has any.

    Raises:
        BadShape: `grey` is not (h, w).
    """
    if grey.ndim != 2:
        raise BadShape("grey", f"(h, w) expected, {grey.shape} given")
    corners = [(i, j) for i in range(0, grey.shape[0] - TILE_PX + 1, TILE_PX) for j in _steps(grey.shape[1])]
    spread = np.linspace(0, len(corners) - 1, min(len(corners), MOST_TILES)).astype(int).tolist()
    said = [_directions(grey[i : i + TILE_PX, j : j + TILE_PX]) for i, j in (corners[k] for k in spread)]
    rows = [row for row in said if row is not None]
    if not rows:
        return None
    fine, coarse = np.median(np.array(rows), axis=0)
    turns = np.exp(2j * np.pi * np.arange(DIRECTIONS) / DIRECTIONS) * 2.0 / DIRECTIONS
    return complex(((fine - coarse) * turns).sum())


def _steps(width: int) -> range:
    return range(0, width - TILE_PX + 1, TILE_PX)


def smear_of_flight(pictures: Sequence[complex]) -> Smear:
    """What the pictures of a flight have of it together: `smear_of` of each."""
    mean = complex(np.mean(pictures)) if len(pictures) else 0j
    return Smear(abs(mean), float(np.degrees(np.angle(mean)) / 2.0 + 90.0) % 180.0)


def _directions(tile: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """(2, directions) log energy of fine and coarse detail."""
    grey = tile.astype(np.float64)
    if grey.std() < LEAST_CONTRAST:
        return None
    power = np.abs(np.fft.fft2((grey - grey.mean()) * _WINDOW)) ** 2
    return np.log1p(
        np.array([np.bincount(of[inside], power[inside], DIRECTIONS) / count for inside, of, count in _BANDS])
    )


def _bands() -> list[tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.float64]]]:
    """Of fine and coarse detail: which cells of the spectrum, their direction, and how many there are of each."""
    v, u = np.fft.fftfreq(TILE_PX)[:, None], np.fft.fftfreq(TILE_PX)[None]
    far = np.hypot(u, v)
    width = np.pi / DIRECTIONS
    direction = np.floor(np.mod(np.arctan2(v, u) + width / 2.0, np.pi) / width).astype(np.intp)
    found = []
    for low, high in (FINE, COARSE):
        inside = (far >= low) & (far < high)
        found.append((inside, direction, np.bincount(direction[inside], minlength=DIRECTIONS).astype(np.float64)))
    return found


_WINDOW = np.outer(np.hanning(TILE_PX), np.hanning(TILE_PX))
_BANDS = _bands()
