"""Weighing who could be the source of an observation.

The likelihood under the ellipse comes from `geo`, the law's part from `enforcement.attribution`. "None of the
registered ones" and "cannot tell" are answers like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import shapely

from enforcement import policy as law
from enforcement.attribution import Attribution, Evidence, attribute, search_radius_m, spread_m
from enforcement.errors import EnforcementError
from geo.crs import project
from geo.nearby import distances_m, source_likelihoods
from pipelines.clock import BEIJING
from pipelines.records import Done, GroundEllipse, Observation, Outcome, Refused


@dataclass(frozen=True, slots=True)
class SourceShape:
    """A registered thing that could be the source: `shape_wkb` in lon, lat; a point or an outline."""

    kind: str
    id: str
    enterprise: str | None
    name: str
    shape_wkb: bytes


@dataclass(frozen=True, slots=True)
class ObservationToAttribute:
    """A located observation with the registered things around it, as the registry stood on its day.

    `unplaced`: share of the registered things that could be its source whose place is not known.
    """

    observation: Observation
    sources: tuple[SourceShape, ...]
    unplaced: float = 0.0


@dataclass(frozen=True, slots=True)
class Attributed:
    """An observation's possible sources."""

    observation_id: str
    attribution: Attribution


def run(work: Iterable[ObservationToAttribute], *, as_of: datetime, run_id: str, settings: object) -> Iterator[Outcome]:
    """Attribute each observation to registered sources, to none of them, or say that this cannot be told.

    Yields, one for each observation and in its order, `Done(observation id, Attributed)`, or `Refused` where the
    observation has no place on the ground, or no rule was in force on its day (a camera with a dead clock).
    """
    rules = law.load()
    for item in work:
        ground = item.observation.ground
        if ground is None:
            yield Refused(item.observation.id, "observation_without_place", item.observation.reason or "")
            continue
        day = (item.observation.observed_at or as_of).astimezone(BEIJING).date()
        try:
            answer = _answer(item, ground, rules, day)
        except EnforcementError as error:
            yield Refused(item.observation.id, error.reason, error.detail or error.where)
            continue
        yield Done(item.observation.id, Attributed(item.observation.id, answer))


def _answer(item: ObservationToAttribute, ground: GroundEllipse, rules: law.Policy, day: date) -> Attribution:
    label = item.observation.label
    return attribute(
        label,
        evidence_of(ground, item.sources, spread_m(label, policy=rules, on=day)),
        search_radius_m=search_radius_m(label, policy=rules, on=day),
        sigma_major_m=ground.sigma_major_m,
        policy=rules,
        on=day,
        unplaced=item.unplaced,
    )


def evidence_of(ground: GroundEllipse, sources: Iterable[SourceShape], source_spread_m: float) -> tuple[Evidence, ...]:
    """What the place says of each source: its distance, and how dense the observation is over it (1/m²)."""
    sources = tuple(sources)
    if not sources:
        return ()
    shapes = [shapely.transform(shapely.from_wkb(s.shape_wkb), lambda c: project(c, ground.crs)) for s in sources]
    here = np.array([ground.x_m, ground.y_m])
    covariance = np.array([[ground.cov_xx_m2, ground.cov_xy_m2], [ground.cov_xy_m2, ground.cov_yy_m2]])
    density = source_likelihoods(here, covariance, shapes, spread_m=source_spread_m)
    apart = distances_m(here, shapes)
    return tuple(
        Evidence(
            kind=s.kind, id=s.id, enterprise=s.enterprise, name=s.name, distance_m=float(d), likelihood_per_m2=float(p)
        )
        for s, d, p in zip(sources, apart, density, strict=True)
    )
