"""Small pieces of HTML for pages and printed documents. Text is escaped here; cells of tables are HTML already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from dashboard import palette
from dashboard.labels import Words


def legend(kinds: Iterable[str], words: Words, *, section: str = "kind", prefix: str = "") -> str:
    """The marks that are on a map, with their names: the labels `section.prefix<kind>`."""
    items = "".join(
        f"<span>{palette.mark_html(kind)}{escape(words.of(section, prefix + kind))}</span>"
        for kind in dict.fromkeys(kinds)
    )
    return f'<div class="yx-legend">{items}</div>'


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and values, one line each."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return f'<dl class="yx-facts">{lines}</dl>'


def bullets(sentences: Sequence[str]) -> str:
    """A list of sentences; nothing where there are none."""
    if not sentences:
        return ""
    return '<ul class="yx-list">' + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def escaped(text: str) -> str:
    """Foreign text for a widget that renders Markdown: names from registries and files say only what they say.

    Without it a firm called `![](http://…)` would make the browser ask another machine.
    """
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])", r"\\\1", text)


def technical(text: str) -> str:
    """What exactly was seen, for whoever looks into it: small and monospaced, apart from the sentence."""
    return f'<code class="yx-technical">{escape(text)}</code>' if text else ""


def status(state: str, words: Words) -> str:
    """A state with its sign."""
    return f'<span class="yx-status yx-status-{escape(state)}">{escape(words.of("state", state))}</span>'


def person_sign(text: str) -> str:
    """Something that a person did, in the colours of people."""
    return f'<span class="yx-who yx-who-person">{escape(text)}</span>'


def chip(state: str, text: str) -> str:
    """A state as a small label."""
    return f'<span class="yx-chip yx-chip-{escape(state)}">{escape(text)}</span>'


def table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], *, height_px: int | None = None) -> str:
    """A table of cells that are HTML already.

    Args:
        heads: (title, css class of its column: "", "figure", "code").
        rows: cells in the order of `heads`.
        height_px: scrolls beyond this height.
    """
    head = "".join(f'<th class="{css}">{escape(title)}</th>' for title, css in heads)
    body = "".join(
        "<tr>" + "".join(f'<td class="{css}">{cell}</td>' for cell, (_, css) in zip(row, heads, strict=True)) + "</tr>"
        for row in rows
    )
    limit = f' style="max-height:{height_px}px"' if height_px else ""
    return (
        f'<div class="yx-scroll"{limit}><table class="yx-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
