"""Which registered things lie near an observation, so that a stage gets what may matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import shapely
from shapely.geometry import shape

from enforcement import attribution
from enforcement import policy as law
from enforcement.errors import NoRuleInForce
from enforcement.place import Place
from enforcement.registry import BuildingSite, Enterprise, Outfall, RegistryFact
from geo.types import LonLat
from pipelines.attribute import SourceShape
from pipelines.clock import BEIJING
from pipelines.records import Observation
from pipelines.store import Store
from pipelines.store.read import registry
from pipelines.store.read.registry_index import LiveIndex, RegistryIndex

KINDS = (Enterprise.KIND, Outfall.KIND, BuildingSite.KIND)
"""What can be the source of something."""
REACH_SIGMAS = 3.0


@dataclass(frozen=True)
class Sources:
    """The registry's possible sources at one instant, in an index.

    `counts`: of each kind how many rows hold, and how many of them have no place.
    """

    index: RegistryIndex
    policy: law.Policy
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, as_of: datetime) -> Sources:
        """Everything in the registry that has a place and can be the source of something."""
        return cls(LiveIndex(store, KINDS).at(as_of), law.load(), registry.unplaced(store, as_of))

    def near(self, observation: Observation, as_of: datetime) -> tuple[SourceShape, ...]:
        """The sources of the kinds that this label can have, within its radius plus three sigma, by kind and key.

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
        reach_m = radius_m + REACH_SIGMAS * ground.sigma_major_m
        numbers, _ = self.index.around(LonLat(ground.lon, ground.lat), reach_m, kinds)
        return tuple(_source(self.index.facts[number]) for number in sorted(numbers))

    def unplaced(self, observation: Observation, as_of: datetime) -> float:
        """The share of what could be the source of this whose place is not known, to two digits; 0 where none is."""
        try:
            kinds = attribution.which_kinds(observation.label, policy=self.policy, on=day_of(observation, as_of))
        except NoRuleInForce:
            return 0.0
        told, without = (sum(self.counts.get(kind, (0, 0))[k] for kind in kinds) for k in (0, 1))
        return round(without / told, 2) if told else 0.0


def day_of(observation: Observation, as_of: datetime) -> date:
    """The Beijing day whose rules hold for an observation."""
    return (observation.observed_at or as_of).astimezone(BEIJING).date()


def _source(fact: RegistryFact) -> SourceShape:
    if not isinstance(fact, Enterprise | Outfall | BuildingSite) or fact.place is None:
        raise ValueError(f"{fact.KIND} {fact.key} is no source with a place")
    firm = fact.uscc if isinstance(fact, Enterprise) else fact.enterprise
    return SourceShape(fact.KIND, fact.key, firm, fact.name or fact.key, wkb_of(fact.place))


def wkb_of(place: Place) -> bytes:
    """A registered place as WKB in longitude, latitude."""
    return bytes(shapely.to_wkb(shape(place.to_geojson())))
