"""Who could be behind what was seen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from sqlite3 import Row

from enforcement.attribution import CANNOT_TELL, Attribution, Candidate
from pipelines.store.canonical import instant_or_none, to_json
from pipelines.store.home import Store
from pipelines.store.records import AttributionRow

CURRENT = """
SELECT * FROM attribution_span
WHERE CASE WHEN ?1 IS NULL THEN superseded_by_run IS NULL
    ELSE known_from <= ?1 AND (known_until IS NULL OR known_until > ?1) END
ORDER BY row
"""
BY_ID = """
SELECT * FROM attribution
WHERE row IN (
    SELECT max(row) FROM attribution
    WHERE id IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR received_at <= ?2) GROUP BY id
)
"""
CANDIDATES = """
SELECT * FROM attribution_candidate WHERE attribution_row IN (SELECT value FROM json_each(?))
ORDER BY attribution_row, rank
"""
NOT_ATTRIBUTED = Attribution((), 0.0, 1.0, CANNOT_TELL, None, "not_attributed_yet", ())
"""What is said of an alert whose sources were not weighed yet."""


def current(store: Store, *, as_of: datetime | None = None) -> dict[str, AttributionRow]:
    """The attribution of each observation that is current, or was at an instant, by observation id."""
    with store.snapshot():
        found = _built(store, store.rows(CURRENT, (instant_or_none(as_of),)))
    return {one.observation_id: one for one in found}


def by_id(store: Store, ids: Iterable[str], *, as_of: datetime | None = None) -> dict[str, AttributionRow]:
    """Attributions, current or not, by id, as they were written last, or last by an instant."""
    with store.snapshot():
        found = _built(store, store.rows(BY_ID, (to_json(sorted(set(ids))), instant_or_none(as_of))))
    return {one.id: one for one in found}


def _built(store: Store, heads: list[Row]) -> list[AttributionRow]:
    candidates = defaultdict(list)
    for row in store.rows(CANDIDATES, (to_json([head["row"] for head in heads]),)):
        candidates[row["attribution_row"]].append(_candidate(row))
    return [
        AttributionRow(head["id"], head["observation_id"], _attribution(head, candidates[head["row"]]))
        for head in heads
    ]


def _attribution(row: Row, candidates: list[Candidate]) -> Attribution:
    return Attribution(
        candidates=tuple(candidates),
        none_registered=row["none_registered"],
        cannot_tell=row["cannot_tell"],
        answer=row["answer"],
        named=row["named"],
        reason=row["reason"],
        rules=tuple(json.loads(row["rules"])),
    )


def _candidate(row: Row) -> Candidate:
    return Candidate(
        kind=row["kind"],
        id=row["source_id"],
        enterprise=row["enterprise_uscc"],
        name=row["name"],
        distance_m=row["distance_m"],
        likelihood_per_m2=row["likelihood_per_m2"],
        probability=row["probability"],
        why=tuple(json.loads(row["why"])),
    )
