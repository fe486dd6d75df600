"""Alerts and their links. An alert never changes; a link ends, it is not deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pipelines.records import Alert, Provenance
from pipelines.store import rows
from pipelines.store.canonical import instant
from pipelines.store.transaction import Tx
from pipelines.store.write import sources

LINK_OBSERVATION = """
INSERT INTO alert_observation (alert_id, observation_id, linked_at, run_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
END_OBSERVATION = """
UPDATE alert_observation SET ended_at = ? WHERE alert_id = ? AND observation_id = ? AND ended_at IS NULL
"""
END_ATTRIBUTION = """
UPDATE alert_attribution SET ended_at = ? WHERE alert_id = ? AND attribution_id <> ? AND ended_at IS NULL
"""
LINK_ATTRIBUTION = """
INSERT INTO alert_attribution (alert_id, attribution_id, linked_at, run_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""


def insert_alerts(tx: Tx, alerts: Iterable[Alert], provenance: Provenance) -> None:
    """Write the machine's word; the hashes of its original and model come with its first observation's link.

    Raises:
        sqlite3.IntegrityError: an alert of that id is there already.
    """
    many = [rows.alert_cells(alert, provenance) for alert in alerts]
    if many:
        tx.executemany(rows.insert_statement("alert", many[0]), many)


def link_observations(tx: Tx, links: Iterable[tuple[str, str]], *, run_id: str, at: datetime) -> None:
    """Join observations to alerts, as (alert id, observation id). A link that is there stays as it is.

    An alert that is raised in this transaction gets the hashes of the original and the model behind its first one.
    """
    links, linked = list(links), instant(at)
    tx.executemany(LINK_OBSERVATION, ((alert_id, name, linked, run_id) for alert_id, name in links))
    tx.executemany(sources.FILL_ALERT, ((alert_id,) for alert_id in dict(links)))


def unlink_observations(tx: Tx, links: Iterable[tuple[str, str]], *, at: datetime) -> None:
    """End the links of observations to alerts, as (alert id, observation id)."""
    ended = instant(at)
    tx.executemany(END_OBSERVATION, ((ended, alert_id, name) for alert_id, name in links))


def set_attribution(tx: Tx, links: Sequence[tuple[str, str]], *, run_id: str, at: datetime) -> None:
    """Say which attribution holds for an alert from now on, as (alert id, attribution id); its other link ends."""
    now = instant(at)
    tx.executemany(END_ATTRIBUTION, ((now, alert_id, name) for alert_id, name in links))
    tx.executemany(LINK_ATTRIBUTION, ((alert_id, name, now, run_id) for alert_id, name in links))
