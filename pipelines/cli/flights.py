"""`yaoxun flights add`, `run`, `status`: the main job."""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.flight_made import add_papers, papers_of
from pipelines.cli.parser import Commands, home_of, user_of, wants_json

FLIGHT_COLUMNS = ("flight", "name", "received_at", "frames", "tracks", "refused_count", "detections", "alerts")
STAGE_COLUMNS = ("stage", "done", "skipped", "refused_count", "seconds")


if TYPE_CHECKING:
    from pipelines.store.records import FlightSummary


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    add = commands.add("flights add", flights_add, "take a flight in: folder, pictures, video with its track, zip")
    add.add_argument("paths", metavar="PATH", nargs="+")
    add.add_argument(
        "--track", metavar="FILE", help="SRT or KLV of the videos; else the file of the same name is taken"
    )
    add.add_argument("--camera", metavar="FILE", help="JSON with the fields of Camera (docs/formats/camera.md)")
    add.add_argument("--name", help="what the flight is called; else the folder's name")
    add_papers(add)
    commands.add("flights list", flights_list, "the flights that are held")
    run = commands.add("run", run_all, "run every stage that still has something to do")
    run.add_argument(
        "--processes", type=int, choices=range(1, 65), metavar="N", help="spread the work over so many processes"
    )
    run.add_argument(
        "--stage", choices=("monitor", "clues", "detect", "locate", "attribute", "alert"), help="this stage alone"
    )
    commands.add("status", status, "counts, versions, model hashes, last run of each stage")


def _optional(path: str | None) -> Path | None:
    return Path(path) if path else None


def flights_add(args: argparse.Namespace) -> int:
    """`flights add`: exit 2 where nothing of the delivery could be used."""
    from pipelines.casework.flight_papers import say_papers
    from pipelines.engine.flights import add_flight
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store import Store

    home = home_of(args)
    with Store.open(home) as store, show.progress(quiet=wants_json(args)) as progress:
        added = add_flight(
            store, [Path(p) for p in args.paths], Context.at(clock.now(), load(home, os.environ)), by=user_of(args),
            name=args.name, track=_optional(args.track), camera=_optional(args.camera), progress=progress,
        )  # fmt: skip
        if papers_of(args) and added.flight:
            say_papers(store, added.flight, by=user_of(args), at=clock.now(), **papers_of(args))
    if wants_json(args):
        show.document(_added_document(added))
        if not added.images + added.tracks and added.refused:
            first = added.refused[0]
            show.refusal("flights add", first.item, first.reason, first.detail)
    else:
        show.text(_added_lines(added))
        for refused in added.refused:
            show.refusal("flights add", refused.item, refused.reason, refused.detail)
    return 0 if added.images + added.tracks else 2


def _added_document(added: Any) -> dict[str, Any]:
    warnings = [{"item": item, "reason": note.code, "values": dict(note.values)} for item, note in added.warnings]
    return {
        "flight": added.flight, "images": added.images, "frames": added.frames, "tracks": added.tracks,
        "unchanged": added.unchanged, "warnings": warnings,
        "refused": show.refused_items((r.item, r.reason, r.detail) for r in added.refused),
    }  # fmt: skip


def _added_lines(added: Any) -> list[str]:
    new = added.images + added.tracks - added.unchanged
    if added.flight is None:
        return ["nothing of this delivery could be used"]
    said = f"{new} files taken in" if new else f"nothing new: {added.unchanged} files already here"
    lines = [f"flight {added.flight}   {said}   {len(added.refused)} refused"]
    by_note: dict[tuple[str, str], int] = {}
    for _, note in added.warnings:
        said = show.say(note.code, note.values, "en")
        by_note[note.code, said] = by_note.get((note.code, said), 0) + 1
    return lines + [f"  {count} × {said} ({code})" for (code, said), count in by_note.items()]


def flights_list(args: argparse.Namespace) -> int:
    """`flights list`."""
    from pipelines.store import Store
    from pipelines.store.read import flights

    with Store.open(home_of(args), create=False) as store:
        rows = [_flight_row(summary) for summary in flights.all(store)]
    if wants_json(args):
        show.document({"flights": rows})
    else:
        show.text(show.table([[row[c] for c in FLIGHT_COLUMNS] for row in rows], FLIGHT_COLUMNS))
    return 0


def _flight_row(summary: FlightSummary) -> dict[str, Any]:
    flight = summary.flight
    return {
        "flight": flight.id, "name": flight.name, "added_by": flight.added_by, "received_at": flight.received_at,
        "frames": summary.frames, "tracks": summary.tracks, "refused_count": summary.refused,
        "detections": summary.detections, "alerts": summary.alerts,
        "stages": {
            stage: {str(status.value): count for status, count in counts.items()}
            for stage, counts in summary.stages.items()
        },
    }  # fmt: skip


def run_all(args: argparse.Namespace) -> int:
    """`run`: every stage, or the one that is named."""
    from pipelines.casework.people import permitted
    from pipelines.engine import stages, work
    from pipelines.engine.execute import execute, pool_of
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store import Store

    home = home_of(args)
    settings = load(home, os.environ)
    processes = args.processes or settings.engine.processes
    with Store.open(home) as store, show.progress(quiet=wants_json(args)) as progress:
        if user_of(args) is not None:
            permitted(store, user_of(args), "run_request")
        if args.stage:
            chosen = {stage.name: stage for stage in stages.IN_ORDER}[args.stage]
            with pool_of(processes) as pool:
                reports = [execute(store, chosen, Context.at(clock.now(), settings), progress=progress, pool=pool)]
        else:
            reports = work.run_everything(store, clock.now(), settings, progress=progress, processes=processes)
    rows = [dataclasses.asdict(report) for report in reports]
    if wants_json(args):
        show.document({"stages": rows})
    else:
        show.text(show.table([[row[c] for c in STAGE_COLUMNS] for row in rows], STAGE_COLUMNS))
    return 0


def status(args: argparse.Namespace) -> int:
    """`status`."""
    from enforcement import policy
    from models.vision import zoo
    from pipelines.store import Store
    from pipelines.store.read import counts, runs
    from pipelines.version import code_identity

    with Store.open(home_of(args), create=False) as store:
        totals = counts.totals(store)
        latest = {stage: dataclasses.asdict(run) for stage, run in runs.latest(store).items()}
    answer: dict[str, Any] = {
        "version": code_identity(), "policy_version": policy.load().version, "counts": totals, "runs": latest,
        "models": {entry.name: entry.sha256 for entry in zoo.entries()}, "home": str(home_of(args)),
    }  # fmt: skip
    if wants_json(args):
        show.document(answer)
        return 0
    show.text([f"yaoxun {answer['version']}   home {answer['home']}   policy {answer['policy_version'][:12]}"])
    show.text(show.table(sorted(totals.items()), ("held", "count")))
    rows = [[s, r["done"], r["skipped"], r["refused"], r["failed"], r["ended_at"]] for s, r in latest.items()]
    show.text(show.table(rows, ("last run of", "done", "skipped", "refused", "failed", "ended")))
    return 0
