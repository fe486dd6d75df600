"""Detections on the ground, and which of them still wait for an alert."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from pipelines.records import Observation
from pipelines.store import rows
from pipelines.store.canonical import instant_or_none
from pipelines.store.home import Store

CURRENT = """
SELECT * FROM observation
WHERE superseded_by_run IS NULL AND (?1 IS NULL OR received_at <= ?1) AND (?2 IS NULL OR flight_id = ?2)
ORDER BY coalesce(observed_at, received_at), id
"""
UNLINKED = """
SELECT o.* FROM observation AS o
WHERE o.superseded_by_run IS NULL AND (?1 IS NULL OR o.received_at <= ?1) AND NOT EXISTS (
    SELECT 1 FROM alert_observation AS l WHERE l.observation_id = o.id AND l.ended_at IS NULL
)
ORDER BY coalesce(o.observed_at, o.received_at), o.id
"""
STALE_LINKS = """
SELECT l.alert_id, l.observation_id FROM alert_observation AS l
WHERE l.ended_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM observation AS o WHERE o.id = l.observation_id AND o.superseded_by_run IS NULL
)
ORDER BY l.id
"""
OF_ALERT = """
SELECT o.* FROM alert_observation AS l
JOIN observation AS o ON o.row = (SELECT max(row) FROM observation WHERE id = l.observation_id)
WHERE l.alert_id = ?1 AND (?2 IS NULL OR (l.linked_at <= ?2 AND (l.ended_at IS NULL OR l.ended_at > ?2)))
  AND (?2 IS NOT NULL OR l.ended_at IS NULL)
ORDER BY coalesce(o.observed_at, o.received_at), o.id
"""


def current(store: Store, *, as_of: datetime | None = None, flight_id: str | None = None) -> list[Observation]:
    """The current observations, in order of their instant; those without a place are among them, with their reason."""
    return [rows.observation_of(row) for row in store.rows(CURRENT, (instant_or_none(as_of), flight_id))]


def by_frame(
    store: Store, *, as_of: datetime | None = None, flight_id: str | None = None
) -> dict[str, list[Observation]]:
    """As `current`, by frame id."""
    found = defaultdict(list)
    for observation in current(store, as_of=as_of, flight_id=flight_id):
        found[observation.frame_id].append(observation)
    return dict(found)


def without_alert(store: Store, *, as_of: datetime | None = None) -> list[Observation]:
    """The current observations that no alert holds, in order of their instant; also those without a place."""
    return [rows.observation_of(row) for row in store.rows(UNLINKED, (instant_or_none(as_of),))]


def stale_links(store: Store) -> list[tuple[str, str]]:
    """(alert id, observation id) of links whose observation is no longer found by the current runs."""
    return [(row[0], row[1]) for row in store.rows(STALE_LINKS)]


def of_alert(store: Store, alert_id: str, *, as_of: datetime | None = None) -> list[Observation]:
    """The observations that an alert holds, or held at an instant, in order of their instant."""
    return [rows.observation_of(row) for row in store.rows(OF_ALERT, (alert_id, instant_or_none(as_of)))]
