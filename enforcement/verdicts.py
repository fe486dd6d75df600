"""The words a person may say of an alert, what each must come with, and where one person is not enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from enforcement.errors import FindingUnknown, ReallyMissing, ReallyUnknown, VerdictUnknown
from enforcement.policy import Policy, load


class VerdictValue(StrEnum):
    """A person's word on an alert."""

    CONFIRMED = "confirmed"
    LAWFUL = "lawful"  # seen rightly, and permitted
    DUPLICATE = "duplicate"
    MACHINE_WRONG = "machine_wrong"
    CANNOT_TELL = "cannot_tell"
    NEEDS_DRONE = "needs_drone"
    NEEDS_FOOT = "needs_foot"


VALUES: tuple[str, ...] = tuple(value.value for value in VerdictValue)
UNDONE = "undone"
"""What stands in the place of a value where an earlier word is taken back: an entry of its own, no verdict."""
REALLY: tuple[str, ...] = load().latest("verdict_really").words()
FINDINGS: tuple[str, ...] = tuple(load().latest("finding_words").table())


@dataclass(frozen=True, slots=True)
class VerdictPermission:
    """That a verdict may be recorded, whether a second person must say the same before it stands, and the rows."""

    value: VerdictValue
    really: str | None
    needs_second: bool
    rules: tuple[str, ...]


def verdict_value(word: str) -> VerdictValue:
    """The verdict of that word.

    Raises:
        VerdictUnknown: it is none.
    """
    if word not in VALUES:
        raise VerdictUnknown(word or "(empty)", f"one of {', '.join(VALUES)}")
    return VerdictValue(word)


def may_say(value: str, label: str, really: str | None, *, policy: Policy, on: date) -> VerdictPermission:
    """Whether a verdict is whole, and whether it needs a second person.

    Args:
        value: one of `VALUES`.
        label: of the alert.
        really: what it was, where the machine was wrong.
        policy: the rule rows.
        on: the day of the act.

    Raises:
        VerdictUnknown, ReallyUnknown: not one of the words.
        ReallyMissing: the machine was wrong, and what it really was is not said.
    """
    word = verdict_value(value)
    words, needing = policy.at("verdict_really", on), policy.at("verdict_needs_really", on)
    two = policy.at("verdict_two_people", on)
    if really and really not in words.words():
        raise ReallyUnknown(really, f"one of {', '.join(words.words())}")
    if word in needing.words() and not really:
        raise ReallyMissing(value, f"{needing.ref}: say one of {', '.join(words.words())}")
    second = word in two.words("verdicts") and label in two.words("labels")
    kept = really if word in needing.words() else None
    return VerdictPermission(word, kept, second, (needing.ref, two.ref))


def finding_verdict(found: str, *, policy: Policy, on: date) -> VerdictValue:
    """The verdict that a finding in the field agrees with.

    Raises:
        FindingUnknown: not one of `FINDINGS`.
    """
    table = policy.at("finding_words", on).table()
    if found not in table:
        raise FindingUnknown(found or "(empty)", f"one of {', '.join(table)}")
    return verdict_value(str(table[found]))
