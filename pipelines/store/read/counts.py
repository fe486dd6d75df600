"""How much a home holds."""

from __future__ import annotations

from pipelines.store.home import Store

TOTALS = """
SELECT
    (SELECT count(*) FROM file) AS files,
    (SELECT coalesce(sum(size_bytes), 0) FROM file) AS file_bytes,
    (SELECT count(*) FROM flight) AS flights,
    (SELECT count(DISTINCT file_sha256) FROM frame) AS images,
    (SELECT count(*) FROM frame) AS frames,
    (SELECT count(*) FROM track) AS tracks,
    (SELECT count(*) FROM detection WHERE superseded_by_run IS NULL) AS detections,
    (SELECT count(*) FROM observation WHERE superseded_by_run IS NULL) AS observations,
    (SELECT count(*) FROM observation WHERE superseded_by_run IS NULL AND status = 'ok') AS located,
    (SELECT count(*) FROM alert) AS alerts,
    (SELECT count(*) FROM alert AS a
        WHERE coalesce((SELECT coalesce(v.needs_second, 0) FROM verdict AS v
            WHERE v.alert_id = a.id AND v.undoes IS NULL
                AND v.id NOT IN (SELECT undoes FROM verdict WHERE undoes IS NOT NULL)
            ORDER BY v.at DESC, v.id DESC LIMIT 1), 1) = 1
        AND NOT EXISTS (SELECT 1 FROM lead_alert AS m WHERE m.alert_id = a.id
            AND m.lead_id NOT IN (SELECT lead_id FROM lead_close))) AS open_alerts,
    (SELECT count(*) FROM verdict) AS verdicts,
    (SELECT count(*) FROM lead) AS leads,
    (SELECT count(*) FROM lead WHERE id NOT IN (SELECT lead_id FROM lead_close)
        AND id NOT IN (SELECT lead_id FROM casefile)) AS open_leads,
    (SELECT count(*) FROM non_site_check) AS checks,
    (SELECT count(*) FROM casefile) AS cases,
    (SELECT count(DISTINCT week) FROM weekly_plan) AS weeks,
    (SELECT count(*) FROM registry_row WHERE superseded_at IS NULL) AS registry_facts,
    (SELECT count(*) FROM app_user) AS users,
    (SELECT count(*) FROM job WHERE state IN ('waiting', 'leased')) AS jobs_pending,
    (SELECT count(*) FROM job WHERE state = 'failed') AS jobs_failed,
    (SELECT count(*) FROM journal) AS journal_entries
"""
REGISTRY = "SELECT kind, count(*) AS facts FROM registry_row WHERE superseded_at IS NULL GROUP BY kind ORDER BY kind"


def totals(store: Store) -> dict[str, int]:
    """Counts of what is there now, by a plain name each."""
    row = store.row(TOTALS)
    return {} if row is None else dict(row)


def registry(store: Store) -> dict[str, int]:
    """How many registry facts of each kind are current."""
    return {row["kind"]: row["facts"] for row in store.rows(REGISTRY)}
