"""A row becomes a registry fact of its kind. A table of functions, one a kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from enforcement import registry
from enforcement.errors import FirmNameless
from enforcement.firm_keys import firm_key
from enforcement.place import Place
from enforcement.registry import RegistryFact
from pipelines.errors import Refusal
from pipelines.registry_import.cells import Row
from pipelines.registry_import.days import Edge
from pipelines.registry_import.facts_of_permits import filing, permit, permit_limits, permit_outlet

REMARK = re.compile(r"[（(](?P<said>[^（()）]*)[)）]")
DAY_IN_REMARK = re.compile(r"(?P<year>(?:20)?\d{2})(?P<month>\d{2})(?P<day>\d{2})")
INDUSTRY_CODE = re.compile(r"[A-T]?\d{2,4}(?!\d)")  # GB/T 4754: a section's letter, then two to four digits
NOMINAL = re.compile(r"DN\s*(\d+)", re.IGNORECASE)
SECONDS = {
    "": 1.0,
    "s": 1.0,
    "秒": 1.0,
    "min": 60.0,
    "分": 60.0,
    "分钟": 60.0,
    "h": 3600.0,
    "小时": 3600.0,
    "时": 3600.0,
}
METRES = {"": 1.0, "m": 1.0, "米": 1.0, "cm": 0.01, "厘米": 0.01, "mm": 0.001, "毫米": 0.001}
DEGREES = {"": 1.0, "°": 1.0, "度": 1.0}
CONTROL, STOPPED = "对照点", "停运"


@dataclass(frozen=True, slots=True)
class RowPlace:
    """The place of a row, ready to be put on a fact: None where there is none that can be trusted."""

    place: Place | None
    given: str
    crs: str


@dataclass(frozen=True, slots=True)
class FileSource:
    """Which file, and when it was received."""

    sha256: str
    received_at: datetime


def facts_of(
    kind: str, row: Row, place: RowPlace, source: FileSource, limits: Mapping[str, int]
) -> Sequence[RegistryFact]:
    """The facts that a row states: one, but for permit limits, of which a row may hold several.

    Args:
        kind: of the row.
        row: its cells.
        place: where it is, of a placed kind.
        source: the file.
        limits: the columns of a wide table of limits, by pollutant.

    Raises:
        Refusal, EnforcementError: the row cannot be used; the reason says why.
    """
    shared: dict[str, Any] = {
        "received_at": source.received_at,
        "source_sha256": source.sha256,
        "source_row": row.label,
    }
    if issubclass(registry.KINDS[kind], registry.Placed):
        shared |= {"place": place.place, "place_given": place.given, "crs_given": place.crs if place.given else ""}
    shared |= {"valid_from": row.day("valid_from", Edge.FIRST), "valid_to": row.day("valid_to", Edge.LAST)}
    if shared["valid_from"] and shared["valid_to"] and shared["valid_to"] < shared["valid_from"]:
        raise row.refusal("registry_ends_before_it_begins", f"{shared['valid_from']} to {shared['valid_to']}")
    if kind == "permit_limit":
        return permit_limits(row, shared, limits)
    return (BUILDERS[kind](row, shared),)


def _enterprise(row: Row, shared: dict[str, Any]) -> RegistryFact:
    code, lists = _firm(row), row.each_word("key_unit_lists", "key_unit_lists")
    industry, industry_code = row.text("industry"), row.code_text("industry_code")
    coded = INDUSTRY_CODE.match(unicodedata.normalize("NFKC", industry))
    key_unit, more = _key_unit(row)
    return registry.Enterprise(
        **shared,
        uscc=code,
        name=row.needed("name"),
        former_names=row.words("former_names"),
        address=row.text("address"),
        industry=industry,
        size_class=row.text("size_class"),
        credit_class=row.word("credit_class", "credit_class", free=True) or None,
        key_unit=key_unit,
        registered_on=row.day("registered_on", Edge.FIRST),
        old_number=row.code_text("old_number"),
        org_code=row.code_text("org_code"),
        industry_code=industry_code or (coded[0] if coded else ""),
        key_unit_lists=tuple(dict.fromkeys((*lists, *more))),
    )


def _firm(row: Row) -> str:
    """The key of the firm of an enterprise row: its credit code, else an older number that has the form of one.

    Where a person says that the rows are firms, one without any is held under its name and address.
    """
    code = row.code()
    if code is not None:
        return code
    name, address = (row.text("name"), row.text("address")) if row.kind_said else ("", "")
    try:
        return firm_key("", row.code_text("old_number"), name, address, org_code=row.code_text("org_code"))
    except FirmNameless as error:
        raise row.empty("uscc") from error


def _key_unit(row: Row) -> tuple[bool, tuple[str, ...]]:
    """Yes or no, or in its place the lists that the firm is on."""
    if row.text("key_unit") and row.meaning(row.text("key_unit"), "yes") is None:
        try:
            return True, row.each_word("key_unit", "key_unit_lists")
        except Refusal:
            pass  # then the refusal is that it is neither yes nor no
    return row.yes("key_unit"), ()


def _site(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.BuildingSite(
        **shared,
        site_id=row.code_text("site_id") or row.needed("name"),
        name=row.needed("name"),
        enterprise=row.code(),
        builder=row.text("builder"),
        address=row.text("address"),
        phase=row.text("phase"),
        started_on=row.day("started_on", Edge.FIRST),
        ends_on=row.day("ends_on", Edge.LAST),
    )


def _outfall(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.Outfall(
        **shared,
        code=row.needed_code_text("code"),
        name=row.text("name"),
        outfall_class=row.word("outfall_class", "outfall_class", free=True),
        receiving_water=row.text("receiving_water"),
        permit_number=row.permit("permit_number"),
        enterprise=row.code(),
        responsible=row.text("responsible"),
        address=row.text("address"),
        outfall_subclass=row.text("outfall_subclass"),
    )


def _monitor_point(row: Row, shared: dict[str, Any]) -> RegistryFact:
    name, control, stopped_on = name_and_remarks(row.needed("name"))
    if stopped_on is not None and shared["valid_to"] is None:
        shared = {**shared, "valid_to": stopped_on}
    return registry.MonitorPoint(
        **shared,
        code=row.code_text("code") or row.needed_code_text("mn"),
        name=name,
        mn=row.code_text("mn") or None,
        kind=row.text("kind"),
        city=row.text("city"),
        control=control or row.yes("control"),
        enterprise=row.code(),
        site_id=row.code_text("site_id") or None,
        outfall_code=row.code_text("outfall_code") or None,
        units=row.text("units"),
        interval_s=row.number_in("interval_s", SECONDS),
        crc_mode=row.text("crc_mode"),
        device=row.text("device"),
        pollutants=row.words("pollutants"),
        quirks=row.each_word("quirks", "quirks"),
        agency=row.text("agency"),
    )


def _positive_listing(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.PositiveListing(
        **shared,
        enterprise=row.needed_code(),
        name=row.text("name"),
        listed_on=row.needed_day("listed_on"),
        until=row.day("until", Edge.LAST),
        basis=row.text("basis"),
    )


def _inspection(row: Row, shared: dict[str, Any]) -> RegistryFact:
    code, on = row.code(), row.needed_day("on")
    if code is None and not row.text("name"):
        raise row.refusal("registry_field_empty", "uscc, name")
    return registry.Inspection(
        **shared,
        inspection_id=row.code_text("inspection_id") or f"{code or row.text('name')} {on.isoformat()}",
        enterprise=code,
        name=row.text("name"),
        on=on,
        found=row.needed_yes("found"),
        detail=row.text("detail"),
        outcome=row.text("outcome"),
        inspection_kind=row.word("inspection_kind", "inspection_kind"),
        measures=row.words("measures"),
    )


def _complaint(row: Row, shared: dict[str, Any]) -> RegistryFact:
    on, said = row.needed_day("on"), row.text("text") or row.text("address") or row.text("name")
    return registry.Complaint(
        **shared,
        complaint_id=row.code_text("complaint_id") or f"{on.isoformat()} {said or row.needed('topic')}",
        on=on,
        topic=row.text("topic"),
        text=row.text("text"),
        enterprise=row.code(),
        name=row.text("name"),
        address=row.text("address"),
    )


def _receptor(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.Receptor(
        **shared,
        code=row.code_text("code") or row.needed("name"),
        name=row.needed("name"),
        receptor_kind=row.needed("receptor_kind"),
        address=row.text("address"),
    )


def _drain(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.Drain(
        **shared,
        code=row.needed_code_text("code"),
        name=row.text("name"),
        drain_kind=row.word("drain_kind", "drain_kind"),
        flows_to=row.code_text("flows_to"),
        diameter_m=_diameter_m(row),
    )


def _diameter_m(row: Row) -> float | None:
    """Metres; DN300 is 300 mm."""
    nominal = NOMINAL.fullmatch(unicodedata.normalize("NFKC", row.text("diameter_m")))
    return float(nominal[1]) / 1000 if nominal else row.number_in("diameter_m", METRES)


def _camera(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.WatchCamera(
        **shared,
        code=row.needed_code_text("code"),
        name=row.text("name"),
        watches=row.text("watches"),
        height_m=row.number_in("height_m", METRES),
        azimuth_deg=row.number_in("azimuth_deg", DEGREES),
        enterprise=row.code(),
        site_id=row.code_text("site_id") or None,
    )


BUILDERS: dict[str, Callable[[Row, dict[str, Any]], RegistryFact]] = {
    "enterprise": _enterprise,
    "site": _site,
    "outfall": _outfall,
    "monitor_point": _monitor_point,
    "permit": permit,
    "permit_outlet": permit_outlet,
    "filing": filing,
    "positive_listing": _positive_listing,
    "inspection": _inspection,
    "complaint": _complaint,
    "receptor": _receptor,
    "drain": _drain,
    "camera": _camera,
}


def name_and_remarks(name: str) -> tuple[str, bool, date | None]:
    """A station's name without the remarks that lists write into it: is it a control point, and when was it stopped.

    `定陵(对照点)` → 定陵, True, None; `四中(停运161031)` → 四中, False, 31 October 2016.
    A remark without a readable day stays in the name.
    """
    control, stopped_on, kept = False, None, name
    for remark in REMARK.finditer(name):
        said = remark["said"]
        day = _day_of(said) if STOPPED in said else None
        if said == CONTROL or day is not None:
            kept = kept.replace(remark.group(), "")
        control, stopped_on = control or said == CONTROL, day or stopped_on
    return kept.strip(), control, stopped_on


def _day_of(remark: str) -> date | None:
    found = DAY_IN_REMARK.search(remark)
    if not found:
        return None
    year = int(found["year"])
    try:
        return date(year if year >= 2000 else 2000 + year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None
