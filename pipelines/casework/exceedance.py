"""The station's desk, first half: an exceedance is written down, and what was looked at before it is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from enforcement import policy as law
from enforcement.audit import Said, may_enter, may_look
from enforcement.registry import Enterprise, MonitorPoint, Permit
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.links import time_seen
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store, Tx, numbers
from pipelines.store.desk_records import OPEN, WRITTEN, AuditEvidence, DeskExceedance, DeskMatter
from pipelines.store.read import desk, registry
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import desk as write


def enter_exceedance(store: Store, said: Said, *, by: str | None, at: datetime, enterprise: str | None = None) -> Act:
    """Write down an exceedance that was read elsewhere, on the city's platform say.

    Args:
        store: the home.
        said: what was read.
        by: the account of the station, or None for the local owner.
        at: when; the rows in force on the day on which the exceedance began decide.
        enterprise: whose it is; None takes the firm of the registered monitor point.

    Returns:
        The exceedance's id, state `open`. The same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_enterprise`, `link_leads_nowhere` for a permit that is not registered, or
            what `enforcement.audit.may_enter` forbids.
    """
    with acting(store, by, "exceedance_enter", at) as (tx, user):
        where, name = may_enter(said, at, policy=law.load(), on=beijing_day(said.begin))
        if where == "permit" and name not in {one.permit_number for one in registry.ever(store, Permit, at)}:
            raise Refusal(f"permit:{name}", "link_leads_nowhere")
        point = _point(store, said.device, at)
        firm = _firm(store, enterprise, at) or (point.enterprise if point else None)
        one = DeskExceedance(
            "", WRITTEN, (point.mn if point else None) or said.device.strip(), point.code if point else "", firm,
            said.pollutant.strip(), said.period, said.begin, said.end, said.value, said.limit, said.below,
            said.unit.strip(), f"{where}:{name}", said.document.strip(), at, signed(user, at),
        )  # fmt: skip
        for before in desk.exceedances(tx, at):
            mine = before.signed is not None and before.signed.by == user.id
            if mine and replace(before, id="", known_at=at, signed=one.signed) == one:
                return Act(before.id, _state(tx, before.id, at), _entry(tx, before.id), True)
        one = replace(one, id=numbers.next_id(tx, "exceedance", at))
        write.insert_exceedance(tx, one, signed(user, at))
        payload = {
            "device": one.mn, "point": one.point, "enterprise": firm, "pollutant": one.pollutant, "period": one.period,
            "begin": one.begin.isoformat(), "end": one.end.isoformat(), "value": one.value, "limit": one.limit,
            "below": one.below, "unit": one.unit, "limit_link": one.limit_link, "document": one.document,
        }  # fmt: skip
        return Act(one.id, OPEN, noted(tx, user, at=at, kind="exceedance_entered", subject=one.id, payload=payload))


def record_evidence(
    store: Store,
    exceedance_id: str,
    kind: str,
    link: str,
    *,
    by: str | None,
    at: datetime,
    showed: str,
    seen_from: datetime | None = None,
) -> Act:
    """Record what the station's person looked at, and what it showed.

    Args:
        store: the home.
        exceedance_id: one that is not judged yet.
        kind: one of `enforcement.audit.EVIDENCE`.
        link: how it is found again: `monitor:MN`, `filing:ID`, `frame:ID`, `file:SHA256`, `document:…`.
        by: the account that looked, or None for the local owner.
        at: when it looked.
        showed: what it showed, in words.
        seen_from: when that was so, aware; None takes the time of what is linked, or of looking.

    Returns:
        The number of the evidence, state `open`; the same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_exceedance`, `report_issued_already`, `audit_evidence_unknown`,
            `link_unfit`, `link_leads_nowhere`, `reason_missing`, `seen_in_future`.
    """
    with acting(store, by, "audit_record", at) as (tx, user):
        matter = known_matter(tx, exceedance_id, at)
        where, name = may_look(kind, link, showed, policy=law.load(), on=beijing_day(at))
        shown = time_seen(store, where, name, at)
        seen = seen_from or shown
        if seen > at:
            raise Refusal(seen.isoformat(), "seen_in_future")
        one = AuditEvidence(0, exceedance_id, kind, f"{where}:{name}", seen, showed.strip(), signed(user, at))
        for before in matter.evidence:
            same = (before.kind, before.link, before.showed, before.signed.by)
            if same == (one.kind, one.link, one.showed, user.id):
                entry = first_entry_of_row(tx, "audit_evidence", str(before.id))
                return Act(str(before.id), matter.state, entry, True)
        if matter.delivery is not None:
            raise Refusal(exceedance_id, "report_issued_already", f"{matter.reports[-1].id} went to the brigade")
        number = write.insert_evidence(tx, one)
        payload = {"kind": kind, "link": one.link, "seen_from": seen.isoformat(), "showed": one.showed}
        entry = noted(tx, user, at=at, kind="audit_recorded", subject=exceedance_id, payload=payload)
        return Act(str(number), matter.state, entry)


def known_matter(tx: Tx, exceedance_id: str, at: datetime) -> DeskMatter:
    """An exceedance as it stands when somebody acts on it.

    Raises:
        Refusal: `unknown_exceedance`.
    """
    found = desk.matter(tx, exceedance_id, at)
    if found is None:
        raise Refusal(exceedance_id or "(empty)", "unknown_exceedance")
    return found


def _point(store: Store, device: str, at: datetime) -> MonitorPoint | None:
    """The monitor point of that number or code, as registered now."""
    found = [one for one in registry.facts(store, MonitorPoint, at) if device.strip() in (one.mn, one.code)]
    return found[0] if found else None


def _firm(store: Store, uscc: str | None, at: datetime) -> str | None:
    if uscc is not None and uscc not in {one.uscc for one in registry.facts(store, Enterprise, at)}:
        raise Refusal(uscc, "unknown_enterprise")
    return uscc


def _state(tx: Tx, exceedance_id: str, at: datetime) -> str:
    return known_matter(tx, exceedance_id, at).state


def _entry(tx: Tx, exceedance_id: str) -> int:
    return first_entry_of_row(tx, "written_exceedance", exceedance_id)
