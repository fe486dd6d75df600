"""What belongs to one visitor: language, who acts, what is chosen, and the notice of the last act."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard import markup
from dashboard.labels import LANGUAGES, SHOWN_ZONE, Words
from enforcement import roles
from enforcement.errors import EnforcementError
from pipelines import clock
from pipelines.errors import Refusal
from pipelines.records import Act, User
from pipelines.store import Store
from pipelines.store.read import people

LANGUAGE, ACTOR, NOTICE = "language", "actor", "notice"
OWNER = "owner"


def home() -> Path:
    """The data home: YAOXUN_HOME, else ./var."""
    return Path(os.environ.get("YAOXUN_HOME") or "var").expanduser()


def open_store() -> Store:
    """The home's store, for one run of a page; a new home is made where there is none."""
    return Store.open(home())


def words() -> Words:
    """The labels in this visitor's language."""
    return Words(st.session_state.get(LANGUAGE, "zh"))


def remember(name: str, value: str | None) -> None:
    """Keep a choice in the session and in the address, so that a reload or a copied address finds it."""
    st.session_state[name] = value
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def recalled(name: str) -> str | None:
    """What the address names, else the choice of this session; a link into a page so wins over what was open there."""
    named: str | None = st.query_params.get(name)
    if named is not None:
        st.session_state[name] = named
    return st.session_state.get(name)


def restore_language() -> None:
    """Take the language from session or address; Chinese where neither names one. The address keeps naming it."""
    chosen = recalled(LANGUAGE)
    remember(LANGUAGE, chosen if chosen in LANGUAGES else "zh")


def actors(store: Store) -> list[User]:
    """Who may act here; a home without accounts belongs to its local owner."""
    return list(people.users(store))


def names(store: Store) -> dict[str, str]:
    """User id → how that person is called on the pages; the local owner and the machine have no account."""
    labels = words()
    nobody = {"owner": labels("app.local_owner"), "system": labels("role.system")}
    return nobody | {user.id: user.name for user in actors(store)}


def actor(store: Store) -> User | None:
    """Who acts now: the chosen account, else the first analyst, else the first; None is a home's local owner."""
    accounts = actors(store)
    if not accounts:
        return None
    chosen = recalled(ACTOR)
    analyst = next((user for user in accounts if user.role == "analyst"), accounts[0])
    found = next((user for user in accounts if user.id == chosen), analyst)
    remember(ACTOR, found.id)
    return found


def by(store: Store) -> str | None:
    """The name under which casework records an act."""
    user = actor(store)
    return user.id if user else None


def may(store: Store, act: str) -> bool:
    """Whether the role of who acts may do an act today; what is asked again, and decided, when it is done."""
    user = actor(store)
    today = clock.now().astimezone(SHOWN_ZONE).date()
    try:
        roles.may(user.role if user else OWNER, act, on=today)
    except EnforcementError:
        return False
    return True


def may_read(store: Store, what: str) -> bool:
    """Whether the role of who acts may look at something, by the row `read_…`."""
    user = actor(store)
    try:
        roles.may_read(user.role if user else OWNER, what, on=clock.now().astimezone(SHOWN_ZONE).date())
    except EnforcementError:
        return False
    return True


def attempt(act: Callable[[], Act]) -> Act | None:
    """Do an act of a person; what refuses it becomes a notice on the page.

    Args:
        act: a call of a casework function.

    Returns:
        What was recorded, or None where it was refused.
    """
    labels = words()
    try:
        recorded = act()
    except Refusal as refusal:
        sentence = labels.reason(refusal.reason, {"where": refusal.where})
        warn(labels("app.refused", sentence=sentence), seen=technical(refusal))
        return None
    say(labels("app.done", entry=recorded.journal_entry))
    return recorded


def say(text: str) -> None:
    """Set the notice that the page shows next."""
    st.session_state[NOTICE] = ("done", text, "")


def warn(text: str, *, seen: str = "") -> None:
    """Set a notice of something that was not done; `seen` is what exactly was seen, shown as a technical note."""
    st.session_state[NOTICE] = ("refused", text, seen)


def technical(refusal: Refusal) -> str:
    """What a refusal is about and what exactly was seen, for whoever looks into it."""
    return f"{refusal.where}: {refusal.detail}" if refusal.detail else refusal.where


def show_notice() -> None:
    """Show the last act's notice once."""
    kind, text, seen = st.session_state.pop(NOTICE, (None, "", ""))
    if kind == "refused":
        st.warning(markup.escaped(text), icon=":material/block:")
        if seen:
            st.html(markup.technical(seen))
    elif kind == "done":
        st.toast(markup.escaped(text), icon=":material/check_circle:")
