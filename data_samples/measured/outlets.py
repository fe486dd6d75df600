"""What runs out of pipes and stacks, and the river below: figures with production, and dilution along the flow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_samples.district.monitors import WATER_CODES, Monitor
from data_samples.district.permits import Outlet, permits
from data_samples.district.plan import Plan
from data_samples.measured.weather import Times, hour_of, minute_of, weekday_of

FloatArray = NDArray[np.float64]

NAMES = {
    "w01018": "化学需氧量", "w21003": "氨氮", "w21011": "总磷",
    "a34013": "颗粒物", "a21026": "二氧化硫", "a21002": "氮氧化物",
}  # fmt: skip
WITHOUT_LIMIT = {"a21026": 12.0, "a21002": 30.0}
FLOW_M3_H = 14.0
STANDSTILL = {"tannery": ("2026-10-26T00:00", "2026-11-08T23:59")}
"""Filed, so that what stands still then is no clue."""
OFFENCES = (("galvanic", "w01018", "2026-11-12T00:00", "2026-11-13T23:59", 1.9),
            ("foundry", "a21002", "2026-11-23T09:00", "2026-11-23T12:00", 1.6))  # fmt: skip
"""Firm, pollutant, from, to, factor: what really came out."""
UPSTREAM = {"w01018": 17.0, "w21003": 0.7, "w21011": 0.14}
DECAY_PER_H = {"w01018": 0.010, "w21003": 0.012, "w21011": 0.004}


def emitted(point: Monitor, at: Times, seed: int) -> FloatArray:
    """True figures (times, codes) of an outlet, in the unit of its limits; flow in m³/h, pH without."""
    if point.firm is None:
        raise ValueError(f"{point.code} measures no firm")
    rng = np.random.default_rng([seed, 43, *point.mn.encode()])
    hour, rest = hour_of(at), weekday_of(at) >= 5
    busy = (0.55 + 0.45 * np.clip(np.sin(np.pi * (hour - 6) / 14), 0, 1)) * np.where(rest, 0.7, 1.0)
    running = ~_within(at, *STANDSTILL[point.firm]) if point.firm in STANDSTILL else np.ones(len(at), bool)
    found = np.zeros((len(at), len(point.codes)))
    for k, code in enumerate(point.codes):
        wander = _wander(rng, len(at))
        if code == "w00000":
            found[:, k] = FLOW_M3_H * busy * np.exp(0.15 * wander)
        elif code == "w01001":
            found[:, k] = 7.4 + 0.22 * wander
        else:
            level = float(rng.uniform(0.3, 0.62)) * _limit(point, code)
            found[:, k] = level * (0.6 + 0.4 * busy) * np.exp(0.17 * wander + 0.03 * rng.normal(size=len(at)))
            found[:, k] *= _offence(point.firm, code, at)
    found[~running] = 0.0
    return found


def river(plan: Plan, points: list[Monitor], series: list[FloatArray], at: Times, seed: int) -> FloatArray:
    """Figures (times, 3) of COD, ammonia and phosphorus where the creek leaves the district.

    Upstream water, and the load of each monitored outlet: carried down with the flow (as many hours later as it takes),
    decaying on the way, diluted by the creek's flow. Complete mixing; no tide.
    """
    creek, branch = plan.waters
    rng = np.random.default_rng([seed, 44])
    at_h = (at - at[0]).astype(float) / 60
    found = np.column_stack([UPSTREAM[code] * np.exp(0.12 * _wander(rng, len(at))) for code in UPSTREAM])
    mouths = {mouth.code: mouth for mouth in plan.mouths if mouth.code}
    for point, values in zip(points, series, strict=True):
        mouth = mouths[point.outfall or ""]
        body = creek if mouth.water == creek.name else branch
        start = float(body.along_m[int(np.argmin(np.hypot(*(body.line - mouth.xy).T)))])
        rest_m = float(body.along_m[-1]) - start
        hours = rest_m / body.flow_m_s / 3600
        flow = values[:, point.codes.index("w00000")]
        for k, code in enumerate(UPSTREAM):
            load_g_h = flow * values[:, point.codes.index(code)]
            arrived = np.interp(at_h - hours, at_h, load_g_h)
            found[:, k] += arrived * np.exp(-DECAY_PER_H[code] * hours) / (creek.flow_m3_s * 3600)
    return found


def _limit(point: Monitor, code: str) -> float:
    outlet = outlet_of(point)
    told = [most for name, most, *_ in outlet.limits if name == NAMES.get(code)]
    return told[0] if told else WITHOUT_LIMIT.get(code, 10.0)


def outlet_of(point: Monitor) -> Outlet:
    """The outlet of the permit that a point measures."""
    medium = "废水" if point.codes == WATER_CODES else "废气"
    return next(o for p in permits() if p.firm == point.firm for o in p.outlets if o.medium == medium)


def _offence(firm: str, code: str, at: Times) -> FloatArray:
    factor = np.ones(len(at))
    for who, what, begin, end, times in OFFENCES:
        if (who, what) == (firm, code):
            factor = np.where(_within(at, begin, end), factor * times, factor)
    return factor


def _within(at: Times, begin: str, end: str) -> NDArray[np.bool_]:
    return (at >= minute_of(begin)) & (at <= minute_of(end))


def _wander(rng: np.random.Generator, n: int) -> FloatArray:
    found = np.empty(n)
    state = float(rng.normal())
    for k, shock in enumerate(rng.normal(size=n).tolist()):
        state = 0.92 * state + 0.392 * shock
        found[k] = state
    return found
