"""The parts that all pages share: style sheet, page head, section heads, empty states."""

from __future__ import annotations

from functools import cache
from html import escape

import streamlit as st

from dashboard import markup, palette, session
from dashboard.components.assets import text_of
from dashboard.labels import LANGUAGES, Words
from dashboard.pictures import UnreadablePicture
from enforcement import roles
from pipelines.records import User
from pipelines.store import Store
from pipelines.store.errors import UnknownRow


@cache
def style_sheet(language: str) -> str:
    """The style sheet with the palette's colours, and words for the parts of Streamlit that speak English only."""
    words = Words(language)
    upload = (
        f'[data-testid="stFileUploaderDropzone"] button p::after{{content:"{words("app.choose_files")}"}}'
        f'[data-testid="stFileUploaderDropzoneInstructions"]::after{{content:"{words("app.file_limit")}"}}'
    )
    return f"<style>{palette.css_variables()}{text_of('css/page.css')}{palette.mark_css()}{upload}</style>"


def page_head(store: Store, title: str, subtitle: str) -> None:
    """Title and figures of a page on the left; who acts and the language on the right; the last act's notice below."""
    words = session.words()
    accounts = session.actors(store)
    sample = _sample_sign(words) if any(user.simulated for user in accounts) else ""
    with st.container(key="bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="yx-title"><h1>{escape(title)}</h1><span>{escape(subtitle)}</span>{sample}</div>',
            width="stretch",
        )
        _actor_choice(store, accounts, words)
        _language_choice(words)
    session.show_notice()


def _sample_sign(words: Words) -> str:
    return f'<span class="yx-strip" title="{escape(words("app.simulated_note"))}">{escape(words("app.sample"))}</span>'


def _actor_choice(store: Store, accounts: list[User], words: Words) -> None:
    if not accounts:
        mine = f"{words('app.who')}: {words('app.local_owner')}"
        st.html(f'<span class="yx-note">{escape(mine)}</span>', width="content")
        return
    now = session.actor(store)
    names = {user.id: f"{user.name} · {words.of('role', user.role)}" for user in accounts}
    ids = list(names)
    st.selectbox(
        words("app.who"),
        ids,
        index=ids.index(now.id) if now else 0,
        format_func=lambda user_id: names[user_id],
        label_visibility="collapsed",
        key="who_acts",
        width=230,
        on_change=lambda: session.remember(session.ACTOR, st.session_state["who_acts"]),
    )


def _language_choice(words: Words) -> None:
    st.segmented_control(
        words("app.language"),
        list(LANGUAGES),
        default=words.language,
        format_func=lambda language: LANGUAGES[language],
        label_visibility="collapsed",
        key="language_choice",
        width="content",
        required=True,
        on_change=lambda: session.remember(session.LANGUAGE, st.session_state["language_choice"] or words.language),
    )


def empty(title: str, what_next: str) -> None:
    """An empty state: what is not there yet, and what to do about it."""
    st.html(f'<div class="yx-empty"><b>{escape(title)}</b><span>{escape(what_next)}</span></div>')


def picture_gone(name: str, error: UnreadablePicture | UnknownRow) -> None:
    """A notice in the place of a picture: its original is not held, or gives no picture."""
    words = session.words()
    missing = isinstance(error, UnknownRow)
    st.warning(words("triage.original_missing" if missing else "triage.picture_gone", name=name))
    st.html(markup.technical(session.technical(error) if isinstance(error, UnknownRow) else str(error)))


def note(text: str) -> None:
    """A remark in small grey letters."""
    st.html(f'<span class="yx-note">{escape(text)}</span>')


def offered(store: Store, act: str) -> bool:
    """Whether the button of an act is offered to who acts; where the role may not, a line in its place says why."""
    if session.may(store, act):
        return True
    words = session.words()
    allowed = words("app.comma").join(
        words.of("role", role) for role in sorted(roles.matrix()[act]) if role != session.OWNER
    )
    user = session.actor(store)
    mine = words.of("role", user.role) if user else words("app.local_owner")
    note(words("app.role_may_not", act=words.of("act", act), role=mine, roles=allowed))
    return False


def section(title: str, remark: str = "") -> None:
    """A heading within a page."""
    small = f"<small>{escape(remark)}</small>" if remark else ""
    st.html(f'<div class="yx-section">{escape(title)}{small}</div>')
