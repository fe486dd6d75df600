"""The whole plan of the district in one place: what a renderer draws, an office registers and a score knows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data_samples.district.block import Firm
from data_samples.district.firms import Receptor, Settled, Site, settled
from data_samples.district.firms import by_key as firms_by_key
from data_samples.district.streets import HALF_SIZE_M, Lot, Street, streets
from data_samples.district.waters import Mouth, Water, mouths, waters


@dataclass(frozen=True)
class Plan:
    """The district: `half_size_m` around the local origin, all coordinates in local metres (`district.place`)."""

    half_size_m: tuple[float, float]
    streets: tuple[Street, ...]
    waters: tuple[Water, ...]
    firms: tuple[Firm, ...]
    plots: dict[str, Lot]
    free: tuple[Lot, ...]
    sites: tuple[Site, ...]
    receptors: tuple[Receptor, ...]
    mouths: tuple[Mouth, ...]

    def firm(self, key: str) -> Firm:
        """A firm by its key."""
        return firms_by_key()[key]

    def uscc(self, key: str | None) -> str | None:
        """The credit code of a firm by its key; None for None."""
        return None if key is None else self.firm(key).uscc


@cache
def district() -> Plan:
    """The plan; the same every time."""
    held: Settled = settled()
    own = [(firm.key, firm.xy) for firm in held.firms if "water" in firm.media and firm.key in held.plots]
    return Plan(
        HALF_SIZE_M, streets(), waters(), held.firms, held.plots, held.free, held.sites, held.receptors, mouths(own)
    )
