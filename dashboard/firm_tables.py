"""The tables of the enterprise page: what each row of the registry says, from when to when, and which file says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from dashboard import markup, palette
from dashboard.labels import Words
from enforcement.registry import Fact
from pipelines.store.read.registry_imports import SourceFile

Sources = Mapping[str, SourceFile]
HEIGHT_PX = 300


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its label, its css class ("" text, "code", "figure"), and its cell as HTML."""

    label: str
    css: str
    cell: Callable[[Any, Words], str]


def text(name: str, *others: str) -> Callable[[Any, Words], str]:
    """A cell with a field's text, or that of the first other field that says something."""

    def cell(fact: Any, words: Words) -> str:
        said = next((value for one in (name, *others) if (value := getattr(fact, one)) not in (None, "", ())), None)
        if isinstance(said, datetime):
            return escape(words.when(said))
        if isinstance(said, date):
            return escape(words.day(said))
        return escape("、".join(said) if isinstance(said, tuple) else str(said)) if said is not None else "—"

    return cell


def word(section: str, name: str) -> Callable[[Any, Words], str]:
    """A cell with a word of a fixed list in the reader's language."""
    return lambda fact, words: escape(words.of(section, getattr(fact, name))) if getattr(fact, name) else "—"


def marked(kind: str, name: str) -> Callable[[Any, Words], str]:
    """A code with the mark that its kind has on the map."""
    return lambda fact, words: f"{palette.mark_html(kind)} {escape(str(getattr(fact, name)))}"


def span(fact: Fact, words: Words) -> str:
    """From when to when a fact holds."""
    start = words.day(fact.valid_from) if fact.valid_from else "…"
    end = words.day(fact.valid_to) if fact.valid_to else words("enterprise.open_end")
    return escape(words("enterprise.valid", start=start, end=end))


def _two_days(first: str, last: str) -> Callable[[Any, Words], str]:
    return lambda fact, words: f"{escape(words.day(getattr(fact, first)))} – {escape(words.day(getattr(fact, last)))}"


def _limit(fact: Any, words: Words) -> str:
    if fact.value is None:
        return escape(words("enterprise.no_figure"))
    low = f"{fact.value_low:g}–" if fact.value_low is not None else ""
    return escape(f"{low}{fact.value:g} {fact.unit}".strip())


def _device(point: Any, words: Words) -> str:
    """Maker and model, how often it reports, and what it does its own way."""
    every = words("enterprise.every", seconds=f"{point.interval_s:g}") if point.interval_s else ""
    said = [part for part in (point.device, every, *(words.of("quirk", one) for one in point.quirks)) if part]
    return escape(" · ".join(said) or "—")


def _accepted(fact: Any, words: Words) -> str:
    if fact.accepted is None:
        return "—"
    return escape(words("enterprise.yes") if fact.accepted else words("enterprise.no"))


def _period(fact: Any, words: Words) -> str:
    start = words.when(fact.starts_at) if fact.starts_at else "…"
    end = words.when(fact.ends_at) if fact.ends_at else words("enterprise.open_end")
    return escape(words("enterprise.valid", start=start, end=end))


def _found(fact: Any, words: Words) -> str:
    return escape(words("enterprise.found_yes" if fact.found else "enterprise.found_no"))


def _until(fact: Any, words: Words) -> str:
    return escape(words.day(fact.until) if fact.until else words("enterprise.by_rule"))


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "permits": (
        Column("enterprise.number", "code", text("permit_number")),
        Column("enterprise.span", "", span),
        Column("enterprise.outlets", "", lambda p, words: escape("、".join((*p.outlets, *p.pollutants)) or "—")),
        Column("enterprise.issuer", "", text("issuer")),
    ),
    "permit_outlets": (
        Column("enterprise.outlet", "code", marked("outlet", "outlet")),
        Column("enterprise.name", "", text("name")),
        Column("enterprise.medium", "", word("medium", "medium")),
        Column("enterprise.goes_to", "", text("outfall_code", "receiving")),
        Column("enterprise.span", "", span),
    ),
    "permit_limits": (
        Column("enterprise.outlet", "code", text("outlet")),
        Column("enterprise.pollutant", "", text("pollutant")),
        Column("enterprise.limit", "figure", _limit),
        Column("enterprise.what", "", word("limit", "what")),
        Column("enterprise.period", "", word("period", "period")),
        Column("enterprise.basis", "", text("basis")),
        Column("enterprise.span", "", span),
    ),
    "filings": (
        Column("enterprise.filing", "", word("filing", "filing_kind")),
        Column("enterprise.span", "", _period),
        Column("enterprise.outlet", "code", text("outlet")),
        Column("enterprise.detail", "", text("detail")),
        Column("enterprise.accepted", "", _accepted),
    ),
    "outfalls": (
        Column("enterprise.code", "code", marked("registered_outfall", "code")),
        Column("enterprise.name", "", text("name", "outfall_class")),
        Column("enterprise.water", "", text("receiving_water")),
        Column("enterprise.number", "code", text("permit_number")),
        Column("enterprise.span", "", span),
    ),
    "monitors": (
        Column("enterprise.code", "code", marked("monitor", "code")),
        Column("enterprise.name", "", text("name")),
        Column("enterprise.measured", "", text("kind")),
        Column("enterprise.mn", "code", text("mn")),
        Column("enterprise.units", "", text("units")),
        Column("enterprise.device", "", _device),
        Column("enterprise.span", "", span),
    ),
    "cameras": (
        Column("enterprise.code", "code", marked("watch_camera", "code")),
        Column("enterprise.name", "", text("name")),
        Column("enterprise.watches", "", text("watches")),
        Column("enterprise.span", "", span),
    ),
    "sites": (
        Column("enterprise.code", "code", marked("site", "site_id")),
        Column("enterprise.name", "", text("name")),
        Column("enterprise.phase", "", text("phase")),
        Column("enterprise.span", "", _two_days("started_on", "ends_on")),
    ),
    "positive": (
        Column("enterprise.listed_on", "", text("listed_on")),
        Column("enterprise.listed_until", "", _until),
        Column("enterprise.basis", "", text("basis")),
    ),
    "inspections": (
        Column("enterprise.on", "", text("on")),
        Column("enterprise.found", "", _found),
        Column("enterprise.detail", "", text("detail", "outcome")),
    ),
    "complaints": (
        Column("enterprise.on", "", text("on")),
        Column("enterprise.topic", "", text("topic")),
        Column("enterprise.detail", "", text("text")),
    ),
}
DATED = ("permits", "permit_outlets", "permit_limits")
"""Tables that say of each row whether it is in force on the day that is looked at."""


def table(name: str, found: Sequence[Any], words: Words, *, sources: Sources, on: date) -> str:
    """The table of one kind of rows, each with the file that says so.

    Args:
        name: one of `COLUMNS`.
        found: facts of that kind, in the order in which they are to stand.
        words: the language.
        sources: the files by SHA-256.
        on: the day that is looked at; what is not in force on it says so.
    """
    columns = COLUMNS[name]
    heads = [(words(column.label), column.css) for column in columns]
    state = [(words("enterprise.state"), "")] if name in DATED else []
    rows = [
        [
            *(column.cell(fact, words) for column in columns),
            *([state_chip(fact, on, words)] if name in DATED else []),
            source_cell(fact, sources, words),
        ]
        for fact in found
    ]
    return markup.table([*heads, *state, (words("enterprise.source"), "")], rows, height_px=HEIGHT_PX)


def state_chip(fact: Any, on: date, words: Words) -> str:
    """Whether a fact is in force on a day; a permit that an office has suspended or revoked says that."""
    said = getattr(fact, "state", "")
    if said:
        return markup.chip("judged", words.of("permit_state", said))
    if fact.valid_from is not None and on < fact.valid_from:
        return markup.chip("ended", words("enterprise.not_yet"))
    if fact.valid_to is not None and on > fact.valid_to:
        return markup.chip("ended", words("enterprise.ended"))
    return markup.chip("open", words("enterprise.in_force"))


def source_cell(fact: Fact, sources: Sources, words: Words) -> str:
    """File and row in short; the hash and when it was received show under the pointer."""
    file = sources.get(fact.source_sha256)
    name = file.name if file else fact.source_sha256[:10]
    whole = words(
        "enterprise.source_value", sha=fact.source_sha256[:10], row=fact.source_row, when=words.when(fact.received_at)
    )
    told = words("quality.where_value", file=name, row=fact.source_row)
    return f'<span class="yx-note" title="{escape(whole)}">{escape(told)}</span>'
