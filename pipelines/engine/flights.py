"""Adding a flight: what is new is hashed, read, copied into `evidence/`, and only then written down."""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import clock, intake
from pipelines.casework.people import permitted
from pipelines.engine.deliveries import Delivered, camera_from, files_of, track_beside
from pipelines.engine.execute import Progress, is_defect, run_chunk, silent
from pipelines.engine.lock import only_run
from pipelines.engine.stage import Context, Stage, Work, refusals, results, work_done
from pipelines.engine.turned import turns_in, with_turn
from pipelines.errors import Refusal
from pipelines.records import Done, Flight, Outcome, Reason, Refused, Run, StoredFile, User
from pipelines.settings import digest
from pipelines.store import Store, files, journal
from pipelines.store.read import flights as read_flights
from pipelines.store.read import frames as read_frames
from pipelines.store.read import runs as read_runs
from pipelines.store.transaction import Tx
from pipelines.store.write import flights as write_flights
from pipelines.store.write import runs as write_runs
from pipelines.version import code_identity


@dataclass(frozen=True, slots=True)
class FlightAdded:
    """What came of a delivery. `images` counts the pictures and videos now held, new or not."""

    flight: str | None
    images: int
    frames: int
    tracks: int
    unchanged: int
    warnings: tuple[tuple[str, Reason], ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class _SortedOut:
    """A delivery: its files (SHA-256, path), the new ones, those held (SHA-256 to flight), unread ones, and notes."""

    files: list[tuple[str, Path]]
    incoming: list[Work]
    known: dict[str, str]
    unread: list[Refused]
    notes: list[tuple[str, Reason]]


@dataclass(frozen=True, slots=True)
class _Delivery:
    flight_id: str | None
    title: str
    by: User


def _nothing_pending(store: Store, context: Context) -> Sequence[Work]:
    return ()


def _saved_with_its_flight(*parts: object) -> None:
    """Intake stores file, frames and flight together in `_store_chunk`."""


LOOK = "compare"
"""What is told of progress while pictures are only held against their neighbours, before the first one is stored."""
INTAKE = Stage("intake", _nothing_pending, intake.run, lambda s: s.intake, _saved_with_its_flight)


def add_flight(
    store: Store,
    paths: Sequence[Path],
    context: Context,
    *,
    by: str | None,
    name: str | None = None,
    track: Path | None = None,
    camera: Path | None = None,
    progress: Progress = silent,
) -> FlightAdded:
    """Take a delivery in. Files that are held already are left as they are; bad ones are refused and the rest goes on.

    Args:
        store: the home.
        paths: files, folders, zips.
        context: instant and settings.
        by: who brings it; needs the right to add flights.
        name: what people call the flight; the first path's name where None.
        track: SRT or KLV for the videos in it; else one of the same name beside a video.
        camera: a camera file that replaces what the tags say of the lens.
        progress: told how many of the new files are through.

    Raises:
        Refusal: the role may not, or the camera or track file cannot be used.
    """
    who = permitted(store, by, "flights_add")
    fields = camera_from(camera)
    if track is not None and not track.is_file():
        raise Refusal(str(track), "no_such_file")
    with only_run(store), tempfile.TemporaryDirectory(prefix="delivery-", dir=_scratch(store)) as scratch:
        delivered, unopened = files_of(paths, Path(scratch))
        sorted_out = _sorted_out(store, delivered, context, track, fields)
        known = sorted_out.known
        delivery = _Delivery(_flight_of(known), name or paths[0].absolute().name, who)
        flight, outcomes = _taken(store, sorted_out, context, delivery, progress)
    report = _report(store, flight or _flight_of(known), known, outcomes, [*unopened, *sorted_out.unread])
    return replace(report, warnings=(*report.warnings, *sorted_out.notes))


def _scratch(store: Store) -> Path:
    """A folder for what zips hold; what a killed run left there is cleared, for nobody else is at it."""
    folder = store.home / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("delivery-*"):
        shutil.rmtree(left, ignore_errors=True)
    return folder


def _sorted_out(
    store: Store,
    delivered: Sequence[Delivered],
    context: Context,
    track: Path | None,
    camera: Mapping[str, Any] | None,
) -> _SortedOut:
    """Tell what is new from what is held, and what cannot even be read."""
    hashed: dict[str, Delivered] = {}
    unread: list[Refused] = []
    for item in delivered:
        try:
            hashed.setdefault(intake.sha256_of(item.path), item)
        except OSError as error:
            unread.append(Refused(item.name, "unreadable_file", error.strerror or type(error).__name__))
    known = read_flights.of_files(store, list(hashed))
    done = read_runs.ever_done_keys(store, INTAKE.name)
    incoming, notes = [], []
    for sha256, item in hashed.items():
        beside = track_beside(item, delivered, track)
        key = INTAKE.key(
            context, sha256, intake.sha256_of(beside) if beside else "", json.dumps(camera, sort_keys=True)
        )
        if sha256 in known:
            if (camera is not None or beside is not None) and key not in done:
                notes.append((item.name, Reason("held_with_other_sidecar")))
            continue
        file = intake.IncomingFile(item.path, item.name, sha256, beside, camera)
        incoming.append(Work(item.name, key, file))
    files_in = [(sha256, item.path) for sha256, item in hashed.items()]
    return _SortedOut(files_in, incoming, known, unread, notes)


def _flight_of(known: Mapping[str, str]) -> str | None:
    """The flight that holds most of what was delivered before; new files of the same delivery join it."""
    flights = list(known.values())
    return max(sorted(set(flights)), key=flights.count) if flights else None


def _taken(
    store: Store,
    sorted_out: _SortedOut,
    context: Context,
    delivery: _Delivery,
    progress: Progress,
) -> tuple[str | None, list[Outcome]]:
    """Read and store what is new, a chunk a transaction. A delivery of which nothing can be used makes no flight.

    Which pictures lie turned is looked for among all of the delivery, what is held of it as well: so a delivery whose
    run was killed ends as it would have ended.
    """
    incoming, size = sorted_out.incoming, context.settings.engine.chunk
    if not incoming:
        return delivery.flight_id, []
    turns = turns_in(sorted_out.files, lambda done, total: progress(LOOK, done, total))
    refused_before = read_runs.ever_done_keys(store, INTAKE.name)
    run: Run | None = None
    gone_through: list[Outcome] = []
    for first in range(0, len(incoming), size):
        chunk = list(incoming[first : first + size])
        payloads, names = [w.payload for w in chunk], [w.item for w in chunk]
        read = run_chunk(INTAKE.run, payloads, names, context.as_of, "", context.settings.intake)[0]
        outcomes = [
            with_turn(outcome, turns.get(work.payload.sha256)) for work, outcome in zip(chunk, read, strict=True)
        ]
        if results(outcomes) or any(work.key not in refused_before for work in chunk):
            run = run or _started(store, context)
            flight_id = _store_chunk(store, run, delivery, chunk, outcomes, context, refused_before)
            delivery = replace(delivery, flight_id=flight_id)
        gone_through += outcomes
        progress(INTAKE.name, len(gone_through), len(incoming))
    if run is not None:
        _ended(store, run, gone_through)
    return delivery.flight_id, gone_through


def _started(store: Store, context: Context) -> Run:
    run = Run(
        id=f"run-{INTAKE.name}-{uuid.uuid4().hex[:12]}", stage=INTAKE.name, as_of=context.as_of,
        started_at=clock.now(), ended_at=None, code_version=code_identity(),
        settings_sha256=digest(context.settings.intake), model_sha256=None, policy_version=None, seed=None,
        done=0, skipped=0, refused=0, failed=0,
    )  # fmt: skip
    with store.transaction() as tx:
        write_runs.start_run(tx, run)
    return run


def _ended(store: Store, run: Run, outcomes: Sequence[Outcome]) -> None:
    refused, failed = len(refusals(outcomes)), sum(map(is_defect, outcomes))
    ended = replace(run, ended_at=clock.now(), done=len(outcomes) - refused, refused=refused - failed, failed=failed)
    with store.transaction() as tx:
        write_runs.end_run(tx, ended)


def _store_chunk(
    store: Store,
    run: Run,
    delivery: _Delivery,
    works: Sequence[Work],
    outcomes: Sequence[Outcome],
    context: Context,
    refused_before: set[str],
) -> str | None:
    """Copy the originals, then write everything about them in one transaction. Gives the flight's id."""
    taken: list[intake.TakenIn] = results(outcomes)
    for file in taken:
        files.hold(store, file.path, file.sha256)
    at, flight_id = clock.now(), delivery.flight_id
    new = [(w, o) for w, o in zip(works, outcomes, strict=True) if w.key not in refused_before]
    with store.transaction() as tx:
        if taken and flight_id is None:
            flight_id = write_flights.next_id(tx, context.as_of)
            write_flights.insert_flight(tx, Flight(flight_id, delivery.title, delivery.by.id, context.as_of))
        if flight_id is not None:
            _write_taken(tx, flight_id, taken, run, context.as_of)
        new_refusals = refusals(o for _, o in new)
        write_runs.refuse(tx, new_refusals, run_id=run.id, stage=INTAKE.name, at=at, flight_id=flight_id)
        marks = [work_done(INTAKE.name, w, o) for w, o in new if not is_defect(o)]
        write_runs.done(tx, marks, run_id=run.id, at=at)
        journal.append(
            tx, at=at, actor=delivery.by.id, role=delivery.by.role, kind="flight_files_taken",
            subject=flight_id or run.id,
            payload={"run": run.id, "items": len(works), "refused": len(refusals(outcomes))},
        )  # fmt: skip
    return flight_id


def _write_taken(tx: Tx, flight_id: str, taken: Sequence[intake.TakenIn], run: Run, at: datetime) -> None:
    originals = [StoredFile(t.sha256, t.size_bytes, t.name, t.media_type, at) for t in taken]
    frames = [replace(frame, flight_id=flight_id) for t in taken for frame in t.frames]
    tracks = [replace(t.track, flight_id=flight_id) for t in taken if t.track is not None]
    write_flights.insert_files(tx, flight_id, originals)
    write_flights.insert_frames(tx, frames, run_id=run.id)
    write_flights.insert_tracks(tx, tracks, run_id=run.id, at=at)


def _report(
    store: Store, flight: str | None, known: Mapping[str, str], outcomes: Sequence[Outcome], unread: Sequence[Refused]
) -> FlightAdded:
    taken: list[intake.TakenIn] = results(outcomes)
    held = read_frames.by_file(store, list(known))
    pictures = sum(1 for t in taken if t.frames) + len(held)
    frames = sum(len(t.frames) for t in taken) + sum(len(of_file) for of_file in held.values())
    notes = [(o.item, note) for o in outcomes if isinstance(o, Done) for note in o.warnings]
    return FlightAdded(
        flight=flight, images=pictures, frames=frames, tracks=sum(1 for t in taken if t.track) + len(known) - len(held),
        unchanged=len(known), warnings=tuple(notes), refused=(*unread, *refusals(outcomes)),
    )  # fmt: skip
