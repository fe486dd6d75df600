"""A flight in words: how each picture stands at every stage, what was refused, which jobs run. Text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from dashboard import layers, markup, palette
from dashboard.labels import Words
from pipelines.records import Job, Status, TrackSummary
from pipelines.store.records import FlightSummary, FrameState, StoredRefusal

STAGES = ("detect", "locate")
SHOWN_FRAMES = 300


def summary_line(flight: FlightSummary, words: Words) -> str:
    """What a flight brought, in one line."""
    return words(
        "flights.summary",
        frames=flight.frames,
        refused=flight.refused,
        detections=flight.detections,
        alerts=flight.alerts,
    )


MERE_NOTES = frozenset({"time_zone_assumed"})
"""What is said of nearly every picture of some makers, and spoils nothing."""


def has_problem(state: FrameState) -> bool:
    """Whether a picture was not dealt with as it should be: a stage that is not ok, a warning, or no footprint."""
    stages_fail = any(stage.status is not Status.OK for stage in state.stages.values())
    blind = state.footprint is not None and state.footprint.status is not Status.OK
    return stages_fail or blind or any(note.code not in MERE_NOTES for note in state.frame.warnings)


def why(state: FrameState, words: Words) -> list[str]:
    """Everything that is to be said about a picture: warnings at intake, reasons of stages, why no footprint."""
    said = words.reasons(state.frame.warnings)
    said += [words.reason(stage.reason) for stage in state.stages.values() if stage.reason]
    if state.footprint and state.footprint.reason:
        said.append(words.reason(state.footprint.reason))
    return list(dict.fromkeys(said))


def frame_table(states: Sequence[FrameState], words: Words, *, height_px: int) -> str:
    """Pictures with their state at each stage."""
    heads = [
        (words("flights.name"), "code"),
        (words("flights.observed"), "code"),
        (words("flights.stage_intake"), ""),
        *((words(f"flights.stage_{stage}"), "") for stage in STAGES),
        (words("flights.detections"), "figure"),
        (words("flights.reason"), ""),
    ]
    rows = [
        [
            escape(state.frame.name),
            escape(words.when(state.frame.observed_at)),
            markup.status("ok", words),
            *(markup.status(_stage_word(state, stage), words) for stage in STAGES),
            str(state.detections) if state.detections else "—",
            markup.bullets(why(state, words)),
        ]
        for state in states[:SHOWN_FRAMES]
    ]
    return markup.table(heads, rows, height_px=height_px)


def _stage_word(state: FrameState, stage: str) -> str:
    found = state.stages.get(stage)
    return found.status.value if found else "pending"


def footprint_areas(states: Iterable[FrameState], chosen: str | None, words: Words) -> list[layers.Area]:
    """The footprints of pictures; a click on one gives the frame's id. The chosen one comes last, above the others."""
    areas = [
        layers.Area(
            ring,
            palette.VERMILION if state.frame.id == chosen else palette.BLUE,
            _footprint_title(state, words),
            id=state.frame.id,
            chosen=state.frame.id == chosen,
        )
        for state in states
        if state.footprint
        for ring in layers.outline_rings(state.footprint.polygon_wkb)
    ]
    return sorted(areas, key=lambda area: area.chosen)


def _footprint_title(state: FrameState, words: Words) -> str:
    gsd_m = state.footprint.gsd_m if state.footprint else None
    return state.frame.name + (f" · {words('flights.gsd', value=f'{gsd_m * 100:.1f}')}" if gsd_m else "")


def camera_marks(states: Iterable[FrameState]) -> list[layers.Thing]:
    """Where the pictures were taken from."""
    return [
        layers.Thing(
            state.frame.id,
            state.footprint.camera_lon,
            state.footprint.camera_lat,
            "camera",
            state.frame.name,
            size_px=4,
        )
        for state in states
        if state.footprint and state.footprint.camera_lon is not None and state.footprint.camera_lat is not None
    ]


def refused_table(found: Sequence[StoredRefusal], words: Words) -> str:
    """Files that were not taken, with the reason and what exactly was seen."""
    heads = [(words("flights.name"), "code"), (words("flights.reason"), ""), ("", "")]
    rows = [[escape(one.item), escape(words.reason(one.reason)), markup.technical(one.detail)] for one in found]
    return markup.table(heads, rows, height_px=320)


def track_table(found: Sequence[TrackSummary], words: Words) -> str:
    """Track files with their fixes and warnings."""
    heads = [(words("flights.name"), "code"), (words("flights.tracks"), ""), (words("flights.reason"), "")]
    rows = [
        [
            escape(track.name),
            escape(words("flights.track_line", format=track.format, frames=track.frames, dropped=track.dropped)),
            markup.bullets(words.reasons(track.warnings)),
        ]
        for track in found
    ]
    return markup.table(heads, rows)


def job_table(jobs: Sequence[Job], words: Words, *, names: Mapping[str, str]) -> str:
    """Jobs with their state.

    Args:
        jobs: in the order in which they are shown.
        words: the language.
        names: user id → name.
    """
    heads = [
        (words("flights.job"), "figure"),
        ("", ""),
        (words("flights.asked_at"), "code"),
        (words("flights.asked_by"), ""),
        (words("flights.attempts"), "figure"),
        (words("flights.reason"), ""),
    ]
    rows = [
        [
            str(job.id),
            f"{escape(words.of('flights', f'job_kind_{job.kind}'))} {markup.status(job.state, words)}",
            escape(words.when(job.asked_at)),
            escape(names.get(job.asked_by, job.asked_by)),
            str(job.attempts),
            escape(words.reason(job.reason)) if job.reason else "",
        ]
        for job in jobs
    ]
    return markup.table(heads, rows)
