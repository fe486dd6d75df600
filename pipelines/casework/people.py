"""Who acts, and whether the role may. The one door: page and command are refused alike, naming the row that refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from enforcement.errors import EnforcementError
from enforcement.roles import may, may_read
from pipelines.errors import Refusal
from pipelines.records import User
from pipelines.settings import load
from pipelines.store import Store
from pipelines.store.canonical import BEIJING
from pipelines.store.read import people

SYSTEM = "system"
OWNER = User(id="owner", name="owner", role="owner")
"""Who acts on a home without accounts: its local owner."""


def acting_user(store: Store, name: str | None) -> User:
    """The account that acts.

    Args:
        store: the home.
        name: id or name of an account, as given with `--as`; None where nothing was given.

    Returns:
        The account; on a home without accounts its local owner, who need not be named.

    Raises:
        Refusal: `system_is_nobody` for the machine's own name, `who_acts` where accounts exist and none was named,
            `unknown_user` where none of that name exists.
    """
    if name is not None and name.strip().casefold() == SYSTEM:
        raise Refusal(name, "system_is_nobody")
    accounts = people.users(store)
    if not accounts and name in (None, OWNER.id):
        return OWNER
    if name is None:
        raise Refusal("--as", "who_acts", f"accounts here: {', '.join(user.id for user in accounts)}")
    found = people.user(store, name)
    if found is None:
        known = ", ".join(user.id for user in accounts) or "none, only the local owner acts"
        raise Refusal(name, "unknown_user", f"accounts here: {known}")
    return found


def permitted(store: Store, by: str | None, act: str, *, at: datetime | None = None) -> User:
    """The account that acts, once its role was found in the row of that act.

    Args:
        store: the home.
        by: as `acting_user` takes it.
        act: one of `enforcement.roles.ACTS`.
        at: when it acts, aware: the row in force on that Beijing day is asked; None asks the youngest row.

    Raises:
        Refusal: as `acting_user`, or `role_forbids`, naming the row.
    """
    user = acting_user(store, by)
    with lawful():
        may(user.role, act, on=None if at is None else at.astimezone(BEIJING).date())
    return user


def may_look(store: Store, by: str | None, what: str, *, at: datetime | None = None) -> User | None:
    """The account that looks, once its role was found in the row of that right.

    A home whose accounts are not authenticated cannot tell who sits at the machine: where nobody is named, it is
    whoever owns it, and nothing is refused, unless the home asks for names (setting `looks_named` of `people`). Who is
    named is held to the role.

    Args:
        store: the home.
        by: id or name of an account, or None where nobody was named.
        what: one of `enforcement.roles.READS`.
        at: when, as in `permitted`.

    Raises:
        Refusal: as `acting_user` for a name, or `role_forbids`, naming the row; `who_acts` where nobody was named and
            the home asks for names.
    """
    if by is None and not (load(store.home, os.environ).people.looks_named and people.users(store)):
        return None
    user = acting_user(store, by)
    with lawful():
        may_read(user.role, what, on=None if at is None else at.astimezone(BEIJING).date())
    return user


@contextmanager
def lawful() -> Iterator[None]:
    """Turn what `enforcement` forbids into a refusal with its reason word and row."""
    try:
        yield
    except EnforcementError as error:
        raise Refusal(error.where, error.reason, error.detail) from error
