"""What speaks for and against two entries being one firm, each piece a log-likelihood ratio (Fellegi, Sunter 1969).

The weights are ours, in natural logarithms: ln of how much oftener a piece is seen between entries of one firm than
between entries of two that the look-up brought together. `benchmarks/bench_firms.py` measures what they are worth on
made-up registries, and prints how often each piece is seen in either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from models.firms.addresses import address_of
from models.firms.entry import Entry
from models.firms.names import NameParts, parts_of

NEAR_M, SAME_QUARTER_M, FAR_M = 80.0, 250.0, 800.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence: which kind, what was found, its weight, and the two spellings that it compares."""

    kind: str
    found: str
    weight: float
    left: str = ""
    right: str = ""


def number_piece(loose: Entry, firm: Sequence[Entry]) -> Piece | None:
    """Registration numbers and codes that nearly agree."""
    for entry in firm:
        code = entry.code or entry.written_code
        if loose.old_number and loose.old_number == entry.old_number:
            return Piece("number", "old_number_same", 12.0, loose.old_number, entry.old_number)
        org = entry.org_code or (code[8:17] if len(code) == 18 else "")
        if loose.org_code and loose.org_code == org:
            return Piece("number", "organisation_code_same", 12.0, loose.org_code, code or org)
    return _slip(loose, firm)


def _slip(loose: Entry, firm: Sequence[Entry]) -> Piece | None:
    written = loose.written_code
    if len(written) not in (17, 18, 19):
        return None
    codes = sorted({entry.code for entry in firm if entry.code}, key=lambda code: OSA.distance(written, code))
    if not codes:
        return None
    slips = OSA.distance(written, codes[0])
    if slips <= 1:
        return Piece("number", "code_one_slip", 9.0, written, codes[0])
    if slips <= 2:
        return Piece("number", "code_two_slips", 5.0, written, codes[0])
    return Piece("number", "code_differs", -4.0, written, codes[0])


def name_piece(loose: Entry, firm: Sequence[Entry], shared_by: int) -> Piece:
    """The best agreement between a name of the one and a name, today's or former, of the other.

    Args:
        loose: the entry.
        firm: all entries of a firm.
        shared_by: how many firms with different codes bear a body like the firm's; a name that many bear says little.
    """
    pieces = [
        _names(mine, yours, shared_by)
        for mine in dict.fromkeys((loose.name, *loose.former_names))
        for yours in dict.fromkeys(name for entry in firm for name in (entry.name, *entry.former_names))
        if mine and yours
    ]
    return max(pieces, key=lambda piece: piece.weight, default=Piece("name", "no_name", 0.0))


def _names(mine: str, yours: str, shared_by: int) -> Piece:
    a, b = parts_of(mine), parts_of(yours)
    if a.branch != b.branch:
        return Piece("name", "another_branch", -9.0, mine, yours)
    found, weight = _bodies(a, b)
    return Piece("name", found, weight - math.log(max(1, shared_by)) if weight > 0 else weight, mine, yours)


def _bodies(a: NameParts, b: NameParts) -> tuple[str, float]:
    if not a.body or not b.body:
        return ("whole_same", 8.0) if a.whole == b.whole else ("body_unclear", -1.0)
    if a.body == b.body:
        return "body_same", 9.0
    shorter, longer = sorted((a.body, b.body), key=len)
    slips = OSA.distance(shorter, longer)
    if slips == 1 and len(shorter) >= 4:
        return "body_one_slip", 4.0 + 0.3 * min(len(shorter), 10) - (3.0 if a.body[:2] != b.body[:2] else 0.0)
    if len(shorter) >= 4 and longer.startswith(shorter):
        return "body_shortened", 3.0
    alike = ratio(a.body, b.body)
    if alike >= 85:
        return "body_alike", 1.0
    return ("body_partly", -4.0) if alike >= 60 else ("body_differs", -8.0)


def address_piece(loose: Entry, firm: Sequence[Entry]) -> Piece:
    """Street and house number, where both sides give them."""
    best = Piece("address", "not_given", 0.0)
    mine = address_of(loose.address)
    for entry in firm:
        yours = address_of(entry.address)
        if not mine.street or not yours.street:
            continue
        if mine.street != yours.street:
            found, weight = "another_street", -2.5
        elif mine.number and yours.number:
            found, weight = ("same_number", 5.0) if mine.number == yours.number else ("another_number", -2.0)
        else:
            found, weight = "same_street", 1.5
        if best.found == "not_given" or weight > best.weight:
            best = Piece("address", found, weight, loose.address, entry.address)
    return best


def place_piece(loose: Entry, firm: Sequence[Entry]) -> Piece:
    """How far apart they lie, where both have a place."""
    apart = [math.hypot(loose.x_m - entry.x_m, loose.y_m - entry.y_m) for entry in firm]
    known = [metres for metres in apart if math.isfinite(metres)]
    if not known:
        return Piece("place", "not_given", 0.0)
    metres = min(known)
    found, weight = (
        ("near", 3.0)
        if metres <= NEAR_M
        else ("same_quarter", 1.0)
        if metres <= SAME_QUARTER_M
        else ("apart", -1.5)
        if metres <= FAR_M
        else ("far", -4.0)
    )
    return Piece("place", found, weight, f"{metres:.0f} m")
