"""A person says whether two registry entries are one firm. The word can be taken back; none is overwritten."""

from __future__ import annotations

from datetime import datetime

from enforcement.registry import Enterprise
from enforcement.same_firm import require_one_firm
from pipelines.casework.acting import acting, noted
from pipelines.errors import Refusal
from pipelines.records import Act, User
from pipelines.store import Store, Tx
from pipelines.store.read import registry
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.read.same_firm import proposal
from pipelines.store.records import FirmDecision, FirmProposal
from pipelines.store.write.same_firm import insert_decision

STATES = {"same": "same", "different": "different", "undone": "open"}


def decide(store: Store, proposal_id: str, value: str, *, by: str | None, at: datetime, reason: str = "") -> Act:
    """Record a person's word on a proposal.

    Args:
        store: the home.
        proposal_id: as `registry duplicates` shows it.
        value: `same`, `different`, or `undone` to take back the word that stands.
        by: the account, or None for the local owner.
        at: when.
        reason: in the person's own words.

    Returns:
        The proposal's id and its state; the same word again gives the earlier entry and writes nothing.

    Raises:
        Refusal: the role may not, `unknown_firm_proposal`, `firm_proposal_ended`, `nothing_to_undo`, or
            `two_valid_codes`.
    """
    with acting(store, by, "firm_decide", at) as (tx, user):
        held = proposal(store, proposal_id, at)
        if held is None:
            raise Refusal(proposal_id or "(empty)", "unknown_firm_proposal")
        standing = held.decision
        if standing is not None and standing.value == value:
            return Act(held.id, STATES[value], first_entry_of_row(tx, "firm_decision", str(standing.id)), True)
        if value == "undone" and standing is None:
            raise Refusal(held.id, "nothing_to_undo")
        keep = _kept(store, held, at) if value == "same" else None
        return _written(tx, user, held, value, keep, at, reason)


def _kept(store: Store, held: FirmProposal, at: datetime) -> str:
    """The firm that the other entry is, once both still stand in the registry."""
    left, right = held.pair.left, held.pair.right
    if held.superseded_at is not None:
        raise Refusal(held.id, "firm_proposal_ended")
    keep = _firm_key(store, right, at)
    if keep is None:
        raise Refusal(held.id, "firm_proposal_ended", f"{' '.join(right)} names no firm any more")
    if left[0] == Enterprise.KIND:
        require_one_firm(left[1], keep)
    return keep


def _firm_key(store: Store, entry: tuple[str, str], at: datetime) -> str | None:
    """The key of the firm that an entry is, or points at."""
    kind, key = entry
    if kind == Enterprise.KIND:
        return key
    statements = [s.fact for s in registry.history(store, kind, key) if s.superseded_at is None]
    firm: str | None = getattr(statements[-1], "enterprise", None) if statements else None
    return firm


def _written(tx: Tx, user: User, held: FirmProposal, value: str, keep: str | None, at: datetime, reason: str) -> Act:
    decision = FirmDecision(0, held.id, value, keep, user.id, at, reason, user.simulated)
    insert_decision(tx, decision, role=user.role)
    payload = {
        "left": list(held.pair.left),
        "right": list(held.pair.right),
        "probability": held.pair.probability,
        "value": value,
        "keep": keep,
        "reason": reason,
    }
    entry = noted(tx, user, at=at, kind=f"firms_{value}", subject=held.id, payload=payload)
    return Act(held.id, STATES[value], entry)
