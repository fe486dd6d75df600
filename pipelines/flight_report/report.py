"""Putting the report of a flight together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from geo.errors import GeoError
from pipelines.flight_report.findings import Sight, findings
from pipelines.flight_report.ground import ground_part, seen_frames, terrain_of
from pipelines.flight_report.look import look_part, looked_at
from pipelines.flight_report.sanity import sanity_part
from pipelines.flight_report.work import FlightReport, FlightToReport, FrameToReport
from pipelines.records import Done, Frame, Outcome, Refused
from pipelines.settings import FlightReportSettings

__all__ = ["FlightReport", "FlightToReport", "FrameToReport", "run"]

SAID_ELSEWHERE = frozenset(
    {"time_zone_assumed", "time_in_future", "no_time", "taken_without_position", "taken_without_attitude"}
)
"""Warnings of frames that stand in another part of the report."""


def run(
    work: Iterable[FlightToReport], *, as_of: datetime, run_id: str, settings: FlightReportSettings
) -> Iterator[Outcome]:
    """Report on flights.

    Yields, one for each flight and in its order, `Done(flight id, FlightReport)`, or `Refused` where the flight has no
    frames or the height model cannot be read.
    """
    for item in work:
        if not item.frames:
            yield Refused(item.flight.id, "flight_without_frames")
            continue
        try:
            yield Done(item.flight.id, FlightReport(item.flight.id, _document(item, as_of, settings)))
        except GeoError as error:
            yield Refused(item.flight.id, error.reason, error.detail)


def _document(item: FlightToReport, as_of: datetime, settings: FlightReportSettings) -> dict[str, Any]:
    frames = [one.frame for one in item.frames]
    ground = ground_part(*seen_frames(item.frames, terrain_of(item.terrain)))
    looked = looked_at(item.frames, settings)
    look = look_part(looked, settings)
    health = {one.frame.id: one.health for one in looked if one.health is not None}
    sanity, doubts = sanity_part(frames, health, item.district_wkb)
    sight = Sight(_picture_px(frames), ground.gsd_m, ground.sigma_major_m, look.usable)
    return {
        "flight": item.flight.id,
        "as_of": as_of.isoformat(),
        "frames": len(frames),
        **_rounded({**ground.document, **look.document}),
        "sanity": sanity,
        "refused": dict(sorted(Counter(reason for _, reason in item.refused).items())),
        "contradictions": _contradictions(item.frames),
        "findings": findings(sight, item.radius_m, item.sigma_fraction, item.looked_for, settings),
        "notes": [{"code": note.code, "values": dict(note.values)} for note in [*ground.notes, *look.notes, *doubts]],
        "map": ground.shapes,
    }


def _picture_px(frames: Sequence[Frame]) -> float:
    return float(np.median([frame.width_px * frame.height_px for frame in frames]))


def _contradictions(frames: Sequence[FrameToReport]) -> list[dict[str, Any]]:
    """What tags say against each other: each word, of how many frames it was said, and its largest figure."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in frames:
        for note in item.frame.warnings:
            if note.code not in SAID_ELSEWHERE:
                found.setdefault(note.code, []).append(dict(note.values))
        for word, figure in item.doubts:
            found.setdefault(word, []).append({"figure": figure})
    return [
        {"code": code, "count": len(values), "values": max(values, key=_figure)}
        for code, values in sorted(found.items())
    ]


def _figure(values: Mapping[str, Any]) -> float:
    return abs(float(values.get("figure", 0.0)))


def _rounded(value: Any) -> Any:
    """Figures with five digits behind the point: more would promise too much."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {name: _rounded(entry) for name, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list) else value
