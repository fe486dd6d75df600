"""Accounts."""

from __future__ import annotations

from pipelines.records import User
from pipelines.store import rows
from pipelines.store.home import Store


def users(store: Store) -> list[User]:
    """All accounts, by id."""
    return [rows.user_of(row) for row in store.rows("SELECT * FROM app_user ORDER BY id")]


def user(store: Store, id_or_name: str) -> User | None:
    """The account of that id, else of that name, else None."""
    sql = "SELECT * FROM app_user WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1 LIMIT 1"
    row = store.row(sql, (id_or_name,))
    return None if row is None else rows.user_of(row)
