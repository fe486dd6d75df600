"""One enterprise in words: what the registry says of it, and since when. All text is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboard import markup, palette
from dashboard.alert_text import source_words
from dashboard.labels import Words
from enforcement.registry import Enterprise, Fact
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


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], words: Words) -> str:
    return markup.table([(words(key), css) for key, css in heads], rows)
