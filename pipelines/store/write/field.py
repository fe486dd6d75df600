"""Rows of visits and of the city's platform. Only `casework` calls these; a row is added, none changes."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.store import rows
from pipelines.store.canonical import instant, instant_or_none, to_json
from pipelines.store.case_records import Signed
from pipelines.store.field_records import FieldRecord, PlatformImport, PlatformRecord
from pipelines.store.transaction import Tx


def insert_record(tx: Tx, record: FieldRecord) -> None:
    """Write a visit's record with its photographs; finding and originals are written already."""
    cells: dict[str, object] = {
        "id": record.id, "finding_id": record.finding_id, "lead_id": record.lead_id,
        "began_at": instant(record.began_at), "ended_at": instant(record.ended_at),
        "inspectors": to_json(list(record.inspectors)), "identity_shown": int(record.identity_shown),
        "notice_given": int(record.notice_given), "party": record.party, "statement": record.statement,
        "signature": record.signature, "reason": record.reason, "rules": to_json(list(record.rules)),
        **_signed(record.signed),
    }  # fmt: skip
    tx.execute(rows.insert_statement("field_record", cells), cells)
    for photo in record.photos:
        more: dict[str, object] = {
            "record_id": record.id, "file_sha256": photo.sha256, "name": photo.name,
            "taken_at": instant_or_none(photo.taken_at), "device": photo.device, "lon": photo.lon, "lat": photo.lat,
            "at": instant(record.signed.at),
        }  # fmt: skip
        tx.execute(rows.insert_statement("field_photo", more), more)


def insert_import(tx: Tx, one: PlatformImport, records: Sequence[PlatformRecord]) -> None:
    """Write what a file of the platform said, row by row; both files are written already."""
    cells: dict[str, object] = {
        "id": one.id, "kind": one.kind, "file_sha256": one.file_sha256, "mapping_sha256": one.mapping_sha256,
        "columns": to_json(list(one.columns)), "rows": one.rows, **_signed(one.signed),
    }  # fmt: skip
    tx.execute(rows.insert_statement("platform_import", cells), cells)
    for position, record in enumerate(records):
        more: dict[str, object] = {
            "import_id": one.id, "position": position, "kind": record.kind, "key": record.key,
            "content": to_json(dict(record.content)), "others": to_json(dict(record.others)),
            "at": instant(one.signed.at),
        }  # fmt: skip
        tx.execute(rows.insert_statement("platform_record", more), more)


def _signed(signed: Signed) -> dict[str, object]:
    return {"by": signed.by, "role": signed.role, "at": instant(signed.at), "simulated": int(signed.simulated)}
