"""The creek: coordinates along and across the flow, and what discharges do to its colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.ground import linear
from data_samples.renderer.noise import Tile, field
from data_samples.renderer.things import Creek, Discharge, OutfallMouth

FloatArray = NDArray[np.float64]
Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers

CLEAN = (0.27, 0.31, 0.26)
JET_M = 2.6
SWIRL = Tile.of(field(31, 1.3, 0.2), 60.0)
THREAD = Tile.of(field(32, 1.0, 0.06), 40.0)
RIPPLE = Tile.of(field(33, 0.8, 0.04, 2.0), 30.0)


def along_and_across(creek: Creek, x: NDArray[np.floating], y: NDArray[np.floating]) -> tuple[FloatArray, FloatArray]:
    """Metres along the centre line and to its left, for points near it. The line must run steadily east."""
    line = creek.centre_line
    step = np.diff(line, axis=0)
    length = np.linalg.norm(step, axis=1)
    start = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    index = np.clip(np.searchsorted(line[:, 0], x) - 1, 0, len(step) - 1)
    unit = step / length[:, None]
    dx, dy = x - line[index, 0], y - line[index, 1]
    along = start[index] + dx * unit[index, 0] + dy * unit[index, 1]
    across = -dx * unit[index, 1] + dy * unit[index, 0]
    return along, across


def dilution(
    creek: Creek, mouth: OutfallMouth, discharge: Discharge, along: FloatArray, across: FloatArray
) -> FloatArray:
    """Share of discharge in the water, 0 to 1, at metres along and across.

    A jet leaves the wall, bends into the flow, widens with the root of the distance and is torn by eddies. A drawing of
    mixing, not a model of it.
    """
    start, wall = along_and_across(creek, np.array([mouth.place[0]]), np.array([mouth.place[1]]))
    into = -np.sign(wall[0])
    swirl = SWIRL.at(along, across)
    thread = THREAD.at(along * 0.6, across * 1.8)
    behind = along - start[0] + 0.8 * swirl
    down = np.clip(behind, 0, None)
    centre = wall[0] + into * JET_M * (0.25 + 0.75 * (1 - np.exp(-down / 7))) + swirl * np.sqrt(down) * 0.16
    sigma = 0.55 + discharge.spread_m * np.sqrt(down / 20)
    shape = np.exp(-((across - centre) ** 2) / (2 * sigma**2))
    upstream = np.exp(-(np.clip(-behind, 0, None) ** 2) / (2 * 0.9**2))
    fade = np.exp(-((down / discharge.length_m) ** 1.3))
    torn = np.clip(1 + (0.06 + 0.26 * np.clip(down / 40, 0, 1)) * thread + 0.14 * swirl, 0.15, 1.6)
    return np.clip(discharge.strength * shape * upstream * fade * torn, 0, 1)


def water_colours(
    creek: Creek,
    pairs: list[tuple[OutfallMouth, Discharge]],
    x: NDArray[np.floating],
    y: NDArray[np.floating],
) -> tuple[Float32Array, Float32Array, dict[str, FloatArray]]:
    """Colour of the water at points.

    Args:
        creek: where it runs.
        pairs: mouths with what runs out of them.
        x: east, (n,) metres.
        y: north, (n,) metres.

    Returns:
        Linear colour (n, 3); ripple height (n,), deviation about 1; share of each discharge (n,) by its name.
    """
    along, across = along_and_across(creek, x, y)
    swirl = SWIRL.at(along * 0.5, across * 0.9)
    thread = THREAD.at(along * 0.35, across)
    colour = np.broadcast_to(linear(CLEAN), (len(x), 3)) * (1 + 0.10 * swirl + 0.05 * thread)[:, None]
    bank = np.clip((np.abs(across) - creek.half_width_m + 2.2) / 2.2, 0, 1)
    colour = colour * (1 - 0.25 * bank[:, None])
    shares = {}
    for mouth, discharge in pairs:
        share = dilution(creek, mouth, discharge, along, across)
        colour = colour * (1 - share[:, None]) + linear(discharge.colour) * share[:, None]
        colour = _with_foam(colour, creek, mouth, discharge, along, across)
        shares[discharge.name] = share
    ripple = RIPPLE.at(x + 0.3 * y, y) + 0.5 * RIPPLE.at(2.1 * y, 2.1 * x)
    return colour.astype(np.float32), ripple.astype(np.float32), shares


def _with_foam(
    colour: FloatArray, creek: Creek, mouth: OutfallMouth, discharge: Discharge, along: FloatArray, across: FloatArray
) -> FloatArray:
    """Broken foam where the jet falls in, and flecks that drift off."""
    start, wall = along_and_across(creek, np.array([mouth.place[0]]), np.array([mouth.place[1]]))
    into = -np.sign(wall[0])
    reach = np.hypot((along - start[0] - 0.5) / 2.2, (across - wall[0] - into * 1.5) / 1.6)
    fine = RIPPLE.at(along * 2.0, across * 2.0) + 0.8 * THREAD.at(along * 2, across * 2)
    boil = np.clip(1.25 - reach + 0.45 * fine, 0, 1) * discharge.foam
    down = np.clip(along - start[0], 0, None)
    drift = np.exp(-((across - wall[0] - into * 2.2) ** 2) / (2 * (0.8 + 0.05 * down) ** 2)) * np.exp(-down / 28)
    flecks = np.clip((fine + 0.7 * SWIRL.at(along * 2, across * 2) - 1.9) * 1.3, 0, 1) * drift * discharge.foam
    white = np.clip(boil + flecks * (down > 0), 0, 0.92)[:, None]
    return colour * (1 - white) + linear((0.86, 0.85, 0.80)) * white
