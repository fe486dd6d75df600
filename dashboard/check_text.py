"""A non-site check in words: the law that holds, what was looked at, how it was closed. All text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from html import escape
from typing import Any

from dashboard import markup
from dashboard.labels import Words
from enforcement import policy
from enforcement.errors import NoRuleInForce
from enforcement.policy import Rule, RuleConfidence
from pipelines.store.case_records import NonSiteCheck

WATER = ("lead_steps_after_foot_check", "foot_check", "verdict_two_people")
DUST = ("dust_quarter_hour_limit_1", "dust_quarter_hour_limit_2", "dust_comparison", "dust_online_data_used")
EVERY = ("positive_list_non_site_only", "case_filing_decision", "evidence_review", "limitation")
OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "outfall": WATER, "discharge": WATER, "foam": WATER, "dust_plume": DUST, "bare_soil": DUST,
}  # fmt: skip
"""Which rows concern a kind of alert, beside those that concern every check."""


def law(kind: str | None, on: date, words: Words) -> str:
    """The rows in force on the event's day, with source and how sure each is."""
    heads = [(words("check.says"), ""), (words("check.source"), ""), (words("check.sure"), "")]
    rows = [
        [
            f"{escape(words.of('law_row', rule.id))}{_small(f'{rule.ref} · {_plain(rule.value)}')}",
            escape(_source(rule)),
            f"<small>{escape(_sure(rule, words))}</small>",
        ]
        for rule in _in_force((*OF_KINDS.get(kind or "", ()), *EVERY), on)
    ]
    return markup.table(heads, rows, height_px=210)


def items(check: NonSiteCheck, words: Words, *, names: Mapping[str, str]) -> str:
    """What was looked at, by whom, and what it showed; that nothing was is said too."""
    if not check.items:
        return f'<div class="yx-nobody">{escape(words("check.looked_none"))}</div>'
    heads = [
        (words("check.kind"), ""), (words("check.link"), "code"), (words("check.seen_from"), ""),
        (words("check.showed"), ""), (words("check.who"), ""),
    ]  # fmt: skip
    rows = [
        [
            escape(words.of("looked_at", item.kind)),
            escape(item.link),
            escape(words.when(item.seen_from)),
            escape(item.showed),
            escape(f"{names.get(item.signed.by, item.signed.by)} · {words.when(item.signed.at)}"),
        ]
        for item in check.items
    ]
    return markup.table(heads, rows, height_px=230)


def closing(check: NonSiteCheck, words: Words, *, names: Mapping[str, str]) -> str:
    """How a check was closed."""
    done = check.closing
    if done is None:
        return ""
    line = words(
        "check.closed_line",
        judgement=words.of("judgement", done.judgement),
        next_step=words.of("check_step", done.next_step),
        who=names.get(done.signed.by, done.signed.by),
        when=words.when(done.signed.at),
    )
    reason = f"<p>{escape(done.reason)}</p>" if done.reason else ""
    mandate = f'<div class="yx-note">{escape(words("check.mandate"))}</div>' if done.mandate else ""
    sign = markup.person_sign(words.of("check_state", check.state))
    return f'{sign}<div class="yx-verdict"><b>{escape(line)}</b>{reason}</div>{mandate}'


def title(check: NonSiteCheck, words: Words) -> str:
    """A check in a list."""
    ref = f"{words.of('basis', check.basis)} {check.basis_ref}"
    return words("check.line", id=check.id, state=words.of("check_state", check.state), basis=ref)


def _small(text: str) -> str:
    return f"<br><small>{escape(text)}</small>"


def _in_force(ids: Iterable[str], on: date) -> Iterable[Rule]:
    for rule_id in ids:
        try:
            yield policy.load().at(rule_id, on)
        except NoRuleInForce:
            continue


def _source(rule: Rule) -> str:
    return f"{rule.source} {rule.article}" if rule.article else rule.source


def _sure(rule: Rule, words: Words) -> str:
    """How sure a row is; of one whose figures differ in that, each word that occurs."""
    held = [rule.confidence] if isinstance(rule.confidence, RuleConfidence) else rule.confidence.values()
    return words("app.comma").join(words.of("sure_word", word) for word in dict.fromkeys(one.value for one in held))


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key.replace('_', ' ')} {_plain(part)}" for key, part in value.items())
    return "; ".join(_plain(part) for part in value) if isinstance(value, tuple) else str(value)
