"""现场检查记录: when the record of a visit is whole: two inspectors, identity, notice, a signature or why none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from enforcement.errors import FieldRecordUnfit, IdentityNotShown, ReasonMissing, TooFewInspectors
from enforcement.policy import Policy, load

PARTIES: tuple[str, ...] = load().latest("field_identity").words("parties")
SIGNATURES: tuple[str, ...] = load().latest("field_signatures").words("words")


@dataclass(frozen=True, slots=True)
class Visit:
    """What the record of a visit says; `inspectors` as (account, role), `reason` why a signature is missing."""

    began_at: datetime
    ended_at: datetime
    inspectors: Sequence[tuple[str, str]]
    identity_shown: bool
    notice_given: bool
    party: str
    signature: str
    reason: str = ""


def may_record(visit: Visit, now: datetime, *, policy: Policy, on: date) -> tuple[str, ...]:
    """The rows by which the record is whole.

    Args:
        visit: the record; its instants aware.
        now: the instant of the act.
        policy: the rule rows.
        on: the Beijing day of the visit.

    Raises:
        FieldRecordUnfit: an unknown word, or times that are not in order.
        TooFewInspectors: fewer different inspectors than the row asks for, or one whose role is none of it.
        IdentityNotShown: the party was there, and identity was not shown or notice not given.
        ReasonMissing: no signature, and not said why.
    """
    people, identity, signing = (
        policy.at(name, on) for name in ("field_inspectors", "field_identity", "field_signatures")
    )
    if not visit.began_at < visit.ended_at <= now:
        raise FieldRecordUnfit(
            f"{visit.began_at.isoformat()} {visit.ended_at.isoformat()}", "begin, then end, then now"
        )
    if visit.party not in identity.words("parties") or visit.signature not in signing.words("words"):
        known = ", ".join((*identity.words("parties"), *signing.words("words")))
        raise FieldRecordUnfit(f"{visit.party} {visit.signature}", known)
    strangers = [name for name, role in visit.inspectors if role not in people.words("roles")]
    least = int(people.number("at_least"))
    if strangers or len({name for name, _ in visit.inspectors}) < least:
        raise TooFewInspectors(", ".join(strangers) or "inspectors", f"{people.ref}: {least} {people.unit}")
    there = visit.party in identity.words("shown_to")
    if there and not (visit.identity_shown and visit.notice_given):
        raise IdentityNotShown(visit.party, identity.ref)
    if not there and visit.signature not in signing.words("of_absent"):
        raise FieldRecordUnfit(f"{visit.party} {visit.signature}", f"{signing.ref}: nobody was there to sign")
    if visit.signature in signing.words("need_reason") and not visit.reason.strip():
        raise ReasonMissing(visit.signature, f"{signing.ref}: say why nobody signed")
    return people.ref, identity.ref, signing.ref
