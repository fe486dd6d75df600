"""A row becomes a registry fact of its kind. A table of functions, one a kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from enforcement import registry
from enforcement.place import Place
from enforcement.registry import RegistryFact
from enforcement.uscc import uscc_of_permit
from pipelines.registry_import.cells import Row

REMARK = re.compile(r"[（(](?P<said>[^（()）]*)[)）]")
DAY_IN_REMARK = re.compile(r"(?P<year>(?:20)?\d{2})(?P<month>\d{2})(?P<day>\d{2})")
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


def fact_of(kind: str, row: Row, place: RowPlace, source: FileSource) -> RegistryFact:
    """The fact that a row states.

    Raises:
        Refusal, EnforcementError: the row cannot be used; the reason says why.
    """
    shared: dict[str, Any] = {
        "received_at": source.received_at,
        "source_sha256": source.sha256,
        "source_row": str(row.number),
    }
    if issubclass(registry.KINDS[kind], registry.Placed):
        shared |= {"place": place.place, "place_given": place.given, "crs_given": place.crs if place.given else ""}
    shared |= {"valid_from": row.day("valid_from"), "valid_to": row.day("valid_to")}
    if shared["valid_from"] and shared["valid_to"] and shared["valid_to"] < shared["valid_from"]:
        raise row.refusal("registry_ends_before_it_begins", f"{shared['valid_from']} to {shared['valid_to']}")
    return BUILDERS[kind](row, shared)


def _enterprise(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.Enterprise(
        **shared,
        uscc=row.needed_code(),
        name=row.needed("name"),
        former_names=row.words("former_names"),
        address=row.text("address"),
        industry=row.text("industry"),
        size_class=row.text("size_class"),
        credit_class=row.word("credit_class", "credit_class", free=True) or None,
        key_unit=row.yes("key_unit"),
        registered_on=row.day("registered_on"),
    )


def _site(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.BuildingSite(
        **shared,
        site_id=row.text("site_id") or row.needed("name"),
        name=row.needed("name"),
        enterprise=row.code(),
        builder=row.text("builder"),
        address=row.text("address"),
        phase=row.text("phase"),
        started_on=row.day("started_on"),
        ends_on=row.day("ends_on"),
    )


def _outfall(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.Outfall(
        **shared,
        code=row.needed("code"),
        name=row.text("name"),
        outfall_class=row.word("outfall_class", "outfall_class", free=True),
        receiving_water=row.text("receiving_water"),
        permit_number=row.permit("permit_number"),
        enterprise=row.code(),
        responsible=row.text("responsible"),
        address=row.text("address"),
    )


def _monitor_point(row: Row, shared: dict[str, Any]) -> RegistryFact:
    name, control, stopped_on = name_and_remarks(row.needed("name"))
    if stopped_on is not None and shared["valid_to"] is None:
        shared = {**shared, "valid_to": stopped_on}
    return registry.MonitorPoint(
        **shared,
        code=row.text("code") or row.needed("mn"),
        name=name,
        mn=row.text("mn") or None,
        kind=row.text("kind"),
        city=row.text("city"),
        control=control or row.yes("control"),
        enterprise=row.code(),
        site_id=row.text("site_id") or None,
        outfall_code=row.text("outfall_code") or None,
        units=row.text("units"),
        interval_s=row.number_in("interval_s"),
        crc_mode=row.text("crc_mode"),
    )


def _permit(row: Row, shared: dict[str, Any]) -> RegistryFact:
    number = row.permit("permit_number")
    row.needed_day("valid_from")
    row.needed_day("valid_to")
    if number is None:
        raise row.refusal("registry_field_empty", "permit_number")
    return registry.Permit(
        **shared,
        permit_number=number,
        enterprise=row.code() or uscc_of_permit(number),
        name=row.text("name"),
        issuer=row.text("issuer"),
        outlets=row.words("outlets"),
        pollutants=row.words("pollutants"),
    )


def _positive_listing(row: Row, shared: dict[str, Any]) -> RegistryFact:
    return registry.PositiveListing(
        **shared,
        enterprise=row.needed_code(),
        name=row.text("name"),
        listed_on=row.needed_day("listed_on"),
        until=row.day("until"),
        basis=row.text("basis"),
    )


def _inspection(row: Row, shared: dict[str, Any]) -> RegistryFact:
    code, on = row.code(), row.needed_day("on")
    if code is None and not row.text("name"):
        raise row.refusal("registry_field_empty", "uscc, name")
    return registry.Inspection(
        **shared,
        inspection_id=row.text("inspection_id") or f"{code or row.text('name')} {on.isoformat()}",
        enterprise=code,
        name=row.text("name"),
        on=on,
        found=row.needed_yes("found"),
        detail=row.text("detail"),
    )


def _complaint(row: Row, shared: dict[str, Any]) -> RegistryFact:
    on, said = row.needed_day("on"), row.text("text") or row.text("address") or row.text("name")
    return registry.Complaint(
        **shared,
        complaint_id=row.text("complaint_id") or f"{on.isoformat()} {said or row.needed('topic')}",
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
        code=row.text("code") or row.needed("name"),
        name=row.needed("name"),
        receptor_kind=row.needed("receptor_kind"),
        address=row.text("address"),
    )


BUILDERS: dict[str, Callable[[Row, dict[str, Any]], RegistryFact]] = {
    "enterprise": _enterprise,
    "site": _site,
    "outfall": _outfall,
    "monitor_point": _monitor_point,
    "permit": _permit,
    "positive_listing": _positive_listing,
    "inspection": _inspection,
    "complaint": _complaint,
    "receptor": _receptor,
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
