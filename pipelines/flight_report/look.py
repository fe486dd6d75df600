"""Looking at every picture of a flight, several at once: sharpness, clipping, whether anything may be said of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models.errors import ModelsError
from models.vision.health import Health, health_of, read_reduced
from models.vision.pictures import read_frame
from models.vision.smear import smear_of, smear_of_flight
from pipelines.flight_report.work import FrameToReport
from pipelines.records import Frame, Reason
from pipelines.settings import FlightReportSettings

HALF = 2
MOST_THREADS = 8
FEWEST_SMEARED, MOST_SMEARED = 3, 12  # pictures that are asked, at full size, whether the flight is smeared
FEWEST = 5  # pictures below which a flight has no usual sharpness
NAMED = 20  # names that are listed; the rest is counted


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame's health, or the reason why it could not be opened; neither where it was not looked at."""

    frame: Frame
    health: Health | None
    reason: str | None = None
    smear: complex | None = None


def looked_at(frames: Sequence[FrameToReport], settings: FlightReportSettings) -> list[Looked]:
    """Measure every picture, and of videos evenly spread frames; in the order given."""
    chosen = _chosen(frames, settings.video_frames)
    pictures = [item.frame.id for item in frames if item.frame.time_s is None and not item.frame.tags.get("thermal")]
    asked = {pictures[k] for k in np.linspace(0, len(pictures) - 1, min(len(pictures), MOST_SMEARED)).astype(int)}
    threads = settings.threads or min(MOST_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads, thread_name_prefix="look") as pool:
        wanted = [f for f in frames if f.frame.id in chosen]
        return list(pool.map(lambda item: _look(item.frame, item.path, item.frame.id in asked), wanted))


def _chosen(frames: Sequence[FrameToReport], video_frames: int) -> set[str]:
    pictures = {item.frame.id for item in frames if item.frame.time_s is None}
    video = [item.frame.id for item in frames if item.frame.time_s is not None]
    picked = np.linspace(0, len(video) - 1, min(len(video), video_frames)).astype(int).tolist()
    return pictures | {video[i] for i in picked}


def _look(frame: Frame, path: Path, whole: bool) -> Looked:
    try:
        if frame.time_s is None:
            image = read_reduced(path, HALF, name=frame.name)
        else:
            image = read_frame(path, frame.time_s)
            size = (max(1, image.shape[1] // HALF), max(1, image.shape[0] // HALF))
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        health = health_of(image, thermal=bool(frame.tags.get("thermal")))
        smear = _smear(path, frame.name) if whole and not health.forbidden else None
        return Looked(frame, health, smear=smear)
    except ModelsError as error:
        return Looked(frame, None, error.reason)


def _smear(path: Path, name: str) -> complex | None:
    grey = cv2.cvtColor(read_reduced(path, 1, name=name), cv2.COLOR_RGB2GRAY)
    return smear_of(np.asarray(grey, dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class LookPart:
    """The part of the report about the pictures themselves, and how many of them can be judged."""

    document: dict[str, Any]
    notes: list[Reason]
    usable: int


def look_part(looked: Sequence[Looked], settings: FlightReportSettings) -> LookPart:
    """Sum up what was measured."""
    healthy = [(one.frame.name, one.health) for one in looked if one.health is not None]
    sharpness = np.array([health.sharpness for _, health in healthy])
    usual = float(np.median(sharpness)) if len(healthy) >= FEWEST else None
    least = None if usual is None else settings.sharpness_fraction * usual
    blurred = [name for name, health in healthy if least is not None and health.sharpness < least]
    pictures = [one.health for one in looked if one.health is not None and one.frame.time_s is None]
    seen = [health.edge_detail for health in pictures if not health.forbidden]  # what a codec leaves is another matter
    whole = float(np.median(seen)) if seen else None
    all_blurred = whole is not None and whole < settings.edge_detail_least
    smears = [one.smear for one in looked if one.smear is not None]
    smear = smear_of_flight(smears) if len(smears) >= FEWEST_SMEARED else None
    smeared = smear is not None and smear.strength >= settings.smear_least
    dark = [name for name, health in healthy if health.dark_fraction > settings.clipped_fraction]
    white = [name for name, health in healthy if health.white_fraction > settings.clipped_fraction]
    forbidden = Counter(health.forbidden for _, health in healthy if health.forbidden)
    unreadable = Counter(one.reason for one in looked if one.reason)
    total = len(healthy)
    notes = [
        *([Reason("flight_blurred", {"figure": round(whole or 0.0, 2)})] if all_blurred else []),
        *([Reason("flight_smeared", {"along_deg": round(smear.along_deg)})] if smear and smeared else []),
        *([Reason("pictures_blurred", {"count": len(blurred), "total": total})] if blurred else []),
        *([Reason("pictures_too_dark", {"count": len(dark), "total": total})] if dark else []),
        *([Reason("pictures_too_bright", {"count": len(white), "total": total})] if white else []),
    ]
    document = {
        "looked_at": len(looked),
        "sharpness": {
            "median": usual, "threshold": least, "blurred": blurred[:NAMED], "blurred_count": len(blurred),
            "edge_detail": whole, "edge_detail_least": settings.edge_detail_least, "whole_flight": all_blurred,
            "smear": smear.strength if smear else None, "smear_along_deg": smear.along_deg if smear else None,
            "smear_least": settings.smear_least, "smeared": smeared,
        },
        "exposure": {
            "dark_fraction_median": _median([health.dark_fraction for _, health in healthy]),
            "white_fraction_median": _median([health.white_fraction for _, health in healthy]),
            "threshold": settings.clipped_fraction,
            "too_dark": dark[:NAMED], "too_dark_count": len(dark), "too_bright": white[:NAMED],
            "too_bright_count": len(white),
        },
        "cannot_judge": dict(sorted(forbidden.items())),
        "unreadable": dict(sorted(unreadable.items())),
    }  # fmt: skip
    usable = sum(1 for name, health in healthy if not health.forbidden and name not in set(blurred))
    return LookPart(document, notes, usable)


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None
