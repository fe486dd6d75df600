"""Quality 资料质量: what in the registry is missing, contradictory or stale, and which rows an office must mend."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard import layers, look, markup, quality_text, registered, session
from dashboard.components.live_map import live_map
from dashboard.labels import Words
from pipelines import clock
from pipelines.casework.registry_review import Review, review_registry
from pipelines.registry_quality import Finding
from pipelines.settings import load
from pipelines.store import Store
from pipelines.store.read import counts

CHECK = "check"
MAP_PX, MAPPED = 320, 5000
GROUPS = ("missing", "contradictory", "stale")


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        now = clock.now()
        with st.spinner(words("app.loading")):
            review = review_registry(store, now, load(store.home, os.environ).registry_quality)
        rows = sum(len(finding.rows) for finding in review.findings)
        told = words("quality.subtitle", rows=rows, checks=len(review.findings), when=words.when(now))
        look.page_head(store, words("quality.title"), told)
        if not sum(counts.registry(store).values()):
            look.empty(words("quality.empty"), words("quality.empty_next"))
            return
        if not review.findings:
            look.empty(words("quality.fine"), words("quality.fine_next"))
            return
        with st.container(key="split"):
            left, right = st.columns([3.2, 6.8], gap="small")
        with left:
            finding = _choice(review.findings, words)
            _for_offices(review, words)
        with right:
            _finding(store, review, finding, words)


def _choice(findings: Sequence[Finding], words: Words) -> Finding:
    by_check = {finding.check: finding for finding in findings}
    checks = [finding.check for group in GROUPS for finding in findings if finding.group == group]
    asked = session.recalled(CHECK)
    look.section(words("quality.checks"), str(len(checks)))
    chosen = st.radio(
        words("quality.checks"),
        checks,
        index=checks.index(asked) if asked in by_check else 0,
        format_func=lambda check: f"{words(f'quality.{check}')} · {len(by_check[check].rows)}",
        captions=[words(f"quality.group_{by_check[check].group}") for check in checks],
        label_visibility="collapsed",
        key="check_choice",
        on_change=lambda: session.remember(CHECK, st.session_state["check_choice"]),
    )
    return by_check[chosen]


def _for_offices(review: Review, words: Words) -> None:
    look.section(words("quality.per_office"))
    with st.container(key="offices", horizontal=True):
        for number, (office, rows) in enumerate(quality_text.offices(review).items()):
            name = office or words("quality.no_office")
            st.download_button(
                words("quality.download", office=markup.escaped(name), count=len(rows)),
                partial(quality_text.office_csv, review, rows, words),
                file_name=f"yaoxun-quality-{number + 1}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"office {number}",
            )


def _finding(store: Store, review: Review, finding: Finding, words: Words) -> None:
    look.section(words(f"quality.{finding.check}"), str(len(finding.rows)))
    look.note(words(f"quality.{finding.check}_why"))
    st.html(quality_text.rows_table(review, finding, words))
    if len(finding.rows) > quality_text.SHOWN:
        st.caption(words("registry.first_shown", shown=quality_text.SHOWN, total=len(finding.rows)))
    _map(store, finding, words)


def _map(store: Store, finding: Finding, words: Words) -> None:
    things = tuple(
        layers.Thing(f"{number}", row.lon, row.lat, registered.mark_kind(row.kind), f"{row.key} {row.title}".strip())
        for number, row in enumerate(finding.rows[:MAPPED])
        if row.lon is not None and row.lat is not None
    )
    if not things:
        return
    base, key = registered.basemap(store)
    bounds = layers.bounds_of([(thing.lon, thing.lat) for thing in things], at_least_m=800)
    view = layers.View(bounds, finding.check) if bounds else None
    content = layers.MapContent(base=base, base_key=key, things=things, view=view)
    live_map(content, key="quality_map", title=words("quality.rows"), height_px=MAP_PX)
    st.html(markup.legend([thing.kind for thing in things], words))


if __name__ == "__main__":
    show()
