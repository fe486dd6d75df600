"""A case or lead in words: its steps, its evidence with the reviews, opinions and marks, its deadlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from dashboard import markup
from dashboard.labels import Words
from enforcement import policy
from enforcement.cases import STEP_PREFIX, STEPS
from enforcement.clocks import Deadline
from pipelines.records import Lead
from pipelines.store.case_records import CaseEvidence, CaseFile

OF_LEADS = ("file", "decline")
"""Steps from a lead, which have acts of their own."""

ORDER = ("investigate", "notice", "hear", "penalty", "no_penalty", "close", "transfer", "withdraw")
"""In which steps are offered: the usual way first."""


def title(subject: CaseFile | Lead, words: Words) -> str:
    """A case or lead in a list."""
    if isinstance(subject, CaseFile):
        return words("case.line", id=subject.id, state=words.of("case_state", subject.state), of=subject.lead_id)
    on = words("app.comma").join(subject.alert_ids)
    return words("case.line", id=subject.id, state=words.of("lead_state", subject.state), of=on)


def steps(case: CaseFile, words: Words, *, names: Mapping[str, str]) -> str:
    """The steps taken, oldest first."""
    heads = [(words(f"case.{name}"), "") for name in ("when", "step", "to", "document", "who", "reason")]
    rows = [
        [
            escape(words.when(one.signed.at)), escape(words.of("case_step", one.step)),
            markup.chip("running", words.of("case_state", one.to_state)), escape(one.document or "—"),
            escape(names.get(one.signed.by, one.signed.by)), escape(one.reason or "—"),
        ]
        for one in case.steps
    ]  # fmt: skip
    return markup.table(heads, rows)


def evidence(case: CaseFile, words: Words, *, names: Mapping[str, str]) -> str:
    """What stands in the file, with the last word of each kind of review."""
    heads = [(words("case.number"), "figure"), (words("case.piece"), ""), (words("case.ref"), "code")]
    heads += [(words(f"case.review_{kind}"), "") for kind in ("legal", "technical")]
    rows = [
        [str(one.id), escape(words.of("evidence_kind", one.kind)), escape(one.ref)]
        + [_review(one, kind, words, names) for kind in ("legal", "technical")]
        for one in case.evidence
    ]
    return markup.table(heads, rows)


def _review(one: CaseEvidence, kind: str, words: Words, names: Mapping[str, str]) -> str:
    said = [word for word in one.reviews if word.kind == kind]
    if not said:
        return "—"
    who = names.get(said[-1].signed.by, said[-1].signed.by)
    return f"{escape(words.of('review_opinion', said[-1].opinion))}<br><small>{escape(who)}</small>"


def opinions(case: CaseFile, words: Words, *, names: Mapping[str, str]) -> str:
    """The legal office's opinions and the marks, each as a line."""
    lines = [
        words(
            "case.opinion_line", opinion=words.of("legal_opinion", one.opinion), document=one.document,
            who=names.get(one.signed.by, one.signed.by), when=words.when(one.signed.at),
        )
        for one in case.opinions
    ] + [words.of("mark", name) for name in sorted(case.marked)]  # fmt: skip
    return markup.bullets(lines)


def deadlines(found: Sequence[Deadline], words: Words) -> str:
    """The deadlines of this matter."""
    heads = [(words("clocks.clock"), ""), (words("clocks.state"), ""), (words("case.due"), "")]
    rows = [
        [
            escape(words.of("clock_name", one.name)),
            markup.chip(one.state.value, words.of("clock_state", one.state.value)),
            f"{one.due.earliest} – {one.due.latest}" if one.due.earliest != one.due.latest else str(one.due.earliest),
        ]
        for one in found
    ]  # fmt: skip
    return markup.table(heads, rows)


def lawful_steps(state: str, on: date) -> list[str]:
    """The further steps whose row leads on from a state on that day."""
    rules = policy.load()
    fit = [step for step in STEPS if step not in OF_LEADS and state in rules.at(STEP_PREFIX + step, on).words("from")]
    return sorted(fit, key=lambda step: (ORDER.index(step) if step in ORDER else len(ORDER), step))
