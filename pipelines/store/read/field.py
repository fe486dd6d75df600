"""Records of visits, and what the city's platform sent, as they stood at an instant."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from sqlite3 import Row

from pipelines.store.canonical import from_instant, from_instant_or_none, instant
from pipelines.store.case_records import FieldFinding
from pipelines.store.field_records import FieldPhoto, FieldRecord, PlatformImport, PlatformRecord
from pipelines.store.read import checks
from pipelines.store.read.checks import signed_of
from pipelines.store.transaction import Asked

RECORDS = "SELECT * FROM field_record WHERE at <= ?1 AND (?2 IS NULL OR lead_id = ?2) ORDER BY at, id"
PHOTOS = "SELECT * FROM field_photo WHERE at <= ? ORDER BY id"
IMPORTS = "SELECT * FROM platform_import WHERE at <= ? ORDER BY at, id"
OF_IMPORT = "SELECT * FROM platform_record WHERE import_id = ? ORDER BY position"


def records(asked: Asked, as_of: datetime, *, lead_id: str | None = None) -> list[FieldRecord]:
    """The records of visits written by an instant, oldest first; also inside a transaction."""
    photos: defaultdict[str, list[FieldPhoto]] = defaultdict(list)
    for row in asked.rows(PHOTOS, (instant(as_of),)):
        taken = from_instant_or_none(row["taken_at"])
        photo = FieldPhoto(row["file_sha256"], row["name"], taken, row["device"], row["lon"], row["lat"])
        photos[row["record_id"]].append(photo)
    return [_record(row, photos[row["id"]]) for row in asked.rows(RECORDS, (instant(as_of), lead_id))]


def records_with_findings(asked: Asked, as_of: datetime, *, lead_id: str) -> list[tuple[FieldRecord, FieldFinding]]:
    """The records of visits that a lead led to, each with what was found."""
    found = {one.id: one for one in checks.findings(asked, as_of, lead_id=lead_id)}
    return [(one, found[one.finding_id]) for one in records(asked, as_of, lead_id=lead_id)]


def imports(asked: Asked, as_of: datetime) -> list[PlatformImport]:
    """The files of the platform that came in by an instant, oldest first."""
    return [
        PlatformImport(
            row["id"], row["kind"], row["file_sha256"], row["mapping_sha256"], tuple(json.loads(row["columns"])),
            row["rows"], signed_of(row)
        )
        for row in asked.rows(IMPORTS, (instant(as_of),))
    ]  # fmt: skip


def platform_records(asked: Asked, import_id: str) -> list[PlatformRecord]:
    """The rows of such a file, in its order."""
    return [
        PlatformRecord(row["kind"], row["key"], json.loads(row["content"]), json.loads(row["others"]))
        for row in asked.rows(OF_IMPORT, (import_id,))
    ]


def _record(row: Row, photos: list[FieldPhoto]) -> FieldRecord:
    return FieldRecord(
        row["id"], row["finding_id"], row["lead_id"], from_instant(row["began_at"]), from_instant(row["ended_at"]),
        tuple(json.loads(row["inspectors"])), bool(row["identity_shown"]), bool(row["notice_given"]), row["party"],
        row["statement"], row["signature"], row["reason"], tuple(json.loads(row["rules"])), signed_of(row),
        tuple(photos),
    )  # fmt: skip
