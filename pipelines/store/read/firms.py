"""What is known of each firm at an instant: the raw counts from which the week's list is drafted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from enforcement import policy as law
from enforcement.errors import NoRuleInForce
from enforcement.registry import Complaint, Enterprise, Inspection, PositiveListing, listed_until
from enforcement.verdicts import VerdictValue, finding_verdict
from enforcement.weekly import FirmFacts, Mandate
from pipelines.store.canonical import BEIJING, from_instant, instant
from pipelines.store.home import Store
from pipelines.store.read import registry, same_firm
from pipelines.store.read.registry import day_of

OF_FIRMS = """
WITH said AS (
    SELECT alert_id, value FROM (
        SELECT alert_id, value, needs_second,
            row_number() OVER (PARTITION BY alert_id ORDER BY at DESC, id DESC) AS nth
        FROM verdict WHERE at <= :now AND undoes IS NULL
            AND id NOT IN (SELECT undoes FROM verdict WHERE undoes IS NOT NULL AND at <= :now)
    ) WHERE nth = 1 AND coalesce(needs_second, 0) = 0
), found AS (
    SELECT alert_id, found FROM (
        SELECT alert_id, found, row_number() OVER (PARTITION BY alert_id ORDER BY at DESC, id DESC) AS nth
        FROM field_finding WHERE at <= :now AND alert_id IS NOT NULL
    ) WHERE nth = 1
), led AS (
    SELECT m.alert_id, max(l.enterprise_uscc) AS uscc FROM lead_alert AS m JOIN lead AS l ON l.id = m.lead_id
    WHERE l.at <= :now GROUP BY m.alert_id
), machine AS (
    SELECT k.alert_id, c.enterprise_uscc AS uscc FROM alert_attribution AS k
    JOIN attribution AS a ON a.row = (
        SELECT max(row) FROM attribution WHERE id = k.attribution_id AND received_at <= :now
    )
    JOIN attribution_candidate AS c ON c.attribution_row = a.row AND c.source_id = a.named
    WHERE a.answer = 'named' AND k.linked_at <= :now AND (k.ended_at IS NULL OR k.ended_at > :now)
)
SELECT coalesce(led.uscc, machine.uscc) AS uscc, said.value, found.found, led.alert_id IS NOT NULL AS is_led
FROM alert
LEFT JOIN said ON said.alert_id = alert.id
LEFT JOIN found ON found.alert_id = alert.id
LEFT JOIN led ON led.alert_id = alert.id
LEFT JOIN machine ON machine.alert_id = alert.id
WHERE alert.received_at <= :now AND coalesce(led.uscc, machine.uscc) IS NOT NULL
"""
MANDATES = """
SELECT 'lead' AS kind, id, enterprise_uscc, at FROM lead
WHERE at <= ?1 AND mandate = 1 AND enterprise_uscc IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM lead_close AS c WHERE c.lead_id = lead.id AND c.at <= ?1)
    AND NOT EXISTS (SELECT 1 FROM field_finding AS f WHERE f.lead_id = lead.id AND f.at <= ?1)
UNION ALL
SELECT 'non_site_check', k.id, k.enterprise_uscc, c.at FROM non_site_check AS k
JOIN check_close AS c ON c.check_id = k.id
WHERE c.at <= ?1 AND c.mandate = 1 AND k.enterprise_uscc IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM lead_basis AS b WHERE b.kind = 'check' AND b.ref = k.id AND b.at <= ?1)
UNION ALL
SELECT 'audit_report', p.id, p.enterprise_uscc, r.at FROM audit_report AS p
JOIN receipt AS r ON r.report_id = p.id
WHERE r.at <= ?1 AND p.valid = 1 AND p.enterprise_uscc IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM lead_basis AS b WHERE b.kind = 'report' AND b.ref = p.id AND b.at <= ?1)
ORDER BY 4, 2
"""
"""What makes a visit due: a lead until somebody was there or it ended; a check or report until a lead rests on it."""
VISITS = """
SELECT DISTINCT l.enterprise_uscc AS uscc, f.lead_id, f.seen_on, f.found FROM field_finding AS f
JOIN lead AS l ON l.id = f.lead_id WHERE f.at <= ? AND l.enterprise_uscc IS NOT NULL
"""

VIOLATION, NOT_REACHED = "violation", "not_reached"


@dataclass(frozen=True, slots=True)
class _Known:
    confirmed: Counter[str]
    open_alerts: Counter[str]
    mandates: dict[str, list[Mandate]]
    last_inspection: dict[str, date]
    violations: Counter[str]
    complaints: Counter[str]
    listed_until: dict[str, date]


def facts(store: Store, as_of: datetime) -> list[FirmFacts]:
    """What is known of every registered firm, cut at an instant, by credit code.

    An alert counts for the firm that a person named in its lead, else for the firm that the attribution names.
    `confirmed` are alerts whose latest standing verdict says so, or, where somebody was there, what was found;
    `open_alerts` those without standing verdict and lead. A visit whose finding stands in this home counts as one; a
    day of a lead on which a violation was found is one violation; where an inspection that came in from an office's
    file is of the same firm and day, the two are one. A positive
    listing for whose day no rule row gives a period is not relied on: the firm is then not exempt. How far back
    complaints and violations count is the row `weekly_look_back` of that day: complaints of the days after so many days
    ago, violations from the same day so many years ago.
    """
    with store.snapshot():
        known = _known(store, as_of)
        firms = registry.facts(store, Enterprise, as_of)
    return [_facts(firm, known) for firm in firms]


def listed_until_of(store: Store, uscc: str, as_of: datetime) -> date | None:
    """Until when a firm is on the positive list, as known at an instant; None where it is not on it that day."""
    listings = [one for one in registry.facts(store, PositiveListing, as_of) if one.enterprise == uscc]
    return _latest(_listings(listings, day_of(as_of))).get(uscc)


def _facts(firm: Enterprise, known: _Known) -> FirmFacts:
    return FirmFacts(
        enterprise=firm.uscc,
        name=firm.name,
        credit_class=firm.credit_class,
        key_unit=firm.key_unit,
        positive_listed_until=known.listed_until.get(firm.uscc),
        mandates=tuple(known.mandates.get(firm.uscc, ())),
        confirmed=known.confirmed[firm.uscc],
        open_alerts=known.open_alerts[firm.uscc],
        last_inspection_on=known.last_inspection.get(firm.uscc),
        violations=known.violations[firm.uscc],
        complaints=known.complaints[firm.uscc],
    )


def _known(store: Store, as_of: datetime) -> _Known:
    now, day = instant(as_of), day_of(as_of)
    look_back = law.load().at("weekly_look_back", day)
    violations_from = years_before(day, int(look_back.number("violations_years")))
    complaints_after = day - timedelta(days=look_back.number("complaints_days"))
    firm_of = same_firm.decided(store, as_of).key_of
    alerts = [{**row, "uscc": firm_of(row["uscc"])} for row in map(dict, store.rows(OF_FIRMS, {"now": now}))]
    visits = [i for i in registry.ever(store, Inspection, as_of) if i.enterprise is not None and i.on <= day]
    been = _been(store, now, firm_of)
    lodged = [c for c in registry.ever(store, Complaint, as_of) if c.enterprise is not None and c.on <= day]
    return _Known(
        confirmed=Counter(row["uscc"] for row in alerts if _is_confirmed(row, day)),
        open_alerts=Counter(row["uscc"] for row in alerts if row["value"] is None and not row["is_led"]),
        mandates=_mandates(store, now, firm_of),
        last_inspection=_latest([*((i.enterprise or "", i.on) for i in visits), *((f, on) for f, on, _ in been)]),
        violations=_violations(
            Counter((i.enterprise or "", i.on) for i in visits if i.found and i.on >= violations_from),
            Counter((firm, on) for firm, on, found in been if found and on >= violations_from),
        ),
        complaints=Counter(c.enterprise or "" for c in lodged if c.on > complaints_after),
        listed_until=_latest(_listings(registry.facts(store, PositiveListing, as_of), day)),
    )


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; of 29 February, 28 February where that year has no leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _mandates(store: Store, now: str, firm_of: Callable[[str], str | None]) -> dict[str, list[Mandate]]:
    found = defaultdict(list)
    for row in store.rows(MANDATES, (now,)):
        since = from_instant(row["at"]).astimezone(BEIJING).date()
        found[firm_of(row["enterprise_uscc"]) or ""].append(Mandate(row["kind"], row["id"], since))
    return dict(found)


def _is_confirmed(row: Mapping[str, object], day: date) -> bool:
    """What was found in the field goes before what was said of the picture; not reached says nothing."""
    found = row["found"]
    word = None if found is None else finding_verdict(str(found), policy=law.load(), on=day)
    if word is None or word is VerdictValue.CANNOT_TELL:
        return row["value"] == VerdictValue.CONFIRMED
    return word is VerdictValue.CONFIRMED


def _been(store: Store, now: str, firm_of: Callable[[str], str | None]) -> list[tuple[str, date, bool]]:
    """Of each visit that a finding tells of: firm, day, and whether a violation was found."""
    visits: dict[tuple[str, str, date], bool] = {}
    for row in store.rows(VISITS, (now,)):
        if row["found"] != NOT_REACHED:
            visit = (firm_of(row["uscc"]) or "", row["lead_id"], date.fromisoformat(row["seen_on"]))
            visits[visit] = visits.get(visit, False) or row["found"] == VIOLATION
    return [(firm, on, found) for (firm, _, on), found in visits.items()]


def _violations(recorded: Mapping[tuple[str, date], int], found: Mapping[tuple[str, date], int]) -> Counter[str]:
    """By firm; where an office's file and a finding here tell of a visit of one day, it is one visit told twice."""
    firms: Counter[str] = Counter()
    for firm, on in {*recorded, *found}:
        firms[firm] += max(recorded.get((firm, on), 0), found.get((firm, on), 0))
    return firms


def _listings(listings: Iterable[PositiveListing], day: date) -> Iterable[tuple[str, date]]:
    rules = law.load()
    for listing in listings:
        try:
            until = listed_until(listing, rules)
        except NoRuleInForce:
            continue
        if listing.listed_on <= day <= until:
            yield listing.enterprise, until


def _latest(pairs: Iterable[tuple[str, date]]) -> dict[str, date]:
    found: dict[str, date] = {}
    for name, day in pairs:
        found[name] = max(day, found.get(name, day))
    return found
