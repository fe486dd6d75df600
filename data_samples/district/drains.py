"""Storm drains of the district: to the municipal outfalls, and lines that nobody registered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_samples.district.plan import Plan
from data_samples.district.waters import Mouth

FloatArray = NDArray[np.float64]
STEP_M = 45.0
BANK_M = 8.0


@dataclass(frozen=True)
class Drain:
    """A line of the network (n, 2) in the direction of flow, what it flows to, and whether an office has it."""

    code: str
    name: str
    kind: str
    flows_to: str
    diameter_mm: int
    line: FloatArray
    registered: bool = True


def drains(plan: Plan) -> tuple[Drain, ...]:
    """Three pieces behind each municipal outfall; behind one that nobody registered they are not registered either."""
    found: list[Drain] = []
    for mouth in plan.mouths:
        if mouth.firm is None:
            found += _behind(plan, mouth)
    return tuple(found)


def _behind(plan: Plan, mouth: Mouth) -> Iterator[Drain]:
    body = next(water for water in plan.waters if water.name == mouth.water)
    nearest = body.line[int(np.argmin(np.hypot(*(body.line - mouth.xy).T)))]
    away = np.array(mouth.xy) - nearest
    away /= np.linalg.norm(away)
    stops = [np.array(mouth.xy) + away * (0.0 if k == 0 else BANK_M + STEP_M * (k - 1)) for k in range(4)]
    below = mouth.code or ""
    for k in range(3):
        code = f"YS-{mouth.name.removeprefix('mouth-')}-{k + 1}"
        yield Drain(
            code, f"{mouth.water}雨水管", "雨水", below, (1200, 1000, 800)[k], np.array([stops[k + 1], stops[k]]),
            mouth.registered,
        )  # fmt: skip
        below = code
