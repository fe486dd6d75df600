"""Our records for the city's platform 移动执法, and what it sends: kept as it said it; nothing of ours moves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipelines.casework.acting import acting, noted, signed
from pipelines.casework.people import may_look
from pipelines.documents import platform
from pipelines.documents.platform import KEY, Row, mapping_of
from pipelines.errors import Refusal
from pipelines.records import Act, StoredFile
from pipelines.store import Store, files, numbers
from pipelines.store.case_records import Signed
from pipelines.store.field_records import PlatformImport, PlatformRecord
from pipelines.store.read import alerts, cases, checks, field
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import field as write
from pipelines.store.write import flights

IMPORTED = "imported"


def export_records(
    store: Store, kind: str, mapping: bytes, *, by: str | None, at: datetime, import_id: str | None = None
) -> tuple[bytes, int]:
    """A file for the platform, and how many records it holds.

    Args:
        store: the home.
        kind: one of `documents.platform.KINDS`.
        mapping: the mapping file.
        by: who takes it out; None where nobody was named.
        at: as known then.
        import_id: instead of our records those that an import brought, with the columns of that file.

    Raises:
        Refusal: the role may not look at cases, `platform_kind_unknown`, `mapping_unfit`, `mapping_loses`,
            `unknown_platform_import`.
    """
    may_look(store, by, "cases", at=at)
    read = mapping_of(mapping, kind)
    columns: tuple[str, ...] = ()
    if import_id is None:
        rows = [Row(one) for one in OURS[kind](store, at)]
    else:
        held = next((one for one in field.imports(store, at) if (one.id, one.kind) == (import_id, kind)), None)
        if held is None:
            raise Refusal(import_id or "(empty)", "unknown_platform_import")
        rows = [Row(one.content, one.others) for one in field.platform_records(store, held.id)]
        columns = held.columns
    return platform.written(rows, read, columns), len(rows)


def import_records(
    store: Store, kind: str, content: bytes, name: str, mapping: bytes, *, by: str | None, at: datetime
) -> Act:
    """Take a file of the platform in: file and mapping as originals, its rows as it said them.

    Args:
        store: the home.
        kind: one of `documents.platform.KINDS`.
        content: the file.
        name: its name.
        mapping: the mapping file by which it is read.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The import's id, state `imported`; the same file by the same mapping again gives the earlier entry.

    Raises:
        Refusal: the role may not, `platform_kind_unknown`, `mapping_unfit`, `platform_file_unfit`.
    """
    with acting(store, by, "platform_import", at) as (tx, user):
        rows, columns = platform.read(content, mapping_of(mapping, kind))
        hashes = hashlib.sha256(content).hexdigest(), hashlib.sha256(mapping).hexdigest()
        for before in field.imports(tx, at):
            if (before.kind, before.file_sha256, before.mapping_sha256) == (kind, *hashes):
                return Act(before.id, IMPORTED, first_entry_of_row(tx, "platform_import", before.id), True)
        for one, sha256, called in zip((content, mapping), hashes, (name, "mapping.toml"), strict=True):
            files.hold(store, one, sha256)
            flights.insert_files(tx, None, [StoredFile(sha256, len(one), called, "text/plain", at)])
        made = PlatformImport(
            numbers.next_id(tx, "platform_import", at), kind, *hashes, tuple(columns), len(rows), signed(user, at)
        )
        write.insert_import(tx, made, [PlatformRecord(kind, str(r.content[KEY]), r.content, r.others) for r in rows])
        payload = {"kind": kind, "file": name, "records": len(rows), "sha256": hashes[0], "mapping_sha256": hashes[1]}
        return Act(
            made.id, IMPORTED, noted(tx, user, at=at, kind="platform_imported", subject=made.id, payload=payload)
        )


def _leads(store: Store, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id, "state": one.state, "enterprise": one.enterprise_uscc, "next_step": one.next_step,
            "alerts": list(one.alert_ids), "reason": one.reason, "by": one.by, "at": one.at.isoformat(),
            "simulated": one.simulated,
        }
        for one in alerts.leads(store, at)
    ]  # fmt: skip


def _checks(store: Store, at: datetime) -> list[dict[str, Any]]:
    found = []
    for one in checks.checks(store, at):
        done = one.closing
        row = {
            "id": one.id, "basis": one.basis, "basis_ref": one.basis_ref, "enterprise": one.enterprise_uscc,
            "reason": one.reason, "state": one.state, **_signed(one.signed),
            "items": [
                {
                    "kind": i.kind, "link": i.link, "seen_from": i.seen_from.isoformat(), "showed": i.showed,
                    **_signed(i.signed),
                }
                for i in one.items
            ],
        }  # fmt: skip
        if done is not None:
            row |= {
                "judgement": done.judgement, "next_step": done.next_step, "within_days": done.within_days,
                "closed_reason": done.reason, "closed_by": done.signed.by, "closed_at": done.signed.at.isoformat(),
            }  # fmt: skip
        found.append(row)
    return found


def _findings(store: Store, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id, "lead": one.lead_id, "alert": one.alert_id, "found": one.found, "really": one.really,
            "text": one.text, "seen_on": one.seen_on.isoformat(), **_signed(one.signed),
        }
        for one in checks.findings(store, at)
    ]  # fmt: skip


def _cases(store: Store, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id, "lead": one.lead_id, "state": one.state, "party": one.party, "marks": sorted(one.marked),
            **_signed(one.signed),
            "steps": [
                {"number": s.number, "step": s.step, "to": s.to_state, "document": s.document, "reason": s.reason,
                 **_signed(s.signed)}
                for s in one.steps
            ],
        }
        for one in cases.cases(store, at)
    ]  # fmt: skip


def _tasks(store: Store, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id, "kind": one.kind, "assigned_to": one.assigned_to, "subject": one.subject, "text": one.text,
            "due_on": None if one.due_on is None else one.due_on.isoformat(), **_signed(one.signed),
        }
        for one in cases.tasks(store, at)
    ]  # fmt: skip


def _signed(one: Signed) -> dict[str, Any]:
    return {"by": one.by, "role": one.role, "at": one.at.isoformat(), "simulated": one.simulated}


OURS: Mapping[str, Callable[[Store, datetime], Sequence[Mapping[str, Any]]]] = {
    "lead": _leads,
    "check": _checks,
    "finding": _findings,
    "case": _cases,
    "task": _tasks,
}
"""How our records of each kind are gathered."""
