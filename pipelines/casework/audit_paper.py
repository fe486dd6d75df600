"""What a report says, gathered from the home as it stood when it was issued: names, the limit's row, filings, curve."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from enforcement import policy as law
from enforcement.errors import NoRuleInForce
from enforcement.limits import excuses
from enforcement.pollutants import pollutant_code, pollutant_name
from enforcement.registry import Enterprise, Filing, MonitorPoint
from enforcement.validity import flags_that_count
from pipelines.casework.acting import beijing_day
from pipelines.documents.audit_report import AuditPaper, Limit, LookedAt
from pipelines.documents.curve import Curve, CurvePoint
from pipelines.documents.words import when
from pipelines.monitor.devices import IN_UG, PH, factor_of
from pipelines.records import User
from pipelines.store import Store
from pipelines.store.case_records import AuditReport
from pipelines.store.desk_records import DeskExceedance, DeskMatter
from pipelines.store.read import people, registry

AROUND = timedelta(hours=12)
"""How much of the curve is shown before and after the exceedance."""
LEAST_SURE_FIRST = ("default", "guidance", "law")
UNITS = {"l": "mg/L", "m3": "mg/m3"}


def paper_of(store: Store, matter: DeskMatter, report: AuditReport, user: User) -> AuditPaper:
    """The paper of a report that is being issued.

    Args:
        store: the home, inside the transaction of the act.
        matter: the exceedance with what was looked at.
        report: the judgement.
        user: who issues it.
    """
    one, at = matter.exceedance, report.signed.at
    names = {account.id: account.name for account in people.users(store)}
    looked = tuple(
        LookedAt(e.kind, e.link, e.seen_from, e.showed, names.get(e.signed.by, e.signed.by), e.signed.at)
        for e in matter.evidence
    )
    signed = (one.signed, *(e.signed for e in matter.evidence), report.signed)
    return AuditPaper(
        id=report.id, exceedance=one.id, source=one.source, withdrawn=one.withdrawn, times=one.times,
        allowed=one.allowed, firm=_firm(store, one, at), uscc=one.enterprise_uscc or "",
        point=_point_name(store, one, at), mn=one.mn, pollutant=one.pollutant,
        pollutant_name=pollutant_name(one.pollutant), period=one.period, begin=one.begin, end=one.end, value=one.value,
        limit=limit_of(one), document=one.document, known_at=one.known_at, looked_at=looked,
        not_looked_at=report.not_looked_at, filings=filings_of(store, one, at), judgement=report.judgement,
        cause=report.cause, reason=report.reason, replaces=report.replaces, issued_by=user.name, role=user.role,
        issued_at=at, simulated=any(word is not None and word.simulated for word in signed), rules=report.rules,
        curve=curve_of(store, one, at),
    )  # fmt: skip


def limit_of(one: DeskExceedance) -> Limit:
    """The limit with the source and certainty of its rule row, where it stands in one."""
    where, _, name = one.limit_link.partition(":")
    if where != "rule":
        return Limit(one.limit, one.unit, one.below, one.limit_link)
    try:
        row = law.load().at(name.partition("@")[0], beijing_day(one.begin))
    except NoRuleInForce:
        return Limit(one.limit, one.unit, one.below, one.limit_link)
    sure = {row.confidence_in(key).value for key in row.table()} if isinstance(row.value, Mapping) else set()
    least = next((word for word in LEAST_SURE_FIRST if word in sure), row.confidence_in("value").value)
    return Limit(one.limit, one.unit, one.below, one.limit_link, row.source, least)


def filings_of(store: Store, one: DeskExceedance, at: datetime) -> tuple[tuple[str, str, str], ...]:
    """The filings of the firm that cover any of the exceedance: number, kind, from when to when."""
    if one.enterprise_uscc is None:
        return ()
    mine = [f for f in registry.ever(store, Filing, at) if f.enterprise == one.enterprise_uscc]
    kinds = frozenset(law.load().at("filings_that_excuse", beijing_day(one.begin)).words())
    return tuple(
        (f.filing_id, f.filing_kind, f"{_or_open(f.starts_at)} 至 {_or_open(f.ends_at)}")
        for f in excuses(mine, one.begin, one.end, kinds)
    )


def curve_of(store: Store, one: DeskExceedance, at: datetime) -> Curve | None:
    """What the device sent from half a day before to half a day after, as had come by an instant; None: nothing.

    Minute data where there are any, else hours, else momentary values. In mg/m³ or mg/L where the registry names the
    device's unit, else as sent and without the limit.
    """
    from pipelines.readings import DAY, HOUR, MINUTE, NOW
    from pipelines.store.telemetry import readings

    found, code = [], pollutant_code(one.pollutant)
    for _, said in readings.between(
        store.home, beijing_day(one.begin - AROUND), beijing_day(one.end + AROUND), mn=one.mn, as_of=at
    ):
        times = [one.replace(tzinfo=UTC) for one in said.at.astype("datetime64[us]").tolist()]
        rows = zip(said.code, said.period, times, said.value.tolist(), said.flag, strict=True)
        found += [(p, t, v, str(f)) for c, p, t, v, f in rows if pollutant_code(c) == code]
    near = [row for row in found if one.begin - AROUND <= row[1] <= one.end + AROUND and row[2] == row[2]]
    period = next((p for p in (MINUTE, HOUR, NOW, DAY) if any(row[0] == p for row in near)), None)
    if period is None:
        return None
    factor, unit = _unit(store, one, at)
    counting = flags_that_count(law.load(), beijing_day(one.begin))
    points = sorted((CurvePoint(t, v * factor, f, f in counting) for p, t, v, f in near if p == period),
                    key=lambda point: point.at)  # fmt: skip
    return Curve(tuple(points), period, unit, _limit_in(one, unit), one.begin, one.end)


def _unit(store: Store, one: DeskExceedance, at: datetime) -> tuple[float, str | None]:
    """By what a value comes to the standard unit, and that unit; 1 and None where the device's is not known."""
    if pollutant_code(one.pollutant) == PH:
        return 1.0, ""
    point = _point(store, one, at)
    told = "" if point is None else "ug/m3" if IN_UG in point.quirks else point.units
    factor = factor_of(told) if told else None
    if factor is None:
        return 1.0, None
    return factor, UNITS["l"] if told.strip()[-1] in "lL" else UNITS["m3"]


def _limit_in(one: DeskExceedance, unit: str | None) -> float | None:
    if unit is None:
        return None
    factor = 1.0 if unit == "" else factor_of(one.unit)
    return None if factor is None else one.limit * factor


def _point(store: Store, one: DeskExceedance, at: datetime) -> MonitorPoint | None:
    found = [p for p in registry.facts(store, MonitorPoint, at) if p.code == one.point or p.mn == one.mn]
    return found[0] if found else None


def _point_name(store: Store, one: DeskExceedance, at: datetime) -> str:
    point = _point(store, one, at)
    return "" if point is None else f"{point.name}（{point.code}）"


def _firm(store: Store, one: DeskExceedance, at: datetime) -> str:
    named = [firm.name for firm in registry.ever(store, Enterprise, at) if firm.uscc == one.enterprise_uscc]
    return named[-1] if named else ""


def _or_open(at: datetime | None) -> str:
    return "…" if at is None else when(at)
