"""A week's plan in words: the ranked list and the exempt firms, for page and paper. All text is escaped here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from html import escape

from dashboard import markup, palette
from dashboard.labels import Words
from enforcement.weekly import WeeklyTarget
from pipelines.records import WeeklyPlan


def iso_week(day: date) -> str:
    """The ISO week of a day, as 2026-W48."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def weeks_to_offer(known: list[str], today: date) -> list[str]:
    """Weeks with a plan, this week and the next, newest first."""
    return sorted({*known, iso_week(today), iso_week(today + timedelta(days=7))}, reverse=True)


def reason_words(target: WeeklyTarget, words: Words) -> list[str]:
    """Why a firm is on the list."""
    return [words.reason(reason.code, reason.values) for reason in target.reasons]


def arm_label(arm: str, words: Words, *, mark: str | None = None) -> str:
    """An arm of the plan with its mark."""
    return f"{mark if mark is not None else palette.mark_html(arm)} {escape(words(f'week.arm_{arm}'))}"


def target_table(plan: WeeklyPlan, words: Words, *, inline_marks: bool = False) -> str:
    """The ranked list; `inline_marks` puts the marks in as SVG, for a document without our style sheet."""
    heads = [
        (words("week.rank"), "figure"),
        (words("week.enterprise"), ""),
        (words("week.arm"), ""),
        (words("week.score"), "figure"),
        (words("week.probability"), "figure"),
        (words("week.propensity"), "figure"),
        (words("week.reasons"), ""),
    ]
    return markup.table(heads, list(_target_rows(plan, words, inline_marks)))


def _target_rows(plan: WeeklyPlan, words: Words, inline_marks: bool) -> Iterator[list[str]]:
    for target in plan.targets:
        mark = palette.mark_svg(target.arm) if inline_marks else None
        yield [
            str(target.rank),
            f'<b>{escape(target.name)}</b><br><span class="yx-note">{escape(target.enterprise)}</span>',
            f'<span style="white-space:nowrap">{arm_label(target.arm, words, mark=mark)}</span>',
            "—" if target.score is None else f"{target.score:g}",
            words.percent(target.probability),
            words.percent(target.propensity),
            markup.bullets(reason_words(target, words)) or "—",
        ]


def exempt_table(plan: WeeklyPlan, words: Words) -> str:
    """The firms that are left alone this week, with the reason and until when."""
    rows = [
        [
            escape(firm.name),
            f'<span class="yx-note">{escape(firm.enterprise)}</span>',
            escape(words.reason(firm.reason)),
            escape(words("week.until", date=words.day(firm.until))) if firm.until else "—",
        ]
        for firm in plan.exempt
    ]
    heads = [(words("week.enterprise"), ""), (words("enterprise.uscc"), "code"), (words("week.reasons"), ""), ("", "")]
    return markup.table(heads, rows)


def made_line(plan: WeeklyPlan, words: Words) -> str:
    """When, from what and with which seed the plan was made, and its content hash."""
    made = words("week.drafted", when=words.when(plan.drafted_at), as_of=words.when(plan.as_of), seed=plan.seed)
    return f"{made} · {words('week.hash', sha=plan.sha256[:16])}"
