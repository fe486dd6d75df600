"""The words a person may say of an alert, and what each lets happen next."""

from __future__ import annotations

from enum import StrEnum

from enforcement.errors import VerdictUnknown


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


def verdict_value(word: str) -> VerdictValue:
    """The verdict of that word.

    Raises:
        VerdictUnknown: it is none.
    """
    if word not in VALUES:
        raise VerdictUnknown(word or "(empty)", f"one of {', '.join(VALUES)}")
    return VerdictValue(word)
