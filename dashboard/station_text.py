"""The station's desk in words: the board, an exceedance, what was looked at, its reports. All text is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dashboard import markup
from dashboard.labels import Words
from enforcement.clocks import Deadline
from enforcement.pollutants import pollutant_name
from pipelines.store.desk_records import DeskExceedance, DeskMatter


def board(found: Sequence[DeskMatter], clocks: Mapping[str, Deadline], firms: Mapping[str, str], words: Words) -> str:
    """The desk: what waits for the station first, the earliest date first."""
    heads = [
        (words("station.state"), ""), (words("station.what"), ""), (words("station.firm"), ""),
        (words("station.value"), "figure"), (words("station.known"), ""), (words("station.due"), ""),
    ]  # fmt: skip
    return markup.table(heads, [_row(one, clocks, firms, words) for one in found], height_px=300)


def _row(one: DeskMatter, clocks: Mapping[str, Deadline], firms: Mapping[str, str], words: Words) -> list[str]:
    told, clock = one.exceedance, clocks.get(one.exceedance.id)
    state = markup.chip(CHIPS[one.state], words.of("exceedance_state", one.state))
    again = f"<br><small>{escape(words('station.withdrawn'))}</small>" if told.withdrawn else ""
    due = "—" if clock is None else markup.chip(clock.state.value, words.of("clock_state", clock.state.value))
    day = "" if clock is None or clock.clock.ended is not None else f" {clock.due.latest.isoformat()}"
    what = f"{escape(pollutant(told, words))}<br><small>{escape(told.id)} · {escape(told.mn)}</small>"
    return [
        f"{state}{again}", what, escape(firms.get(told.enterprise_uscc or "", told.enterprise_uscc or "—")),
        f"{told.value:g}<br><small>{escape(words('station.limit'))} {told.limit:g} {escape(told.unit)}</small>",
        escape(words.when(told.known_at)), f"{due}{day}",
    ]  # fmt: skip


CHIPS = {"open": "open", "reported": "judged", "delivered": "running", "received": "met", "not_valid": "paused"}
"""The look of a state's chip."""


def pollutant(told: DeskExceedance, words: Words) -> str:
    """A pollutant as a reader of this language knows it."""
    return pollutant_name(told.pollutant) if words.language == "zh" else told.pollutant


def title(one: DeskMatter, words: Words) -> str:
    """An exceedance in a list."""
    told = one.exceedance
    return words(
        "station.line", id=told.id, state=words.of("exceedance_state", one.state), what=pollutant(told, words),
        value=f"{told.value:g}",
    )  # fmt: skip


def facts(one: DeskMatter, firms: Mapping[str, str], words: Words) -> str:
    """An exceedance whole."""
    told = one.exceedance
    counted = words("station.counted", times=told.times, allowed=told.allowed) if told.times else ""
    source = words(f"station.from_{told.source}")
    return markup.facts(
        [
            (words("station.firm"), firms.get(told.enterprise_uscc or "", told.enterprise_uscc or "—")),
            (words("station.device"), " · ".join(part for part in (told.point, told.mn) if part)),
            (words("station.period"), words.of("audit_period", told.period)),
            (words("station.when"), f"{words.when(told.begin)} – {words.when(told.end)}"),
            (words("station.value"), f"{told.value:g} {told.unit} {counted}"),
            (words("station.limit"), f"{told.limit:g} {told.unit} · {told.limit_link}"),
            (words("station.source"), f"{source} {told.document}".strip()),
            (words("station.excused"), ", ".join(told.excused_by) or "—"),
        ]
    )


def looked_at(one: DeskMatter, words: Words, *, names: Mapping[str, str]) -> str:
    """What was looked at, and by whom; that nothing was is said too."""
    if not one.evidence:
        return f'<div class="yx-nobody">{escape(words("station.looked_none"))}</div>'
    heads = [
        (words("station.kind"), ""), (words("station.showed"), ""), (words("station.link"), "code"),
        (words("station.who"), ""),
    ]  # fmt: skip
    rows = [
        [
            escape(words.of("audit_kind", e.kind)), escape(e.showed), escape(e.link),
            escape(f"{names.get(e.signed.by, e.signed.by)} · {words.when(e.signed.at)}"),
        ]
        for e in one.evidence
    ]  # fmt: skip
    return markup.table(heads, rows, height_px=220)


def reports(one: DeskMatter, words: Words, *, names: Mapping[str, str]) -> str:
    """Every report on an exceedance, the one that stands last; where it went."""
    parts = []
    for report in one.reports:
        who = names.get(report.signed.by, report.signed.by)
        line = words(
            "station.report_line", id=report.id, judgement=words.of("audit_judgement", report.judgement), who=who,
            when=words.when(report.signed.at),
        )  # fmt: skip
        cause = f"{words.of('audit_cause', report.cause)} · " if report.cause else ""
        stands = one.report is not None and report.id == one.report.id
        gone = "" if stands else f" <small>{escape(words('station.replaced'))}</small>"
        parts.append(f'<div class="yx-verdict"><b>{escape(line)}</b>{gone}<p>{escape(cause + report.reason)}</p></div>')
    if one.delivery is not None:
        said = words("station.delivered", when=words.when(one.delivery.signed.at), document=one.delivery.document)
        parts.append(f'<div class="yx-note">{escape(said)}</div>')
    if one.receipt is not None:
        said = words("station.received", when=words.when(one.receipt.signed.at), id=one.receipt.id)
        parts.append(f'<div class="yx-note">{escape(said)}</div>')
    return "".join(parts)
