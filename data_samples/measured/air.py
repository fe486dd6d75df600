"""Dust in the air: a Gaussian plume from each working site and dusty firm to each point, on top of what was there.

Source of the form: the steady Gaussian plume over flat ground with reflection (Pasquill; Turner 1970); spreads of class
D in a town, widened by the extent of a site.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_samples.district.monitors import Monitor
from data_samples.district.plan import Plan
from data_samples.measured.weather import Weather, hour_of, weekday_of

FloatArray = NDArray[np.float64]

BY_PHASE_G_S = (
    ("拆除", 1.1),
    ("土方", 0.9),
    ("路基", 0.7),
    ("基坑", 0.55),
    ("桩基", 0.55),
    ("主体", 0.28),
    ("路面", 0.25),
    ("装饰", 0.1),
)
BY_FIRM_G_S = {"concrete": 0.35, "asphalt": 0.3, "gravel": 0.5, "muck": 0.6, "stone": 0.2, "mixing": 0.35}
STRENGTH = 1.2
SITE_SPREAD_M, SITE_HEIGHT_M = 18.0, 3.0
WET_MM_H, WET_SHARE = 0.2, 0.25
GUST_M_S = 4.0
PM10_SHARE, PM25_SHARE = 0.55, 0.13
BACKGROUND_PM10, BACKGROUND_PM25 = 0.62, 0.36
SWIRL = 0.3
"""Standard deviation of a minute's logarithm about the plume's mean."""


def dust(plan: Plan, points: list[Monitor], weather: Weather, seed: int) -> FloatArray:
    """True concentrations (points, times, 3) in mg/m³: TSP, PM10, PM2.5."""
    rng = np.random.default_rng([seed, 42])
    sources = [(site.middle, _of_phase(site.phase)) for site in plan.sites]
    sources += [(plan.firm(key).xy, strength) for key, strength in BY_FIRM_G_S.items()]
    own = np.zeros((len(points), len(weather.at)))
    for xy, strength in sources:
        emitted = STRENGTH * strength * work(weather, rng)
        for k, point in enumerate(points):
            own[k] += emitted * per_gram(weather, np.subtract(point.xy, xy))
    swirls = np.exp(SWIRL * _minutes(rng, own.shape) - SWIRL * SWIRL / 2)
    own = own * swirls * 1000
    there = weather.background * np.exp(0.06 * _minutes(rng, own.shape))
    return np.stack(
        [own + there, PM10_SHARE * own + BACKGROUND_PM10 * there, PM25_SHARE * own + BACKGROUND_PM25 * there], axis=2
    )


def per_gram(weather: Weather, offset_m: FloatArray) -> FloatArray:
    """g/m³ at an offset (east, north) from a source of 1 g/s at the ground, at all times (n,)."""
    speed = weather.speed_m_s
    along = (offset_m[0] * weather.to_x + offset_m[1] * weather.to_y) / speed
    across = (offset_m[1] * weather.to_x - offset_m[0] * weather.to_y) / speed
    down = np.maximum(along, 0.0)
    sigma_y = np.hypot(SITE_SPREAD_M, 0.16 * down / np.sqrt(1 + 0.0004 * down))
    sigma_z = np.hypot(SITE_HEIGHT_M, 0.14 * down / np.sqrt(1 + 0.0003 * down))
    behind = np.clip(1 + along / SITE_SPREAD_M, 0, 1)
    return behind * np.exp(-(across**2) / (2 * sigma_y**2)) / (np.pi * speed * sigma_y * sigma_z)


def work(weather: Weather, rng: np.random.Generator) -> FloatArray:
    """How hard a source works at each time (n,): hours of the day, Sundays, each day its own, wet ground, gusts."""
    hour, sunday = hour_of(weather.at), weekday_of(weather.at) == 6
    busy = np.clip((hour - 6.5) * 2, 0, 1) * np.clip((18 - hour) * 2, 0, 1)
    busy = busy * np.where(np.abs(hour - 12.0) < 0.75, 0.25, 1.0) * np.where(sunday, 0.25, 1.0)
    days = weather.at.astype("datetime64[D]")
    _, which = np.unique(days, return_inverse=True)
    daily = rng.lognormal(0.0, 0.5, which.max() + 1)[which]
    wet = np.where(weather.rain_mm_h > WET_MM_H, WET_SHARE, 1.0)
    gusts = 1 + np.clip(weather.speed_m_s - GUST_M_S, 0, None)
    return (0.02 * gusts + busy * daily) * wet


def _of_phase(phase: str) -> float:
    return next((strength for word, strength in BY_PHASE_G_S if word in phase), 0.2)


def _minutes(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Noise whose neighbours are alike (0.7), variance 1, along the second axis."""
    fresh = rng.normal(size=shape)
    found = np.empty(shape)
    found[:, 0] = fresh[:, 0]
    for k in range(1, shape[1]):
        found[:, k] = 0.7 * found[:, k - 1] + np.sqrt(0.51) * fresh[:, k]
    return found
