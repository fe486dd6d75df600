"""The floors of the score: what is demanded, and below what the chain may never fall again."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data_samples.tally import Share, Tally

FILE = Path(__file__).resolve().parent.parent / "tests" / "truth" / "floors.toml"


@dataclass(frozen=True, slots=True)
class Floor:
    """A figure: what is demanded, and the floor that holds; `most`: both are ceilings."""

    name: str
    demanded: float
    floor: float
    most: bool
    since: str

    def misses_demand(self, share: Share) -> bool:
        """Whether what is demanded is not reached."""
        return share.value > self.demanded if self.most else share.value < self.demanded

    def broken(self, share: Share) -> bool:
        """Whether the whole interval lies on the wrong side of the floor: worse, and not by chance."""
        low, high = share.interval
        return low > self.floor if self.most else high < self.floor


@cache
def floors() -> tuple[Floor, ...]:
    """All floors, as the file has them."""
    table = tomllib.loads(FILE.read_text("utf-8"))
    return tuple(
        Floor(name, row["demanded"], row["floor"], row.get("most", False), row["since"]) for name, row in table.items()
    )


def below(told: Tally) -> list[str]:
    """What is demanded and not reached, a line each; `FLOOR` where even the floor is broken."""
    found = []
    for floor in floors():
        share: Share = getattr(told, floor.name)
        word = "FLOOR" if floor.broken(share) else "demand" if floor.misses_demand(share) else ""
        if word:
            sign = "at most" if floor.most else "at least"
            found.append(f"{word}: {floor.name} {share}; demanded {sign} {floor.demanded:g}, floor {floor.floor:g}")
    return found
