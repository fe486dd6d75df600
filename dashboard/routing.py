"""Which pages there are, and what every one of them starts with."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import look, session

PAGES = Path(__file__).parent / "pages"
STATIC = Path(__file__).parent / "static"
FIRST = "triage"
ICONS = {
    "triage": ":material/rule:",
    "flights": ":material/flight:",
    "week": ":material/calendar_view_week:",
    "enterprise": ":material/domain:",
    "registry": ":material/upload_file:",
    "quality": ":material/fact_check:",
    "monitors": ":material/sensors:",
    "check": ":material/policy:",
    "case": ":material/gavel:",
    "station": ":material/monitoring:",
    "clocks": ":material/timer:",
    "duty": ":material/checklist:",
    "tasks": ":material/assignment:",
}
READS = {
    "triage": "alerts",
    "flights": "flights",
    "week": "week",
    "enterprise": "registry",
    "registry": "registry",
    "quality": "registry",
    "monitors": "monitors",
    "check": "alerts",
    "case": "cases",
    "station": "cases",
    "clocks": "cases",
    "duty": "duties",
    "tasks": "own_tasks",
}
"""What a page looks at: a row `read_…`. Who is not named there does not get the page."""


def run() -> None:
    """Run the page that was asked for."""
    st.set_page_config(page_title="遥巡 yaoxun", page_icon=str(STATIC / "icon.svg"), layout="wide")
    session.restore_language()
    words = session.words()
    st.html(look.style_sheet(words.language))
    st.logo(str(STATIC / "logo.svg"), size="large")
    offered = open_pages()
    pages = [
        st.Page(PAGES / f"{name}.py", title=words(f"nav.{name}"), icon=icon, url_path=name, default=name == offered[0])
        for name, icon in ICONS.items()
        if name in offered
    ]
    st.navigation(pages, position="top").run()


def open_pages() -> list[str]:
    """The pages that the role of who acts may look at; the tasks are everybody's."""
    with session.open_store() as store:
        return [name for name in ICONS if session.may_read(store, READS[name])] or ["tasks"]
