"""A look over the registry for entries that may be one firm: machine work that a person asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from enforcement.registry import RegistryFact
from pipelines import same_firm
from pipelines.casework.acting import acting, noted
from pipelines.records import Act
from pipelines.settings import Settings
from pipelines.store import Store
from pipelines.store.read import registry
from pipelines.store.read.journal import last_entry_of_kind
from pipelines.store.records import FirmPair
from pipelines.store.write.same_firm import replace_proposals
from pipelines.version import code_identity


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found: all proposals now standing, how many of them are new, and how many ended."""

    act: Act
    standing: int
    new: int
    ended: int


def look(store: Store, *, by: str | None, at: datetime, settings: Settings) -> Looked:
    """Compare all entries of the registry and keep the proposals; the same registry again changes nothing.

    Raises:
        Refusal: the role may not.
    """
    facts: list[RegistryFact] = [
        cast(RegistryFact, fact) for kind in same_firm.SPEAK_OF_FIRMS for fact in registry.held(store, kind, at)
    ]
    found = same_firm.proposals(facts, at_least=settings.registry.same_firm_at_least)
    pairs = [
        FirmPair(
            one.entry.id,
            one.keep.id,
            round(one.probability, 6),
            tuple(
                {"kind": p.kind, "found": p.found, "weight": round(p.weight, 3), "left": p.left, "right": p.right}
                for p in one.evidence
            ),
        )
        for one in found
    ]
    with acting(store, by, "firm_look", at) as (tx, user):
        new, ended = replace_proposals(tx, pairs, code_version=code_identity(), at=at)
        if not tx.touched():
            before = last_entry_of_kind(tx, "duplicates", "firms_looked_over")
            return Looked(Act("duplicates", "unchanged", before, unchanged=True), len(pairs), 0, 0)
        payload = {"standing": len(pairs), "new": new, "ended": ended}
        entry = noted(tx, user, at=at, kind="firms_looked_over", subject="duplicates", payload=payload)
        return Looked(Act("duplicates", "proposed", entry), len(pairs), new, ended)
