"""The store's own plain types: what its questions give and its changes take beyond `pipelines.records`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enforcement.attribution import Attribution
from pipelines.records import Alert, Flight, Frame, FrameFootprint, Status, StoredFile, TrackSummary


@dataclass(frozen=True, slots=True)
class WorkDone:
    """That an item was dealt with under a key: stage, input, settings, code, model and policy in one hash."""

    key: str
    stage: str
    item: str
    status: Status = Status.OK
    reason: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AttributionRow:
    """Who could be behind an observation."""

    id: str
    observation_id: str
    attribution: Attribution


@dataclass(frozen=True, slots=True)
class StageState:
    """How an item stands at a stage, under the key by which it was dealt with last."""

    stage: str
    item: str
    status: Status
    reason: str | None
    detail: str
    run_id: str
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class StoredRefusal:
    """Something that could not be used."""

    run_id: str | None
    stage: str
    item: str
    reason: str
    detail: str
    flight_id: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """An alert with what it holds: its observations, when its thing was last seen, its current attribution."""

    alert: Alert
    observation_ids: tuple[str, ...]
    last_observed_at: datetime
    attribution_id: str | None


@dataclass(frozen=True, slots=True)
class FlightSummary:
    """A delivery as the list shows it. `stages` counts frames by stage and status; `alerts` those its frames show."""

    flight: Flight
    frames: int
    tracks: int
    refused: int
    detections: int
    alerts: int
    first_observed_at: datetime | None
    last_observed_at: datetime | None
    stages: Mapping[str, Mapping[Status, int]]


@dataclass(frozen=True, slots=True)
class FrameState:
    """A frame with how it stands at each stage. A stage that has not seen it yet is absent from `stages`."""

    frame: Frame
    stages: Mapping[str, StageState]
    footprint: FrameFootprint | None
    detections: int
    observations: int


@dataclass(frozen=True, slots=True)
class FlightDetail:
    """A delivery whole: its originals, its frames and how they stand, its tracks, what was refused."""

    flight: Flight
    files: tuple[StoredFile, ...]
    frames: tuple[FrameState, ...]
    tracks: tuple[TrackSummary, ...]
    refused: tuple[StoredRefusal, ...]


@dataclass(frozen=True, slots=True)
class FlightGeometry:
    """How a flight is corrected: by its tie points, by control points (rows as given), or no longer.

    `report` holds what was found (gain, misfit, common errors); `terrain_sha256` the ground it was computed with.
    """

    id: int
    flight_id: str
    kind: str  # adjusted | controlled | undone
    key: str
    ties: bool
    control: tuple[Mapping[str, object], ...]
    source_sha256: str | None
    terrain_sha256: str | None
    report: Mapping[str, object]
    code_version: str
    by: str
    role: str
    at: datetime
    simulated: bool


@dataclass(frozen=True, slots=True)
class District:
    """The district's outline: WKB in lon, lat; box as min lon, min lat, max lon, max lat."""

    name: str
    outline_wkb: bytes
    crs: str
    area_km2: float
    box: tuple[float, float, float, float]
    source_sha256: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Undone:
    """That an import was taken back."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RegistryImport:
    """One delivery of an office, as a person accepted it. `office` is "" where nobody named one."""

    id: str
    file_sha256: str
    file_name: str
    kind: str
    office: str
    mapping_id: int | None
    crs: str
    crs_evidence: Mapping[str, Any]
    encoding: str
    rows: int
    imported: int
    changed: int
    unchanged: int
    refused: int
    by: str
    role: str
    at: datetime
    undone: Undone | None = None


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """What the headings of an office's files mean; `content` is the JSON that was saved under the office's name."""

    id: int
    name: str
    kind: str
    content: Mapping[str, Any]
    by: str
    role: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class FirmPair:
    """Two registry entries, each as (kind, key), that are probably one firm; `right` is the one that would be kept.

    Each piece of evidence holds `kind`, `found`, `weight` (natural logarithm) and the spellings `left`, `right`.
    """

    left: tuple[str, str]
    right: tuple[str, str]
    probability: float
    evidence: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class FirmDecision:
    """A person's word on a proposal: `same`, `different` or `undone`; `keep_key` is the firm that the entry is."""

    id: int
    proposal_id: str
    value: str
    keep_key: str | None
    by: str
    at: datetime
    reason: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class FirmProposal:
    """The machine's word that two entries are one firm, and the person's on the pair, where one stands."""

    id: str
    pair: FirmPair
    code_version: str
    received_at: datetime
    superseded_at: datetime | None
    decision: FirmDecision | None


@dataclass(frozen=True, slots=True)
class DerivedFile:
    """A file made from originals: `path` lies within the home, `facts` are what its maker says of it.

    `kind` is `flight_report` or `mosaic` (`subject` is the flight) or `basemap` (`subject` is `home`).
    """

    id: int
    kind: str
    subject: str
    key: str
    name: str
    path: str
    sha256: str
    size_bytes: int
    facts: Mapping[str, Any]
    made_by: str
    received_at: datetime
    superseded_at: datetime | None


@dataclass(frozen=True, slots=True)
class FlightPapers:
    """A person's word on a flight: who flew, with what, under which airspace approval 空域批准 and flight plan."""

    id: int
    flight_id: str
    pilot: str | None
    aircraft: str | None
    airspace_approval: str | None
    flight_plan: str | None
    by: str
    role: str
    at: datetime
    simulated: bool
