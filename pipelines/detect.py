"""Looking for anomalies: picture in, boxes out, or the reason why this picture allows no answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np

from models.errors import ModelsError
from models.vision import compose, pictures, zoo
from models.vision.detections import Detections, Detector
from pipelines.errors import Refusal
from pipelines.records import Done, Frame, FrameDetection, Outcome, Refused, Status
from pipelines.settings import DetectSettings


@dataclass(frozen=True, slots=True)
class FrameToSee:
    """A frame, where the original that shows it lies, and the key of this work, which names its rows."""

    frame: Frame
    path: Path
    key: str


def run(work: Iterable[FrameToSee], *, as_of: datetime, run_id: str, settings: DetectSettings) -> Iterator[Outcome]:
    """Find boxes in each frame.

    Yields, one for each frame and in its order, `Done(frame id, tuple of FrameDetection)`, with status
    `cannot_judge` and its reason where night, blur or false colours forbid an answer, or `Refused`.
    """
    detectors = _detectors(
        names_of(settings), settings.threads, settings.runtime, models_digest(settings), settings.zoo
    )
    for item in work:
        frame = item.frame
        try:
            image = picture_of(item)
        except ModelsError as error:
            yield Refused(frame.id, error.reason, error.detail)
            continue
        forbidden = compose.judge(image, thermal=bool(frame.tags.get("thermal")))
        if forbidden is not None:
            yield Done(frame.id, (), status=Status.CANNOT_JUDGE, reason=forbidden)
            continue
        found = compose.detect_image(image, detectors, overlap_fraction=settings.overlap_fraction)
        yield Done(frame.id, rows_of(item, found, {d.name: d.sha256 for d in detectors}))


def picture_of(item: FrameToSee) -> np.ndarray:
    """The frame's pixels as stored: (h, w, 3) uint8, RGB.

    Raises:
        ModelsError: the original cannot be decoded.
    """
    if item.frame.time_s is None:
        return pictures.read_picture(item.path, name=item.frame.name)
    return pictures.read_frame(item.path, item.frame.time_s)


def names_of(settings: DetectSettings) -> tuple[str, ...]:
    """The detectors that these settings ask for.

    Raises:
        Refusal: `bad_settings` where the zoo has no such detector.
    """
    known = {entry.name for entry in zoo.entries(own=_own(settings.zoo))}
    unknown = [name for name in settings.detectors if name not in known]
    if unknown:
        raise Refusal(
            "detectors", "bad_settings", f"no model {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    return settings.detectors or zoo.default_set(own=_own(settings.zoo))


def models_digest(settings: DetectSettings) -> str:
    """One SHA-256 over the detectors in use: part of the key by which a frame counts as seen."""
    text = "\n".join(
        f"{e.name} {e.sha256}" for e in zoo.entries(own=_own(settings.zoo)) if e.name in names_of(settings)
    )
    return hashlib.sha256(text.encode()).hexdigest()


def require_models(settings: DetectSettings) -> None:
    """Look whether the detectors can be opened, before any frame could be blamed for it.

    Raises:
        Refusal: a model is unknown, missing or changed.
    """
    try:
        for name in names_of(settings):
            zoo.verify(zoo.entry(name, own=_own(settings.zoo)))
    except ModelsError as error:
        raise Refusal("detectors", error.reason, error.detail) from error


@cache
def _detectors(names: tuple[str, ...], threads: int, runtime: str, digest: str, own: str) -> tuple[Detector, ...]:
    """Opened once; `digest` is of their files, so that a model exchanged under its name is opened anew."""
    return tuple(zoo.load(name, threads=threads, runtime=runtime, own=_own(own)) for name in names)


def _own(zoo_file: str) -> Path | None:
    return Path(zoo_file) if zoo_file else None


def rows_of(item: FrameToSee, found: Detections, sha256_by_model: dict[str, str]) -> tuple[FrameDetection, ...]:
    """Columns into rows, each named by the work, the model and the box, so that a second run gives the same names."""
    rows = []
    for i in range(len(found)):
        box = tuple(round(float(v), 2) for v in found.box[i])
        model, label = str(found.model[i]), str(found.label[i])
        probability = float(found.probability[i])
        name = hashlib.sha256(f"{item.key} {sha256_by_model[model]} {label} {box}".encode()).hexdigest()[:16]
        rows.append(
            FrameDetection(
                id=f"de-{name}",
                frame_id=item.frame.id,
                label=label,
                box=box,  # type: ignore[arg-type]
                confidence=round(float(found.confidence[i]), 4),
                probability=None if probability != probability else probability,
                cues=dict(found.cues[i]),
                model=model,
                model_sha256=sha256_by_model[model],
            )
        )
    return tuple(rows)
