"""What in the registry is missing, contradictory or stale, row by row, so that an office knows which rows to mend.

Pure: facts in, findings out. What a check is called is a stable word; its sentence stands where it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import numpy as np
import shapely

from enforcement import formats, uscc
from enforcement.place import Place
from enforcement.pollutants import pollutant_code
from enforcement.registry import (
    BuildingSite,
    Enterprise,
    Fact,
    MonitorPoint,
    Outfall,
    Permit,
    PermitLimit,
    PermitOutlet,
    Placed,
    Receptor,
    RegistryFact,
)
from geo.crs import metric_crs_at, project
from geo.types import LonLat
from pipelines.clock import BEIJING
from pipelines.settings import RegistryQualitySettings

NEEDS_PLACE = (Enterprise, BuildingSite, Outfall, MonitorPoint, Receptor)
AT_THE_FIRM = (Outfall, MonitorPoint, PermitOutlet)
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class RowAtFault:
    """A row that somebody has to mend, and its place (WGS 84) where it has one; a whole kind has no row.

    `detail` is what was seen, in figures and codes.
    """

    kind: str
    key: str
    title: str
    source_sha256: str
    source_row: str
    detail: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A check of a group (`missing`, `contradictory`, `stale`) and the rows that fail it, never none."""

    group: str
    check: str
    rows: tuple[RowAtFault, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked at.

    Args:
        facts: every statement known, also of days that are over; events need not be among them.
        on: the Beijing day of which is asked.
        district: its outline, lon and lat, WGS 84; None where none is set.
        heard: when each kind was last heard of.
        settings: the distances and days from which on something is said.
    """

    facts: Sequence[RegistryFact]
    on: date
    district: shapely.Geometry | None
    heard: Mapping[str, datetime]
    settings: RegistryQualitySettings

    def of(self, kind: type[F]) -> list[F]:
        """Of one kind: the statement of each thing that holds on the day, the one with the latest first day."""
        found: dict[str, F] = {}
        for fact in self.ever(kind):
            if _holds(fact, self.on):
                key = getattr(fact, "key", "")
                if key not in found or (found[key].valid_from or date.min) <= (fact.valid_from or date.min):
                    found[key] = fact
        return list(found.values())

    def ever(self, kind: type[F]) -> list[F]:
        """Every statement of one kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]


def review(known: Known) -> list[Finding]:
    """Look at everything; what is in order is not mentioned.

    Returns:
        In the order of `CHECKS`, the rows of each as their files have them.
    """
    findings = []
    for check, (group, look) in CHECKS.items():
        rows = tuple(sorted(look(known), key=_as_in_file))
        if rows:
            findings.append(Finding(group, check, rows))
    return findings


def _firm_without_code(known: Known) -> Iterator[RowAtFault]:
    return (_row(firm, firm.uscc) for firm in known.of(Enterprise) if firm.credit_code is None)


def _without_place(known: Known) -> Iterator[RowAtFault]:
    for kind in NEEDS_PLACE:
        for fact in known.of(kind):
            if fact.place is None:
                yield _row(fact, f"{fact.crs_given} {fact.place_given}".strip())


def _key_unit_without_permit(known: Known) -> Iterator[RowAtFault]:
    ever = {permit.enterprise for permit in known.ever(Permit)}
    return (_row(firm) for firm in known.of(Enterprise) if firm.is_key_unit and firm.uscc not in ever)


def _permit_expired(known: Known) -> Iterator[RowAtFault]:
    """The last permit of a firm that has none in force that day."""
    last: dict[str, Permit] = {}
    for permit in known.ever(Permit):
        held = last.get(permit.enterprise)
        if held is None or (permit.valid_to or date.max) >= (held.valid_to or date.max):
            last[permit.enterprise] = permit
    for permit in last.values():
        if permit.valid_to is not None and permit.valid_to < known.on:
            yield _row(permit, permit.valid_to.isoformat())


def _monitor_without_mn(known: Known) -> Iterator[RowAtFault]:
    return (_row(point) for point in known.of(MonitorPoint) if not point.mn)


def _monitor_without_units(known: Known) -> Iterator[RowAtFault]:
    return (_row(point, point.mn or "") for point in known.of(MonitorPoint) if point.mn and not point.units)


def _firm_not_registered(known: Known) -> Iterator[RowAtFault]:
    registered = {firm.uscc for firm in known.ever(Enterprise)}
    for kind in (Permit, BuildingSite, *AT_THE_FIRM):
        for fact in known.of(kind):
            code = _firm_of(fact)
            if code and code not in registered:
                yield _row(fact, code)


def _places_far_apart(known: Known) -> Iterator[RowAtFault]:
    """Rows of one code whose places lie far from the firm's: other statements of the firm, its outfalls and monitors.

    Building sites are left out: a builder builds elsewhere.
    """
    firms = {firm.uscc: firm for firm in known.of(Enterprise) if firm.place is not None}
    others: list[tuple[Placed, Enterprise]] = []
    for kind in (Enterprise, *AT_THE_FIRM):
        for fact in known.ever(kind):
            firm = firms.get(_firm_of(fact))
            if firm is not None and fact is not firm and fact.place is not None and _holds(fact, known.on):
                others.append((fact, firm))
    if not others:
        return
    apart_m = np.linalg.norm(_metres(fact for fact, _ in others) - _metres(firm for _, firm in others), axis=1)
    for (fact, firm), length_m in zip(others, apart_m, strict=True):
        if length_m > known.settings.apart_m:
            yield _row(fact, f"{length_m:.0f} m, {firm.uscc}")


def _outfall_of_other_firm(known: Known) -> Iterator[RowAtFault]:
    holders = {permit.permit_number: permit.enterprise for permit in known.ever(Permit)}
    for outfall in known.of(Outfall):
        holder = holders.get(outfall.permit_number or "")
        if holder is not None and outfall.enterprise is not None and holder != outfall.enterprise:
            yield _row(outfall, f"{outfall.permit_number}: {holder}, {outfall.enterprise}")


def _name_differs(known: Known) -> Iterator[RowAtFault]:
    names = {firm.uscc: {_plain(name) for name in (firm.name, *firm.former_names)} for firm in known.of(Enterprise)}
    for permit in known.of(Permit):
        if permit.name and permit.enterprise in names and _plain(permit.name) not in names[permit.enterprise]:
            yield _row(permit, permit.enterprise)


def _permit_names_other_firm(known: Known) -> Iterator[RowAtFault]:
    """Permits in whose number another credit code stands than in their row."""
    for permit in known.of(Permit):
        within = permit.permit_number[: formats.USCC_LENGTH]
        if uscc.is_valid(within) and uscc.is_valid(permit.enterprise) and permit.enterprise != within:
            yield _row(permit, f"{permit.permit_number}: {permit.enterprise}")


def _limits_differ(known: Known) -> Iterator[RowAtFault]:
    """Limits of one pollutant, by whatever name, at one outlet for one period that are not the same."""
    alike: dict[tuple[str, ...], list[PermitLimit]] = {}
    for one in known.of(PermitLimit):
        pollutant = pollutant_code(one.pollutant)
        alike.setdefault((one.permit_number, one.outlet, pollutant, one.period, one.what), []).append(one)
    for limits in alike.values():
        if len({(one.value, one.value_low, one.unit) for one in limits}) > 1:
            for one in limits:
                yield _row(one, f"{one.outlet} {one.pollutant} {_figure(one)}".strip())


def _figure(limit: PermitLimit) -> str:
    figures = "–".join(f"{value:g}" for value in (limit.value_low, limit.value) if value is not None)
    return f"{figures} {limit.unit}".strip()


def _outside_district(known: Known) -> Iterator[RowAtFault]:
    placed = [fact for kind in NEEDS_PLACE for fact in known.of(kind) if fact.place is not None]
    if known.district is None or not placed:
        return
    lons, lats = np.array([(fact.place.lon, fact.place.lat) for fact in placed if fact.place]).T
    inside = shapely.contains_xy(known.district, lons, lats)
    for fact, is_inside in zip(placed, inside, strict=True):
        if not is_inside and fact.place is not None:
            yield _row(fact, f"{fact.place.lon:.6f}, {fact.place.lat:.6f}")


def _receptor_inside_firm(known: Known) -> Iterator[RowAtFault]:
    receptors = [spared for spared in known.of(Receptor) if spared.place is not None]
    points = [shapely.Point(spared.place.lon, spared.place.lat) for spared in receptors if spared.place]
    tree = shapely.STRtree(points)
    for firm in known.of(Enterprise):
        for polygon in firm.place.polygons if firm.place else ():
            for index in tree.query(shapely.Polygon(polygon[0], polygon[1:]), predicate="contains"):
                yield _row(receptors[index], firm.uscc)


def _site_past_its_end(known: Known) -> Iterator[RowAtFault]:
    for site in known.of(BuildingSite):
        if site.ends_on is not None and site.ends_on < known.on:
            yield _row(site, site.ends_on.isoformat())


def _kind_not_heard_of(known: Known) -> Iterator[RowAtFault]:
    for kind, at in known.heard.items():
        days = known.settings.days_of(kind)
        silent = (known.on - at.astimezone(BEIJING).date()).days
        if days and silent > days:
            yield RowAtFault(kind, "", "", "", "", f"{at.astimezone(BEIJING).date()}, {silent} > {days:g}")


CHECKS: Mapping[str, tuple[str, Callable[[Known], Iterable[RowAtFault]]]] = {
    "firm_without_code": ("missing", _firm_without_code),
    "without_place": ("missing", _without_place),
    "key_unit_without_permit": ("missing", _key_unit_without_permit),
    "permit_expired": ("missing", _permit_expired),
    "monitor_without_mn": ("missing", _monitor_without_mn),
    "monitor_without_units": ("missing", _monitor_without_units),
    "firm_not_registered": ("missing", _firm_not_registered),
    "places_far_apart": ("contradictory", _places_far_apart),
    "outfall_of_other_firm": ("contradictory", _outfall_of_other_firm),
    "name_differs": ("contradictory", _name_differs),
    "permit_names_other_firm": ("contradictory", _permit_names_other_firm),
    "limits_differ": ("contradictory", _limits_differ),
    "outside_district": ("contradictory", _outside_district),
    "receptor_inside_firm": ("contradictory", _receptor_inside_firm),
    "site_past_its_end": ("stale", _site_past_its_end),
    "kind_not_heard_of": ("stale", _kind_not_heard_of),
}


def _holds(fact: Fact, on: date) -> bool:
    return (fact.valid_from is None or fact.valid_from <= on) and (fact.valid_to is None or fact.valid_to >= on)


def _metres(facts: Iterable[Placed]) -> np.ndarray:
    """(n, 2) x east, y north in metres, in the zone of the first place: for telling far from near."""
    lonlat = np.array([(fact.place.lon, fact.place.lat) for fact in facts if fact.place])
    return project(lonlat, metric_crs_at(LonLat(*lonlat[0])))


def _plain(name: str) -> str:
    return "".join(name.split()).casefold().translate(str.maketrans("()", "（）"))


def _firm_of(fact: Fact) -> str:
    return str(getattr(fact, "uscc", None) or getattr(fact, "enterprise", None) or "")


def _row(fact: Fact, detail: str = "") -> RowAtFault:
    title = str(getattr(fact, "name", "") or "")
    place: Place | None = getattr(fact, "place", None)
    return RowAtFault(
        fact.KIND, getattr(fact, "key", ""), title, fact.source_sha256, fact.source_row, detail,
        place.lon if place else None, place.lat if place else None,
    )  # fmt: skip


def _as_in_file(row: RowAtFault) -> tuple[str, str, int, str]:
    return row.kind, row.source_sha256, int(row.source_row) if row.source_row.isdigit() else 0, row.key
