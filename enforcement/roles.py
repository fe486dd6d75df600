"""Who may do what and who may look at what: a table, asked in one place, so that page and command refuse alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enforcement.errors import RoleForbids
from enforcement.policy import Policy, Rule, load

ACT_PREFIX, READ_PREFIX = "act_", "read_"
ROLES: tuple[str, ...] = load().latest("roles").words()
ACTS: tuple[str, ...] = tuple(row.removeprefix(ACT_PREFIX) for row in load().ids(ACT_PREFIX))
READS: tuple[str, ...] = tuple(row.removeprefix(READ_PREFIX) for row in load().ids(READ_PREFIX))


@dataclass(frozen=True, slots=True)
class Permission:
    """That a role may do an act, or look at something, and the row that says so."""

    role: str
    act: str
    row: str


def may(role: str, act: str, *, on: date | None = None, policy: Policy | None = None) -> Permission:
    """The row that lets `role` do `act`.

    Args:
        role: one of `ROLES`.
        act: one of `ACTS`.
        on: the day of the act; None takes the youngest row.
        policy: other rows than those that came with this version.

    Raises:
        RoleForbids: the row does not name the role, or no row has such an act or role; `row` says which row refused.
    """
    return _permission(role, act, ACT_PREFIX + act, on, policy or load())


def matrix(policy: Policy | None = None) -> dict[str, frozenset[str]]:
    """Every act with the roles that may do it, for the page that shows the table."""
    rows = policy or load()
    return {row.removeprefix(ACT_PREFIX): frozenset(rows.latest(row).words()) for row in rows.ids(ACT_PREFIX)}


def may_read(role: str, what: str, *, on: date | None = None, policy: Policy | None = None) -> Permission:
    """The row that lets `role` look at `what`.

    Args:
        role: one of `ROLES`.
        what: one of `READS`.
        on: the day; None takes the youngest row.
        policy: other rows than those that came with this version.

    Raises:
        RoleForbids: the row does not name the role, or no row has such a right or role; `row` says which row refused.
    """
    return _permission(role, what, READ_PREFIX + what, on, policy or load())


def reading(policy: Policy | None = None) -> dict[str, frozenset[str]]:
    """Every right to read with the roles that have it."""
    rows = policy or load()
    return {row.removeprefix(READ_PREFIX): frozenset(rows.latest(row).words()) for row in rows.ids(READ_PREFIX)}


def _permission(role: str, wish: str, rule_id: str, on: date | None, rows: Policy) -> Permission:
    if rule_id not in rows.ids():
        raise RoleForbids(f"{role} {wish}", f"no row lets anybody do {wish}", rule_id)
    rule: Rule = rows.latest(rule_id) if on is None else rows.at(rule_id, on)
    if role not in rule.words():
        raise RoleForbids(
            f"{role} {wish}", f"{rule.file} row {rule.row} {rule.ref} names {', '.join(rule.words())}", rule.ref
        )
    return Permission(role, wish, rule.ref)
