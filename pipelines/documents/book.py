"""A file that people read: facts and tables under headings, as one HTML page and as PDF, from the same content."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from reportlab.platypus import Flowable

from pipelines.documents.page import SIMULATED, facts, gap, pdf, table, text

STYLE = """
body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1c2733;max-width:60rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #b8c2cb}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #b8c2cb;padding:.3rem .5rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}th{background:#eef2f5;font-weight:500}img{max-width:16rem;max-height:12rem}.made-up{color:#a33a2c}
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text that leads to a file of the bag; `picture`: it is shown as well."""

    text: str
    href: str
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a heading; `shares` says how wide each column is beside the others."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The whole: a title, facts at its head, and sections. Sections without rows say that there is nothing."""

    id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    simulated: bool
    foot: str = ""


def html(book: Book) -> bytes:
    """One page that stands alone; whatever it says is text and no markup."""
    remark = f'<p class="made-up">{SIMULATED}</p>' if book.simulated else ""
    head = "".join(f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in book.facts)
    parts = [f"<h1>{escape(book.title)} {escape(book.id)}</h1>{remark}<table>{head}</table>"]
    parts += [f"<h2>{escape(one.title)}</h2>{_rows(one)}" for one in book.sections]
    body = "\n".join([*parts, f"<p>{escape(book.foot)}</p>"])
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(book.title)} '
        f"{escape(book.id)}</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    ).encode()


def paper(book: Book) -> bytes:
    """The same as PDF."""
    pieces: list[Flowable] = [text(book.title, "title"), gap(2), facts(list(book.facts)), gap(1)]
    for one in book.sections:
        pieces.append(text(one.title, "head"))
        rows = [[cell.text if isinstance(cell, Cell) else cell for cell in row] for row in one.rows]
        pieces.append(table(one.heads, rows, one.shares) if rows else text("无", "small"))
    pieces += [gap(2), text(book.foot, "small")]
    return pdf(pieces, title=f"{book.title} {book.id}", footer=f"{book.title} {book.id}", simulated=book.simulated)


def _rows(one: Section) -> str:
    if not one.rows:
        return "<p>无</p>"
    heads = "".join(f"<th>{escape(head)}</th>" for head in one.heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in one.rows)
    return f"<table><tr>{heads}</tr>{body}</table>"


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return f"<td>{escape(cell).replace(chr(10), '<br>')}</td>"
    href = escape(quote(cell.href), quote=True)
    shown = f'<br><img loading="lazy" src="{href}" alt="{escape(cell.text, quote=True)}">' if cell.picture else ""
    return f'<td><a href="{href}">{escape(cell.text)}</a>{shown}</td>'


def columns(*named: tuple[str, float]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Headings and their shares, from pairs."""
    return tuple(name for name, _ in named), tuple(share for _, share in named)


def lines(*words: str | None) -> str:
    """Words one below the other, those that are empty left out."""
    return "\n".join(word for word in words if word)
