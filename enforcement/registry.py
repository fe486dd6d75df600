"""What is registered: who may do what, where, under which permit, and what happened there. Dated frozen types.

Every fact says from when to when it holds in the world (`valid_from`, `valid_to`, both days belong to it; None: open or
unknown), when it was learnt (`received_at`), and which row of which file said so. The store looks back by both times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from enforcement import formats
from enforcement.place import Place
from enforcement.policy import Policy


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise(Placed):
    """A firm. `uscc` is its credit code; `credit_class` green, blue, yellow, red or as written."""

    KIND: ClassVar[str] = "enterprise"

    uscc: str
    name: str
    former_names: tuple[str, ...] = ()
    address: str = ""
    industry: str = ""
    size_class: str = ""
    credit_class: str | None = None
    key_unit: bool = False
    registered_on: date | None = None

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.uscc


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingSite(Placed):
    """A building site; `enterprise` is the credit code of its builder, where known."""

    KIND: ClassVar[str] = "site"

    site_id: str
    name: str
    enterprise: str | None = None
    builder: str = ""
    address: str = ""
    phase: str = ""
    started_on: date | None = None
    ends_on: date | None = None

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.site_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfall(Placed):
    """An outfall into a river. `enterprise` None: municipal, upstream unknown. `outfall_class` as in HJ 1312."""

    KIND: ClassVar[str] = "outfall"

    code: str
    name: str = ""
    outfall_class: str = ""
    receiving_water: str = ""
    permit_number: str | None = None
    enterprise: str | None = None
    responsible: str = ""
    address: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorPoint(Placed):
    """A place that is measured. `mn` names the data logger; units and CRC dialect are the device's, not the wire's."""

    KIND: ClassVar[str] = "monitor_point"

    code: str
    name: str
    mn: str | None = None
    kind: str = ""
    city: str = ""
    control: bool = False
    enterprise: str | None = None
    site_id: str | None = None
    outfall_code: str | None = None
    units: str = ""
    interval_s: float | None = None
    crc_mode: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Fact):
    """A discharge permit 排污许可证, in force from `valid_from` to `valid_to`."""

    KIND: ClassVar[str] = "permit"

    permit_number: str
    enterprise: str
    name: str = ""
    issuer: str = ""
    outlets: tuple[str, ...] = ()
    pollutants: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.permit_number


@dataclass(frozen=True, slots=True, kw_only=True)
class PositiveListing(Fact):
    """A firm's entry on the positive list 正面清单. `until` None: the period of the rule row."""

    KIND: ClassVar[str] = "positive_listing"

    enterprise: str
    name: str = ""
    listed_on: date
    until: date | None = None
    basis: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return f"{self.enterprise} {self.listed_on.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection(Fact):
    """A visit that took place, and whether it found a violation."""

    KIND: ClassVar[str] = "inspection"

    inspection_id: str
    enterprise: str | None
    name: str = ""
    on: date
    found: bool
    detail: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.inspection_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint(Placed):
    """What somebody reported 投诉举报. No personal data is kept."""

    KIND: ClassVar[str] = "complaint"

    complaint_id: str
    on: date
    topic: str = ""
    text: str = ""
    enterprise: str | None = None
    name: str = ""
    address: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.complaint_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor(Placed):
    """A place to be spared: a school, a hospital, a water intake."""

    KIND: ClassVar[str] = "receptor"

    code: str
    name: str
    receptor_kind: str
    address: str = ""

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.code


RegistryFact = (
    Enterprise | BuildingSite | Outfall | MonitorPoint | Permit | PositiveListing | Inspection | Complaint | Receptor
)
KINDS: dict[str, type[RegistryFact]] = {
    kind.KIND: kind
    for kind in (
        Enterprise,
        BuildingSite,
        Outfall,
        MonitorPoint,
        Permit,
        PositiveListing,
        Inspection,
        Complaint,
        Receptor,
    )
}


def listed_until(listing: PositiveListing, policy: Policy) -> date:
    """The last day of a listing: its own end, or the period of the row in force on the day of entry.

    Raises:
        NoRuleInForce: the listing names no end and no row was in force on its day.
    """
    if listing.until is not None:
        return listing.until
    years = int(policy.at("positive_list_period", listing.listed_on).number("years"))
    start = listing.listed_on
    if (start.month, start.day) == formats.LAST_LEAP_DAY:
        start = start.replace(day=start.day - 1)
    return start.replace(year=start.year + years)
