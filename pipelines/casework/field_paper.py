"""The inspector's field sheet of a lead, empty to take along or as it was recorded."""

from __future__ import annotations

from datetime import datetime

from enforcement.registry import Enterprise, Filing, Permit
from pipelines.casework.lead import known_lead
from pipelines.casework.people import may_look
from pipelines.documents.field_sheet import Filled, Photo, Seen, Sheet, paper
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.case_records import FieldFinding
from pipelines.store.field_records import FieldRecord
from pipelines.store.read import alerts, field, people, registry


def field_sheet(store: Store, lead_id: str, *, by: str | None, at: datetime, record_id: str | None = None) -> bytes:
    """The sheet as PDF.

    Args:
        store: the home.
        lead_id: the lead that sends somebody there.
        by: who takes it out; None where nobody was named.
        at: now.
        record_id: a record of a visit on it; None gives the empty sheet.

    Raises:
        Refusal: the role may not look at cases, `unknown_lead`, `unknown_field_record`.
    """
    may_look(store, by, "cases", at=at)
    lead = known_lead(store, lead_id, at)
    filled, simulated = None, lead.simulated
    if record_id is not None:
        held = {one.id: (one, finding) for one, finding in field.records_with_findings(store, at, lead_id=lead.id)}
        if record_id not in held:
            raise Refusal(record_id or "(empty)", "unknown_field_record")
        filled = _filled(store, *held[record_id])
        simulated = simulated or held[record_id][0].signed.simulated
    firm = next((f for f in registry.ever(store, Enterprise, at)[::-1] if f.uscc == lead.enterprise_uscc), None)
    seen = [alerts.view(store, name, at).alert for name in lead.alert_ids]
    return paper(
        Sheet(
            lead.id, firm.name if firm else "", lead.enterprise_uscc or "", firm.address if firm else "", lead.reason,
            tuple(
                Seen(a.id, a.kind, a.observed_at, a.ground.lon, a.ground.lat, a.ground.sigma_major_m) for a in seen
            ),
            _permits(store, lead.enterprise_uscc, at), simulated, filled,
        )
    )  # fmt: skip


def _permits(store: Store, uscc: str | None, at: datetime) -> tuple[str, ...]:
    if uscc is None:
        return ()
    permits = [one.permit_number for one in registry.ever(store, Permit, at) if one.enterprise == uscc]
    filings = [
        f"{one.filing_id}（{one.filing_kind}）" for one in registry.ever(store, Filing, at) if one.enterprise == uscc
    ]
    return tuple(dict.fromkeys([*permits, *filings]))


def _filled(store: Store, record: FieldRecord, finding: FieldFinding) -> Filled:
    names = {account.id: account.name for account in people.users(store)}
    photos = tuple(
        Photo(
            one.name, one.taken_at, one.device,
            "" if one.lon is None or one.lat is None else f"{one.lon:.6f}\n{one.lat:.6f}", one.sha256,
        )
        for one in record.photos
    )  # fmt: skip
    return Filled(
        record.id, record.began_at, record.ended_at, tuple(names.get(one, one) for one in record.inspectors),
        record.identity_shown, record.notice_given, record.party, finding.found, finding.text, record.statement,
        record.signature, record.reason, photos,
    )  # fmt: skip
