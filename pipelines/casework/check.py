"""非现场检查: opened, what was looked at recorded, closed with a judgement and a next step, looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from enforcement import policy as law
from enforcement.checks import CLOSED, OPEN, RECHECKED, RECTIFYING, may_close, may_open, may_record
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.links import firm_behind, time_seen
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store, Tx, numbers
from pipelines.store.case_records import CheckClosing, CheckItem, NonSiteCheck, Recheck
from pipelines.store.read import checks
from pipelines.store.read.journal import first_entry_of_row, last_entry_of_kind
from pipelines.store.write import cases as write


def open_check(
    store: Store,
    basis: str,
    ref: str,
    *,
    by: str | None,
    at: datetime,
    enterprise: str | None = None,
    reason: str = "",
) -> Act:
    """Open a non-site check.

    Args:
        store: the home.
        basis: one of `enforcement.checks.BASES`.
        ref: the alert, the week of the plan, the complaint's number, or the clue in words.
        by: the account, or None for the local owner.
        at: when.
        enterprise: whom it concerns; None takes the firm that the alert or complaint names.
        reason: in the person's own words.

    Returns:
        The check's id, state `open`. One that is open on the same basis for the same firm is given as it is, and
        nothing is written.

    Raises:
        Refusal: the role may not, `check_basis_unknown`, `unknown_alert`, `unknown_week`, `unknown_complaint`,
            `reason_missing` for a clue without words, `unknown_enterprise`, `plan_names_not` where the week's list does
            not hold that firm.
    """
    with acting(store, by, "check_open", at) as (tx, user):
        rule = may_open(basis, policy=law.load(), on=beijing_day(at))
        firm = firm_behind(store, basis, ref, enterprise, at)
        for before in checks.checks(tx, at):
            same = (before.basis, before.basis_ref, before.enterprise_uscc) == (basis, ref, firm)
            if same and before.closing is None:
                return Act(before.id, OPEN, first_entry_of_row(tx, "non_site_check", before.id), True)
        name = numbers.next_id(tx, "check", at)
        write.insert_check(tx, NonSiteCheck(name, basis, ref, firm, reason, signed(user, at)))
        payload = {"basis": basis, "ref": ref, "enterprise": firm, "reason": reason, "rules": [rule]}
        return Act(name, OPEN, noted(tx, user, at=at, kind="check_opened", subject=name, payload=payload))


def record_item(
    store: Store,
    check_id: str,
    kind: str,
    link: str,
    *,
    by: str | None,
    at: datetime,
    showed: str,
    seen_from: datetime | None = None,
) -> Act:
    """Record what was looked at in a check, and what it showed.

    Args:
        store: the home.
        check_id: an open check.
        kind: one of `enforcement.checks.LOOKED_AT`.
        link: how it is found again: `alert:A-1`, `permit:NUMBER`, `monitor:MN`, `document:…` and so on.
        by: the account that looked, or None for the local owner.
        at: when it looked.
        showed: what it showed, in words.
        seen_from: when that was so, aware; None takes the time of the picture or alert, or of looking.

    Returns:
        The item's number, state `open`; the same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_check`, `check_is_closed`, `looked_at_unknown`, `link_unfit`,
            `link_leads_nowhere`, `reason_missing`, `seen_in_future`.
    """
    with acting(store, by, "check_record", at) as (tx, user):
        check = _open(tx, check_id, at)
        where, name = may_record(kind, link, showed, policy=law.load(), on=beijing_day(at))
        seen = time_seen(store, where, name, at) if seen_from is None else seen_from
        if seen > at:
            raise Refusal(seen.isoformat(), "seen_in_future")
        if seen_from is not None:
            time_seen(store, where, name, at)
        item = CheckItem(0, kind, f"{where}:{name}", seen, showed.strip(), signed(user, at))
        for before in check.items:
            same = (before.kind, before.link, before.showed, before.signed.by)
            if same == (item.kind, item.link, item.showed, user.id):
                return Act(str(before.id), OPEN, first_entry_of_row(tx, "check_item", str(before.id)), True)
        number = write.insert_item(tx, check.id, item)
        payload = {"kind": kind, "link": item.link, "seen_from": seen.isoformat(), "showed": item.showed}
        return Act(str(number), OPEN, noted(tx, user, at=at, kind="check_recorded", subject=check.id, payload=payload))


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person makes of a check: judgement, next step, days for a rectification, answers of the checklist."""

    judgement: str
    next_step: str
    within_days: int | None = None
    checklist: Mapping[str, bool] | None = None


def close_check(store: Store, check_id: str, judged: Judged, *, by: str | None, at: datetime, reason: str = "") -> Act:
    """Close a check: only when what was looked at and the judgement are there.

    Args:
        store: the home.
        check_id: an open check.
        judged: the judgement and what follows.
        by: the account, or None for the local owner.
        at: when.
        reason: in the person's own words.

    Returns:
        The check's id; state `closed`, or `rectifying` until the look again. The same again by the same account gives
        the earlier entry and writes nothing.

    Raises:
        Refusal: the role may not, `unknown_check`, `check_is_closed`, or what `enforcement.checks.may_close` forbids.
    """
    with acting(store, by, "check_close", at) as (tx, user):
        check, checklist = _known(tx, check_id, at), dict(judged.checklist or {})
        done = check.closing
        if done is not None:
            said = (done.judgement, done.next_step, done.within_days, dict(done.checklist), done.reason, done.signed.by)
            if said == (judged.judgement, judged.next_step, judged.within_days, checklist, reason, user.id):
                return Act(check.id, check.state, last_entry_of_kind(tx, check.id, "check_closed"), True)
            raise Refusal(check.id, "check_is_closed")
        closing = may_close(
            check.id, [item.kind for item in check.items], judged.judgement, judged.next_step,
            within_days=judged.within_days, checklist=checklist, policy=law.load(), on=beijing_day(at),
        )  # fmt: skip
        row = CheckClosing(
            judged.judgement, judged.next_step, judged.within_days, checklist, closing.mandate, closing.rules, reason,
            signed(user, at),
        )  # fmt: skip
        write.insert_closing(tx, check.id, row)
        payload = {
            "judgement": row.judgement, "next_step": row.next_step, "within_days": row.within_days,
            "checklist": checklist, "mandate": row.mandate, "items": len(check.items), "reason": reason,
            "rules": list(row.rules),
        }  # fmt: skip
        entry = noted(tx, user, at=at, kind="check_closed", subject=check.id, payload=payload)
        return Act(check.id, closing.state, entry)


def recheck(store: Store, check_id: str, mended: bool, link: str, *, by: str | None, at: datetime, reason: str) -> Act:
    """复查: say whether what was to be mended is, as the next flight shows it.

    Args:
        store: the home.
        check_id: a check whose next step was a remote rectification.
        mended: whether it is.
        link: where that is seen: `frame:…`, `alert:…`, `file:…`.
        by: the account, or None for the local owner.
        at: when.
        reason: what was seen, in the person's own words.

    Returns:
        The check's id, state `rechecked`; the same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_check`, `nothing_to_recheck`, `link_unfit`, `link_leads_nowhere`,
            `reason_missing`, or `seen_before_order` where what is linked is older than the order.
    """
    with acting(store, by, "check_close", at) as (tx, user):
        check = _known(tx, check_id, at)
        where, name = may_record("drone", link, reason, policy=law.load(), on=beijing_day(at))
        again = check.recheck
        if again is not None and (again.mended, again.reason, again.signed.by) == (mended, reason, user.id):
            return Act(check.id, RECHECKED, last_entry_of_kind(tx, check.id, "check_rechecked"), True)
        if check.state != RECTIFYING or check.closing is None:
            raise Refusal(check.id, "nothing_to_recheck", f"it is {check.state}")
        if time_seen(store, where, name, at) < check.closing.signed.at:
            raise Refusal(link, "seen_before_order", f"{check.id} was closed at {check.closing.signed.at.isoformat()}")
        write.insert_recheck(tx, check.id, Recheck(mended, f"{where}:{name}", reason, signed(user, at)))
        payload = {"mended": mended, "link": f"{where}:{name}", "reason": reason}
        entry = noted(tx, user, at=at, kind="check_rechecked", subject=check.id, payload=payload)
        return Act(check.id, RECHECKED, entry)


def _known(tx: Tx, check_id: str, at: datetime) -> NonSiteCheck:
    found = checks.check(tx, check_id, at)
    if found is None:
        raise Refusal(check_id or "(empty)", "unknown_check")
    return found


def _open(tx: Tx, check_id: str, at: datetime) -> NonSiteCheck:
    found = _known(tx, check_id, at)
    if found.closing is not None:
        raise Refusal(found.id, "check_is_closed", CLOSED)
    return found
