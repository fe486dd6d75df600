"""What every registry fact carries: its days in the world, when it was learnt, from which row of which file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from enforcement.place import Place

LATER = "later"


def later(default: Any) -> Any:
    """The default of a field that was added to a kind which homes held already.

    At its default such a field is left out of what is stored, so that an unchanged row of an old file stays the same
    statement.
    """
    return field(default=default, metadata={LATER: True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every registry row carries. `source_row` is the number of its row, from 1 at the first data row."""

    KIND: ClassVar[str]

    valid_from: date | None = None
    valid_to: date | None = None
    received_at: datetime
    source_sha256: str
    source_row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Fact):
    """A fact with a place. `place` is None where the file gave none, or none that could be trusted.

    `place_given` keeps what the file said, word for word; `crs_given` the CRS it was read in, or `cannot_tell`.
    """

    KIND: ClassVar[str]

    place: Place | None = None
    place_given: str = ""
    crs_given: str = ""
