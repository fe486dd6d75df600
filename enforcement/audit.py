"""超标数据审核: what a written exceedance must say, what the station's person looks at, when a judgement may be given.

The arithmetic of an exceedance stands in `enforcement.limits`; whether the data hold is a person's judgement.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from enforcement.errors import (
    AuditCauseUnfit,
    AuditEvidenceMissing,
    AuditEvidenceUnknown,
    AuditJudgementUnknown,
    ExceedanceNotBeyond,
    ExceedanceUnfit,
    LinkUnfit,
    ReasonMissing,
)
from enforcement.policy import Policy, load

VALID, NOT_VALID = "valid", "not_valid"
EVIDENCE: tuple[str, ...] = tuple(load().latest("audit_evidence").table())
CAUSES: tuple[str, ...] = load().latest("audit_causes").words()
PERIODS: tuple[str, ...] = load().latest("audit_periods").words()
JUDGEMENTS: tuple[str, ...] = tuple(load().latest("audit_needs").table())
LIMIT_LINKS = ("rule", "permit", "document")
"""Where the limit stands: a rule row, a permit of the registry, a document outside of this home."""


@dataclass(frozen=True, slots=True)
class Said:
    """An exceedance as a person enters it.

    `limit_link` says where the limit stands: `rule:dust_quarter_hour_limit_1`, `permit:NUMBER`, `document:…`; `below`
    that the value lies below a least value (pH); `document` where the value was read: the platform's record number.
    """

    device: str
    pollutant: str
    period: str
    begin: datetime
    end: datetime
    value: float
    limit: float
    unit: str
    limit_link: str
    document: str
    below: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """That a judgement may be given: what was not looked at besides, and the rows that say so."""

    valid: bool
    not_looked_at: tuple[str, ...]
    rules: tuple[str, ...]


def may_enter(said: Said, now: datetime, *, policy: Policy, on: date) -> tuple[str, str]:
    """The two parts of the limit's link, once the entry is whole; of a rule row the row in force on its day.

    Args:
        said: the entry; its instants aware.
        now: the instant of the act.
        policy: the rule rows.
        on: the Beijing day on which the exceedance began.

    Raises:
        ExceedanceUnfit: a word or figure is missing, unknown or impossible; it is named.
        ExceedanceNotBeyond: the value does not lie strictly beyond the limit.
        LinkUnfit: the limit is not named by one of `LIMIT_LINKS`.
        NoRuleInForce: the rule row that is named was not in force on that day.
    """
    row = policy.at("audit_periods", on)
    for name in ("device", "pollutant", "unit", "document"):
        if not getattr(said, name).strip():
            raise ExceedanceUnfit(name, "it is empty")
    if said.period not in row.words():
        raise ExceedanceUnfit(said.period or "period", f"{row.ref}: one of {', '.join(row.words())}")
    if not said.begin < said.end <= now:
        raise ExceedanceUnfit(f"{said.begin.isoformat()} {said.end.isoformat()}", "begin, then end, then now")
    if not (math.isfinite(said.value) and math.isfinite(said.limit) and said.limit > 0):
        raise ExceedanceUnfit(f"{said.value} {said.limit}", "value and limit are figures, the limit above zero")
    if not (said.value < said.limit if said.below else said.value > said.limit):
        raise ExceedanceNotBeyond(f"{said.value:g}", f"limit {said.limit:g} {said.unit}")
    where, colon, name = said.limit_link.partition(":")
    if where not in LIMIT_LINKS or not colon or not name.strip():
        raise LinkUnfit(
            said.limit_link or "(empty)", f"the limit is linked by {', '.join(f'{w}:…' for w in LIMIT_LINKS)}"
        )
    return (where, _rule_of_limit(name.strip(), said.limit, policy, on)) if where == "rule" else (where, name.strip())


def _rule_of_limit(name: str, limit: float, policy: Policy, on: date) -> str:
    """The row in force on that day, once the limit is a figure of it."""
    row = policy.at(name, on)
    figures = row.table().values() if isinstance(row.value, Mapping) else (row.value,)
    if limit not in [one for one in figures if isinstance(one, int | float)]:
        raise ExceedanceUnfit(f"{limit:g}", f"{row.ref} has {', '.join(map(str, figures))}")
    return row.ref


def may_look(kind: str, link: str, showed: str, *, policy: Policy, on: date) -> tuple[str, str]:
    """The two parts of a link, where this kind of evidence may be found by it.

    Raises:
        AuditEvidenceUnknown: not one of `EVIDENCE`.
        LinkUnfit: another form, or not a link of this kind.
        ReasonMissing: what it showed is not said.
    """
    row = policy.at("audit_evidence", on)
    if kind not in row.table():
        raise AuditEvidenceUnknown(kind or "(empty)", f"one of {', '.join(row.table())}")
    where, colon, name = link.partition(":")
    if not colon or not name.strip() or where not in row.words(kind):
        fit = ", ".join(f"{one}:…" for one in row.words(kind))
        raise LinkUnfit(link or "(empty)", f"{row.ref}: {kind} is linked by {fit}")
    if not showed.strip():
        raise ReasonMissing(kind, "say what it showed")
    return where, name.strip()


def may_judge(
    exceedance: str,
    judgement: str,
    looked_at: Collection[str],
    cause: str | None,
    reason: str,
    *,
    policy: Policy,
    on: date,
) -> Judgement:
    """Whether the station's person may judge.

    Args:
        exceedance: its id, for the refusal.
        judgement: `valid` or `not_valid`.
        looked_at: the kinds of evidence that were recorded.
        cause: why the value does not hold, one of `CAUSES`; None where it holds.
        reason: in the person's own words.
        policy: the rule rows.
        on: the day of the act.

    Raises:
        AuditJudgementUnknown: neither of the two.
        ReasonMissing: no reason.
        AuditCauseUnfit: no cause of the list with `not_valid`, or one with `valid`.
        AuditEvidenceMissing: something that this judgement needs was not looked at.
    """
    needs, kinds, causes = (policy.at(name, on) for name in ("audit_needs", "audit_evidence", "audit_causes"))
    if judgement not in needs.table():
        raise AuditJudgementUnknown(judgement or "(empty)", f"one of {', '.join(needs.table())}")
    if not reason.strip():
        raise ReasonMissing(exceedance, "say why")
    fits = cause is None if judgement == VALID else cause in causes.words()
    if not fits:
        raise AuditCauseUnfit(
            exceedance, f"{causes.ref}: {judgement} with {cause or 'no cause'}; {', '.join(causes.words())}"
        )
    missing = [kind for kind in needs.words(judgement) if kind not in looked_at]
    if missing:
        raise AuditEvidenceMissing(exceedance, f"{needs.ref}: {judgement} needs {', '.join(missing)}")
    left = tuple(kind for kind in kinds.table() if kind not in looked_at)
    return Judgement(judgement == VALID, left, (needs.ref, kinds.ref))
