"""From entries to proposals: for each entry without a valid code, which firm it is, or that it is none of them.

Two entries with different valid codes are two firms, whatever their names: such a pair is never proposed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.firms.candidates import candidate_pairs
from models.firms.entry import Entry
from models.firms.evidence import Piece, address_piece, name_piece, number_piece, place_piece
from models.firms.names import parts_of

PRIOR_NONE = 6.0  # ln odds that an entry is none of its candidates before anything was compared; ours
LEAST_SHOWN = 0.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two entries that are probably one firm; `keep` is the one with the code, or the first to be known."""

    entry: Entry
    keep: Entry
    probability: float
    evidence: tuple[Piece, ...]


def propose(entries: Iterable[Entry], *, at_least: float = LEAST_SHOWN) -> list[Proposal]:
    """Proposals over all entries, the surest first.

    Args:
        entries: of all kinds; those of one valid code are one firm already.
        at_least: probability below which a proposal is not made.

    Returns:
        At most one proposal an entry. The probability is that among all candidates and *none of them*.

    Source: I. P. Fellegi, A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969).
    """
    held = sorted(entries, key=lambda entry: entry.id)
    coded: dict[str, list[Entry]] = defaultdict(list)
    for entry in held:
        if entry.code:
            coded[entry.code].append(entry)
    loose = [entry for entry in held if not entry.code]
    firms = [coded[code] for code in sorted(coded)]
    found = _linked(loose, firms)
    left = [entry for entry in loose if entry.id not in {proposal.entry.id for proposal in found}]
    found += _among_themselves(left)
    kept = [proposal for proposal in found if proposal.probability >= at_least]
    return sorted(kept, key=lambda proposal: (-proposal.probability, proposal.entry.id))


def _linked(loose: Sequence[Entry], firms: Sequence[Sequence[Entry]]) -> list[Proposal]:
    shared = _shared(firms)
    scored: dict[int, list[tuple[float, int, tuple[Piece, ...]]]] = defaultdict(list)
    for i, j in candidate_pairs(loose, firms):
        pieces = compared(loose[i], firms[j], shared[j])
        scored[int(i)].append((sum(piece.weight for piece in pieces), int(j), pieces))
    return [
        _best(loose[i], [(weight, _head(firms[j]), pieces) for weight, j, pieces in options])
        for i, options in scored.items()
    ]


def compared(loose: Entry, firm: Sequence[Entry], shared_by: int = 1) -> tuple[Piece, ...]:
    """All evidence between an entry and a firm; pieces that say nothing are left out."""
    number = number_piece(loose, firm)
    pieces = (name_piece(loose, firm, shared_by), address_piece(loose, firm), place_piece(loose, firm))
    return tuple(piece for piece in ((number, *pieces) if number else pieces) if piece.weight)


def _best(entry: Entry, options: Sequence[tuple[float, Entry, tuple[Piece, ...]]]) -> Proposal:
    weights = np.array([PRIOR_NONE, *(weight for weight, _, _ in options)])
    share = np.exp(weights - weights.max())
    share /= share.sum()
    best = int(np.argmax(share[1:]))
    _, keep, pieces = options[best]
    return Proposal(entry, keep, float(share[best + 1]), pieces)


def _among_themselves(loose: Sequence[Entry]) -> list[Proposal]:
    """Entries that are no known firm's: the earlier of two alike stands for a firm that has no code yet."""
    groups = [[entry] for entry in loose if entry.kind == "enterprise"]
    if not groups:
        return []
    options: dict[int, list[tuple[float, Entry, tuple[Piece, ...]]]] = defaultdict(list)
    shared = _shared(groups)
    for i, j in candidate_pairs(loose, groups):
        keep = groups[j][0]
        if keep.id == loose[i].id or (loose[i].kind == "enterprise" and keep.id > loose[i].id):
            continue
        pieces = compared(loose[i], groups[j], max(1, shared[j] - 1))
        options[int(i)].append((sum(piece.weight for piece in pieces), keep, pieces))
    return [_best(loose[i], some) for i, some in options.items()]


def _head(firm: Sequence[Entry]) -> Entry:
    """The entry that stands for a firm: its own row where the registry of firms has it."""
    return min(firm, key=lambda entry: (entry.kind != "enterprise", entry.id))


def _shared(firms: Sequence[Sequence[Entry]]) -> list[int]:
    """How many of the firms bear the name that this one bears today, branches apart."""
    bodies = [{(p.body, p.branch) for e in firm if e.name and (p := parts_of(e.name)).body} for firm in firms]
    counts = Counter(body for some in bodies for body in some)
    return [max((counts[body] for body in some), default=1) for some in bodies]
