"""What we may choose ourselves, one frozen dataclass a stage. What the law sets stands in `enforcement/policy/`.

A home may hold `settings.toml` with a table a stage; `YAOXUN_<STAGE>_<FIELD>` in the environment wins over it.
Every field has its unit in its name and its default here; the line after a field is what the page shows about it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from pipelines.errors import Refusal


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """Taking pictures, videos and tracks in."""

    video_step_s: float = 2.0
    """Every so many seconds of a video, one frame is looked at."""
    time_zone_hours: float = 8.0
    """Clock of cameras that write no time zone, in hours east of UTC; said as a warning on each frame."""


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """Looking for anomalies in pictures."""

    detectors: tuple[str, ...] = ()
    """Names from the model zoo; empty takes the zoo's default set."""
    overlap_fraction: float = 0.2
    """How much neighbouring windows of a large picture overlap."""
    threads: int = 0
    """Threads a detector may use; 0 leaves it to the runtime."""
    runtime: str = "auto"
    """Library that runs networks: onnxruntime, openvino, or auto (what `models fastest` measured here)."""
    zoo: str = ""
    """A list of models beside the product's; empty takes the home's own, which `models add` writes."""


@dataclass(frozen=True, slots=True)
class LocateSettings:
    """Putting boxes on the ground. Errors assumed of position and attitude stand in `geo.positioning.Positioning`."""

    terrain: str = ""
    """A GeoTIFF with ground heights in metres; empty means flat ground at the height of take-off."""
    terrain_datum: str = ""
    """What its heights are above, where its file does not say: ellipsoid, egm96 or national_1985; counts with RTK."""
    rtk_base_known: bool = False
    """True where corrections come from a network or from a base on a surveyed point: RTK ellipses are then smaller."""
    max_sigma_major_m: float = 150.0
    """A place whose 1-sigma ellipse is longer than this is refused: it points at a quarter, not at a source."""
    nadir_within_deg: float = 15.0
    """Up to this far from straight down the middle of a box stands for its place; beyond, its foot."""


@dataclass(frozen=True, slots=True)
class AttributeSettings:
    """Nothing of ours: radii, priors and decision marks are rule rows in `enforcement/policy/attribution.toml`."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Making alerts from observations."""

    labels: tuple[str, ...] = ("dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke")
    """What raises an alert. A vehicle does not; it is named as a possible other cause."""
    join_hours: float = 72.0
    """The same kind of thing at the same place within this time joins the alert that is there."""
    join_mahalanobis_squared: float = 9.21
    """'The same place': squared distance in units of both ellipses (9.21: the 99 % point of chi-square, 2 d.f.)."""
    join_extent_m: float = 10.0
    """Added to both ellipses, 1 sigma: a plume or a discharge is not a point."""


@dataclass(frozen=True, slots=True)
class DraftWeekSettings:
    """Drafting Monday's list."""

    targets: int = 10
    """How many firms the brigade can visit in a week."""
    seed: int = 7
    """Seed of the random arm; logged with the run. The lawful draw 双随机 has its own, committed beforehand."""


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """Keeping the registry."""

    same_firm_at_least: float = 0.5
    """Two entries that are less probably one firm than this are not proposed as one."""


@dataclass(frozen=True, slots=True)
class RegistryQualitySettings:
    """What the page of the registry's quality says something about. Of a kind, 0 days means: never stale."""

    apart_m: float = 3000.0
    """Places of one credit code that lie farther from each other are a contradiction."""
    enterprise_days: float = 400.0
    """A list of firms that is older than so many days is stale."""
    permit_days: float = 100.0
    """A list of permits that is older than so many days is stale."""
    site_days: float = 35.0
    """A list of building sites that is older than so many days is stale."""
    outfall_days: float = 400.0
    """A list of outfalls that is older than so many days is stale."""
    monitor_point_days: float = 100.0
    """A list of monitor points that is older than so many days is stale."""
    filing_days: float = 35.0
    """A list of filings that is older than so many days is stale."""
    positive_listing_days: float = 200.0
    """A positive list that is older than so many days is stale."""
    inspection_days: float = 35.0
    """A list of visits that is older than so many days is stale."""
    complaint_days: float = 14.0
    """A list of complaints that is older than so many days is stale."""

    def days_of(self, kind: str) -> float:
        """After how many days without news a kind is stale; 0: never."""
        return float(getattr(self, f"{kind}_days", 0.0))


@dataclass(frozen=True, slots=True)
class FlightReportSettings:
    """Judging a flight right after it came in. How far a place may be off is no setting: it follows from rule rows."""

    threads: int = 0
    """Pictures looked at at the same time; 0 takes the machine's cores."""
    video_frames: int = 40
    """Of videos so many frames are looked at, evenly spread."""
    sharpness_fraction: float = 0.8
    """A picture less sharp than this share of its flight's median counts as blurred: a motion of some five pixels."""
    edge_detail_least: float = 0.7
    """A flight whose pictures have less detail than this in one direction, by the median, is blurred as a whole: real
    flights have 0.9 and more, a Gaussian blur of two pixels leaves 0.6 (docs/formats/flight_report.md)."""
    smear_least: float = 0.5
    """From here on a flight counts as smeared along one direction (log of energies of detail): given flights have
    0.1–0.2, a motion of two pixels gives 0.3–0.7, of three 0.7 and more (docs/formats/flight_report.md)."""
    clipped_fraction: float = 0.1
    """A picture with more than this share of pixels fully black, or fully white, is too dark or too bright."""
    least_vehicle_px: float = 40.0
    """Least length of a vehicle in pixels: the size at which yolo11n_coco was measured (its card)."""
    least_dust_plume_fraction: float = 0.006
    """Least share of the picture that a plume must fill: haze_baseline drops smaller regions (`haze.AREA_FRACTION`)."""
    least_discharge_fraction: float = 0.0008
    """Least share of the picture that a discharge must fill: discharge_baseline drops smaller ones (`WaterLimits`)."""
    least_seen_px: float = 16.0
    """Labels that no detector looks for: a person recognises a thing of so many pixels (Johnson 1958: 8 for one time in
    two, twice that for nearly always)."""
    sought_dust_plume_m: float = 10.0
    """How large a dust plume is looked for."""
    sought_bare_soil_m: float = 10.0
    """Side of the smallest uncovered soil that matters."""
    sought_outfall_m: float = 0.3
    """Width of the smallest pipe that is looked for."""
    sought_discharge_m: float = 3.0
    """Width of the smallest discoloured water."""
    sought_foam_m: float = 2.0
    """Width of the smallest foam."""
    sought_smoke_m: float = 5.0
    """Width of the smallest smoke plume."""
    sought_vehicle_m: float = 4.5
    """Length of a car."""

    def sought_m(self, label: str) -> float:
        """The size sought of a label."""
        return float(getattr(self, f"sought_{label}_m"))


@dataclass(frozen=True, slots=True)
class MosaicSettings:
    """Laying a flight's pictures side by side."""

    most_cells: float = 4e8
    """A mosaic has no more cells than this; beyond, its cells are made larger."""


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """Looking at readings of online monitors. Limits and validity are rule rows."""

    clues_false_share: float = 0.1
    """Share of the clues that may be chance (false discovery rate)."""
    work_from_hour: int = 8
    """Working hours begin, for gaps that coincide with them; Beijing time."""
    work_to_hour: int = 18
    """Working hours end."""
    judged_again_days: int = 60
    """So many days back are judged again where the registry changed; older ones only where data came."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Talking with devices over TCP. What HJ 212-2025 alone says is not assumed."""

    most_connections: int = 10_000
    """Further ones are closed at once."""
    waiting_mebibytes: int = 64
    """So much may wait for the disk; beyond it nothing more is read until it is written."""
    message_timeout_s: float = 60.0
    """How long a message in parts waits for them."""
    answer_without_flag: bool = False
    """Answer data also where a packet has no Flag, as some devices of 2005 expect."""
    set_clocks: bool = True
    """Set the clock of a device that is off (1012); one that asks (1013) is always told."""
    clock_drift_s: float = 30.0
    """So far off a device's clock may be."""
    clock_again_s: float = 3600.0
    """A clock is set no more often than this."""
    ask_gaps: bool = True
    """Ask a device for periods that are missing (2051, 2061, 2031)."""
    ask_back_hours: float = 168.0
    """Nothing older is asked for."""
    request_timeout_s: float = 10.0
    """A request that no answer comes to is said again after this (HJ 212-2017)."""
    request_tries: int = 3
    """So often a request is said; a device that answers none of so many requests is not asked again in this run."""
    request_done_s: float = 900.0
    """A device that took a request has so long to say that it is done."""
    late_after_s: float = 600.0
    """A packet that comes so long after the end of its period is late."""
    idle_minutes: float = 1440.0
    """A connection that brought nothing for so long is closed."""


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Who looks. Who may do what is a rule row."""

    looks_named: bool = False
    """Whether nobody looks at anything without `--as`, once the home has accounts."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Running stages."""

    chunk: int = 4
    """Items stored together in one transaction; what a kill can cost at most."""
    processes: int = 1
    """Processes for the stages that can be spread; 1 runs in this process."""
    lease_s: float = 60.0
    """How long a worker holds a job without a sign of life before another may take it."""
    max_attempts: int = 3
    """A job that failed so often is put aside with its reason."""
    signed_heads_to: str = ""
    """A file, best on another machine's disk, to which each day's signed head is added; empty: in the home only."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them."""

    intake: IntakeSettings = field(default_factory=IntakeSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    locate: LocateSettings = field(default_factory=LocateSettings)
    attribute: AttributeSettings = field(default_factory=AttributeSettings)
    alert: AlertSettings = field(default_factory=AlertSettings)
    draft_week: DraftWeekSettings = field(default_factory=DraftWeekSettings)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    registry_quality: RegistryQualitySettings = field(default_factory=RegistryQualitySettings)
    flight_report: FlightReportSettings = field(default_factory=FlightReportSettings)
    mosaic: MosaicSettings = field(default_factory=MosaicSettings)
    monitor: MonitorSettings = field(default_factory=MonitorSettings)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)


LIMITS: Mapping[str, tuple[float, float]] = {
    "time_zone_hours": (-14, 14), "video_step_s": (0.04, 3600), "overlap_fraction": (0, 0.9), "threads": (0, 1024),
    "max_sigma_major_m": (0.1, 1e5), "nadir_within_deg": (0, 90), "join_hours": (0, 1e5), "join_extent_m": (0, 1e4),
    "join_mahalanobis_squared": (0, 1e4), "targets": (1, 10000), "seed": (0, 2**63 - 1), "chunk": (1, 100000),
    "processes": (1, 1024), "lease_s": (1, 86400), "max_attempts": (1, 100),
    "same_firm_at_least": (0.5, 1), "apart_m": (1, 1e6),
    **dict.fromkeys(
        ("enterprise_days", "permit_days", "site_days", "outfall_days", "monitor_point_days", "filing_days",
         "positive_listing_days", "inspection_days", "complaint_days"),
        (0, 1e5),
    ),
    "video_frames": (1, 10000), "sharpness_fraction": (0, 1), "edge_detail_least": (0, 2), "smear_least": (0, 10),
    "clipped_fraction": (0, 1), "most_cells": (1e4, 1e11),
    "least_vehicle_px": (1, 1e4), "least_dust_plume_fraction": (0, 1), "least_discharge_fraction": (0, 1),
    "least_seen_px": (1, 1e4), "sought_dust_plume_m": (0.01, 1e4), "sought_bare_soil_m": (0.01, 1e4),
    "sought_outfall_m": (0.01, 1e4), "sought_discharge_m": (0.01, 1e4), "sought_foam_m": (0.01, 1e4),
    "sought_smoke_m": (0.01, 1e4), "sought_vehicle_m": (0.01, 1e4),
    "clues_false_share": (1e-6, 1), "work_from_hour": (0, 24), "work_to_hour": (0, 24),
    "most_connections": (1, 1e6), "waiting_mebibytes": (1, 1e5), "message_timeout_s": (1, 86400),
    "clock_drift_s": (1, 86400), "clock_again_s": (1, 1e7), "ask_back_hours": (0, 1e5),
    "request_timeout_s": (0.1, 3600), "request_tries": (1, 100), "request_done_s": (1, 1e6), "idle_minutes": (1, 1e6),
}  # fmt: skip
"""Least and largest value of each figure; not a number is none of them."""
T = TypeVar("T")


def load(home: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of a home.

    Args:
        home: the data home; its `settings.toml` is read where there is one.
        environment: `os.environ`, or a mapping like it.

    Raises:
        Refusal: `bad_settings`, naming the table and field.
    """
    file = home / "settings.toml"
    given: dict[str, Any] = {}
    if file.is_file():
        try:
            given = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Refusal(str(file), "bad_settings", str(error)) from error
    unknown = set(given) - {f.name for f in fields(Settings)}
    for table, value in given.items():
        if not isinstance(value, dict):
            raise Refusal(str(file), "bad_settings", f"{table} is a table: write [{table}]")
    if unknown:
        raise Refusal(str(file), "bad_settings", f"no such table: {', '.join(sorted(unknown))}")
    default = Settings()
    stages: dict[str, Any] = {
        f.name: _stage(getattr(default, f.name), f.name, given.get(f.name, {}), environment) for f in fields(Settings)
    }
    own = home / "models" / "zoo.toml"
    if not stages["detect"].zoo and own.is_file():
        stages["detect"] = dataclasses.replace(stages["detect"], zoo=str(own))
    return Settings(**stages)


def _stage(default: T, stage: str, given: Mapping[str, Any], environment: Mapping[str, str]) -> T:
    known = {f.name for f in fields(default)}  # type: ignore[arg-type]
    unknown = set(given) - known
    if unknown:
        raise Refusal(f"settings.toml [{stage}]", "bad_settings", f"no such setting: {', '.join(sorted(unknown))}")
    changes: dict[str, Any] = {}
    for name in known:
        variable = f"YAOXUN_{stage}_{name}".upper()
        if variable in environment:
            changes[name] = _typed(name, getattr(default, name), environment[variable], variable)
        elif name in given:
            changes[name] = _typed(name, getattr(default, name), given[name], f"settings.toml [{stage}] {name}")
    return dataclasses.replace(default, **changes)  # type: ignore[type-var]


def _typed(name: str, default: Any, value: Any, where: str) -> Any:
    try:
        if isinstance(default, tuple):
            items = value.split(",") if isinstance(value, str) else value
            return tuple(str(item).strip() for item in items if str(item).strip())
        found = _yes_or_no(value) if isinstance(default, bool) else type(default)(value)
        low, high = LIMITS.get(name, (-math.inf, math.inf))
        if isinstance(found, int | float) and not low <= found <= high:
            raise ValueError
        return found
    except (TypeError, ValueError, OverflowError) as error:
        raise Refusal(where, "bad_settings", f"{value!r} is no {type(default).__name__} within its limits") from error


def _yes_or_no(value: Any) -> bool:
    """A truth value, or the word for one from the environment.

    Raises:
        ValueError: it is neither.
    """
    said = {"true": True, "false": False}.get(str(value).lower())
    if said is None:
        raise ValueError
    return said


def digest(settings: object) -> str:
    """SHA-256 of one stage's settings: part of the key by which work counts as done.

    Where a list of models lies is left out: the models' own hashes stand in the key.
    """
    said = {name: value for name, value in dataclasses.asdict(settings).items() if name != "zoo"}  # type: ignore[call-overload]
    text = json.dumps(said, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
