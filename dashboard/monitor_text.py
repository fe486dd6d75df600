"""Monitors in tables and files: the board, exceedances, clues. Text is escaped here."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC
from html import escape

from dashboard import markup
from dashboard.labels import SHOWN_ZONE, Words
from dashboard.quality_text import plain_cell
from pipelines.casework.monitors import Look, Monitor
from pipelines.store.monitor_records import StoredClue, StoredExceedance

SHOWN = 300
CHIPS = {"exceeded": "no", "silent": "overdue", "repeats": "warning", "drifts": "warning", "smells": "disputed",
         "stranger": "second", "fine": "yes"}  # fmt: skip


def board(found: Sequence[Monitor], words: Words) -> str:
    """The devices, the worst first."""
    heads = [(words("monitors.trouble"), ""), (words("monitors.point"), ""), (words("monitors.heard"), "code")]
    rows = [
        [
            troubles(one, words),
            f"{escape(name(one))}<br><small>{escape(one.mn)}</small>",
            escape(words.when(one.last_at)),
        ]
        for one in found[:SHOWN]
    ]
    return markup.table(heads, rows, height_px=560)


def troubles(one: Monitor, words: Words) -> str:
    """Its troubles as chips."""
    return " ".join(markup.chip(CHIPS[word], words(f"monitors.{word}")) for word in one.troubles)


def line(one: Monitor, words: Words) -> str:
    """A device in one line, for a choice."""
    return f"{words(f'monitors.{one.troubles[0]}')} · {name(one)} · {one.mn}"


def name(one: Monitor) -> str:
    """What the registry calls it; its number where nobody registered it."""
    return one.device.name if one.device and one.device.name else one.mn


def facts(one: Monitor, words: Words) -> str:
    """What is known of a device."""
    device, lately = one.device, one.lately
    clock_s = lately.clock_s if lately else None
    pairs = [
        (words("monitors.number"), one.mn),
        (words("monitors.of"), (device and (device.enterprise or device.site)) or "—"),
        (words("monitors.interval"), f"{device.interval_s:g} s" if device and device.interval_s else "—"),
        (words("monitors.heard"), words.when(one.last_at)),
        (words("monitors.lately"), words("monitors.lately_value", packets=lately.packets if lately else 0,
                                         repeats=lately.repeats if lately else 0)),
        (words("monitors.clock"), "—" if clock_s is None else f"{clock_s:+.0f} s"),
    ]  # fmt: skip
    return markup.facts(pairs)


def exceedances(found: Sequence[StoredExceedance], words: Words) -> str:
    """Exceedances with the rule, the count, the worst mean and what may explain them."""
    heads = [
        (words("monitors.from_to"), "code"), (words("monitors.kind"), ""), (words("monitors.worst"), "figure"),
        (words("monitors.limit"), "figure"), (words("monitors.count"), "figure"), (words("monitors.rule"), "code"),
        (words("monitors.excused"), ""),
    ]  # fmt: skip
    rows = [
        [
            f"{escape(words.when(e.begin))}–{e.end.astimezone(SHOWN_ZONE):%H:%M}",
            escape(words.of("exceedance", e.kind)), f"{e.worst:.4g}", f"{e.limit:g} {escape(e.unit)}",
            f"{len(e.means)} / {e.allowed}", escape(e.rule), escape(words("app.comma").join(e.excused_by) or "—"),
        ]
        for e in reversed(found)
    ]  # fmt: skip
    return markup.table(heads, rows, height_px=260)


def clues(found: Sequence[StoredClue], words: Words) -> str:
    """Clues, each with its figures, its chance and what else it could be."""
    heads = [
        (words("monitors.clue"), ""), (words("monitors.from_to"), "code"), (words("monitors.figures"), ""),
        (words("monitors.chance"), "figure"), (words("monitors.could_be"), ""),
    ]  # fmt: skip
    rows = [
        [
            escape(words.reason(c.kind)) + (f"<br><small>{escape(c.other)}</small>" if c.other else ""),
            f"{escape(words.when(c.begin))}<br>{escape(words.when(c.end))}",
            "<br>".join(f"{escape(words.of('clue_figure', key))} {value:.4g}" for key, value in c.figures.items()),
            f"{c.chance:.1g}", escape(words("app.comma").join(words.reason(word) for word in c.innocent)),
        ]
        for c in found
    ]  # fmt: skip
    return markup.table(heads, rows, height_px=260)


def csv_of(look: Look, mn: str, code: str, unit: str) -> bytes:
    """The curve as it is drawn, for a spreadsheet; UTF-8 with its mark, times of Beijing with their offset."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["mn", "code", "unit", "begin", "minutes", "mean", "least", "most"])
    curve = look.curve
    for at, *values in zip(curve.at.tolist(), curve.mean, curve.least, curve.most, strict=True):
        begin = at.replace(tzinfo=UTC).astimezone(SHOWN_ZONE).isoformat()
        writer.writerow([plain_cell(mn), code, unit, begin, curve.minutes, *(repr(float(value)) for value in values)])
    return out.getvalue().encode("utf-8-sig")
