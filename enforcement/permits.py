"""Who may discharge what: permits with their outlets and limits, and what was filed or declared. Long rows, dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from enforcement.facts import Fact, Placed, later

MEDIA = ("water", "air", "noise", "soil", "solid_waste")
LIMIT_KINDS = ("concentration", "rate", "amount")
"""mg/L or mg/m³ in what comes out, kg an hour, tonnes a year."""
LIMIT_PERIODS = ("instant", "hour", "day", "month", "quarter", "year")
FILING_KINDS = (
    "start_up",
    "shut_down",
    "maintenance",
    "calibration",
    "night_work",
    "blasting",
    "water_discharge",
    "other",
)
PERMIT_STATES = ("", "suspended", "revoked", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Fact):
    """A discharge permit 排污许可证, in force from `valid_from` to `valid_to`.

    `outlets` and `pollutants` are what the permit names as a whole; empty: not stated. `state` is empty while it
    stands, else one of `PERMIT_STATES`.
    """

    KIND: ClassVar[str] = "permit"

    permit_number: str
    enterprise: str
    name: str = ""
    issuer: str = ""
    outlets: tuple[str, ...] = ()
    pollutants: tuple[str, ...] = ()
    state: str = later("")

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.permit_number


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitOutlet(Placed):
    """An outlet 排放口 of a permit: `outlet` is its code there (DW001 water, DA001 air).

    `medium` is one of `MEDIA`; `outfall_code` the outfall into a river that it ends in; `receiving` where it goes to.
    """

    KIND: ClassVar[str] = "permit_outlet"

    permit_number: str
    enterprise: str
    outlet: str
    name: str = ""
    medium: str = ""
    outfall_code: str | None = None
    receiving: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return f"{self.permit_number} {self.outlet}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitLimit(Fact):
    """A limit of a permit for one pollutant at one outlet; `outlet` empty: for the firm as a whole.

    `value` is the most that is allowed in `unit`, `value_low` the least (pH), `what` one of `LIMIT_KINDS` and `period`
    one of `LIMIT_PERIODS`; `basis` names the standard. `value` None: named without a figure.
    """

    KIND: ClassVar[str] = "permit_limit"

    permit_number: str
    enterprise: str
    outlet: str = ""
    pollutant: str
    value: float | None = None
    value_low: float | None = None
    unit: str = ""
    period: str = ""
    what: str = ""
    basis: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return f"{self.permit_number} {self.outlet} {self.pollutant} {self.period} {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing(Fact):
    """What a firm or a site filed or declared 备案申报: one of `FILING_KINDS`, from `starts_at` to `ends_at`.

    Instants with their offset; None: open at that end. `outlet` empty: of the whole firm. `accepted` None: the office
    has not said.
    """

    KIND: ClassVar[str] = "filing"

    filing_id: str
    enterprise: str | None = None
    site_id: str | None = None
    filing_kind: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    outlet: str = ""
    detail: str = ""
    accepted: bool | None = None

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.filing_id
