"""Machine work is asked for; the worker does it. No page runs a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.casework.acting import acting, noted
from pipelines.casework.flight_papers import known_flight
from pipelines.errors import Refusal
from pipelines.records import Act, User
from pipelines.store import Store, Tx
from pipelines.store.read.journal import first_entry_of_kind
from pipelines.store.write import jobs

RUN, ADD_FLIGHT, DRAFT_WEEK = "run", "add_flight", "draft_week"
FLIGHT_REPORT, MOSAIC = "flight_report", "mosaic"
REQUESTED = "work_requested"


def request_run(store: Store, *, by: str | None, at: datetime, stages: Sequence[str] = ()) -> Act:
    """Ask for the stages to be run.

    Args:
        store: the home.
        by: the account, or None for the local owner.
        at: when.
        stages: only these; empty: all that have work.

    Returns:
        The job's number and state. Asked again while it waits: the same job, and nothing is written.

    Raises:
        Refusal: the role may not.
    """
    with acting(store, by, "run_request", at) as (tx, user):
        return _requested(tx, user, RUN, {"stages": list(stages)}, at)


def request_draft(store: Store, week: str, *, targets: int, seed: int, by: str | None, at: datetime) -> Act:
    """Ask for a draft of a week. A plan that is frozen stays; a new draft stands beside it.

    Args:
        store: the home.
        week: ISO week, 2026-W48.
        targets: how many firms can be visited.
        seed: of the random arm.
        by: the account, or None for the local owner.
        at: when.

    Raises:
        Refusal: the role may not.
    """
    with acting(store, by, "run_request", at) as (tx, user):
        return _requested(tx, user, DRAFT_WEEK, {"week": week, "targets": targets, "seed": seed}, at)


def request_flight(
    store: Store,
    paths: Sequence[Path],
    *,
    by: str | None,
    at: datetime,
    name: str | None = None,
    track: Path | None = None,
    camera: Path | None = None,
) -> Act:
    """Ask for a delivery to be taken in, by the account that brings it.

    Args:
        store: the home.
        paths: folders, pictures, videos, zips; they must be there, and stay until the worker has read them.
        by: the account, or None for the local owner.
        at: when.
        name: what people call the flight.
        track: SRT or KLV of the videos.
        camera: a camera file.

    Raises:
        Refusal: the role may not, `nothing_delivered`, `no_such_file`.
    """
    with acting(store, by, "flights_add", at) as (tx, user):
        if not paths:
            raise Refusal("flight", "nothing_delivered")
        for path in (*paths, *(p for p in (track, camera) if p is not None)):
            if not path.exists():
                raise Refusal(str(path), "no_such_file")
        payload = {
            "paths": [str(path.resolve()) for path in paths],
            "name": name,
            "track": None if track is None else str(track.resolve()),
            "camera": None if camera is None else str(camera.resolve()),
            "by": user.id,
        }
        return _requested(tx, user, ADD_FLIGHT, payload, at)


def request_report(store: Store, flight_id: str, *, by: str | None, at: datetime) -> Act:
    """Ask for the quality report of a flight.

    Args:
        store: the home.
        flight_id: a flight of it.
        by: the account, or None for the local owner.
        at: when.

    Raises:
        Refusal: the role may not, `unknown_flight`.
    """
    with acting(store, by, "run_request", at) as (tx, user):
        return _requested(tx, user, FLIGHT_REPORT, {"flight": known_flight(store, flight_id, at).id}, at)


def request_mosaic(store: Store, flight_id: str, *, by: str | None, at: datetime, cell_m: float | None = None) -> Act:
    """Ask for a flight's pictures to be laid side by side.

    Args:
        store: the home.
        flight_id: a flight of it.
        by: the account, or None for the local owner.
        at: when.
        cell_m: size of a cell on the ground; None leaves it to the pictures.

    Raises:
        Refusal: the role may not, `unknown_flight`.
    """
    with acting(store, by, "run_request", at) as (tx, user):
        payload = {"flight": known_flight(store, flight_id, at).id, "cell_m": cell_m}
        return _requested(tx, user, MOSAIC, payload, at)


def _requested(tx: Tx, user: User, kind: str, payload: Mapping[str, Any], at: datetime) -> Act:
    job, is_new = jobs.request(tx, kind, payload, by=user.id, at=at)
    if not is_new:
        return Act(str(job.id), job.state, first_entry_of_kind(tx, f"job {job.id}", REQUESTED), True)
    asked = {"job": job.id, "kind": kind, "asked": dict(payload)}
    entry = noted(tx, user, at=at, kind=REQUESTED, subject=f"job {job.id}", payload=asked)
    return Act(str(job.id), job.state, entry)
