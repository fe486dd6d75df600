"""Proposals of who is the same firm, and what people said of them, as of any instant."""

from __future__ import annotations

import json
from datetime import datetime
from sqlite3 import Row

from enforcement.same_firm import SameFirm
from pipelines.store.canonical import from_instant, from_instant_or_none, instant
from pipelines.store.home import Store
from pipelines.store.records import FirmDecision, FirmPair, FirmProposal

LATEST = """
SELECT p.left_kind, p.left_key, p.right_kind, p.right_key, d.* FROM firm_decision AS d
JOIN firm_proposal AS p ON p.id = d.proposal_id WHERE d.at <= ? ORDER BY d.at, d.id
"""
HELD = "SELECT * FROM firm_proposal WHERE received_at <= :at AND (superseded_at IS NULL OR superseded_at > :at)"
DECIDED = """
SELECT * FROM firm_proposal AS p WHERE p.received_at <= :at AND EXISTS (
    SELECT 1 FROM firm_decision AS d WHERE d.proposal_id = p.id AND d.at <= :at
)
"""


def decided(store: Store, as_of: datetime) -> SameFirm:
    """Which entries were one firm by people's latest words at an instant."""
    latest = _latest(store, as_of)
    return SameFirm(
        {
            (pair[0], pair[1]): one.keep_key
            for pair, one in latest.items()
            if one.value == "same" and one.keep_key is not None
        }
    )


def proposals(store: Store, as_of: datetime) -> list[FirmProposal]:
    """The proposals that stood at an instant, and ended ones that somebody decided on; open ones first, surest first.

    A decision is on the pair: it holds for a later proposal of the same two entries, too.
    """
    latest = _latest(store, as_of)
    at = {"at": instant(as_of)}
    rows = {row["id"]: row for sql in (DECIDED, HELD) for row in store.rows(sql, at)}
    youngest: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows.values(), key=lambda row: (row["received_at"], row["id"])):
        youngest[_pair(row)] = row
    found = [_proposal(row, latest.get(pair)) for pair, row in youngest.items()]
    return sorted(found, key=lambda p: (p.decision is not None, -p.pair.probability, p.id))


def proposal(store: Store, proposal_id: str, as_of: datetime) -> FirmProposal | None:
    """One proposal with the latest word on its pair; None where there is none of that name."""
    row = store.row("SELECT * FROM firm_proposal WHERE id = ? AND received_at <= ?", (proposal_id, instant(as_of)))
    return None if row is None else _proposal(row, _latest(store, as_of).get(_pair(row)))


def _latest(store: Store, as_of: datetime) -> dict[tuple[str, ...], FirmDecision]:
    return {_pair(row): _decision(row) for row in store.rows(LATEST, (instant(as_of),))}


def _pair(row: Row) -> tuple[str, ...]:
    return row["left_kind"], row["left_key"], row["right_kind"], row["right_key"]


def _proposal(row: Row, decision: FirmDecision | None) -> FirmProposal:
    left, right = (row["left_kind"], row["left_key"]), (row["right_kind"], row["right_key"])
    standing = None if decision is None or decision.value == "undone" else decision
    return FirmProposal(
        id=row["id"],
        pair=FirmPair(left, right, row["probability"], tuple(json.loads(row["evidence"]))),
        code_version=row["code_version"],
        received_at=from_instant(row["received_at"]),
        superseded_at=from_instant_or_none(row["superseded_at"]),
        decision=standing,
    )


def _decision(row: Row) -> FirmDecision:
    return FirmDecision(
        id=row["id"],
        proposal_id=row["proposal_id"],
        value=row["value"],
        keep_key=row["keep_key"],
        by=row["by"],
        at=from_instant(row["at"]),
        reason=row["reason"],
        simulated=bool(row["simulated"]),
    )
