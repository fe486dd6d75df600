"""One enterprise in words: what the registry says of it, and since when. All text is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboard import markup, palette
from dashboard.alert_text import source_words
from dashboard.labels import Words
from enforcement.registry import (
    BuildingSite,
    Complaint,
    Enterprise,
    Fact,
    Inspection,
    MonitorPoint,
    Outfall,
    Permit,
    PositiveListing,
)
from pipelines.records import AlertView


def head(firm: Enterprise, words: Words) -> str:
    """The firm's name and what the registry holds of the firm itself."""
    return f'<div class="yx-firm">{escape(firm.name)}</div>{facts_of(firm, words)}'


def facts_of(firm: Enterprise, words: Words) -> str:
    """Name, code and what else the registry holds of the firm itself."""
    pairs = [
        (words("enterprise.uscc"), firm.uscc),
        (words("enterprise.former_names"), "、".join(firm.former_names)),
        (words("enterprise.address"), firm.address),
        (words("enterprise.industry"), firm.industry),
        (words("enterprise.size_class"), firm.size_class),
        (words("enterprise.credit_class"), words.of("credit", firm.credit_class) if firm.credit_class else ""),
        (words("enterprise.key_unit"), words("enterprise.yes") if firm.key_unit else words("enterprise.no")),
        (words("enterprise.registered_on"), words.day(firm.registered_on) if firm.registered_on else ""),
        (words("enterprise.source"), source_of(firm, words)),
    ]
    return markup.facts([(name, value) for name, value in pairs if value])


def source_of(fact: Fact, words: Words) -> str:
    """From which file and row, and when it was received."""
    return words(
        "enterprise.source_value",
        sha=fact.source_sha256[:10],
        row=fact.source_row,
        when=words.when(fact.received_at),
    )


def span(fact: Fact, words: Words) -> str:
    """From when to when a fact holds."""
    start = words.day(fact.valid_from) if fact.valid_from else "…"
    end = words.day(fact.valid_to) if fact.valid_to else words("enterprise.open_end")
    return escape(words("enterprise.valid", start=start, end=end))


def permits(found: Sequence[Permit], words: Words) -> str:
    """Permits with their span, outlets and pollutants."""
    heads = _heads("number:code", "span", "outlets", "issuer")
    rows = [
        [
            escape(permit.permit_number),
            span(permit, words),
            escape("、".join((*permit.outlets, *permit.pollutants)) or "—"),
            escape(permit.issuer or "—"),
        ]
        for permit in found
    ]
    return _table(heads, rows, words)


def outfalls(found: Sequence[Outfall], words: Words) -> str:
    """Outfalls the firm answers for."""
    heads = _heads("code:code", "name", "water", "number:code")
    rows = [
        [
            f"{palette.mark_html('registered_outfall')} {escape(outfall.code)}",
            escape(outfall.name or outfall.outfall_class or "—"),
            escape(outfall.receiving_water or "—"),
            escape(outfall.permit_number or "—"),
        ]
        for outfall in found
    ]
    return _table(heads, rows, words)


def monitors(found: Sequence[MonitorPoint], words: Words) -> str:
    """Monitor points at the firm."""
    heads = _heads("code:code", "name", "measured", "mn:code")
    rows = [
        [
            f"{palette.mark_html('monitor')} {escape(point.code)}",
            escape(point.name),
            escape(point.kind or "—"),
            escape(point.mn or "—"),
        ]
        for point in found
    ]
    return _table(heads, rows, words)


def sites(found: Sequence[BuildingSite], words: Words) -> str:
    """Building sites the firm builds."""
    heads = _heads("code:code", "name", "phase", "span")
    rows = [
        [
            f"{palette.mark_html('site')} {escape(site.site_id)}",
            escape(site.name),
            escape(site.phase or "—"),
            f"{escape(words.day(site.started_on))} – {escape(words.day(site.ends_on))}",
        ]
        for site in found
    ]
    return _table(heads, rows, words)


def listings(found: Sequence[PositiveListing], words: Words) -> str:
    """Entries on the positive list."""
    heads = _heads("listed_on", "listed_until", "basis")
    rows = [
        [
            escape(words.day(entry.listed_on)),
            escape(words.day(entry.until) if entry.until else words("enterprise.by_rule")),
            escape(entry.basis or "—"),
        ]
        for entry in found
    ]
    return _table(heads, rows, words)


def inspections(found: Sequence[Inspection], words: Words) -> str:
    """Visits, newest first."""
    heads = _heads("on", "found", "detail")
    rows = [
        [
            escape(words.day(visit.on)),
            escape(words("enterprise.found_yes" if visit.found else "enterprise.found_no")),
            escape(visit.detail or "—"),
        ]
        for visit in sorted(found, key=lambda visit: visit.on, reverse=True)
    ]
    return _table(heads, rows, words)


def complaints(found: Sequence[Complaint], words: Words) -> str:
    """Complaints naming the firm, newest first."""
    heads = _heads("on", "topic", "detail")
    rows = [
        [escape(words.day(said.on)), escape(said.topic or "—"), escape(said.text or "—")]
        for said in sorted(found, key=lambda said: said.on, reverse=True)
    ]
    return _table(heads, rows, words)


def alerts(found: Sequence[tuple[AlertView, float]], words: Words) -> str:
    """Alerts that name the firm: the machine's part and, apart from it, a person's word.

    Args:
        found: each alert with the probability that this firm is the source.
        words: the language.
    """
    heads = [
        ("triage.observed", "code"), ("triage.machine", ""), ("enterprise.share", "figure"), ("triage.person", ""),
    ]  # fmt: skip
    rows = [
        [
            escape(words.when(view.alert.observed_at)),
            f"{palette.mark_html(view.alert.kind)} {escape(words.of('kind', view.alert.kind))} "
            f'<span class="yx-note">{escape(view.alert.id)} · {escape(source_words(view.attribution, words))}</span>',
            words.percent(share),
            _verdict_chip(view, words),
        ]
        for view, share in found
    ]
    return _table(heads, rows, words)


def _verdict_chip(view: AlertView, words: Words) -> str:
    text = words.of("verdict", view.verdict.value) if view.verdict else words("state.open")
    return markup.chip(view.state, text)


def _heads(*columns: str) -> list[tuple[str, str]]:
    """Columns of this page's labels, each as `name` or `name:css`."""
    parted = (column.partition(":") for column in columns)
    return [(f"enterprise.{name}", css) for name, _, css in parted]


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], words: Words) -> str:
    return markup.table([(words(key), css) for key, css in heads], rows)
