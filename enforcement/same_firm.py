"""Which entries are one firm by a person's word: the rows that speak of the one are read as speaking of the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from enforcement import uscc
from enforcement.errors import TwoValidCodes
from enforcement.registry import Enterprise, RegistryFact

VALUES = ("same", "different", "undone")
Entry = tuple[str, str]
"""Kind and key of a registry entry."""


@dataclass(frozen=True, slots=True)
class SameFirm:
    """Decisions in force: which firm an entry is. `firm_of` of `("enterprise", key)` follows chains to their end."""

    decided: Mapping[Entry, str]

    def key_of(self, key: str | None) -> str | None:
        """The firm under whose key another key is read."""
        seen: set[str] = set()
        while key is not None and key not in seen:
            seen.add(key)
            key = self.decided.get((Enterprise.KIND, key), key)
        return key

    def read(self, facts: Iterable[RegistryFact]) -> list[RegistryFact]:
        """The facts as they read under the decisions: an entry that is another firm's is not a firm of its own.

        Rows keep their own words, file and number; only the firm that they point at is the decided one.
        """
        if not self.decided:
            return list(facts)
        return [self._of(fact) for fact in facts if not self._is_alias(fact)]

    def _is_alias(self, fact: RegistryFact) -> bool:
        return isinstance(fact, Enterprise) and self.key_of(fact.uscc) != fact.uscc

    def _of(self, fact: RegistryFact) -> RegistryFact:
        held: Any = fact
        if isinstance(fact, Enterprise) or not hasattr(fact, "enterprise"):
            return fact
        firm = self.key_of(self.decided.get((fact.KIND, fact.key), held.enterprise))
        changed: RegistryFact = fact if firm == held.enterprise else replace(held, enterprise=firm)
        return changed


def require_one_firm(left: str, right: str) -> None:
    """Refuse to call two credit codes one firm.

    Raises:
        TwoValidCodes: both keys are valid credit codes, and not the same.
    """
    if left != right and uscc.is_valid(left) and uscc.is_valid(right):
        raise TwoValidCodes(left, right)
