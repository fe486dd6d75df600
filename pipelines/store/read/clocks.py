"""What clocks run for, and what people did to them, as known at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from enforcement import policy as law
from enforcement.clocks import Change, Matter
from enforcement.errors import NoRuleInForce
from enforcement.registry import Enterprise
from pipelines.store.canonical import from_instant, instant
from pipelines.store.home import Store
from pipelines.store.read import cases, checks, desk, registry
from pipelines.store.read.registry import day_of
from pipelines.store.transaction import Asked

LEADS = "SELECT id, at FROM lead WHERE at <= ? ORDER BY at, id"
PARTY_OF_LEAD = "SELECT id, enterprise_uscc FROM lead WHERE at <= ?"
LAST_SEEN = """
SELECT m.lead_id, max(min(coalesce(o.observed_at, a.observed_at), a.received_at)) AS seen, max(a.received_at) AS learnt
FROM lead_alert AS m JOIN alert AS a ON a.id = m.alert_id
LEFT JOIN alert_observation AS l
    ON l.alert_id = a.id AND l.linked_at <= ?1 AND (l.ended_at IS NULL OR l.ended_at > ?1)
LEFT JOIN observation AS o ON o.row = (
    SELECT max(row) FROM observation WHERE id = l.observation_id AND received_at <= ?1
)
GROUP BY m.lead_id
"""
CHANGES = "SELECT * FROM clock_change WHERE at <= ? ORDER BY id"
ENDS = ("filed", "declined")


def matters(store: Store, as_of: datetime) -> list[Matter]:
    """Every lead, received report, case, rectification and exceedance with the Beijing days of what happened."""
    with store.snapshot():
        filed = {one.lead_id: one for one in cases.cases(store, as_of)}
        ended = {lead: {"filed": day_of(one.steps[0].signed.at)} for lead, one in filed.items()}
        for lead, close in cases.closes(store, as_of).items():
            ended.setdefault(lead, {})["declined"] = day_of(close.signed.at)
        held = {lead: one.id for lead, one in filed.items()}
        return [
            *_leads(store, as_of, ended, held),
            *_reports(store, as_of, ended, held),
            *(_case(one) for one in filed.values()),
            *_checks(store, as_of),
            *_exceedances(store, as_of),
        ]


def parties(store: Store, as_of: datetime) -> dict[str, str]:
    """The credit code of the firm that a lead, report, case or check concerns, by its id, where it has one."""
    now = instant(as_of)
    with store.snapshot():
        named = [(row["id"], row["enterprise_uscc"]) for row in store.rows(PARTY_OF_LEAD, (now,))]
        named += [(one.id, one.party) for one in cases.cases(store, as_of)]
        named += [(one.id, one.enterprise_uscc) for one in cases.reports(store, as_of)]
        named += [(one.id, one.enterprise_uscc) for one in checks.checks(store, as_of)]
        named += [(one.id, one.enterprise_uscc) for one in desk.exceedances(store, as_of)]
    return {subject: firm for subject, firm in named if firm}


def firm_names(store: Store, as_of: datetime) -> dict[str, str]:
    """What firms were called, by credit code, as known at an instant."""
    return {firm.uscc: firm.name for firm in registry.ever(store, Enterprise, as_of)}


def changes(asked: Asked, as_of: datetime) -> list[Change]:
    """What was done to clocks by an instant, in order; also inside a transaction."""
    return [
        Change(
            kind=row["kind"],
            subject=row["subject"],
            rule=row["rule"],
            day=date.fromisoformat(row["day"]),
            days=row["days"],
            counting=row["counting"],
            reason=row["reason"],
            document=row["document"],
        )
        for row in asked.rows(CHANGES, (instant(as_of),))
    ]


def _leads(store: Store, as_of: datetime, ended: dict[str, dict[str, date]], held: dict[str, str]) -> Iterable[Matter]:
    now = instant(as_of)
    sights = {row["lead_id"]: (row["seen"], row["learnt"]) for row in store.rows(LAST_SEEN, (now,))}
    marks = cases.marks_of(store, as_of)
    others = _other_sights(store, as_of)
    for row in store.rows(LEADS, (now,)):
        lead, opened = row["id"], day_of(from_instant(row["at"]))
        days = [_plausible(*sights[lead])] if lead in sights else []
        seen = max([*days, *others.get(lead, ())], default=opened)
        seen = min([seen, opened, *ended.get(lead, {}).values()])
        last = {mark.name: mark.holds for mark in (*marks.get(lead, ()), *marks.get(held.get(lead, ""), ()))}
        holding = frozenset(name for name, holds in last.items() if holds)
        events = {"opened": opened, "last_seen": seen, **ended.get(lead, {})}
        yield Matter("lead", lead, events, holding, case=held.get(lead))


def _plausible(seen: str, learnt: str) -> date:
    """The day on which something was last seen; of a camera whose clock no law reaches, the day it was learnt."""
    day = day_of(from_instant(seen))
    try:
        law.load().at("limitation", day)
    except NoRuleInForce:
        return day_of(from_instant(learnt))
    return day


def _other_sights(store: Store, as_of: datetime) -> dict[str, list[date]]:
    """By lead, when what its checks looked at was so, and when its reports were issued."""
    found: defaultdict[str, list[date]] = defaultdict(list)
    looked = {one.id: [day_of(item.seen_from) for item in one.items] for one in checks.checks(store, as_of)}
    issued = {one.id: [day_of(one.signed.at)] for one in cases.reports(store, as_of)}
    for lead, bases in cases.bases(store, as_of).items():
        for basis in bases:
            found[lead] += (looked if basis.kind == "check" else issued).get(basis.ref, [])
    return dict(found)


def _reports(
    store: Store, as_of: datetime, ended: dict[str, dict[str, date]], held: dict[str, str]
) -> Iterable[Matter]:
    leads: defaultdict[str, list[str]] = defaultdict(list)
    for lead, bases in cases.bases(store, as_of).items():
        for basis in bases:
            if basis.kind == "report":
                leads[basis.ref].append(lead)
    for receipt in cases.receipts(store, as_of):
        of_report = leads[receipt.report_id]
        events = {"received": day_of(receipt.signed.at)}
        for word in ENDS:
            days = [ended[lead][word] for lead in of_report if word in ended.get(lead, {})]
            events |= {word: min(days)} if days else {}
        case = next((held[lead] for lead in of_report if lead in held), None)
        yield Matter("report", receipt.report_id, events, case=case)


def _case(one: cases.CaseFile) -> Matter:
    events: dict[str, date] = {}
    for step in one.steps:
        events.setdefault(step.to_state, day_of(step.signed.at))
    return Matter("case", one.id, events, one.marked, case=one.id)


def _checks(store: Store, as_of: datetime) -> Iterable[Matter]:
    for one in checks.checks(store, as_of):
        if one.closing is not None and one.closing.within_days is not None:
            events = {"ordered": day_of(one.closing.signed.at)}
            if one.recheck is not None:
                events["rechecked"] = day_of(one.recheck.signed.at)
            yield Matter("check", one.id, events, days=one.closing.within_days)


def _exceedances(store: Store, as_of: datetime) -> Iterable[Matter]:
    for one in desk.matters(store, as_of):
        events = {"known": day_of(one.exceedance.known_at)}
        if one.delivery is not None:
            events["delivered"] = day_of(one.delivery.signed.at)
        if one.report is not None and not one.report.valid:
            events["not_valid"] = day_of(one.report.signed.at)
        yield Matter("exceedance", one.exceedance.id, events)


LAST_CHANGE = """
SELECT * FROM clock_change WHERE at <= ?1 AND subject = ?2 AND rule = ?3 ORDER BY id DESC LIMIT 1
"""


DAY_OF_THE_ACT = ("extend", "accept")
"""Changes that have no day of their own: said again on another day, they are still the same."""


def last_change(asked: Asked, change: Change, by: str, as_of: datetime) -> int | None:
    """The number of the last thing done to a clock, where it is this and the same account did it; else None."""
    row = asked.row(LAST_CHANGE, (instant(as_of), change.subject, change.rule))
    if row is None or row["by"] != by:
        return None
    said = (row["kind"], row["day"], row["days"], row["counting"], row["reason"], row["document"])
    day = change.day.isoformat()
    if change.kind in DAY_OF_THE_ACT:
        day = row["day"]
    same = said == (change.kind, day, change.days, change.counting, change.reason, change.document)
    return int(row["id"]) if same else None
