"""Accounts of a home."""

from __future__ import annotations

from datetime import datetime

from enforcement.errors import RoleForbids
from enforcement.roles import ROLES, may
from pipelines.casework.acting import acting, beijing_day, noted
from pipelines.casework.people import OWNER, SYSTEM
from pipelines.errors import Refusal
from pipelines.records import Act, User
from pipelines.store import Store
from pipelines.store.read import people as read
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import people as write

LONGEST_NAME = 64


def add_user(
    store: Store,
    name: str,
    role: str,
    *,
    by: str | None,
    at: datetime,
    display_name: str | None = None,
    simulated: bool = False,
) -> Act:
    """Make an account. From the first one on nobody acts unnamed, so the first must be able to make others.

    Args:
        store: the home.
        name: what is given with `--as`: one word.
        role: one of `enforcement.roles.ROLES`, not `system`.
        by: the account, or None for the local owner.
        at: when.
        display_name: the person's name on pages; default `name`.
        simulated: a made-up person of a sample home. A home has real people or made-up ones, never both.

    Returns:
        The account's id, state its role. The same account again gives the earlier entry and writes nothing.

    Raises:
        Refusal: the role may not, `bad_user_name`, `unknown_role`, `user_exists`, `first_account_role`,
            `simulated_and_real`.
    """
    with acting(store, by, "users_add", at) as (tx, user):
        account = User(_fit(name), (display_name or name).strip(), _fit_role(role), simulated)
        others = read.users(store)
        if account in others:
            return Act(account.id, account.role, first_entry_of_row(tx, "app_user", account.id), True)
        _refuse_clash(account, others)
        if not others:
            _refuse_powerless(account, at)
        write.insert_user(tx, account, added_by=user.id, at=at)
        payload = {"role": role, "display_name": account.name, "account_simulated": simulated}
        entry = noted(tx, user, at=at, kind="user_added", subject=account.id, payload=payload)
        return Act(account.id, account.role, entry)


def _fit(name: str) -> str:
    plain = name.strip()
    fits = plain.isprintable() and not any(c.isspace() or c == "," for c in plain) and 0 < len(plain) <= LONGEST_NAME
    if not fits or plain.casefold() in (SYSTEM, OWNER.id):
        raise Refusal(name or "(empty)", "bad_user_name")
    return plain


def _fit_role(role: str) -> str:
    if role not in ROLES or role == SYSTEM:
        raise Refusal(role or "(empty)", "unknown_role", f"one of {', '.join(r for r in ROLES if r != SYSTEM)}")
    return role


def _refuse_clash(account: User, others: list[User]) -> None:
    taken = {other.id.casefold() for other in others} | {other.name.casefold() for other in others}
    if taken & {account.id.casefold(), account.name.casefold()}:
        raise Refusal(account.id, "user_exists")
    if any(other.simulated != account.simulated for other in others):
        raise Refusal(account.id, "simulated_and_real")


def _refuse_powerless(account: User, at: datetime) -> None:
    try:
        may(account.role, "users_add", on=beijing_day(at))
    except RoleForbids as error:
        raise Refusal(account.id, "first_account_role", error.detail) from error
