"""The chain from a box to an answer, on made sightings: intake, locate, attribute, alert, with the real registry files.

Only the detector is left out: the boxes are those that `worlds.sightings` says somebody drew.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.worlds.sightings import Sortie
from data_samples.district.place import grid_of
from data_samples.renderer.flight import LENS
from data_samples.renderer.tags import Claim, write_picture
from data_samples.tally import Judged, height_band
from enforcement.attribution import Attribution
from pipelines import alert, attribute, intake, locate, sample
from pipelines.engine.fused_sources import best_of, fused_attribution
from pipelines.engine.nearby_sources import Sources
from pipelines.engine.stage import Context
from pipelines.records import Done, Frame, FrameDetection, GroundEllipse, Observation
from pipelines.settings import load
from pipelines.store import Store

GREY = np.full((LENS.height_px, LENS.width_px, 3), 128, np.uint8)
SPECK = GREY[:8, :8]
AT = sample.LAST_INSTANT


def answers(sorties: Iterable[Sortie]) -> Iterator[Judged]:
    """What the chain says of each sortie; a sortie whose boxes have no place gives nothing."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "home") as store:
        sample.settle(store)
        context = Context.at(AT, load(store.home, {}))
        sources = Sources.of(store, AT)
        for sortie in sorties:
            frames = _frames(sortie, Path(folder), context)
            seen = _observations(sortie, frames, context)
            yield from _judged(sortie, seen, sources, context)


def _frames(sortie: Sortie, folder: Path, context: Context) -> list[Frame]:
    work = []
    for shot, claim in zip(sortie.shots, sortie.claims, strict=True):
        path = folder / shot.file
        write_tagged(path, claim)
        name = f"{sortie.id}/{shot.file}"
        work.append(intake.IncomingFile(path, name, hashlib.sha256(name.encode()).hexdigest()))
    done = intake.run(work, as_of=AT, run_id="", settings=context.settings.intake)
    taken = [outcome.result for outcome in done if isinstance(outcome, Done)]
    return [replace(frame, flight_id=sortie.id) for one in taken for frame in one.frames]


def write_tagged(path: Path, claim: Claim) -> None:
    """A grey picture of full size with real tags; its pixels are encoded once, and only the tags are written anew."""
    write_picture(path, SPECK, claim, LENS, quality=30)
    path.write_bytes(_split(path.read_bytes())[0] + _grey_pixels())


@cache
def _grey_pixels() -> bytes:
    """A grey JPEG of full size from behind its tags on."""
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, "JPEG", quality=30)
    return _split(buffer.getvalue())[1]


def _split(data: bytes) -> tuple[bytes, bytes]:
    """A JPEG file's leading APP0 and APP1 segments, and the rest."""
    at = 2
    while data[at] == 0xFF and data[at + 1] in (0xE0, 0xE1):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data[:at], data[at:]


def _observations(sortie: Sortie, frames: Sequence[Frame], context: Context) -> list[Observation]:
    doubts = locate.doubts_in(frames, context.settings.locate)
    work = []
    for frame, box in zip(frames, sortie.boxes, strict=True):
        if box is not None:
            drawn = FrameDetection(f"d-{frame.id}", frame.id, sortie.event.label, box, 0.6, None, {}, "drawn", "")
            work.append(locate.FrameToLocate(frame, (drawn,), frame.id, doubts[frame.id]))
    done = locate.run(work, as_of=AT, run_id="", settings=context.settings.locate)
    located = [o for outcome in done if isinstance(outcome, Done) for o in outcome.result.observations]
    return [one for one in located if one.ground is not None]


def _judged(sortie: Sortie, seen: Sequence[Observation], sources: Sources, context: Context) -> Iterator[Judged]:
    """One row for each alert that these sights raise."""
    by_id = {one.id: one for one in seen}
    boxes = {
        one.id: FrameDetection(one.detection_id, one.frame_id, one.label, (0, 0, 1, 1), 0.6, None, {}, "drawn", "")
        for one in seen
    }
    work = alert.AlertWork(tuple(alert.ObservationToAlert(one, boxes[one.id]) for one in seen), ())
    for outcome in alert.run([work], as_of=AT, run_id="", settings=context.settings.alert):
        if not isinstance(outcome, Done):
            continue
        members = [by_id[name] for name in outcome.result.observation_ids]
        ground, answer = _answer(outcome.item, members, sources, context)
        if answer is not None:
            yield _row(sortie, ground, answer)


def _answer(
    name: str, members: Sequence[Observation], sources: Sources, context: Context
) -> tuple[GroundEllipse, Attribution | None]:  # fmt: skip
    """The answer at the one place that the sights give together, as the engine weighs it."""
    best = best_of(members)
    if len(members) > 1:
        fused = fused_attribution(name, members, [one.id for one in members], sources, context)
        if fused is not None:
            row, place = fused
            return place.ground, row.attribution
    work = attribute.ObservationToAttribute(best, sources.near(best, AT))
    (outcome,) = attribute.run([work], as_of=AT, run_id="", settings=context.settings.attribute)
    ground: GroundEllipse = best.ground  # type: ignore[assignment]
    return ground, outcome.result.attribution if isinstance(outcome, Done) else None


def _row(sortie: Sortie, ground: GroundEllipse, answer: Attribution) -> Judged:
    event = sortie.event
    apart = grid_of([event.xy])[0] - [ground.x_m, ground.y_m]
    covariance = np.array([[ground.cov_xx_m2, ground.cov_xy_m2], [ground.cov_xy_m2, ground.cov_yy_m2]])
    firm = next((c.enterprise for c in answer.candidates if c.id == answer.named), None) if answer.named else None
    group = {"class": event.label, "height": height_band(sortie.height_m), "view": sortie.view}
    return Judged(
        group, event.is_true, event.source, event.enterprise, float(np.hypot(*apart)),
        float(apart @ np.linalg.solve(covariance, apart)), answer.answer, answer.named, firm,
    )  # fmt: skip
