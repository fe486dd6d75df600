"""An A4 page with Chinese text, from pieces: headings, paragraphs, tables; the same pieces give the same bytes.

The font is STSong-Light, one of the Chinese CID fonts that every PDF reader brings along (ISO 32000-1, 9.7.5.2,
character collection Adobe-GB1): no font file is carried, and none is in the PDF.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT = "STSong-Light"
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
PADDING = 6
"""Of the library's frame, in points."""
INK, FAINT, RULE = colors.HexColor("#1c2733"), colors.HexColor("#5d6b78"), colors.HexColor("#b8c2cb")
SIMULATED = "样例数据：人物与企业均为虚构，不得作为执法依据"
OUTSIDE = str.maketrans({"³": "3", "²": "2", "₂": "2", "₃": "3", "μ": "u", "µ": "u", "—": "－", "–": "-"})
"""Characters that Adobe-GB1 or a reader's font lacks, and what stands for them."""


@cache
def font() -> str:
    """The name of the font, once it is known to the library."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    return FONT


@cache
def style(name: str) -> ParagraphStyle:
    """The style of a piece of text: `title`, `head`, `body`, `small`, `cell` or `key`."""
    size, leading, before, align, ink = {
        "title": (17, 24, 0, 1, INK),
        "head": (11.5, 17, 8, 0, INK),
        "body": (10, 15.5, 0, 0, INK),
        "small": (8, 11.5, 2, 0, FAINT),
        "cell": (9, 12.5, 0, 0, INK),
        "key": (9, 12.5, 0, 0, FAINT),
    }[name]
    return ParagraphStyle(
        name, fontName=font(), fontSize=size, leading=leading, spaceBefore=before, alignment=align, textColor=ink,
        wordWrap="CJK", keepWithNext=int(name == "head"),
    )  # fmt: skip


def plain(text: object) -> str:
    """A text in characters that the font has."""
    return ("" if text is None else str(text)).translate(OUTSIDE)


def text(said: object, name: str = "body") -> Paragraph:
    """A paragraph; whatever is said is text and no markup."""
    return Paragraph(escape(plain(said)).replace("\n", "<br/>"), style(name))


def gap(height_mm: float = 3.0) -> Spacer:
    """Empty space."""
    return Spacer(1, height_mm * mm)


def together(pieces: Sequence[Flowable]) -> KeepTogether:
    """Pieces that stand on one page."""
    return KeepTogether(list(pieces))


def facts(rows: Sequence[tuple[str, object]], *, columns: int = 2) -> Table:
    """Named facts in one or two columns, as at the head of an office's form."""
    cells = [piece for key, value in rows for piece in (text(key, "key"), text(value, "cell"))]
    wide = columns * 2
    cells += [text("", "cell")] * (-len(cells) % wide)
    key_width = 25 * mm
    widths = [key_width, WIDTH / columns - key_width] * columns
    return _table([cells[i : i + wide] for i in range(0, len(cells), wide)], widths)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], shares: Sequence[float]) -> Table:
    """Rows under headings; `shares` says how wide each column is beside the others."""
    widths = [WIDTH * share / sum(shares) for share in shares]
    body = [[text(cell, "cell") for cell in row] for row in rows]
    made = _table([[text(head, "key") for head in heads], *body], widths, repeat=1)
    made.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eef2f5"))]))
    return made


def _table(cells: list[list[Any]], widths: Sequence[float], *, repeat: int = 0) -> Table:
    made = Table(cells, colWidths=list(widths), repeatRows=repeat)
    made.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, RULE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return made


def pdf(pieces: Sequence[Flowable], *, title: str, footer: str, simulated: bool) -> bytes:
    """The pages with their numbers.

    Args:
        pieces: in order.
        title: of the document.
        footer: at the left foot of every page.
        simulated: whether made-up people stand behind it; then every page says so.
    """
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=MARGIN - PADDING, rightMargin=MARGIN - PADDING, topMargin=15 * mm,
        bottomMargin=15 * mm,
        title=plain(title), author="yaoxun", invariant=1,
    )  # fmt: skip

    class Numbered(_Numbered):
        left = plain(footer)
        remark = SIMULATED if simulated else ""

    document.build(list(pieces), canvasmaker=Numbered)
    return buffer.getvalue()


class _Numbered(Canvas):
    """A canvas that knows at its end how many pages there are."""

    left = ""
    remark = ""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep the page until their number is known."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write each page with its foot."""
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(font(), 8)
            self.setFillColor(FAINT)
            self.drawString(MARGIN, 10 * mm, self.left)
            self.drawRightString(A4[0] - MARGIN, 10 * mm, f"{number} / {len(self._pages)}")
            if self.remark:
                self.setFillColor(colors.HexColor("#a33a2c"))
                self.drawCentredString(A4[0] / 2, A4[1] - 11 * mm, self.remark)
            super().showPage()
        super().save()
