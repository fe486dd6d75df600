"""May X discharge Y at outlet Z at an instant? The answer with the row that gives it. docs/ideas/registry.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from enforcement import formats
from enforcement.facts import Fact
from enforcement.permits import Filing, Permit, PermitLimit, PermitOutlet
from enforcement.pollutants import pollutant_code

F = TypeVar("F", Permit, PermitOutlet, PermitLimit)


class Answer(StrEnum):
    """What can be said. `not_registered`: the registry holds nothing that could answer."""

    YES = "yes"
    NO = "no"
    NOT_REGISTERED = "not_registered"
    CANNOT_TELL = "cannot_tell"


class Why(StrEnum):
    """The reason of an answer."""

    WITHIN_LIMITS = "permitted_within_limits"
    WITHOUT_FIGURE = "permitted_without_figure"
    FIRM_UNKNOWN = "firm_not_registered"
    NO_PERMIT = "no_permit_registered"
    NOT_YET = "permit_not_yet_in_force"
    EXPIRED = "permit_expired"
    SUSPENDED = "permit_suspended"
    REVOKED = "permit_revoked"
    CANCELLED = "permit_cancelled"
    STATE_UNKNOWN = "permit_state_unknown"
    OUTLET_MISSING = "outlet_not_in_permit"
    OUTLETS_UNSTATED = "permit_states_no_outlets"
    POLLUTANT_MISSING = "pollutant_not_in_permit"
    POLLUTANTS_UNSTATED = "permit_states_no_pollutants"
    POLLUTANT_OUTLET_UNSTATED = "permit_states_no_outlet_for_pollutant"
    SHUT_DOWN = "shut_down_filed"


ANSWERS = {
    Why.WITHIN_LIMITS: Answer.YES,
    Why.WITHOUT_FIGURE: Answer.YES,
    Why.FIRM_UNKNOWN: Answer.NOT_REGISTERED,
    Why.NO_PERMIT: Answer.NOT_REGISTERED,
    Why.NOT_YET: Answer.NO,
    Why.EXPIRED: Answer.NO,
    Why.SUSPENDED: Answer.NO,
    Why.REVOKED: Answer.NO,
    Why.CANCELLED: Answer.NO,
    Why.STATE_UNKNOWN: Answer.CANNOT_TELL,
    Why.OUTLET_MISSING: Answer.NO,
    Why.OUTLETS_UNSTATED: Answer.CANNOT_TELL,
    Why.POLLUTANT_MISSING: Answer.NO,
    Why.POLLUTANTS_UNSTATED: Answer.CANNOT_TELL,
    Why.POLLUTANT_OUTLET_UNSTATED: Answer.CANNOT_TELL,
    Why.SHUT_DOWN: Answer.NO,
}
STATES = {"suspended": Why.SUSPENDED, "revoked": Why.REVOKED, "cancelled": Why.CANCELLED}
FARTHEST = (
    Why.WITHIN_LIMITS,
    Why.WITHOUT_FIGURE,
    Why.STATE_UNKNOWN,
    Why.OUTLETS_UNSTATED,
    Why.POLLUTANT_OUTLET_UNSTATED,
    Why.POLLUTANTS_UNSTATED,
    Why.POLLUTANT_MISSING,
    Why.OUTLET_MISSING,
    Why.SUSPENDED,
    Why.REVOKED,
    Why.CANCELLED,
    Why.EXPIRED,
    Why.NOT_YET,
)
"""Of several permits the one that says the first of these counts: yes, cannot tell, then the no that came closest."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the registry knew of one firm, whatever days it holds: every statement, not only those of one day."""

    registered: bool
    permits: Sequence[Permit] = ()
    outlets: Sequence[PermitOutlet] = ()
    limits: Sequence[PermitLimit] = ()
    filings: Sequence[Filing] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """An answer with its reason and the rows that give it; `filings` are all that are in force then and concern it."""

    answer: Answer
    reason: Why
    permit: Permit | None = None
    outlet: PermitOutlet | None = None
    limits: tuple[PermitLimit, ...] = ()
    filings: tuple[Filing, ...] = ()


def may_discharge(held: Holdings, pollutant: str, outlet: str, at: datetime) -> Permission:
    """Say whether a firm may discharge a pollutant at an outlet at an instant.

    Args:
        held: all that is known of the firm.
        pollutant: by name or code.
        outlet: its code in the permit; "" for any outlet.
        at: an aware instant; a permit is in force for whole Beijing days, a filing from its first instant until just
            before its last.

    Returns:
        `no` by `shut_down_filed` where the firm itself declared a standstill that the office has not rejected, and no
        start-up since. Else what its permits say: of several the most favourable one. A permit that names neither
        outlets nor pollutants leaves it open: `cannot_tell`; so does one that names the pollutant for the firm as a
        whole and for no outlet. The limits are those of that outlet and of the firm as a whole; whether a measured
        value keeps to them is not asked here.
    """
    day = at.astimezone(formats.BEIJING).date()
    filings = tuple(one for one in held.filings if _in_force(one, at) and _concerns(one.outlet, outlet))
    if not held.registered and not held.permits:
        return Permission(Answer.NOT_REGISTERED, Why.FIRM_UNKNOWN, filings=filings)
    if not held.permits:
        return Permission(Answer.NOT_REGISTERED, Why.NO_PERMIT, filings=filings)
    numbers = dict.fromkeys(permit.permit_number for permit in held.permits)
    found = [_by_permit(held, number, pollutant, outlet, day, filings) for number in numbers]
    best = min(found, key=lambda one: FARTHEST.index(one.reason))
    stop = _standstill(held.filings, outlet, at)
    if stop is not None and best.answer is Answer.YES:
        return Permission(Answer.NO, Why.SHUT_DOWN, best.permit, best.outlet, best.limits, (stop,))
    return best


def on_day(facts: Iterable[F], day: date) -> list[F]:
    """Of each thing the statement that holds that day; where several do, the one with the latest first day."""
    found: dict[str, F] = {}
    for fact in facts:
        before = found.get(fact.key)
        if _holds(fact, day) and (before is None or _first(fact) >= _first(before)):
            found[fact.key] = fact
    return list(found.values())


def _by_permit(
    held: Holdings, number: str, pollutant: str, outlet: str, day: date, filings: tuple[Filing, ...]
) -> Permission:
    spans = [permit for permit in held.permits if permit.permit_number == number]
    in_force = on_day(spans, day)
    if not in_force:
        return _out_of_force(spans, day, filings)
    permit = in_force[0]
    outlets = on_day((one for one in held.outlets if one.permit_number == number), day)
    limits = on_day((one for one in held.limits if one.permit_number == number), day)
    named = _named_outlets(permit, outlets, limits)
    reason = _barred(permit, outlet, named) or _named_pollutant(permit, limits, outlet, pollutant_code(pollutant))
    place = next((one for one in outlets if _same(one.outlet, outlet)), None)
    return Permission(ANSWERS[reason], reason, permit, place, _limits_of(limits, outlet, pollutant), filings)


def _barred(permit: Permit, outlet: str, named: Sequence[str]) -> Why | None:
    if permit.state:
        return STATES.get(permit.state, Why.STATE_UNKNOWN)
    if not outlet or any(_same(outlet, one) for one in named):
        return None
    return Why.OUTLET_MISSING if named else Why.OUTLETS_UNSTATED


def _named_pollutant(permit: Permit, limits: Sequence[PermitLimit], outlet: str, wanted: str) -> Why:
    """An outlet that has limits of its own may discharge what they name; else what the permit names as a whole.

    What the permit names as a whole and for no outlet may leave by any of them, also by one with limits for others.
    """
    here = [one for one in limits if not outlet or _same(one.outlet, outlet)]
    of_it = _limits_of(limits, outlet, wanted)
    as_a_whole = bool(of_it) or wanted in {pollutant_code(one) for one in permit.pollutants}
    if outlet and here and wanted not in {pollutant_code(one.pollutant) for one in here}:
        elsewhere = any(one.outlet and pollutant_code(one.pollutant) == wanted for one in limits)
        return Why.POLLUTANT_OUTLET_UNSTATED if as_a_whole and not elsewhere else Why.POLLUTANT_MISSING
    if any(one.value is not None or one.value_low is not None for one in of_it):
        return Why.WITHIN_LIMITS
    if as_a_whole:
        return Why.WITHOUT_FIGURE
    return Why.POLLUTANT_MISSING if permit.pollutants or here else Why.POLLUTANTS_UNSTATED


def _limits_of(limits: Sequence[PermitLimit], outlet: str, pollutant: str) -> tuple[PermitLimit, ...]:
    wanted = pollutant_code(pollutant)
    return tuple(one for one in limits if _concerns(one.outlet, outlet) and pollutant_code(one.pollutant) == wanted)


def _out_of_force(spans: Sequence[Permit], day: date, filings: tuple[Filing, ...]) -> Permission:
    over = [permit for permit in spans if permit.valid_to is not None and permit.valid_to < day]
    if over:
        last = max(over, key=lambda permit: permit.valid_to or day)
        return Permission(Answer.NO, Why.EXPIRED, last, filings=filings)
    return Permission(Answer.NO, Why.NOT_YET, min(spans, key=_first), filings=filings)


def _named_outlets(permit: Permit, outlets: Sequence[PermitOutlet], limits: Sequence[PermitLimit]) -> list[str]:
    return [*permit.outlets, *(one.outlet for one in outlets), *(one.outlet for one in limits if one.outlet)]


def _standstill(filings: Iterable[Filing], outlet: str, at: datetime) -> Filing | None:
    """The declared standstill that holds: the latest of stops and starts until then, where it is a stop."""
    begun = [
        one
        for one in filings
        if one.filing_kind in ("shut_down", "start_up")
        and one.accepted is not False
        and (one.starts_at is None or one.starts_at <= at)
        and (not one.outlet or _same(one.outlet, outlet))
    ]
    if not begun:
        return None
    last = max(begun, key=lambda one: (one.starts_at is not None, one.starts_at, one.filing_kind == "start_up"))
    return last if last.filing_kind == "shut_down" and _in_force(last, at) else None


def _in_force(filing: Filing, at: datetime) -> bool:
    return (filing.starts_at is None or filing.starts_at <= at) and (filing.ends_at is None or at < filing.ends_at)


def _concerns(of: str, outlet: str) -> bool:
    return not of or not outlet or _same(of, outlet)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _holds(fact: Fact, day: date) -> bool:
    return (fact.valid_from is None or fact.valid_from <= day) and (fact.valid_to is None or day <= fact.valid_to)


def _first(fact: Fact) -> date:
    return fact.valid_from or date.min
