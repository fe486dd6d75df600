"""Detections on the ground, and which of them still wait for an alert."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from pipelines.records import Observation
from pipelines.store import rows
from pipelines.store.canonical import instant_or_none
from pipelines.store.home import Store

CURRENT = """
SELECT * FROM observation_span
WHERE CASE WHEN ?1 IS NULL THEN superseded_by_run IS NULL
    ELSE known_from <= ?1 AND (known_until IS NULL OR known_until > ?1) END
  AND (?2 IS NULL OR flight_id = ?2)
ORDER BY coalesce(observed_at, received_at), id
"""
UNLINKED = """
SELECT o.* FROM observation_span AS o
WHERE CASE WHEN ?1 IS NULL THEN o.superseded_by_run IS NULL
    ELSE o.known_from <= ?1 AND (o.known_until IS NULL OR o.known_until > ?1) END
AND NOT EXISTS (
    SELECT 1 FROM alert_observation AS l
    WHERE l.observation_id = o.id AND CASE WHEN ?1 IS NULL THEN l.ended_at IS NULL
        ELSE l.linked_at <= ?1 AND (l.ended_at IS NULL OR l.ended_at > ?1) END
)
ORDER BY coalesce(o.observed_at, o.received_at), o.id
"""
STALE_LINKS = """
SELECT l.alert_id, l.observation_id FROM alert_observation AS l
WHERE CASE WHEN ?1 IS NULL THEN l.ended_at IS NULL
    ELSE l.linked_at <= ?1 AND (l.ended_at IS NULL OR l.ended_at > ?1) END
AND NOT EXISTS (
    SELECT 1 FROM observation_span AS o
    WHERE o.id = l.observation_id AND CASE WHEN ?1 IS NULL THEN o.superseded_by_run IS NULL
        ELSE o.known_from <= ?1 AND (o.known_until IS NULL OR o.known_until > ?1) END
)
ORDER BY l.id
"""
OF_ALERT = """
SELECT o.* FROM alert_observation AS l
JOIN observation AS o ON o.row = (
    SELECT max(row) FROM observation WHERE id = l.observation_id AND (?1 IS NULL OR received_at <= ?1)
)
WHERE CASE WHEN ?1 IS NULL THEN l.ended_at IS NULL
    ELSE l.linked_at <= ?1 AND (l.ended_at IS NULL OR l.ended_at > ?1) END
  AND l.alert_id = ?2
ORDER BY coalesce(o.observed_at, o.received_at), o.id
"""


def current(store: Store, *, as_of: datetime | None = None, flight_id: str | None = None) -> list[Observation]:
    """The observations that are current, or were at an instant, in order of when they were seen.

    Those without a place are among them, with their reason.
    """
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
    """Of `current`, those that no alert holds, or held at that instant; also those without a place."""
    return [rows.observation_of(row) for row in store.rows(UNLINKED, (instant_or_none(as_of),))]


def stale_links(store: Store, *, as_of: datetime | None = None) -> list[tuple[str, str]]:
    """(alert id, observation id) of links that hold, or held at an instant, to what runs no longer found by then."""
    return [(row[0], row[1]) for row in store.rows(STALE_LINKS, (instant_or_none(as_of),))]


def of_alert(store: Store, alert_id: str, *, as_of: datetime | None = None) -> list[Observation]:
    """The observations that an alert holds, or held at an instant, in order of their instant."""
    return [rows.observation_of(row) for row in store.rows(OF_ALERT, (instant_or_none(as_of), alert_id))]
