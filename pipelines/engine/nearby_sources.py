"""Which registered things lie near an observation: a coarse cut by degrees, so that a stage gets what may matter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import shapely
from shapely.geometry import shape

from enforcement import attribution
from enforcement import policy as law
from enforcement.errors import NoRuleInForce
from enforcement.place import Place
from pipelines.attribute import SourceShape
from pipelines.clock import BEIJING
from pipelines.records import Observation
from pipelines.store import Store
from pipelines.store.read import registry

METRES_A_DEGREE = 111_000.0
"""A degree of latitude, rounded down: the cut may take a little too much, never too little."""


@dataclass(frozen=True)
class Sources:
    """The registry's possible sources at one instant, with their boxes in an index."""

    shapes: tuple[SourceShape, ...]
    tree: shapely.STRtree
    policy: law.Policy

    @classmethod
    def of(cls, store: Store, as_of: datetime) -> Sources:
        """Everything in the registry that has a place and can be the source of something."""
        shapes = tuple(_shapes(registry.at(store, as_of)))
        return cls(shapes, shapely.STRtree([shapely.from_wkb(s.shape_wkb) for s in shapes]), law.load())

    def near(self, observation: Observation, as_of: datetime) -> tuple[SourceShape, ...]:
        """The sources of the kinds that this label can have, within its radius plus three sigma, in registry order.

        None where no rule was in force that day: the stage refuses such an observation by that reason.
        """
        ground, on = observation.ground, day_of(observation, as_of)
        if ground is None:
            return ()
        try:
            radius_m = float(attribution.search_radius_m(observation.label, policy=self.policy, on=on))
            kinds = attribution.which_kinds(observation.label, policy=self.policy, on=on)
        except NoRuleInForce:
            return ()
        reach_m = radius_m + 3.0 * ground.sigma_major_m
        high = reach_m / METRES_A_DEGREE
        wide = high / max(0.05, math.cos(math.radians(ground.lat)))
        box = shapely.box(ground.lon - wide, ground.lat - high, ground.lon + wide, ground.lat + high)
        hits = np.sort(self.tree.query(box, predicate="intersects"))
        return tuple(self.shapes[i] for i in hits if self.shapes[i].kind in kinds)


def day_of(observation: Observation, as_of: datetime) -> date:
    """The Beijing day whose rules hold for an observation."""
    return (observation.observed_at or as_of).astimezone(BEIJING).date()


def _shapes(held: registry.Registry) -> list[SourceShape]:
    shapes = [
        *(SourceShape("site", s.site_id, s.enterprise, s.name, wkb_of(s.place)) for s in held.sites if s.place),
        *(SourceShape("enterprise", e.uscc, e.uscc, e.name, wkb_of(e.place)) for e in held.enterprises if e.place),
        *(
            SourceShape("outfall", o.code, o.enterprise, o.name or o.code, wkb_of(o.place))
            for o in held.outfalls
            if o.place
        ),
    ]
    return sorted(shapes, key=lambda s: (s.kind, s.id))


def wkb_of(place: Place) -> bytes:
    """A registered place as WKB in longitude, latitude."""
    return bytes(shapely.to_wkb(shape(place.to_geojson())))
