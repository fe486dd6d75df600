"""Proposals of who is the same firm, and people's words on them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pipelines.store.canonical import instant, to_json
from pipelines.store.records import FirmDecision, FirmPair
from pipelines.store.rows import insert_statement
from pipelines.store.transaction import Tx

CURRENT = "SELECT * FROM firm_proposal WHERE superseded_at IS NULL"


def replace_proposals(tx: Tx, pairs: Sequence[FirmPair], *, code_version: str, at: datetime) -> tuple[int, int]:
    """Write the proposals of a look over the registry: those that say the same stay, the others end.

    Returns:
        How many are new, and how many ended.
    """
    now = instant(at)
    wanted = {_name(pair): pair for pair in pairs}
    held = {_said(dict(row)): row["id"] for row in tx.rows(CURRENT)}
    ended = [number for said, number in held.items() if said not in {_text(pair) for pair in pairs}]
    for number in ended:
        tx.execute("UPDATE firm_proposal SET superseded_at = ? WHERE id = ?", (now, number))
    new = [pair for pair in wanted.values() if _text(pair) not in held]
    for pair in new:
        cells = {
            "id": "FP-" + hashlib.sha256(f"{_text(pair)} {now}".encode()).hexdigest()[:12],
            "left_kind": pair.left[0],
            "left_key": pair.left[1],
            "right_kind": pair.right[0],
            "right_key": pair.right[1],
            "probability": pair.probability,
            "evidence": to_json([dict(piece) for piece in pair.evidence]),
            "code_version": code_version,
            "received_at": now,
        }
        tx.execute(insert_statement("firm_proposal", cells), cells)
    return len(new), len(ended)


def insert_decision(tx: Tx, decision: FirmDecision, *, role: str) -> int:
    """Add a person's word on a proposal; gives its number."""
    cells = {
        "proposal_id": decision.proposal_id,
        "value": decision.value,
        "keep_key": decision.keep_key,
        "by": decision.by,
        "role": role,
        "at": instant(decision.at),
        "reason": decision.reason,
        "simulated": int(decision.simulated),
    }
    return tx.execute(insert_statement("firm_decision", cells), cells).lastrowid or 0


def _name(pair: FirmPair) -> tuple[str, ...]:
    return (*pair.left, *pair.right)


def _text(pair: FirmPair) -> str:
    return to_json([*_name(pair), pair.probability, [dict(piece) for piece in pair.evidence]])


def _said(row: dict[str, str]) -> str:
    names = (row["left_kind"], row["left_key"], row["right_kind"], row["right_key"])
    return f"{to_json([*names, row['probability']])[:-1]},{row['evidence']}]"
