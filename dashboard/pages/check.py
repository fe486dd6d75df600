"""Check 非现场检查: picture, curve, permit and law side by side; one key a verdict; what was seen; the judgement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import alert_text, check_text, firm_tables, look, monitor_chart, session, verdicts
from dashboard.labels import SHOWN_ZONE, Words
from dashboard.pictures import UnreadablePicture, boxed_picture
from enforcement import checks as law
from enforcement import policy
from enforcement.registry import Enterprise, Filing, MonitorPoint, Permit, PermitLimit
from pipelines import clock
from pipelines.casework import monitors
from pipelines.casework.check import Judged, close_check, open_check, record_item
from pipelines.records import AlertView
from pipelines.store import Store, files
from pipelines.store.case_records import NonSiteCheck
from pipelines.store.errors import UnknownRow
from pipelines.store.read import alerts, checks, frames, registry, registry_imports

ALERT, CHECK = "alert", "check"
CURVE_DAYS, CURVE_PX = 7, 190


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        now = clock.now()
        held = checks.checks(store, now)
        going = sum(one.closing is None for one in held)
        look.page_head(store, words("check.title"), words("check.subtitle", open=going, total=len(held)))
        view = _alert(store, now)
        chosen = _chosen(store, held, view, words)
        if chosen is None and view is None:
            look.empty(words("check.empty"), words("check.empty_next"))
            return
        shown = _alert_of(store, chosen, now) if chosen else view
        _side_by_side(store, chosen, shown, words, now)
        _below(store, chosen, shown, words, now)


def _alert(store: Store, now: datetime) -> AlertView | None:
    name = session.recalled(ALERT)
    found = alerts.views(store, now, alert_id=name) if name else []
    return found[0] if found else None


def _alert_of(store: Store, check: NonSiteCheck, now: datetime) -> AlertView | None:
    found = alerts.views(store, now, alert_id=check.basis_ref) if check.basis == "alert" else []
    return found[0] if found else None


def _chosen(store: Store, held: Sequence[NonSiteCheck], view: AlertView | None, words: Words) -> NonSiteCheck | None:
    """The check that is looked at: the chosen one, else the youngest on the alert one came from, else the youngest."""
    of_alert = [one for one in held if view is not None and one.basis_ref == view.alert.id]
    with st.container(key="check_bar", horizontal=True, vertical_alignment="bottom"):
        offered = {one.id: one for one in held}
        asked = session.recalled(CHECK)
        start = asked if asked in offered else next((one.id for one in (of_alert if view else held)), None)
        if offered:
            ids = list(offered)
            st.selectbox(
                words("check.choose"), ids, index=ids.index(start) if start else None, key="check_choice",
                format_func=lambda one: check_text.title(offered[one], words), label_visibility="collapsed", width=420,
                on_change=lambda: session.remember(CHECK, st.session_state["check_choice"]),
                placeholder=words("check.choose"),
            )  # fmt: skip
        if view is not None and not of_alert and look.offered(store, "check_open"):
            st.button(
                words("check.open_new"), type="primary", key="open_check", width="content", on_click=_open,
                args=(view.alert.id,),
            )  # fmt: skip
    return offered[start] if start else None


def _open(alert_id: str) -> None:
    with session.open_store() as store:
        by = session.by(store)
        done = session.attempt(lambda: open_check(store, "alert", alert_id, by=by, at=clock.now()))
    if done is not None:
        session.remember(CHECK, done.id)


def _side_by_side(
    store: Store, check: NonSiteCheck | None, view: AlertView | None, words: Words, now: datetime
) -> None:
    firm = check.enterprise_uscc if check else _named(view)
    with st.container(key="check_panes"):
        left, right = st.columns([4, 6], gap="small")
    with left:
        look.section(words("check.picture"))
        _picture(store, view, words)
        look.section(words("check.curve"))
        on = (view.alert.observed_at if view else now).astimezone(SHOWN_ZONE).date()
        _curve(store, firm, words, now, on)
    with right:
        look.section(words("check.permit"), _title_of(store, firm, now))
        _permit(store, firm, words, now)
        look.section(words("check.law"))
        st.html(check_text.law(view.alert.kind if view else None, on, words))


def _title_of(store: Store, firm: str | None, now: datetime) -> str:
    """A firm's name and credit code, as far as the registry has them."""
    if firm is None:
        return ""
    names = [one.name for one in registry.ever(store, Enterprise, now) if one.uscc == firm]
    return " · ".join([*names[-1:], firm])


def _named(view: AlertView | None) -> str | None:
    named = alert_text.named_candidate(view.attribution) if view else None
    return named.enterprise if named else None


def _picture(store: Store, view: AlertView | None, words: Words) -> None:
    if view is None:
        look.note(words("check.no_picture"))
        return
    frame = frames.get(store, view.frame_id)
    try:
        path = Path(files.path_of(store, frame.file_sha256))
        st.image(boxed_picture(path, view.detection.box, time_s=frame.time_s).crop, width="stretch")
    except (UnreadablePicture, UnknownRow) as error:
        look.picture_gone(frame.name, error)


def _verdict(store: Store, view: AlertView, words: Words) -> None:
    st.html(alert_text.person_part(alerts.verdicts(store, view.alert.id), words, names=session.names(store)))
    if look.offered(store, "verdict"):
        look.note(words("check.verdict_keys"))
        verdicts.buttons(view, words)


def _curve(store: Store, firm: str | None, words: Words, now: datetime, on: date) -> None:
    """The monitors of the firm, each with its curve of the week around a day."""
    points = [one for one in registry.facts(store, MonitorPoint, now) if firm is not None and one.enterprise == firm]
    if not points:
        look.note(words("check.no_monitor"))
        return
    last = min(on + timedelta(days=1), now.astimezone(SHOWN_ZONE).date())
    for point in points:
        measured = words("app.comma").join(point.pollutants) or point.kind or "—"
        look.note(words("check.monitor_near", name=point.name, code=point.mn or point.code, pollutants=measured))
        codes = monitors.reported(store, point.mn, as_of=now, until=last, days=CURVE_DAYS) if point.mn else []
        if not codes or point.mn is None:
            look.note(words("check.monitor_waits"))
            continue
        code = st.selectbox(
            words("monitors.pollutant"), codes, key=f"curve {point.mn}", label_visibility="collapsed", width=220,
            format_func=lambda c: words.of("pollutant", c),
        )  # fmt: skip
        first = last - timedelta(days=CURVE_DAYS - 1)
        seen = monitors.look(store, policy.load(), point.mn, code, first=first, last=last, as_of=now)
        unit = seen.limits[-1].unit if seen.limits else ""
        st.altair_chart(monitor_chart.chart(seen, unit, words, height_px=CURVE_PX), width="stretch")


def _permit(store: Store, firm: str | None, words: Words, now: datetime) -> None:
    if firm is None:
        look.note(words("check.no_firm"))
        return
    sources, on = registry_imports.sources(store), now.astimezone(SHOWN_ZONE).date()
    held: dict[str, list[Any]] = {
        "permits": [one for one in registry.ever(store, Permit, now) if one.enterprise == firm],
        "permit_limits": [one for one in registry.ever(store, PermitLimit, now) if one.enterprise == firm],
        "filings": [one for one in registry.ever(store, Filing, now) if one.enterprise == firm],
    }
    for name, found in held.items():
        if found:
            st.html(firm_tables.table(name, found, words, sources=sources, on=on))
    if not any(held.values()):
        look.note(words("check.no_permit"))


def _below(store: Store, check: NonSiteCheck | None, view: AlertView | None, words: Words, now: datetime) -> None:
    with st.container(key="check_record"):
        left, right = st.columns([6, 4], gap="small")
    if view is not None:
        with right:
            _verdict(store, view, words)
    if check is None:
        return
    names = session.names(store)
    with left:
        look.section(words("check.looked"))
        st.html(check_text.items(check, words, names=names))
        if check.closing is None and look.offered(store, "check_record"):
            _item_form(store, check, words, now)
        look.section(words("check.judge"))
        if check.closing is not None:
            st.html(check_text.closing(check, words, names=names))
        elif look.offered(store, "check_close"):
            _close_form(check, words, now.astimezone(SHOWN_ZONE).date())


def links(store: Store, check: NonSiteCheck, kind: str, now: datetime) -> list[str]:
    """The links that this check's own things give for a kind, so that nobody has to type them."""
    firm, found = check.enterprise_uscc, []
    fit = policy.load().latest("check_looked_at").words(kind)
    if "alert" in fit and check.basis == "alert":
        found.append(f"alert:{check.basis_ref}")
        found += [f"frame:{view.frame_id}" for view in alerts.views(store, now, alert_id=check.basis_ref)]
    if firm is not None and "permit" in fit:
        held = {one.permit_number for one in registry.ever(store, Permit, now) if one.enterprise == firm}
        found += [f"permit:{number}" for number in sorted(held)]
    if firm is not None and "filing" in fit:
        found += [f"filing:{one.filing_id}" for one in registry.ever(store, Filing, now) if one.enterprise == firm]
    if firm is not None and "monitor" in fit:
        points = [one for one in registry.ever(store, MonitorPoint, now) if one.enterprise == firm]
        found += [f"monitor:{one.mn or one.code}" for one in points]
    return list(dict.fromkeys(found))


def _item_form(store: Store, check: NonSiteCheck, words: Words, now: datetime) -> None:
    with st.container(key="item_form", horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.selectbox(
            words("check.kind"), law.LOOKED_AT, index=law.LOOKED_AT.index("drone"), key="item_kind", width=150,
            format_func=lambda one: words.of("looked_at", one),
        )  # fmt: skip
        offered = links(store, check, kind, now)
        st.selectbox(
            words("check.link"), offered, index=0 if offered else None, key=f"item_link {kind}", width=250,
            accept_new_options=True, placeholder=words("check.other_link"),
        )  # fmt: skip
        st.text_input(words("check.showed"), key="item_showed")
        st.button(
            words("check.record"), key="record_item", width="content", on_click=_record_item, args=(check.id, kind)
        )


def _record_item(check_id: str, kind: str) -> None:
    link = st.session_state.get(f"item_link {kind}") or ""
    link = link if ":" in link else f"document:{link}"
    showed = st.session_state.get("item_showed", "")
    with session.open_store() as store:
        by = session.by(store)
        done = session.attempt(lambda: record_item(store, check_id, kind, link, by=by, at=clock.now(), showed=showed))
    if done is not None:
        st.session_state["item_showed"] = ""


def _close_form(check: NonSiteCheck, words: Words, on: date) -> None:
    judgement = st.segmented_control(
        words("check.judgement"), law.JUDGEMENTS, key="judgement", format_func=lambda one: words.of("judgement", one)
    )
    if judgement is None:
        return
    steps = policy.load().at("check_next_steps", on)
    carried = [step for step in steps.table() if judgement in steps.words(step)]
    step = st.selectbox(
        words("check.next_step"), carried, key=f"next_step {judgement}",
        format_func=lambda one: words.of("check_step", one),
    )  # fmt: skip
    mending, referring = policy.load().at("check_rectification", on), policy.load().at("criminal_checklist", on)
    if step in mending.words("next_steps"):
        longest = int(mending.number("longest_days"))
        st.number_input(words("check.within_days"), 1, longest, min(15, longest), key="within_days")
    if step in referring.words("next_steps"):
        st.multiselect(
            words("check.answers"), referring.words("questions"), key="answers",
            format_func=lambda one: words.of("question", one),
        )  # fmt: skip
    st.text_input(words("check.reason"), key="close_reason")
    st.button(
        words("check.close"), type="primary", key="close_check", on_click=_close, args=(check.id, judgement, step, on)
    )


def _close(check_id: str, judgement: str, step: str, on: date) -> None:
    rules = policy.load()
    rectifies = step in rules.at("check_rectification", on).words("next_steps")
    referring = rules.at("criminal_checklist", on)
    said = st.session_state.get("answers", [])
    answers = (
        {one: one in said for one in referring.words("questions")} if step in referring.words("next_steps") else {}
    )
    days = int(st.session_state["within_days"]) if rectifies else None
    reason = st.session_state.get("close_reason", "")
    with session.open_store() as store:
        by = session.by(store)
        judged = Judged(judgement, step, days, answers)
        session.attempt(lambda: close_check(store, check_id, judged, by=by, at=clock.now(), reason=reason))


if __name__ == "__main__":
    show()
