"""Does a link lead somewhere in this home, when was what it shows, and which firm stands behind a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from enforcement.registry import Complaint, Enterprise, Filing, MonitorPoint, Permit
from pipelines.casework.acting import alert_known
from pipelines.errors import Refusal
from pipelines.records import AlertView
from pipelines.store import Store
from pipelines.store.errors import UnknownRow
from pipelines.store.read import alerts, cases, frames, registry, weekly


def time_seen(store: Store, where: str, name: str, at: datetime) -> datetime:
    """When what a link leads to was so: a picture's time, an alert's; of all else, when it was looked at.

    Args:
        store: the home.
        where: the word before the colon of the link.
        name: what follows it.
        at: when it is looked at; what came later is not there yet.

    Raises:
        Refusal: `link_leads_nowhere`.
    """
    return LEADS_TO[where](store, name, at)


def firm_behind(store: Store, basis: str, ref: str, enterprise: str | None, at: datetime) -> str | None:
    """The firm that a check concerns: the one given, else the one that its basis names, else None.

    Raises:
        Refusal: `unknown_alert`, `unknown_week`, `plan_names_not`, `unknown_complaint`, `reason_missing`,
            `unknown_enterprise`.
    """
    if enterprise is not None and enterprise not in {f.uscc for f in registry.facts(store, Enterprise, at)}:
        raise Refusal(enterprise, "unknown_enterprise")
    named = BEHIND[basis](store, ref, enterprise, at)
    return enterprise if enterprise is not None else named


def named_by(view: AlertView) -> str | None:
    """The firm that an alert's attribution names."""
    if view.attribution.answer != "named":
        return None
    return next((c.enterprise for c in view.attribution.candidates if c.id == view.attribution.named), None)


def _alert(store: Store, name: str, at: datetime) -> datetime:
    try:
        return min(alert_known(store, name, at).observed_at, at)
    except Refusal as refusal:
        raise Refusal(f"alert:{name}", "link_leads_nowhere") from refusal


def _frame(store: Store, name: str, at: datetime) -> datetime:
    try:
        frame = frames.get(store, name)
    except UnknownRow as error:
        raise Refusal(f"frame:{name}", "link_leads_nowhere") from error
    if frame.received_at > at:
        raise Refusal(f"frame:{name}", "link_leads_nowhere")
    return min(frame.observed_at or frame.received_at, at)


def _file(store: Store, name: str, at: datetime) -> datetime:
    received = cases.file_received(store, name)
    if received is None or received > at:
        raise Refusal(f"file:{name}", "link_leads_nowhere")
    return received


def _permit(store: Store, name: str, at: datetime) -> datetime:
    if name not in {one.permit_number for one in registry.ever(store, Permit, at)}:
        raise Refusal(f"permit:{name}", "link_leads_nowhere")
    return at


def _filing(store: Store, name: str, at: datetime) -> datetime:
    if name not in {one.filing_id for one in registry.ever(store, Filing, at)}:
        raise Refusal(f"filing:{name}", "link_leads_nowhere")
    return at


def _monitor(store: Store, name: str, at: datetime) -> datetime:
    point = name.partition("@")[0]
    if point not in {known for one in registry.ever(store, MonitorPoint, at) for known in (one.mn, one.code)}:
        raise Refusal(f"monitor:{name}", "link_leads_nowhere")
    return at


def _document(store: Store, name: str, at: datetime) -> datetime:
    """A number outside of this home: nobody here can follow it, and the record says what it is called."""
    del store, name
    return at


LEADS_TO: Mapping[str, Callable[[Store, str, datetime], datetime]] = {
    "alert": _alert,
    "frame": _frame,
    "file": _file,
    "permit": _permit,
    "filing": _filing,
    "monitor": _monitor,
    "document": _document,
}
"""Every word before the colon that the row `check_looked_at` may name."""


def _of_alert(store: Store, ref: str, firm: str | None, at: datetime) -> str | None:
    del firm
    return named_by(alerts.view(store, alert_known(store, ref, at).id, at))


def _of_plan(store: Store, ref: str, firm: str | None, at: datetime) -> str | None:
    plan = weekly.latest(store, ref, as_of=at)
    if plan is None or plan.state != "frozen":
        raise Refusal(ref or "(empty)", "unknown_week")
    if firm is None or firm not in {target.enterprise for target in plan.targets}:
        raise Refusal(firm or "(no firm)", "plan_names_not", ref)
    return firm


def _of_complaint(store: Store, ref: str, firm: str | None, at: datetime) -> str | None:
    del firm
    found = [one for one in registry.ever(store, Complaint, at) if one.complaint_id == ref]
    if not found:
        raise Refusal(ref or "(empty)", "unknown_complaint")
    return found[-1].enterprise


def _of_clue(store: Store, ref: str, firm: str | None, at: datetime) -> str | None:
    del store, at
    if not ref.strip():
        raise Refusal("clue", "reason_missing", "say what the clue is")
    return firm


BEHIND: Mapping[str, Callable[[Store, str, str | None, datetime], str | None]] = {
    "alert": _of_alert,
    "plan": _of_plan,
    "complaint": _of_complaint,
    "clue": _of_clue,
}
"""Every basis that the row `check_bases` may name."""
