"""The rows that an office must mend, as a table and as a file for that office. Text is escaped here."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from html import escape

from dashboard import markup
from dashboard.labels import Words
from pipelines.casework.registry_review import Review
from pipelines.registry_quality import Finding, RowAtFault

SHOWN = 200


def rows_table(review: Review, finding: Finding, words: Words) -> str:
    """The rows of one check: what, where in which file, what was seen."""
    heads = [
        (words("quality.kind"), ""),
        (words("registry.key"), "code"),
        (words("registry.thing"), ""),
        (words("quality.detail"), ""),
        (words("quality.where"), ""),
        (words("quality.office"), ""),
    ]
    rows = [
        [
            escape(words.of("registry_kind", row.kind)),
            escape(row.key),
            escape(row.title),
            escape(row.detail),
            escape(where(review, row, words)),
            escape(review.source_of(row).office or words("quality.no_office")),
        ]
        for row in finding.rows[:SHOWN]
    ]
    return markup.table(heads, rows, height_px=430)


def where(review: Review, row: RowAtFault, words: Words) -> str:
    """The file and the row; a dash where a whole kind is meant."""
    if not row.source_row:
        return "—"
    file = review.source_of(row).name or row.source_sha256[:10]
    return words("quality.where_value", file=file, row=row.source_row)


def offices(review: Review) -> dict[str, list[tuple[Finding, RowAtFault]]]:
    """What each office has to mend, the office with the most rows first; rows of nobody under ""."""
    found: dict[str, list[tuple[Finding, RowAtFault]]] = defaultdict(list)
    for finding in review.findings:
        for row in finding.rows:
            found[review.source_of(row).office].append((finding, row))
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def office_csv(review: Review, rows: Sequence[tuple[Finding, RowAtFault]], words: Words) -> bytes:
    """What one office has to mend, for a spreadsheet: UTF-8 with its mark; a cell never begins as a formula does."""
    out = io.StringIO()
    writer = csv.writer(out)
    heads = ("quality.group", "quality.check", "registry.kind", "registry.key", "registry.thing", "quality.detail")
    writer.writerow([*(words(head) for head in heads), words("quality.file"), words("registry.row")])
    for finding, row in rows:
        source = review.source_of(row)
        cells = (
            words(f"quality.group_{finding.group}"), words(f"quality.{finding.check}"),
            words.of("registry_kind", row.kind), row.key, row.title, row.detail, source.name, row.source_row,
        )  # fmt: skip
        writer.writerow([plain_cell(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def plain_cell(text: str) -> str:
    """A cell that a spreadsheet takes for text and nothing else."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
