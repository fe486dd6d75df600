"""The station's desk 超标审核: what was exceeded, the curve, what was looked at, the judgement, the report's way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from dashboard import curve_svg, look, session, station_text
from dashboard.labels import Words
from enforcement import audit as law
from enforcement.clocks import Deadline
from enforcement.registry import Enterprise
from pipelines import clock
from pipelines.casework.audit_paper import curve_of
from pipelines.casework.audit_report import deliver_report, issue_report, report_bytes
from pipelines.casework.clocks import standing
from pipelines.casework.exceedance import record_evidence
from pipelines.casework.receipt import record_receipt
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.desk_records import DeskMatter
from pipelines.store.read import desk, registry

EXCEEDANCE = "exceedance"
MEDIA = {"pdf": "application/pdf", "json": "application/json", "csv": "text/csv"}


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        now = clock.now()
        clocks = {one.clock.subject: one for one in standing(store, now) if one.matter.kind == "exceedance"}
        found = _sorted(desk.matters(store, now), clocks)
        waiting = sum(one.waits_for_the_station for one in found)
        sent = sum(one.state == "delivered" for one in found)
        subtitle = words("station.subtitle", waiting=waiting, sent=sent, total=len(found))
        look.page_head(store, words("station.title"), subtitle)
        if not found:
            look.empty(words("station.empty"), words("station.empty_next"))
            return
        firms = {firm.uscc: firm.name for firm in registry.ever(store, Enterprise, now)}
        st.html(station_text.board(found, clocks, firms, words))
        chosen = _chosen(found, words)
        left, right = st.columns([5, 5], gap="small")
        with left:
            look.section(words("station.what"))
            st.html(station_text.facts(chosen, firms, words))
            look.section(words("station.curve"))
            _curve(store, chosen, words, now)
        with right:
            _record(store, chosen, words, now)


def _sorted(found: Sequence[DeskMatter], clocks: Mapping[str, Deadline]) -> list[DeskMatter]:
    """What waits for the station first, the earliest last day first."""
    return sorted(
        found,
        key=lambda one: (
            not one.waits_for_the_station, one.state != "delivered", clocks[one.exceedance.id].due.latest,
            one.exceedance.id,
        ),
    )  # fmt: skip


def _chosen(found: Sequence[DeskMatter], words: Words) -> DeskMatter:
    by_id = {one.exceedance.id: one for one in found}
    ids, asked = list(by_id), session.recalled(EXCEEDANCE)
    start = asked if asked in by_id else ids[0]
    st.selectbox(
        words("station.choose"), ids, index=ids.index(start), key="exceedance_choice", width=520,
        format_func=lambda one: station_text.title(by_id[one], words), label_visibility="collapsed",
        on_change=lambda: session.remember(EXCEEDANCE, st.session_state["exceedance_choice"]),
    )  # fmt: skip
    return by_id[start]


def _curve(store: Store, one: DeskMatter, words: Words, now: datetime) -> None:
    curve = curve_of(store, one.exceedance, now)
    if curve is None:
        look.note(words("station.no_curve"))
        return
    st.html(curve_svg.drawn(curve, words))
    if curve.limit is None:
        look.note(words("station.unit_unknown"))


def _record(store: Store, one: DeskMatter, words: Words, now: datetime) -> None:
    names = session.names(store)
    look.section(words("station.looked"))
    st.html(station_text.looked_at(one, words, names=names))
    if one.delivery is None and look.offered(store, "audit_record"):
        _look_form(one, words)
    look.section(words("station.judge"))
    if one.report is not None:
        st.html(station_text.reports(one, words, names=names))
        _downloads(store, one.report.id, words, now)
    if one.receipt is None and look.offered(store, "report_issue"):
        _judge_form(one, words)
    if one.report is not None and one.delivery is None and look.offered(store, "report_deliver"):
        _deliver_form(one.report.id, words)
    if one.state == "delivered" and one.report is not None and look.offered(store, "receipt_record"):
        st.button(words("station.receive"), type="primary", key="receive", on_click=_receive, args=(one.report.id,))


def _look_form(one: DeskMatter, words: Words) -> None:
    with st.container(key="look_form", horizontal=True, vertical_alignment="bottom", gap="small"):
        seen = {e.kind for e in one.evidence}
        first = next((k for k, kind in enumerate(law.EVIDENCE) if kind not in seen), 0)
        kind = st.selectbox(
            words("station.kind"), law.EVIDENCE, index=first, key="audit_kind", width=130,
            format_func=lambda word: words.of("audit_kind", word),
        )  # fmt: skip
        st.text_input(
            words("station.link"), key=f"audit_link {kind}", placeholder=words("station.link_help"), width=190
        )
        st.text_input(words("station.showed"), key="audit_showed")
        st.button(
            words("station.record"), key="record_audit", width="content", on_click=_look,
            args=(one.exceedance.id, kind),
        )  # fmt: skip


def _look(exceedance: str, kind: str) -> None:
    link = st.session_state.get(f"audit_link {kind}") or ""
    link = link if ":" in link else f"document:{link}"
    showed = st.session_state.get("audit_showed", "")
    with session.open_store() as store:
        by = session.by(store)
        done = session.attempt(
            lambda: record_evidence(store, exceedance, kind, link, by=by, at=clock.now(), showed=showed)
        )
    if done is not None:
        st.session_state["audit_showed"] = ""


def _judge_form(one: DeskMatter, words: Words) -> None:
    judgement = st.segmented_control(
        words("station.judgement"), law.JUDGEMENTS, key="audit_judgement",
        format_func=lambda word: words.of("audit_judgement", word),
    )  # fmt: skip
    if judgement is None:
        return
    if judgement == law.NOT_VALID:
        st.selectbox(
            words("station.cause"),
            law.CAUSES,
            key="audit_cause",
            format_func=lambda word: words.of("audit_cause", word),
        )
    st.text_input(words("station.reason"), key="audit_reason")
    label = words("station.issue") if one.report is None else words("station.replace", id=one.report.id)
    st.button(
        label, type="primary", key="issue_report", on_click=_issue,
        args=(one.exceedance.id, judgement, None if one.report is None else one.report.id),
    )  # fmt: skip


def _issue(exceedance: str, judgement: str, replaces: str | None) -> None:
    cause = st.session_state.get("audit_cause") if judgement == law.NOT_VALID else None
    reason = st.session_state.get("audit_reason", "")
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(
            lambda: issue_report(
                store, exceedance, judgement, by=by, at=clock.now(), reason=reason, cause=cause, replaces=replaces
            )
        )


def _downloads(store: Store, report: str, words: Words, now: datetime) -> None:
    try:
        found = report_bytes(store, report, now)
    except Refusal as refusal:
        st.warning(words.reason(refusal.reason, {"detail": refusal.where}))
        return
    with st.container(key="report_files", horizontal=True, gap="small"):
        for kind, (name, content) in found.items():
            st.download_button(
                kind.upper(), content, name, MEDIA[kind], key=f"report_{kind}", icon=":material/download:"
            )


def _deliver_form(report: str, words: Words) -> None:
    with st.container(key="deliver_form", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(words("station.document"), key="deliver_document", width=260)
        st.button(words("station.deliver"), key="deliver", width="content", on_click=_deliver, args=(report,))


def _deliver(report: str) -> None:
    number = st.session_state.get("deliver_document", "")
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: deliver_report(store, report, by=by, at=clock.now(), document_number=number))


def _receive(report: str) -> None:
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: record_receipt(store, report, by=by, at=clock.now()))


if __name__ == "__main__":
    show()
