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
}


def run() -> None:
    """Run the page that was asked for."""
    st.set_page_config(page_title="遥巡 yaoxun", page_icon=str(STATIC / "icon.svg"), layout="wide")
    session.restore_language()
    words = session.words()
    st.html(look.style_sheet(words.language))
    st.logo(str(STATIC / "logo.svg"), size="large")
    pages = [
        st.Page(PAGES / f"{name}.py", title=words(f"nav.{name}"), icon=icon, url_path=name, default=name == FIRST)
        for name, icon in ICONS.items()
    ]
    st.navigation(pages, position="top").run()
