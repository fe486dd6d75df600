"""The waters of the district: a creek from west to east, a branch that joins it from the north, and their outfalls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from data_samples.district.block import BLOCK_OUTFALLS
from data_samples.district.streets import HALF_SIZE_M, Lot

FloatArray = NDArray[np.float64]

WATER_Z_M = -1.8
CREEK, BRANCH = "示例浜", "示例支河"
BRANCH_X_M = 640.0
STEP_M = 2.0
REACH_M = 12.0
UNREGISTERED_X_M = -48.0
"""Where, in the block, an outfall stands that nobody registered."""


@dataclass(frozen=True)
class Water:
    """A water between quay walls: centre line (n, 2) in the direction of flow, metres; flow in m/s and m³/s."""

    name: str
    line: FloatArray
    half_width_m: float
    water_z_m: float
    flow_m_s: float
    flow_m3_s: float

    @property
    def along_m(self) -> FloatArray:
        """Metres from its beginning, (n,)."""
        return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(self.line, axis=0), axis=1))])

    def bank(self, side: int) -> FloatArray:
        """The wall on the left (1) or right (-1) of the flow, (n, 2)."""
        step = np.gradient(self.line, axis=0)
        left = np.column_stack([-step[:, 1], step[:, 0]]) / np.linalg.norm(step, axis=1)[:, None]
        return self.line + side * self.half_width_m * left

    @property
    def outline(self) -> FloatArray:
        """Its surface, (2 n, 2)."""
        return np.vstack([self.bank(-1), self.bank(1)[::-1]])


@dataclass(frozen=True)
class Mouth:
    """An outfall in a wall. `code` None: nobody registered it. `firm`: key of who answers, None: municipal or unknown.

    `discharges` is what runs out at times: "" nothing, else a word of `dyed`, `milky`, `turbid`, `foaming`, `grey`.
    """

    name: str
    code: str | None
    title: str
    kind: str
    firm: str | None
    water: str
    xy: tuple[float, float]
    side: int
    form: str
    width_m: float
    discharges: str = ""

    @property
    def registered(self) -> bool:
        """Whether it stands in the registry."""
        return self.code is not None


@cache
def waters() -> tuple[Water, Water]:
    """The creek and its branch."""
    reach = HALF_SIZE_M[0] + REACH_M
    x = np.arange(-reach, reach + 0.1, STEP_M)
    creek = np.column_stack([x, _creek_y(x)])
    end = float(_creek_y(np.array([BRANCH_X_M]))[0]) + 9.0
    y = np.arange(HALF_SIZE_M[1] + REACH_M, end, -STEP_M)
    branch = np.column_stack([BRANCH_X_M + 14 * np.sin((y - end) / 120.0), y])
    return Water(CREEK, creek, 9.0, WATER_Z_M, 0.25, 6.5), Water(BRANCH, branch, 6.0, WATER_Z_M, 0.12, 1.7)


def _creek_y(x: FloatArray) -> FloatArray:
    """The same winding as in the block."""
    return -38 + 12 * np.sin((x + 40) / 95.0)


def distance_m(xy: tuple[float, float]) -> float:
    """From the nearest centre line, metres."""
    return min(float(np.min(np.hypot(*(water.line - xy).T))) for water in waters())


def is_dry(lot: Lot) -> bool:
    """Whether a lot keeps clear of the waters and the paths beside them."""
    for water in waters():
        x, y = water.line.T
        clear = water.half_width_m + 10.0
        inside = (x > lot.west - clear) & (x < lot.east + clear) & (y > lot.south - clear) & (y < lot.north + clear)
        if inside.any():
            return False
    return True


CREEK_X_M = (
    *(-950, -905, -850, -795, -740, -690, -630, -575, -520, -462, -415, -372),
    *(372, 425, 478, 545, 590, 700, 752, 808, 862, 915, 958),
)
BRANCH_Y_M = (90, 165, 240, 330, 440, 545, 650, 770, 900)
PLACES: tuple[tuple[str, float, int], ...] = (
    *((CREEK, float(x), 1 if k % 2 else -1) for k, x in enumerate(CREEK_X_M)),
    *((BRANCH, float(y), 1 if k % 2 else -1) for k, y in enumerate(BRANCH_Y_M)),
)
"""Where the outfalls outside the block stand: along the creek by x, along the branch by y; side of the flow."""
UNREGISTERED = (2, 7, 11, 14, 20, 25, 29)
"""Numbers of `PLACES` that nobody registered."""
LOOKS = ("dyed", "milky", "turbid", "grey", "foaming")


def mouths(water_firms: list[tuple[str, tuple[float, float]]]) -> tuple[Mouth, ...]:
    """All outfalls, those of the block first.

    Args:
        water_firms: key and place of the firms that discharge into a water themselves; each gets the nearest place.
    """
    places = [_on_wall(*place) for place in PLACES]
    free = [k for k in range(len(places)) if k not in UNREGISTERED]
    owner: dict[int, str] = {}
    for key, xy in water_firms:
        nearest = min((k for k in free if k not in owner), key=lambda k: float(np.hypot(*(np.array(places[k]) - xy))))
        owner[nearest] = key
    found = _of_block()
    number = len(BLOCK_OUTFALLS)
    for k, ((water, _, side), xy) in enumerate(zip(PLACES, places, strict=True)):
        number += k not in UNREGISTERED
        found.append(_mouth(k, water, side, xy, owner.get(k), number))
    return tuple(found)


def _of_block() -> list[Mouth]:
    forms = {"310107-PWK-002": ("culvert", -1), "310107-PWK-001": ("culvert", 1)}
    found = [
        Mouth(f"mouth-{code[-3:]}", code, name, kind, key, CREEK, xy, forms.get(code, ("pipe", -1))[1],
              forms.get(code, ("pipe", -1))[0], 2.4, "dyed" if key == "dyeing" else "")
        for code, name, kind, key, xy in BLOCK_OUTFALLS
    ]  # fmt: skip
    xy = _on_wall(CREEK, UNREGISTERED_X_M, -1)
    found.append(Mouth("mouth-u00", None, "", "", None, CREEK, xy, -1, "pipe", 1.7, "milky"))
    return found


def _mouth(k: int, water: str, side: int, xy: tuple[float, float], firm: str | None, number: int) -> Mouth:
    form, width = (("culvert", 3.0), ("pipe", 1.6), ("pipe", 2.0))[k % 3]
    looks = LOOKS[k % len(LOOKS)] if (firm and k % 2) or k in UNREGISTERED else ""
    if k in UNREGISTERED:
        return Mouth(f"mouth-u{k:02d}", None, "", "", None, water, xy, side, form, width, looks)
    bank = ("左岸" if side > 0 else "右岸") + f" {number} 号"
    title, kind = (f"{water}{bank}排口", "工业排污口") if firm else (f"{water}{bank}雨水排口", "其他排口")
    code = f"310107-PWK-{number:03d}"
    return Mouth(f"mouth-{number:03d}", code, title, kind, firm, water, xy, side, form, width, looks)


def _on_wall(water: str, at: float, side: int) -> tuple[float, float]:
    """A place on a wall by x (creek) or y (branch), with 0.1 m."""
    body = next(w for w in waters() if w.name == water)
    bank = body.bank(side)
    k = int(np.argmin(np.abs(bank[:, 0 if water == CREEK else 1] - at)))
    return round(float(bank[k, 0]), 1), round(float(bank[k, 1]), 1)
