"""What the registry says of devices whose data are judged: units, interval, which end `DataTime` names, limits."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from enforcement.permits import Filing, PermitLimit, PermitOutlet
from enforcement.pollutants import pollutant_code
from enforcement.registry import MonitorPoint

DUST, WATER, GAS = "dust", "water", "gas"
KINDS = {
    DUST: ("dust", "扬尘", "工地扬尘", "39"),
    WATER: ("water", "wastewater", "waste_water", "废水", "污水", "32"),
    GAS: ("gas", "flue_gas", "air", "废气", "烟气", "31"),
}
FACTORS = {"mg/m3": 1.0, "ug/m3": 1e-3, "ng/m3": 1e-6, "g/m3": 1e3, "mg/l": 1.0, "ug/l": 1e-3, "g/l": 1e3}
"""From a unit to that of the limits (mg/m³ in air, mg/L in water)."""
LABEL_END, IN_UG, UTC = "label_end", "units_in_ug", "clock_utc"
PH = "w01001"
DUST_CODES = ("a34001", "a34002")


@dataclass(frozen=True, slots=True)
class Device:
    """A device as it is judged.

    Attributes:
        mn: its number.
        point: code of its monitor point.
        name: of the point.
        source: `dust`, `water`, `gas`, or "" where the registry does not say: then nothing is judged.
        enterprise: the firm, where one is named.
        site: the building site, likewise.
        factor: by which its values come to the unit of the limits; None where its unit is not known.
        interval_s: how often data are due; None where nobody wrote it down.
        shift: added to `DataTime` to come to the begin of the period, for each minute of it: 0 or −1.
        behind: hours that its clock is behind Beijing's (8 for one that shows UTC).
        limits: of its outlet, by pollutant.
        filings: of its firm or site.
    """

    mn: str
    point: str
    name: str
    source: str
    enterprise: str | None
    site: str | None
    factor: float | None
    interval_s: float | None
    shift: int
    behind: timedelta
    limits: Mapping[str, Sequence[PermitLimit]]
    filings: Sequence[Filing]

    @property
    def period_minutes(self) -> int:
        """Length of its minute data in whole minutes."""
        step = self.interval_s or 60.0
        return int(step // 60) if step >= 60 and step % 60 == 0 and step <= 3600 else 1


def devices_of(
    points: Iterable[MonitorPoint], outlets: Sequence[PermitOutlet], limits: Sequence[PermitLimit],
    filings: Sequence[Filing],
) -> dict[str, Device]:  # fmt: skip
    """Devices by MN; of two points of one logger the one that is judged comes first."""
    found: dict[str, Device] = {}
    for point in points:
        if not point.mn:
            continue
        device = _device(point, outlets, limits, filings)
        if point.mn not in found or not found[point.mn].source:
            found[point.mn] = device
    return found


def source_of(kind: str) -> str:
    """What kind of source a point's `kind` means; "" where none."""
    told = kind.strip().casefold()
    return next((source for source, words in KINDS.items() if told in words), "")


def _device(
    point: MonitorPoint, outlets: Sequence[PermitOutlet], limits: Sequence[PermitLimit], filings: Sequence[Filing]
) -> Device:
    source = source_of(point.kind) or (DUST if point.site_id else "")
    outlet = _outlet(point, source, outlets)
    by_code: dict[str, list[PermitLimit]] = {}
    for limit in (one for one in limits if source in (WATER, GAS) and one.enterprise == point.enterprise):
        told = _in_standard_unit(limit) if limit.outlet in ("", outlet) else None
        if told is not None:
            by_code.setdefault(pollutant_code(limit.pollutant), []).append(told)
    own = [
        f for f in filings
        if (point.enterprise and f.enterprise == point.enterprise and f.outlet in ("", outlet or ""))
        or (point.site_id and f.site_id == point.site_id)
    ]  # fmt: skip
    return Device(
        point.mn or "", point.code, point.name, source, point.enterprise, point.site_id, _factor(point),
        point.interval_s, -1 if LABEL_END in point.quirks else 0, timedelta(hours=8 if UTC in point.quirks else 0),
        by_code, own,
    )  # fmt: skip


def _outlet(point: MonitorPoint, source: str, outlets: Sequence[PermitOutlet]) -> str | None:
    """The outlet that a point measures: the one that ends in its outfall, else the firm's only one of that medium."""
    mine = [o for o in outlets if o.enterprise == point.enterprise]
    named = {o.outlet for o in mine if point.outfall_code and o.outfall_code == point.outfall_code}
    medium = {WATER: "water", GAS: "air"}.get(source)
    only = {o.outlet for o in mine if o.medium == medium}
    for found in (named, only):
        if len(found) == 1:
            return found.pop()
    return None


def _factor(point: MonitorPoint) -> float | None:
    return FACTORS["ug/m3"] if IN_UG in point.quirks else factor_of(point.units)


def factor_of(unit: str) -> float | None:
    """By which a value in this unit comes to mg/m³ or mg/L; None: no such unit is known."""
    told = unicodedata.normalize("NFKC", unit).casefold().replace(" ", "").replace("μ", "u")
    return FACTORS.get(told)


def _in_standard_unit(limit: PermitLimit) -> PermitLimit | None:
    """A limit in the unit that means are computed in; None where its unit is not known. pH has none."""
    if pollutant_code(limit.pollutant) == PH:
        return limit
    factor = factor_of(limit.unit)
    if factor is None or factor == 1.0:
        return None if factor is None else limit
    value, low = (None if x is None else x * factor for x in (limit.value, limit.value_low))
    return replace(limit, value=value, value_low=low, unit="mg/L" if limit.unit.strip()[-1] in "lL" else "mg/m3")
