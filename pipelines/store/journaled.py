"""Which tables the journal answers for, and the triggers that note every row written to them.

The triggers live in the connection (TEMP), so whatever code of ours writes a row, its transaction knows; and none of
ours can delete one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

KEYS = {
    "alert": "id",
    "alert_attribution": "id",
    "alert_observation": "id",
    "alert_seen": "id",
    "app_user": "id",
    "attribution": "row",
    "attribution_candidate": "id",
    "audit_evidence": "id",
    "audit_report": "id",
    "basemap_layer": "id",
    "case_evidence": "id",
    "case_opinion": "id",
    "case_review": "id",
    "case_step": "id",
    "casefile": "id",
    "check_close": "id",
    "check_item": "id",
    "check_recheck": "id",
    "clock_change": "id",
    "derived_file": "id",
    "detection": "row",
    "district": "id",
    "duty_event": "id",
    "duty_reason": "id",
    "duty_reminder": "id",
    "exceedance": "row",
    "field_finding": "id",
    "field_photo": "id",
    "field_record": "id",
    "file": "sha256",
    "firm_decision": "id",
    "firm_proposal": "id",
    "flight": "id",
    "flight_file": "id",
    "flight_geometry": "id",
    "flight_papers": "id",
    "frame": "id",
    "frame_footprint": "id",
    "frame_pose": "id",
    "fused_place": "id",
    "fused_sight": "id",
    "lead": "id",
    "lead_alert": "id",
    "lead_basis": "id",
    "lead_close": "id",
    "mark": "id",
    "monitor_clue": "row",
    "non_site_check": "id",
    "observation": "row",
    "platform_import": "id",
    "platform_record": "id",
    "raw_segment": "name",
    "receipt": "id",
    "refusal": "id",
    "refused_act": "id",
    "report_delivery": "id",
    "report_file": "id",
    "registry_import": "id",
    "registry_mapping": "id",
    "registry_repeat": "import_id",
    "registry_row": "id",
    "registry_undo": "id",
    "run": "id",
    "task": "id",
    "task_item": "id",
    "task_judgement": "id",
    "task_step": "id",
    "track": "file_sha256",
    "verdict": "id",
    "weekly_exempt": "id",
    "weekly_plan": "id",
    "weekly_target": "id",
    "work_done": "id",
    "written_exceedance": "id",
}
"""Each journaled table with its key column. Not among them: `job` (leases come and go) and the journal itself."""

TOUCHED = """
CREATE TEMP TABLE touched (
    table_name TEXT NOT NULL, row_id TEXT NOT NULL, PRIMARY KEY (table_name, row_id)
) WITHOUT ROWID
"""
NOTE = """
CREATE TEMP TRIGGER note_{event}_{table} AFTER {event} ON main."{table}" BEGIN
    INSERT OR IGNORE INTO touched VALUES ('{table}', NEW."{key}");
END
"""
KEEP = """
CREATE TEMP TRIGGER keep_{table} BEFORE DELETE ON main."{table}" BEGIN
    SELECT RAISE(ABORT, 'rows of {table} are never deleted');
END
"""
KEEP_ENTRY = """
CREATE TEMP TRIGGER keep_{event}_{table} BEFORE {event} ON main."{table}" BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END
"""


def watch(connection: sqlite3.Connection) -> None:
    """Note from now on, in the TEMP table `touched`, each row that this connection writes to a journaled table."""
    connection.execute(TOUCHED)
    for table, key in KEYS.items():
        for event in ("INSERT", "UPDATE"):
            connection.execute(NOTE.format(event=event, table=table, key=key))
        connection.execute(KEEP.format(table=table))
    for table in ("journal", "journal_row"):
        for event in ("UPDATE", "DELETE"):
            connection.execute(KEEP_ENTRY.format(event=event, table=table))


def select_touched(table: str) -> str:
    """The statement that reads the rows of a journaled table that stand in `touched`."""
    key = KEYS[table]
    return (
        f'SELECT t.* FROM touched JOIN main."{table}" AS t ON t."{key}" = touched.row_id '  # noqa: S608 - names are from the table above
        f"WHERE touched.table_name = '{table}'"
    )


def select_all(table: str) -> str:
    """The statement that reads a journaled table whole."""
    return f'SELECT * FROM "{table}"'  # noqa: S608 - the name is from the table above


def tables() -> Iterator[tuple[str, str]]:
    """The journaled tables, each with its key column."""
    yield from KEYS.items()
