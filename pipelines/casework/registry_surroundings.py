"""What a file's places are held against: what is registered with a place, and the basemap's water and roads."""

from __future__ import annotations

from datetime import datetime

from enforcement.registry import KINDS
from pipelines.registry_import.surroundings import Surroundings, anchor_kinds, surroundings_of
from pipelines.store import Store
from pipelines.store.read import registry


def surroundings(store: Store, at: datetime) -> Surroundings:
    """The surroundings of a file that is being read, as known at an instant.

    What this very file placed before is among them: given again, it is read as it was.
    """
    facts = [fact for kind in anchor_kinds() for fact in registry.facts(store, KINDS[kind], at)]
    return surroundings_of(facts, registry.basemap(store))
