"""Cases 案件: leads that wait, a case with its steps, evidence and reviews, and every act that is lawful now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from dashboard import case_text, look, session
from dashboard.labels import SHOWN_ZONE, Words
from enforcement import policy
from enforcement.cases import MARKS, STEP_PREFIX, needs_review
from enforcement.leads import OUTCOMES
from pipelines import clock
from pipelines.casework.case import evidence_of, file_case, take_step
from pipelines.casework.case_file import add_evidence, give_opinion, review_evidence, set_mark
from pipelines.casework.clocks import standing
from pipelines.casework.lead import close_lead
from pipelines.records import Act, Lead
from pipelines.store import Store
from pipelines.store.case_records import CaseFile
from pipelines.store.read import alerts, cases

SUBJECT = "case"


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        now = clock.now()
        held: list[CaseFile | Lead] = [*cases.cases(store, now)]
        leads = [one for one in alerts.leads(store, now) if one.state == "open"]
        going = sum(isinstance(one, CaseFile) and one.state not in _ended(now) for one in held)
        look.page_head(
            store, words("case.title"), words("case.subtitle", leads=len(leads), open=going, total=len(held))
        )
        chosen = _chosen([*leads, *held], words)
        if chosen is None:
            look.empty(words("case.empty"), words("case.empty_next"))
            return
        with st.container(key="case_panes"):
            left, right = st.columns([6, 4], gap="small")
        with left:
            _shown(store, chosen, words, now)
        with right:
            look.section(words("case.acts"))
            if isinstance(chosen, CaseFile):
                _case_acts(store, chosen, words, now)
            else:
                _lead_acts(store, chosen, words)


def _ended(now: datetime) -> tuple[str, ...]:
    return policy.load().at("clock_of_case_decision", now.astimezone(SHOWN_ZONE).date()).words("ends")


def _chosen(offered: Sequence[CaseFile | Lead], words: Words) -> CaseFile | Lead | None:
    if not offered:
        return None
    by_id = {one.id: one for one in offered}
    asked = session.recalled(SUBJECT)
    filed = {one.lead_id: one.id for one in offered if isinstance(one, CaseFile)}
    start = asked if asked in by_id else filed.get(asked or "", next(iter(by_id)))
    st.selectbox(
        words("case.choose"), list(by_id), index=list(by_id).index(start), key="case_choice", width=520,
        format_func=lambda one: case_text.title(by_id[one], words), label_visibility="collapsed",
        on_change=lambda: session.remember(SUBJECT, st.session_state["case_choice"]),
    )  # fmt: skip
    return by_id[start]


def _shown(store: Store, chosen: CaseFile | Lead, words: Words, now: datetime) -> None:
    names = session.names(store)
    subjects = [chosen.id, *([chosen.lead_id] if isinstance(chosen, CaseFile) else [])]
    if isinstance(chosen, CaseFile):
        look.section(words("case.steps"), chosen.party or words("case.no_party"))
        st.html(case_text.steps(chosen, words, names=names))
        look.section(words("case.evidence"))
        st.html(case_text.evidence(chosen, words, names=names))
        look.section(words("case.opinions"))
        st.html(case_text.opinions(chosen, words, names=names) or f'<span class="yx-note">{words("case.none")}</span>')
    else:
        look.section(words("case.lead"), chosen.enterprise_uscc or words("case.no_party"))
        look.note(
            words(
                "case.lead_line", step=words.of("next_step", chosen.next_step), who=names.get(chosen.by, chosen.by),
                when=words.when(chosen.at),
            )
        )  # fmt: skip
    look.section(words("case.deadlines"))
    st.html(case_text.deadlines([one for one in standing(store, now) if one.clock.subject in subjects], words))


def _lead_acts(store: Store, lead: Lead, words: Words) -> None:
    if look.offered(store, "case_file"):
        with st.container(key="file_form"):
            reason, document = _words_of("file", words)
            _button("file_case", "case.file", words, lambda s, by: file_case(
                s, lead.id, by=by, at=clock.now(), reason=_said(reason), document=_said(document)
            ))  # fmt: skip
    if look.offered(store, "lead_close"):
        with st.container(key="close_form"):
            outcome = st.selectbox(
                words("case.outcome"), OUTCOMES, key="outcome", format_func=lambda one: words.of("outcome", one)
            )
            st.text_input(words("case.reason"), key="lead_close reason")
            _button("close_lead", "case.close_lead", words, lambda s, by: close_lead(
                s, lead.id, outcome, by=by, at=clock.now(), reason=_said("lead_close reason")
            ))  # fmt: skip


def _case_acts(store: Store, case: CaseFile, words: Words, now: datetime) -> None:
    on = now.astimezone(SHOWN_ZONE).date()
    lawful = case_text.lawful_steps(case.state, on)
    if not lawful:
        look.note(words("case.ended"))
        return
    step = st.selectbox(words("case.step"), lawful, key="step", format_func=lambda one: words.of("case_step", one))
    row = policy.load().at(STEP_PREFIX + step, on)
    if look.offered(store, str(row.table()["act"])):
        needs = words("app.comma").join(words.of("step_need", need) for need in row.words("needs"))
        look.note(words("case.needs", needs=needs, row=row.ref))
        reason, document = _words_of("step", words)
        st.text_input(words("case.party"), key="step party", placeholder=case.party or "")
        _button("take_step", "case.take", words, lambda s, by: take_step(
            s, case.id, step, by=by, at=clock.now(), reason=_said(reason), document=_said(document),
            enterprise=_said("step party") or None,
        ))  # fmt: skip
    _reviewing(store, case, words, now)
    _marking(store, case, words)


def _reviewing(store: Store, case: CaseFile, words: Words, now: datetime) -> None:
    row = policy.load().at("evidence_review", now.astimezone(SHOWN_ZONE).date())
    needing = [one for one in evidence_of(case) if needs_review(one, row)]
    for kind in ("legal", "technical"):
        waiting = [one for one in needing if kind not in one.reviews]
        if waiting and session.may(store, f"review_{kind}"):
            look.section(words(f"case.review_{kind}"), words("case.waiting", count=len(waiting)))
            opinion = st.segmented_control(
                words("case.opinion"), ["admit", "reject"], default="admit", required=True, key=f"opinion {kind}",
                format_func=lambda one: words.of("review_opinion", one), label_visibility="collapsed",
            )  # fmt: skip
            st.text_input(words("case.reason"), key=f"review {kind} reason")
            _button(f"review_{kind}", "case.review", words, _review_act(case.id, kind, str(opinion)))
    if session.may(store, "case_opinion"):
        look.section(words("case.legal_opinion"))
        opinion = st.segmented_control(
            words("case.opinion"), ["agree", "disagree"], default="agree", required=True, key="legal_opinion",
            format_func=lambda one: words.of("legal_opinion", one), label_visibility="collapsed",
        )  # fmt: skip
        reason, document = _words_of("legal", words)
        _button("give_opinion", "case.give", words, lambda s, by: give_opinion(
            s, case.id, str(opinion), by=by, at=clock.now(), document=_said(document), reason=_said(reason)
        ))  # fmt: skip


def _review_act(case_id: str, kind: str, opinion: str) -> Callable[[Store, str | None], Act]:
    """The act of a review, bound to what its form said."""
    return lambda store, by: review_evidence(
        store, case_id, kind, opinion, by=by, at=clock.now(), reason=_said(f"review {kind} reason")
    )


def _marking(store: Store, case: CaseFile, words: Words) -> None:
    if session.may(store, "case_mark"):
        look.section(words("case.mark"))
        name = st.selectbox(
            words("case.mark"), MARKS, key="mark", format_func=lambda one: words.of("mark", one),
            label_visibility="collapsed",
        )  # fmt: skip
        st.text_input(words("case.reason"), key="mark reason")
        holds = name not in case.marked
        _button("set_mark", "case.mark_on" if holds else "case.mark_off", words, lambda s, by: set_mark(
            s, case.id, name, holds, by=by, at=clock.now(), reason=_said("mark reason")
        ))  # fmt: skip
    if session.may(store, "case_evidence"):
        look.section(words("case.add"))
        st.text_input(words("case.link"), key="evidence link", placeholder="alert:A-2026-1124-001")
        _button("add_evidence", "case.put", words, lambda s, by: _added(s, case.id, by))


def _added(store: Store, case_id: str, by: str | None) -> Act:
    kind, _, ref = _said("evidence link").partition(":")
    return add_evidence(store, case_id, kind, ref.strip(), by=by, at=clock.now())


def _words_of(name: str, words: Words) -> tuple[str, str]:
    """The fields for reason and document of a form; gives their keys."""
    keys = (f"{name} reason", f"{name} document")
    st.text_input(words("case.document"), key=keys[1])
    st.text_input(words("case.reason"), key=keys[0])
    return keys


def _said(key: str) -> str:
    return str(st.session_state.get(key) or "").strip()


def _button(key: str, label: str, words: Words, act: Callable[[Store, str | None], Act]) -> None:
    st.button(words(label), key=key, type="primary", width="content", on_click=_do, args=(act,))


def _do(act: Callable[[Store, str | None], Act]) -> None:
    with session.open_store() as store:
        by = session.by(store)
        done = session.attempt(lambda: act(store, by))
    if done is not None and done.id.startswith("C-"):
        session.remember(SUBJECT, done.id)


if __name__ == "__main__":
    show()
