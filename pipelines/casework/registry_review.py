"""What an office should mend in its rows, as the home knows them at an instant. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from enforcement.registry import KINDS, Complaint, Inspection
from pipelines.casework.registry_imports import outline
from pipelines.registry_quality import Finding, Known, RowAtFault, review
from pipelines.settings import RegistryQualitySettings
from pipelines.store import Store
from pipelines.store.read import registry, registry_imports
from pipelines.store.read.registry import day_of
from pipelines.store.read.registry_imports import SourceFile

EVENTS = (Inspection, Complaint)
NOBODY = SourceFile("", "")


@dataclass(frozen=True, slots=True)
class Review:
    """The findings, and for the SHA-256 of each file its name and office."""

    as_of: datetime
    findings: tuple[Finding, ...]
    sources: dict[str, SourceFile]

    def source_of(self, row: RowAtFault) -> SourceFile:
        """The file of a row; without name and office where the row stands for a whole kind."""
        return self.sources.get(row.source_sha256, NOBODY)


def review_registry(store: Store, as_of: datetime, settings: RegistryQualitySettings) -> Review:
    """Look the whole registry over, as it was known at an instant."""
    with store.snapshot():
        facts = [fact for kind in KINDS.values() if kind not in EVENTS for fact in registry.ever(store, kind, as_of)]
        known = Known(
            facts=facts,
            on=day_of(as_of),
            district=outline(store, as_of),
            heard=registry_imports.news(store, as_of),
            settings=settings,
        )
        sources = registry_imports.sources(store)
    return Review(as_of, tuple(review(known)), sources)
