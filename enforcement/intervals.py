"""A share with its interval: how sure so many of so many are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from enforcement.errors import ShareImpossible


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and the interval of Wilson around it; without any there is no share."""

    count: int
    of: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """The share itself, 0 to 1; None of nothing."""
        return self.count / self.of if self.of else None


def share(count: int, of: int, *, level: float) -> Share:
    """A share with its two-sided interval.

    Args:
        count: how many of them.
        of: how many there are.
        level: how often such an interval should hold the true value, between 0 and 1.

    Returns:
        The share; both ends None where `of` is 0.

    Raises:
        ShareImpossible: more than there are, fewer than none, or a level outside of 0 to 1.

    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209, without continuity correction.
    """
    if not 0 <= count <= of or not 0 < level < 1:
        raise ShareImpossible(f"{count} of {of}", f"level {level}")
    if of == 0:
        return Share(0, 0, None, None)
    z = NormalDist().inv_cdf((1 + level) / 2)
    fraction, spread = count / of, z * z / of
    middle = fraction + spread / 2
    half = z * sqrt(fraction * (1 - fraction) / of + spread / (2 * 2 * of))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return Share(count, of, max(0.0, low) if count else 0.0, min(1.0, high) if count < of else 1.0)
