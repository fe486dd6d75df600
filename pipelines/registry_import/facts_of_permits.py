"""Rows of permits, their outlets and limits, and of what firms filed, become registry facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from enforcement import registry
from enforcement.registry import PermitLimit, RegistryFact
from enforcement.uscc import is_valid, uscc_of_permit
from pipelines.registry_import.cells import Row
from pipelines.registry_import.days import Edge
from pipelines.registry_import.figures import Figure
from pipelines.registry_import.headings import table

LIMIT_COLUMNS = {"value": "", "rate": "rate", "amount": "amount"}
"""The columns of figures in a long table of limits, and what each holds where nothing else says so."""


def permit(row: Row, shared: dict[str, Any]) -> RegistryFact:
    """A permit, whose number and days must be there (长期 for a permit without end)."""
    number = row.permit("permit_number")
    begins = row.needed("valid_from")
    if shared["valid_from"] is None:
        raise row.refusal("registry_date_unreadable", f"valid_from: {begins}")
    row.needed("valid_to")
    if number is None:
        raise row.empty("permit_number")
    firm = _holder(row, number)
    state = row.word("state", "permit_state")
    return registry.Permit(
        **shared,
        permit_number=number,
        enterprise=firm,
        name=row.text("name"),
        issuer=row.text("issuer"),
        outlets=row.words("outlets"),
        pollutants=row.words("pollutants"),
        state="" if state == "in_force" else state,
    )


def _holder(row: Row, number: str) -> str:
    """Whose a permit is: the firm that its row names, else the one in its number. Two credit codes are a contradiction.

    Raises:
        Refusal: `permit_of_another_firm`.
    """
    said, within = row.code(), uscc_of_permit(number)
    if said is not None and is_valid(said) and said != within:
        raise row.refusal("permit_of_another_firm", f"{number}: {said}")
    return said or within


def permit_outlet(row: Row, shared: dict[str, Any]) -> RegistryFact:
    """An outlet of a permit."""
    number, outlet = row.needed_permit(), row.needed_code_text("outlet")
    return registry.PermitOutlet(
        **shared,
        permit_number=number,
        enterprise=_holder(row, number),
        outlet=outlet,
        name=row.text("name"),
        medium=row.word("medium", "medium") or _medium(outlet),
        outfall_code=row.code_text("outfall_code") or None,
        receiving=row.text("receiving"),
    )


def _medium(outlet: str) -> str:
    """What an outlet's code in the national permit system says: DW is water, DA air, YS rain water."""
    return {"DW": "water", "YS": "water", "DA": "air"}.get(outlet[:2].upper(), "")


def permit_limits(row: Row, shared: dict[str, Any], limits: Mapping[str, int]) -> Sequence[RegistryFact]:
    """The limits in a row: of one pollutant (concentration, rate, amount), or of a wide table one a column.

    Raises:
        Refusal: the row holds none, or a figure cannot be read.
    """
    number = row.needed_permit()
    common = {
        **shared,
        "permit_number": number,
        "enterprise": _holder(row, number),
        "outlet": row.code_text("outlet"),
        "basis": row.text("basis"),
    }
    found = _wide(row, common, limits) if limits else _long(row, common)
    if not found:
        raise row.refusal("registry_field_empty", ", ".join(limits) or "value")
    return found


def _long(row: Row, common: dict[str, Any]) -> list[PermitLimit]:
    pollutant = row.needed("pollutant")
    said, period = row.word("what", "limit_kind"), row.word("period", "period")
    low = row.figure("value_low")
    found = []
    for field, what in LIMIT_COLUMNS.items():
        figure = row.figure(field)
        if figure is None:
            continue
        unit = _unit(row, field, figure)
        if field == "value" and low is not None:
            figure = Figure(low.low, figure.high, figure.unit)
        what = what or said or _what(unit)
        found.append(_limit(common, pollutant, figure, unit, what, period or ("year" if what == "amount" else "")))
    if not found and low is not None:
        figure = Figure(low.low, None, low.unit)
        found.append(_limit(common, pollutant, figure, _unit(row, "value_low", low), said, period))
    if not found and not any(row.has(field) and row.text(field) for field in LIMIT_COLUMNS):
        found.append(PermitLimit(**common, pollutant=pollutant, what=said, period=period))
    return found


def _wide(row: Row, common: dict[str, Any], limits: Mapping[str, int]) -> list[PermitLimit]:
    said, period = row.word("what", "limit_kind"), row.word("period", "period")
    found = []
    for pollutant, column in limits.items():
        figure = row.figure_of(pollutant, row.at(column))
        if figure is None:
            continue
        unit = _unit(row, pollutant, figure)
        what = said or _what(unit)
        found.append(_limit(common, pollutant, figure, unit, what, period or ("year" if what == "amount" else "")))
    return found


def _limit(common: dict[str, Any], pollutant: str, figure: Figure, unit: str, what: str, period: str) -> PermitLimit:
    value, low = figure.high, figure.low
    if figure.exact is not None:
        low = None  # a single figure is the most that is allowed
    return PermitLimit(
        **common, pollutant=pollutant, value=value, value_low=low, unit=unit, what=what, period=period
    )  # fmt: skip


def _unit(row: Row, field: str, figure: Figure) -> str:
    """The unit of a figure: as its cell says, else the row's column of units, else the heading's brackets.

    A column of units is that of concentrations where the file has columns for rates or amounts, too.
    """
    in_row = "" if field in ("rate", "amount") else row.text("unit")
    for written in (figure.unit, in_row, row.units.get(field, "")):
        unit = row.meaning(written, "unit")
        if unit is not None:
            return "" if unit == "none" else unit
        if written and written != row.units.get(field):
            raise row.refusal("registry_unit_unknown", f"{field}: {written}")
    return ""


def _what(unit: str) -> str:
    """What a figure in this unit limits."""
    return next((what for what, units in table()["limit_units"].items() if unit in units), "")


def filing(row: Row, shared: dict[str, Any]) -> RegistryFact:
    """What was filed or declared; days without a time of day are whole days in Beijing time."""
    kind, firm, site = row.word("filing_kind", "filing_kind"), row.code(), row.code_text("site_id")
    if not kind:
        raise row.empty("filing_kind")
    if firm is None and not site:
        raise row.empty("uscc" if row.has("uscc") else "site_id")
    starts_at, ends_at = row.instant("starts_at", Edge.FIRST), row.instant("ends_at", Edge.LAST)
    if starts_at and ends_at and ends_at < starts_at:
        raise row.refusal("registry_ends_before_it_begins", f"{starts_at} to {ends_at}")
    said = row.word("accepted", "accepted")
    begun = starts_at or ends_at
    outlet = row.code_text("outlet")
    named = f"{firm or site} {kind} {begun.isoformat()} {outlet}".rstrip() if begun else ""
    return registry.Filing(
        **shared,
        filing_id=row.code_text("filing_id") or named or row.needed("filing_id"),
        enterprise=firm,
        site_id=site or None,
        filing_kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        outlet=outlet,
        detail=row.text("detail"),
        accepted=None if not said else said == "yes",
    )
