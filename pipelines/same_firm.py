"""From the registry's facts to proposals of who is the same firm. The machine proposes; a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from enforcement import uscc
from enforcement.firm_keys import is_old_number, is_org_code
from enforcement.registry import BuildingSite, Complaint, Enterprise, Inspection, Permit, RegistryFact
from geo.crs import metric_crs_at, project
from geo.types import LonLat
from models.firms.entry import Entry
from models.firms.match import Proposal, propose

SPEAK_OF_FIRMS = (Enterprise, Permit, BuildingSite, Inspection, Complaint)
"""The kinds of rows that are, or name, a firm."""
KEYS_WITHOUT_CODE = ("reg-", "org-")


def proposals(facts: Iterable[RegistryFact], *, at_least: float) -> list[Proposal]:
    """Which entries are probably one firm.

    Args:
        facts: of the registry as it is held, decisions not applied.
        at_least: probability below which nothing is proposed.

    Returns:
        At most one proposal an entry, the surest first. Rows of one valid credit code are one firm already, and rows of
        two never are.
    """
    spoken = [fact for fact in facts if isinstance(fact, SPEAK_OF_FIRMS)]
    places = _places(spoken)
    entries = [_entry(fact, x, y) for fact, (x, y) in zip(spoken, places, strict=True)]
    return propose([entry for entry in entries if entry.name], at_least=at_least)


def _entry(fact: Any, x_m: float, y_m: float) -> Entry:
    firm = fact.uscc if isinstance(fact, Enterprise) else fact.enterprise or ""
    name = fact.builder if isinstance(fact, BuildingSite) else fact.name
    written = uscc.normalised(firm.partition("-")[2] if firm.startswith(KEYS_WITHOUT_CODE) else firm)
    return Entry(
        kind=fact.KIND,
        key=fact.key,
        name=name,
        former_names=getattr(fact, "former_names", ()),
        address="" if isinstance(fact, BuildingSite | Complaint) else getattr(fact, "address", ""),
        code=firm if uscc.is_valid(firm) else "",
        old_number=_first(is_old_number, getattr(fact, "old_number", ""), written),
        org_code=_first(is_org_code, getattr(fact, "org_code", ""), written),
        x_m=x_m,
        y_m=y_m,
    )


def _first(is_one: Any, *texts: str) -> str:
    return next((text for text in map(uscc.normalised, texts) if is_one(text)), "")


def _places(facts: Sequence[Any]) -> np.ndarray:
    """(n, 2) x east, y north in one metric CRS; NaN without a place, and for sites, whose builder sits elsewhere."""
    found = np.full((len(facts), 2), np.nan)
    rows = [i for i, fact in enumerate(facts) if isinstance(fact, Enterprise) and fact.place is not None]
    if rows:
        lonlat = np.array([[facts[i].place.lon, facts[i].place.lat] for i in rows])
        found[rows] = project(lonlat, metric_crs_at(LonLat(*np.median(lonlat, axis=0))))
    return found
