"""What is registered: who may do what, where, under which permit, and what happened there. Dated frozen types.

Every fact says from when to when it holds in the world (`valid_from`, `valid_to`, both days belong to it; None: open or
unknown), when it was learnt (`received_at`), and which row of which file said so. The store looks back by both times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from enforcement import formats, uscc
from enforcement.facts import Fact, Placed, later
from enforcement.firm_keys import firm_key
from enforcement.permits import Filing, Permit, PermitLimit, PermitOutlet
from enforcement.policy import Policy

__all__ = [
    "KINDS",
    "BuildingSite",
    "Complaint",
    "Drain",
    "Enterprise",
    "Fact",
    "Filing",
    "Inspection",
    "MonitorPoint",
    "Outfall",
    "Permit",
    "PermitLimit",
    "PermitOutlet",
    "Placed",
    "PositiveListing",
    "Receptor",
    "RegistryFact",
    "WatchCamera",
    "firm_key",
    "listed_until",
]

DRAIN_KINDS = ("storm", "sewer", "combined")
INSPECTION_KINDS = ("routine", "special", "random", "non_site", "complaint", "other")
KEY_UNIT_LISTS = ("water", "air", "soil", "noise", "hazardous_waste", "groundwater", "environmental_risk", "other")
QUIRKS = ("label_end", "units_in_ug", "crc_swapped", "clock_utc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise(Placed):
    """A firm. `uscc` is its credit code, or what `firm_key` makes where the row has no valid one.

    `old_number` is a registration number 注册号 of 15 digits, `org_code` an organisation code 组织机构代码 of 9
    characters. `industry_code` is of GB/T 4754, `industry` its name. `key_unit_lists` are the lists of key units
    重点排污单位名录 it is on (`KEY_UNIT_LISTS`); `key_unit` says that it is on one, whichever. `credit_class` is green,
    blue, yellow, red or as written.
    """

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
    old_number: str = later("")
    org_code: str = later("")
    industry_code: str = later("")
    key_unit_lists: tuple[str, ...] = later(())

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.uscc

    @property
    def credit_code(self) -> str | None:
        """Its credit code; None where it is held under another key."""
        return self.uscc if uscc.is_valid(self.uscc) else None

    @property
    def is_key_unit(self) -> bool:
        """Whether it is on a list of key units, named or not."""
        return self.key_unit or bool(self.key_unit_lists)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingSite(Placed):
    """A building site; `enterprise` is the key of its builder, where known.

    A phase is dated by the days of its row: several rows with one `site_id`, each from the first day of its phase.
    """

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
    """An outfall into a river. `enterprise` None: municipal, upstream unknown.

    `outfall_class` is one of the four of HJ 1312 (industrial, urban_sewage, agricultural, other), `outfall_subclass`
    the second level, as written.
    """

    KIND: ClassVar[str] = "outfall"

    code: str
    name: str = ""
    outfall_class: str = ""
    receiving_water: str = ""
    permit_number: str | None = None
    enterprise: str | None = None
    responsible: str = ""
    address: str = ""
    outfall_subclass: str = later("")

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorPoint(Placed):
    """A place that is measured. `mn` names the data logger; units and CRC dialect are the device's, not the wire's.

    `device` is maker and model, `pollutants` the codes it reports, `quirks` words for what it does its own way
    (`QUIRKS`; `label_end`: it names a period by its end), `agency` who looks after it 运维单位.
    """

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
    device: str = later("")
    pollutants: tuple[str, ...] = later(())
    quirks: tuple[str, ...] = later(())
    agency: str = later("")

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.code


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
    """A visit that took place, and whether it found a violation.

    `inspection_kind` is one of `INSPECTION_KINDS`, `outcome` what was decided, `measures` what was asked of the firm.
    """

    KIND: ClassVar[str] = "inspection"

    inspection_id: str
    enterprise: str | None
    name: str = ""
    on: date
    found: bool
    detail: str = ""
    outcome: str = later("")
    inspection_kind: str = later("")
    measures: tuple[str, ...] = later(())

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain(Placed):
    """A piece of a storm or sewer network 雨污水管网: a line, or a manhole as a point. `flows_to` is another code.

    `drain_kind` is one of `DRAIN_KINDS`.
    """

    KIND: ClassVar[str] = "drain"

    code: str
    name: str = ""
    drain_kind: str = ""
    flows_to: str = ""
    diameter_m: float | None = None

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCamera(Placed):
    """A fixed camera: what it watches, its height over the ground, the true azimuth of its axis."""

    KIND: ClassVar[str] = "camera"

    code: str
    name: str = ""
    watches: str = ""
    height_m: float | None = None
    azimuth_deg: float | None = None
    enterprise: str | None = None
    site_id: str | None = None

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.code


RegistryFact = (
    Enterprise
    | BuildingSite
    | Outfall
    | MonitorPoint
    | Permit
    | PermitOutlet
    | PermitLimit
    | Filing
    | PositiveListing
    | Inspection
    | Complaint
    | Receptor
    | Drain
    | WatchCamera
)
KINDS: dict[str, type[RegistryFact]] = {
    kind.KIND: kind
    for kind in (
        Enterprise,
        BuildingSite,
        Outfall,
        MonitorPoint,
        Permit,
        PermitOutlet,
        PermitLimit,
        Filing,
        PositiveListing,
        Inspection,
        Complaint,
        Receptor,
        Drain,
        WatchCamera,
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
