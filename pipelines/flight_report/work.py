"""What the report of one flight is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geo.camera import Camera
from geo.pose import CameraPose
from pipelines.records import Flight, Frame


@dataclass(frozen=True, slots=True)
class FrameToReport:
    """A frame with the original that shows it, and where it stood: camera and pose, or the reason why neither is known.

    `doubts` are the words, with their figures, that the other frames of the flight say against its tags.
    """

    frame: Frame
    path: Path
    camera: Camera | None
    pose: CameraPose | None
    reason: str | None = None
    doubts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class FlightToReport:
    """A flight with everything its report looks at.

    Attributes:
        flight: which one.
        frames: its frames, poses in one CRS.
        refused: (item, reason) of what was not taken in.
        district_wkb: the district's outline in lon, lat; None where none is set.
        terrain: a height model, or "" for flat ground.
        radius_m: how far from a place a source of each label is looked for; 0: the label is never attributed.
        sigma_fraction: a place is good enough where its ellipse is no longer than this share of the radius.
        looked_for: the labels that some detector in use can give.
    """

    flight: Flight
    frames: tuple[FrameToReport, ...]
    refused: tuple[tuple[str, str], ...]
    district_wkb: bytes | None
    terrain: str
    radius_m: Mapping[str, float]
    sigma_fraction: float
    looked_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class FlightReport:
    """The report: `document` is JSON values only, docs/formats/flight_report.md."""

    flight_id: str
    document: Mapping[str, object]
