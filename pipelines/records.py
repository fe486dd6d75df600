"""The plain frozen types that stages, acts, store and pages hand to each other.

Nothing here does anything: no files, no clock, no database. Instants are aware datetimes in UTC; lengths are metres;
angles degrees clockwise from north; longitude before latitude, WGS 84; `x` east and `y` north in the named CRS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from enforcement.attribution import Attribution
from enforcement.weekly import ExemptFirm, WeeklyTarget


class Status(StrEnum):
    """How an item ended. Whatever is not `OK` carries a reason word."""

    OK = "ok"
    REFUSED = "refused"
    CANNOT_JUDGE = "cannot_judge"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason word with its figures. The sentence, in Chinese and English, is made by `pipelines.wording`."""

    code: str
    values: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a stored row came from."""

    run_id: str
    code_version: str
    settings_sha256: str
    source_sha256: str | None = None
    model_sha256: str | None = None
    policy_version: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one stage. `ended_at` is None while it runs, or where it was killed."""

    id: str
    stage: str
    as_of: datetime
    started_at: datetime
    ended_at: datetime | None
    code_version: str
    settings_sha256: str
    model_sha256: str | None
    policy_version: str | None
    seed: int | None
    done: int
    skipped: int
    refused: int
    failed: int


# ---- outcomes of stages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """A stage's answer for one item. `result` is that stage's own type, named in its docstring."""

    item: str
    result: Any
    status: Status = Status.OK
    reason: str | None = None
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An item a stage could not use: a stable reason word and, for people, what exactly was seen."""

    item: str
    reason: str
    detail: str = ""


Outcome = Done | Refused


# ---- flights and pictures -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An original, held under `evidence/` by its SHA-256."""

    sha256: str
    size_bytes: int
    name: str
    media_type: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Flight:
    """One delivery of pictures, video or tracks. `id` reads F-2026-1124-01."""

    id: str
    name: str
    added_by: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, or one instant of a video. `tags` is the JSON form of `geo.tags.Tags`."""

    id: str
    flight_id: str
    file_sha256: str
    name: str
    kind: str  # picture | video_frame
    time_s: float | None  # into the video; None for a picture
    observed_at: datetime | None
    received_at: datetime
    width_px: int
    height_px: int
    tags: Mapping[str, Any]
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """What a track file (SRT, KLV) of a flight says. First and last fix as (time_s, lon, lat, altitude_m) or None."""

    file_sha256: str
    flight_id: str
    name: str
    format: str
    frames: int
    dropped: int
    first: Mapping[str, Any] | None
    last: Mapping[str, Any] | None
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameDetection:
    """One box in one frame. `box` is (u0, v0, u1, v1) in pixels of the picture as stored, outer corner (0, 0)."""

    id: str
    frame_id: str
    label: str
    box: tuple[float, float, float, float]
    confidence: float  # raw, of this detector, comparable only within it
    probability: float | None  # calibrated; None until a calibration stands behind it
    cues: Mapping[str, float]
    model: str
    model_sha256: str


@dataclass(frozen=True, slots=True)
class FrameFootprint:
    """What a frame sees of the ground: WKB polygon in lon, lat, or the reason why that cannot be said."""

    frame_id: str
    status: Status
    reason: str | None
    polygon_wkb: bytes | None
    gsd_m: float | None
    camera_lon: float | None
    camera_lat: float | None


@dataclass(frozen=True, slots=True)
class GroundEllipse:
    """A place with its doubt: covariance in metres² of (x east, y north) in `crs`; sigmas are 1 σ."""

    lon: float
    lat: float
    elevation_m: float
    crs: str
    x_m: float
    y_m: float
    cov_xx_m2: float
    cov_xy_m2: float
    cov_yy_m2: float
    sigma_major_m: float
    sigma_minor_m: float
    sigma_azimuth_deg: float  # of the major axis, clockwise from true north


@dataclass(frozen=True, slots=True)
class Observation:
    """A detection on the ground, or the reason why it has no place there (`ground` is then None)."""

    id: str
    detection_id: str
    frame_id: str
    flight_id: str
    label: str
    confidence: float
    probability: float | None
    status: Status
    reason: str | None
    ground: GroundEllipse | None
    gsd_m: float | None
    observed_at: datetime | None
    received_at: datetime
    shared: tuple[tuple[float, ...], ...] | None = None
    """((east …), (north …)) metres by one sigma of each error that other sights of the same thing have too."""


@dataclass(frozen=True, slots=True)
class FrameCorrection:
    """What a person had corrected of a frame: camera and pose in the JSON forms of `geo`, and the hash of both."""

    frame_id: str
    camera: Mapping[str, Any]
    pose: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class FusedSight:
    """An observation that had a part in a fused place: whether it was kept, and its weight, xx xy yx yy."""

    observation_id: str
    kept: bool
    weight: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class FusedPlace:
    """Where an alert of several sights is attributed: under the id of that attribution, with what gave it."""

    id: str
    alert_id: str
    ground: GroundEllipse
    misfit: float
    sights: tuple[FusedSight, ...]


# ---- alerts: the machine's word -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alert:
    """The machine's word: never changed once written. What people said of it stands in `Verdict` rows."""

    id: str
    kind: str  # a detection label
    probability: float | None
    confidence: float
    ground: GroundEllipse
    observed_at: datetime
    received_at: datetime
    why: tuple[Reason, ...]
    alternatives: tuple[Reason, ...]  # what else it could be


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as the queue shows it at one instant: the machine's word, its source, and what people made of it."""

    alert: Alert
    attribution: Attribution
    observations: int
    frame_id: str  # the frame that shows it best
    detection: FrameDetection
    flight_id: str
    state: str  # open | second | judged | lead
    verdict: Verdict | None  # the latest word of a person that was not taken back
    seen: bool


# ---- people ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class User:
    """An account. `simulated` users exist on sample homes only, and what they do is never publishable."""

    id: str
    name: str
    role: str
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's word on an alert; added, never overwritten.

    `really`: what it was, where the machine was wrong. `needs_second`: it stands only once another person has said the
    same, in a word whose `seconds` names it. A word that takes one back has the value `undone`, and `undoes` names it.
    """

    id: str
    alert_id: str
    value: str
    by: str
    role: str
    at: datetime
    reason: str
    simulated: bool
    really: str | None = None
    duplicate_of: str | None = None
    needs_second: bool = False
    seconds: str | None = None
    undoes: str | None = None


OPEN_STATES = ("open", "second")
"""States of an alert that somebody still has to say a word on."""


@dataclass(frozen=True, slots=True)
class Lead:
    """线索: a person decided that alerts, checks or reports are worth a lawful next step.

    `state`: `open`, `filed` once a case was filed on it, `closed` where it ended without one.
    """

    id: str
    alert_ids: tuple[str, ...]
    state: str
    enterprise_uscc: str | None
    next_step: str
    by: str
    at: datetime
    reason: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class WeeklyPlan:
    """The ranked targets of one ISO week; a draft by the machine until a person freezes it."""

    week: str
    version: int
    state: str  # draft | frozen
    as_of: datetime
    seed: int
    targets: tuple[WeeklyTarget, ...]
    exempt: tuple[ExemptFirm, ...]
    sha256: str
    drafted_at: datetime
    frozen_by: str | None = None
    frozen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What a person's act printed: `{"id", "state", "journal_entry"}`.

    `unchanged` where the same was done before: nothing was written, and the entry is the earlier one.
    """

    id: str
    state: str
    journal_entry: int
    unchanged: bool = field(default=False, compare=False)


# ---- the machinery --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """Machine work that was asked for; the worker takes it under a lease."""

    id: int
    kind: str  # run | add_flight
    payload: Mapping[str, Any]
    state: str  # waiting | leased | done | failed | refused
    due_at: datetime
    leased_until: datetime | None
    lease_owner: str | None
    attempts: int
    reason: str | None
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One link of the journal's hash chain."""

    seq: int
    at: datetime
    actor: str
    role: str
    kind: str
    subject: str
    payload: Mapping[str, Any]
    previous_hash: str
    hash: str
