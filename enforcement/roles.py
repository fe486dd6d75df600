"""Who may do what: a table, asked in one place by the acts of people, so that page and command refuse alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enforcement.errors import RoleForbids
from enforcement.policy import Policy, Rule, load

ACT_PREFIX = "act_"
ROLES: tuple[str, ...] = load().latest("roles").words()
ACTS: tuple[str, ...] = tuple(row.removeprefix(ACT_PREFIX) for row in load().ids(ACT_PREFIX))


@dataclass(frozen=True, slots=True)
class Permission:
    """That a role may do an act, and the row that says so."""

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
    rows = policy or load()
    rule_id = ACT_PREFIX + act
    if rule_id not in rows.ids(ACT_PREFIX):
        raise RoleForbids(f"{role} {act}", f"no row lets anybody do {act}", rule_id)
    rule: Rule = rows.latest(rule_id) if on is None else rows.at(rule_id, on)
    if role not in rule.words():
        raise RoleForbids(
            f"{role} {act}", f"{rule.file} row {rule.row} {rule.ref} names {', '.join(rule.words())}", rule.ref
        )
    return Permission(role, act, rule.ref)


def matrix(policy: Policy | None = None) -> dict[str, frozenset[str]]:
    """Every act with the roles that may do it, for the page that shows the table."""
    rows = policy or load()
    return {row.removeprefix(ACT_PREFIX): frozenset(rows.latest(row).words()) for row in rows.ids(ACT_PREFIX)}
