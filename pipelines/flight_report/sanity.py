"""Whether time and place of a flight can be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely

from geo.sun import sun_elevation_deg
from geo.track_tags import LAG_SIGMA_S
from geo.types import LonLat
from models.vision.health import Health
from pipelines.records import Frame, Reason

NIGHT_DEG = -6.0  # end of civil twilight: without lamps nothing is bright beyond it


def sanity_part(
    frames: Sequence[Frame], health: Mapping[str, Health], district_wkb: bytes | None
) -> tuple[dict[str, Any], list[Reason]]:
    """Look at clock and place.

    Args:
        frames: of the flight.
        health: by frame id, of those that were looked at.
        district_wkb: outline in lon, lat, or None.

    Returns:
        The part of the report, and what is to be said of it.
    """
    instants = [frame.observed_at for frame in frames if frame.observed_at is not None]
    placed = [(frame, LonLat(*where)) for frame in frames if (where := _place(frame)) is not None]
    by_night = [
        frame
        for frame, place in placed
        if frame.observed_at is not None and sun_elevation_deg(place, frame.observed_at) < NIGHT_DEG
    ]
    bright = [f for f in by_night if f.id in health and health[f.id].forbidden != "night"]
    outside = _outside(placed, district_wkb)
    document = {
        "first_observed_at": _iso(min(instants, default=None)),
        "last_observed_at": _iso(max(instants, default=None)),
        "without_time": len(frames) - len(instants),
        "zone_assumed": _warned(frames, "time_zone_assumed"),
        "in_future": _warned(frames, "time_in_future"),
        "by_night": len(by_night),
        "bright_by_night": len(bright),
        "outside_district": outside,
        "videos": _videos(frames),
    }
    return document, _notes(document, len(frames), len(placed))


def _videos(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """Each video with a track, and by how much its fixes are late: `estimated` from its pictures, else `assumed`."""
    said: dict[str, dict[str, Any]] = {}
    for frame in frames:
        if frame.kind == "video_frame" and _place(frame) is not None:
            lag, sigma = frame.tags.get("track_lag_s"), frame.tags.get("track_lag_sigma_s")
            known = lag is not None and sigma is not None
            said[frame.name.rpartition(" @ ")[0]] = {
                "lag": "estimated" if known else "assumed",
                "lag_s": lag if known else 0.0,
                "lag_sigma_s": sigma if known else LAG_SIGMA_S,
            }
    return [{"name": name, **values} for name, values in said.items()]


def _notes(said: Mapping[str, Any], frames: int, placed: int) -> list[Reason]:
    notes = []
    if said["without_time"]:
        notes.append(Reason("pictures_without_time", {"count": said["without_time"], "total": frames}))
    if said["in_future"]:
        notes.append(Reason("pictures_from_the_future", {"count": said["in_future"], "total": frames}))
    if said["bright_by_night"]:
        notes.append(Reason("bright_by_night", {"count": said["bright_by_night"], "total": frames}))
    elif said["by_night"]:
        notes.append(Reason("taken_by_night", {"count": said["by_night"], "total": frames}))
    if said["zone_assumed"]:
        notes.append(Reason("clock_without_zone", {"count": said["zone_assumed"], "total": frames}))
    if said["outside_district"]:
        notes.append(Reason("outside_the_district", {"count": said["outside_district"], "total": placed}))
    elif said["outside_district"] is None and placed:
        notes.append(Reason("district_not_set"))
    return [*notes, *_lag_notes(said["videos"])]


def _lag_notes(videos: Sequence[Mapping[str, Any]]) -> list[Reason]:
    told = [video for video in videos if video["lag"] == "estimated"]
    notes = []
    if told:
        worst = max(told, key=lambda video: abs(video["lag_s"]))
        figures = {"lag_s": worst["lag_s"], "sigma_s": worst["lag_sigma_s"]}
        notes.append(Reason("video_lag_estimated", {"count": len(told), "total": len(videos), **figures}))
    if len(told) < len(videos):
        assumed = {"count": len(videos) - len(told), "total": len(videos), "sigma_s": LAG_SIGMA_S}
        notes.append(Reason("video_lag_assumed", assumed))
    return notes


def _place(frame: Frame) -> tuple[float, float] | None:
    lon, lat = frame.tags.get("lon"), frame.tags.get("lat")
    return None if lon is None or lat is None else (float(lon), float(lat))


def _outside(placed: Sequence[tuple[Frame, LonLat]], district_wkb: bytes | None) -> int | None:
    """How many cameras stood outside; None where no district is set."""
    if district_wkb is None:
        return None
    outline = shapely.from_wkb(district_wkb)
    shapely.prepare(outline)
    return sum(1 for _, place in placed if not outline.covers(shapely.Point(place.lon, place.lat)))


def _warned(frames: Sequence[Frame], code: str) -> int:
    return sum(any(note.code == code for note in frame.warnings) for frame in frames)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
