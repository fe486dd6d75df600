"""The store's own plain types: what its questions give and its changes take beyond `pipelines.records`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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
class District:
    """The district's outline: WKB in lon, lat; box as min lon, min lat, max lon, max lat."""

    name: str
    outline_wkb: bytes
    crs: str
    area_km2: float
    box: tuple[float, float, float, float]
    source_sha256: str
    received_at: datetime
