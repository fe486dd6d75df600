"""What one row says of a firm, as far as it can tell which firm it is."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row that is, or speaks of, a firm.

    `code` is its unified social credit code where that is valid (the caller has checked it), else ""; `written_code`
    what stood there instead. `org_code` is the 9-character organisation code, `old_number` the 15-digit registration
    number. `x_m` east, `y_m` north in one metric CRS for all entries; NaN without a place.
    """

    kind: str
    key: str
    name: str
    former_names: tuple[str, ...] = ()
    address: str = ""
    code: str = ""
    written_code: str = ""
    org_code: str = ""
    old_number: str = ""
    x_m: float = math.nan
    y_m: float = math.nan

    @property
    def id(self) -> tuple[str, str]:
        """Kind and key."""
        return self.kind, self.key
