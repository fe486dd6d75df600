"""What a clue is, and which of many are worth a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that is rarely seen in clean data.

    Attributes:
        kind: a word of `INNOCENT`.
        first: number of the first sample that it is seen in.
        last: of the last one.
        figures: what was measured, by name.
        chance: the probability of seeing this or more in clean data, as the device's own past has it.
    """

    kind: str
    first: int
    last: int
    figures: Mapping[str, float]
    chance: float

    @property
    def innocent(self) -> tuple[str, ...]:
        """What else it could be."""
        return INNOCENT[self.kind]


INNOCENT: Mapping[str, tuple[str, ...]] = {
    "flat_line": ("calm_and_coarse", "device_fault", "source_stopped"),
    "little_variance": ("source_stopped", "weather_steady", "device_serviced"),
    "pressed_under_limit": ("control_keeps_below", "few_samples"),
    "impossible_ratio": ("devices_differ", "humidity", "low_readings"),
    "gaps_at_work": ("power_cut_at_work", "service_hours"),
    "same_values": ("shared_logger", "coarse_digits"),
}
"""Kinds, each with what else it could be; sentences for both stand in the product's wording."""


def worth_a_look(clues: Sequence[Clue], tests: Mapping[str, int], *, false_share: float) -> list[Clue]:
    """The clues of which no more than a share is expected to be chance, the least likely first.

    Each kind is judged among its own tests: a kind that nothing speaks for takes nothing from the others.

    Args:
        clues: all that were found, with their chances.
        tests: of each kind how many series were tested, whether they gave a clue or not.
        false_share: the false discovery rate, 0–1.

    Source: Benjamini and Hochberg 1995, which also holds for tests that depend on each other positively (Benjamini and
    Yekutieli 2001), as those of neighbours under one weather do.
    """
    kept: list[Clue] = []
    for kind in INNOCENT:
        ordered = sorted((clue for clue in clues if clue.kind == kind), key=lambda clue: clue.chance)
        count = max(tests.get(kind, 0), len(ordered))
        good = [k for k, clue in enumerate(ordered, 1) if clue.chance <= false_share * k / max(count, 1)]
        kept += ordered[: max(good, default=0)]
    return sorted(kept, key=lambda clue: clue.chance)
