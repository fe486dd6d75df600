"""What a firm was said to be over time, and which other entries may be the same firm. Text is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from dashboard import firm_tables, markup
from dashboard.labels import Words
from enforcement.registry import Enterprise
from pipelines.store.read.registry import Statement
from pipelines.store.records import FirmProposal

KEPT = ("name", "credit_class", "key_unit", "size_class", "address")


def statements(found: Sequence[Statement], as_of: datetime, words: Words, *, sources: firm_tables.Sources) -> str:
    """Statements on the firm, all known by an instant, youngest first, with its credit class and what changed."""
    heads = [
        (words("enterprise.known_from"), "code"),
        (words("enterprise.known_until"), "code"),
        (words("enterprise.credit_class"), ""),
        (words("enterprise.what_changed"), ""),
        (words("enterprise.source"), ""),
    ]
    before: list[Any] = [None, *(one.fact for one in found)]
    rows = [
        [
            escape(words.when(one.fact.received_at)),
            escape(words.when(one.superseded_at)) if _ended(one, as_of) else escape(words("enterprise.still")),
            _class(one.fact, words),
            _changes(earlier, one.fact, words),
            firm_tables.source_cell(one.fact, sources, words),
        ]
        for earlier, one in zip(before, found, strict=False)
        if isinstance(one.fact, Enterprise)
    ]
    return markup.table(heads, rows[::-1], height_px=firm_tables.HEIGHT_PX)


def _ended(one: Statement, as_of: datetime) -> bool:
    return one.superseded_at is not None and one.superseded_at <= as_of


def _class(firm: Enterprise, words: Words) -> str:
    return escape(words.of("credit", firm.credit_class)) if firm.credit_class else "—"


def _changes(earlier: Any, firm: Enterprise, words: Words) -> str:
    if not isinstance(earlier, Enterprise):
        return escape(words("enterprise.first_said"))
    changed = [name for name in KEPT if getattr(earlier, name) != getattr(firm, name)]
    if earlier.place != firm.place:
        changed.append("place")
    return escape("、".join(words(f"enterprise.{name}") for name in changed) or "—")


def proposals(found: Sequence[FirmProposal], words: Words) -> str:
    """Entries that may be the same firm: how probable, why, and a person's word where there is one."""
    heads = [
        (words("enterprise.entry"), ""),
        (words("enterprise.same_share"), "figure"),
        (words("enterprise.why_same"), ""),
        (words("triage.person"), ""),
    ]
    rows = [
        [
            f"{escape(' ↔ '.join(_entry(side, words) for side in (one.pair.left, one.pair.right)))}"
            f"<br><span class='yx-note'>{escape(one.id)}</span>",
            words.percent(one.pair.probability),
            "<br>".join(escape(_piece(piece)) for piece in one.pair.evidence),
            _decision(one, words),
        ]
        for one in found
    ]
    return markup.table(heads, rows, height_px=firm_tables.HEIGHT_PX)


def _entry(entry: tuple[str, str], words: Words) -> str:
    return f"{words.of('registry_kind', entry[0])} {entry[1]}"


def _piece(piece: Any) -> str:
    sides = " ↔ ".join(str(side) for side in (piece.get("left"), piece.get("right")) if side)
    return f"{piece['kind']}: {sides or piece['found']} ({piece['weight']:+.1f})"


def _decision(one: FirmProposal, words: Words) -> str:
    if one.decision is None:
        return markup.chip("open", words("enterprise.undecided"))
    return markup.chip("judged", words.of("firm_word", one.decision.value))


def about(found: Sequence[FirmProposal], uscc: str) -> list[FirmProposal]:
    """The proposals in which a firm is one of the two."""
    return [one for one in found if (Enterprise.KIND, uscc) in (one.pair.left, one.pair.right)]
