"""`yaoxun flights control` and `flights adjust`: a person has a flight's cameras corrected, or takes that back."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json
from pipelines.errors import Refusal


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    control = commands.add("flights control", flights_control, "correct a flight by places that are known")
    control.add_argument("flight", metavar="FLIGHT")
    control.add_argument(
        "file",
        metavar="FILE",
        help="CSV: image, u, v, lon, lat[, elevation_m][, sigma_m][, crs] (docs/formats/control.md)",
    )
    adjust = commands.add("flights adjust", flights_adjust, "correct a flight by the overlap of its own frames")
    adjust.add_argument("flight", metavar="FLIGHT")
    adjust.add_argument("--undo", action="store_true", help="let the pictures' tags hold again")
    match = commands.add("flights match", flights_match, "find where frames without attitude looked, by an orthophoto")
    match.add_argument("flight", metavar="FLIGHT")
    match.add_argument("--ortho", metavar="COG", help="an orthophoto of the ground; without it the home's basemap")
    match.add_argument(
        "--ortho-sigma", type=float, default=2.0, metavar="M", help="by how much it may lie off, 1 sigma"
    )


def flights_control(args: argparse.Namespace) -> int:
    """`flights control FLIGHT FILE`: exit 2 where no row could be used."""
    from pipelines.engine.geometry import control_flight
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store import Store

    if not Path(args.file).is_file():
        raise Refusal(args.file, "no_such_file")
    home = home_of(args)
    with Store.open(home, create=False) as store, show.progress(quiet=wants_json(args)) as progress:
        context = Context.at(clock.now(), load(home, os.environ))
        done = control_flight(store, args.flight, Path(args.file), context, by=user_of(args), progress=progress)
    return _show(args, done)


def flights_match(args: argparse.Namespace) -> int:
    """`flights match FLIGHT [--ortho COG]`: exit 2 where no frame was matched."""
    from pipelines.engine.attitude import match_flight
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store import Store

    if not 0 < args.ortho_sigma < 1000:
        raise Refusal(str(args.ortho_sigma), "bad_usage", "--ortho-sigma lies between 0 and 1000 metres")
    home = home_of(args)
    with Store.open(home, create=False) as store, show.progress(quiet=wants_json(args)) as progress:
        context = Context.at(clock.now(), load(home, os.environ))
        done = match_flight(
            store, args.flight, context, ortho=Path(args.ortho) if args.ortho else None,
            ortho_sigma_m=args.ortho_sigma, by=user_of(args), progress=progress,
        )  # fmt: skip
    return _show(args, done)


def flights_adjust(args: argparse.Namespace) -> int:
    """`flights adjust FLIGHT [--undo]`."""
    from pipelines.casework.flight_geometry import undo_correction
    from pipelines.casework.flight_papers import known_flight
    from pipelines.cli.acts import print_act
    from pipelines.engine.geometry import adjust_flight
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store import Store

    home = home_of(args)
    with Store.open(home, create=False) as store, show.progress(quiet=wants_json(args)) as progress:
        if args.undo:
            known_flight(store, args.flight, clock.now())
            return print_act(args, undo_correction(store, args.flight, by=user_of(args), at=clock.now()))
        context = Context.at(clock.now(), load(home, os.environ))
        done = adjust_flight(store, args.flight, context, by=user_of(args), progress=progress)
    return _show(args, done)


def _show(args: argparse.Namespace, done: Any) -> int:
    refused = [(r.item, r.reason, r.detail) for r in done.refused]
    if wants_json(args):
        act = {"id": done.act.id, "state": done.act.state, "journal_entry": done.act.journal_entry}
        show.document({**act, "unchanged": done.act.unchanged, **done.report, "refused": show.refused_items(refused)})
        return 0
    report = done.report
    again = "   unchanged, done before" if done.act.unchanged else ""
    lines = [f"{args.flight}   {done.act.state}   journal entry {done.act.journal_entry}{again}"]
    if "matched" in report:
        lines += [f"  {report['frames']} frames matched, {report['not_matched']} not", *_matches(report["matched"])]
    else:
        lines += _adjustment(report)
    show.text([*lines, "  `yaoxun run` locates these frames anew"])
    for item, reason, detail in refused:
        show.refusal(str(args.command), item, reason, detail)
    return 0


def _matches(matched: Mapping[str, Any]) -> list[str]:
    return [
        f"  {name}   {one['points']} points, {one['misfit_px']} px, pitch {one['pitch_deg']} ± {one['sigma_tilt_deg']}"
        for name, one in matched.items()
    ]


def _adjustment(report: Mapping[str, Any]) -> list[str]:
    lines = [f"  {report['frames']} frames, {report['tie_points']} tie points, misfit {report['misfit_px']} px"]
    if report["spread_before_m"] is not None:
        lines.append(f"  same ground apart   {report['spread_before_m']} m before, {report['spread_after_m']} m after")
    known = [metres for metres in report["control_m"] if metres is not None]
    if known:
        lines.append(f"  control points      {len(known)}, the worst {max(known)} m off after the correction")
    return lines
