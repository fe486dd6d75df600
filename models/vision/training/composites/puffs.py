"""A plume as puffs in space: released at a source, carried by a turbulent wind, growing, thinning and settling.

A Lagrangian puff model in the spirit of CALPUFF (Scire et al. 2000), cut down to what a picture shows: Gaussian puffs,
a logarithmic wind profile, eddies that neighbours in time share, growth with the square root of age, and settling.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.vision.detections import FloatArray

ROUGHNESS_M = 0.1
REFERENCE_M = 10.0
EDDY_S = 4.0


class Puffs(NamedTuple):
    """n Gaussian puffs; z is up, the ground lies at z = 0, x blows with the wind.

    Attributes:
        centre: (n, 3) metres.
        sigma: (n,) metres, the same in all directions.
        mass: (n,) optical depth times square metres: of a puff seen straight through, mass / (2π sigma²) at its centre.
    """

    centre: FloatArray
    sigma: FloatArray
    mass: FloatArray


class Source(NamedTuple):
    """Where dust comes from and how.

    Attributes:
        kind: `point` (bucket, hammer, chute), `moving` (wheels along a road), `area` (a stockpile in the wind) or
            `hot` (a fire or a stack: rises).
        length_m: way of the wheels, or width of the area.
        wind_m_s: at ten metres.
        turbulence: standard deviation of an eddy's speed, as a share of the wind.
        seconds: since the first puff.
        first_sigma_m: of a fresh puff.
        growth_m: by which sigma grows in the first second.
        settle_s: time in which a puff loses two thirds of its dust to the ground.
        rise_m_s: of a fresh puff.
    """

    kind: str
    length_m: float
    wind_m_s: float
    turbulence: float
    seconds: float
    first_sigma_m: float
    growth_m: float
    settle_s: float
    rise_m_s: float


def drawn_source(random: np.random.Generator, kind: str) -> Source:
    """A source of one kind, its figures drawn from what sites and roads show."""
    spread = random.uniform
    if kind == "moving":
        return Source(kind, spread(15, 80), spread(0.3, 4), spread(0.15, 0.5), spread(3, 15), spread(0.4, 1.2),
                      spread(0.3, 1.2), spread(8, 40), spread(0.0, 0.4))  # fmt: skip
    if kind == "area":
        return Source(kind, spread(4, 25), spread(3, 9), spread(0.15, 0.4), spread(3, 9), spread(0.4, 1.0),
                      spread(0.2, 0.8), spread(8, 40), spread(0.0, 0.3))  # fmt: skip
    if kind == "hot":
        return Source(kind, spread(0.5, 4), spread(0.3, 4), spread(0.2, 0.5), spread(5, 20), spread(0.4, 1.2),
                      spread(0.4, 1.2), spread(60, 300), spread(2, 6))  # fmt: skip
    return Source("point", spread(0.3, 3), spread(0.3, 5), spread(0.2, 0.6), spread(2, 12), spread(0.3, 1.0),
                  spread(0.3, 1.2), spread(6, 30), spread(0.2, 1.5))  # fmt: skip


def released(source: Source, random: np.random.Generator, puffs: int) -> Puffs:
    """The puffs of a source at one instant.

    Args:
        source: which, see `drawn_source`.
        random: for gusts, eddies and how much each puff holds.
        puffs: how many; the youngest has just been released, the oldest `source.seconds` ago.
    """
    age = np.sort(random.uniform(0, source.seconds, puffs))
    start = _starts(source, age, random)
    height = np.maximum(start[:, 2], 0.3)
    for _ in range(2):  # a puff that rises meets more wind: twice is close enough
        speed = source.wind_m_s * np.log(height / ROUGHNESS_M + 1) / np.log(REFERENCE_M / ROUGHNESS_M + 1)
        height = np.maximum(start[:, 2] + _climb(source, age), 0.3)
    wander = _eddies(age, source, random)
    centre = start + np.column_stack([speed * age, np.zeros(puffs), _climb(source, age)]) + wander
    sigma = source.first_sigma_m + source.growth_m * np.sqrt(age) * (0.6 + 0.4 * random.uniform(0, 1, puffs))
    centre[:, 2] = np.maximum(centre[:, 2], 0.5 * sigma)  # the ground reflects it
    bursts = random.gamma(1.5, 1 / 1.5, puffs) * (1 + 0.8 * np.sin(age * random.uniform(0.3, 2) + random.uniform(0, 6)))
    mass = np.maximum(bursts, 0.05) * np.exp(-age / source.settle_s)
    return Puffs(centre, sigma, mass)


def _starts(source: Source, age: FloatArray, random: np.random.Generator) -> FloatArray:
    n = len(age)
    if source.kind == "moving":  # the youngest puffs lie where the wheels are now
        heading = random.uniform(0, 2 * np.pi)
        along = source.length_m * (0.5 - age / source.seconds) + random.normal(0, 0.5, n)
        across = random.choice([-1.0, 1.0], n) + random.normal(0, 0.3, n)
        x = along * np.cos(heading) - across * np.sin(heading)
        y = along * np.sin(heading) + across * np.cos(heading)
        return np.column_stack([x, y, random.uniform(0.1, 0.8, n)])
    across = random.uniform(-0.5, 0.5, n) * source.length_m
    top = random.uniform(0.1, 0.15 * source.length_m + 0.5, n) if source.kind == "area" else random.uniform(0.2, 1.5, n)
    lengthwise = random.normal(0, 0.3 if source.kind != "area" else 0.2 * source.length_m, n)
    return np.column_stack([lengthwise, across, top])


def _climb(source: Source, age: FloatArray) -> FloatArray:
    """Metres that a puff has risen: fast at first, then no more; a hot one goes on with the two-thirds law."""
    if source.kind == "hot":
        return source.rise_m_s * age ** (2 / 3)
    return source.rise_m_s * 2.0 * (1 - np.exp(-age / 2.0))


def _eddies(age: FloatArray, source: Source, random: np.random.Generator) -> FloatArray:
    """(n, 3) metres by which eddies have carried each puff off; puffs close in age have met the same eddies."""
    steps = np.linspace(0, source.seconds + 1e-6, 24)
    kept = np.exp(-(steps[1] - steps[0]) / EDDY_S)
    speed = np.zeros((24, 3))
    speed[0] = random.normal(size=3)
    for k in range(1, 24):
        speed[k] = kept * speed[k - 1] + np.sqrt(1 - kept**2) * random.normal(size=3)
    speed *= source.turbulence * source.wind_m_s * np.array([1.0, 1.0, 0.5])
    way = np.cumsum(speed, axis=0) * (steps[1] - steps[0])
    shared = np.column_stack([np.interp(age, steps, way[:, k]) for k in range(3)])
    own = random.normal(size=(len(age), 3)) * (0.3 * source.growth_m * np.sqrt(age))[:, None]
    return np.asarray(shared + own)
