"""What a changed set of rule rows says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, fields

from enforcement.policy import Policy, Rule

NOT_SAID = ("file", "row")
"""Where a row stands is not what it says."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that one set has otherwise, or alone.

    Attributes:
        ref: `id@effective_from`.
        before: the row; None: it is new.
        after: the row; None: it is gone.
        fields: names of what differs; empty where only one set has the row.
    """

    ref: str
    before: Rule | None
    after: Rule | None
    fields: tuple[str, ...]


def changes(before: Policy, after: Policy) -> list[RowChange]:
    """Rows that differ, by id and first day."""
    old, new = ({row.ref: row for row in policy.rows} for policy in (before, after))
    found = []
    for ref in sorted(old.keys() | new.keys()):
        was, is_ = old.get(ref), new.get(ref)
        differing = () if was is None or is_ is None else _differing(was, is_)
        if was is None or is_ is None or differing:
            found.append(RowChange(ref, was, is_, differing))
    return found


def _differing(was: Rule, is_: Rule) -> tuple[str, ...]:
    names = (field.name for field in fields(Rule) if field.name not in NOT_SAID)
    return tuple(name for name in names if getattr(was, name) != getattr(is_, name))
