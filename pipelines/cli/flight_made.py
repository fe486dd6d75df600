"""`yaoxun flights report`, `mosaic`, `about` and `basemap set`: what is made of a flight, and said of it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.store import Store

PAPERS = (
    ("pilot", "who flew"),
    ("aircraft", "type and serial number"),
    ("airspace_approval", "number of the airspace approval 空域批准"),
    ("flight_plan", "number of the flight plan 飞行计划"),
)


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    report = commands.add("flights report", flights_report, "how good a flight is, and which findings it can carry")
    report.add_argument("flight", metavar="FLIGHT")
    mosaic = commands.add("flights mosaic", flights_mosaic, "lay a flight's pictures side by side: a quick orthophoto")
    mosaic.add_argument("flight", metavar="FLIGHT")
    mosaic.add_argument("-o", "--output", metavar="FILE", help="copy the GeoTIFF there as well")
    mosaic.add_argument("--gsd", type=float, metavar="M", help="metres a cell; else twice the pictures' own")
    about = commands.add("flights about", flights_about, "say who flew, with what, under which approval; or show it")
    about.add_argument("flight", metavar="FLIGHT")
    add_papers(about)
    basemap = commands.add("basemap set", basemap_set, "let a GeoTIFF be the ground of the maps")
    basemap.add_argument("file", metavar="FILE")


def add_papers(parser: argparse.ArgumentParser) -> None:
    """The options that say who flew, with what, under which numbers."""
    for name, help_line in PAPERS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=help_line)


def papers_of(args: argparse.Namespace) -> dict[str, str]:
    """What was given of these options."""
    given = {name: getattr(args, name) for name, _ in PAPERS}
    return {name: text for name, text in given.items() if text is not None}


def flights_report(args: argparse.Namespace) -> int:
    """`flights report`."""
    from pipelines.casework.people import permitted
    from pipelines.engine.made import make_report
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store import Store

    home = home_of(args)
    with Store.open(home, create=False) as store, show.progress(quiet=wants_json(args)) as progress:
        permitted(store, user_of(args), "run_request")
        made = make_report(store, args.flight, Context.at(clock.now(), load(home, os.environ)), progress=progress)
        document = json.loads((home / made.file.path).read_text("utf-8"))
        document |= {"papers": _papers(store, args.flight), "unchanged": made.unchanged}
    if wants_json(args):
        show.document(document)
    else:
        show.text(_report_lines(document))
    return 0


def _report_lines(report: Mapping[str, Any]) -> list[str]:
    coverage, overlap, gsd = report["coverage"], report["overlap"], report["gsd_m"]
    lines = [f"flight {report['flight']}   {report['frames']} pictures, {report['placed']} with a place on the ground"]
    if coverage["area_m2"]:
        lines.append(
            f"  ground seen   {coverage['area_m2'] / 1e4:.2f} ha, {coverage['twice_fraction']:.0%} twice or more,"
            f" {coverage['holes_count']} holes"
        )
    for name in ("forward", "side"):
        if overlap[name]:
            lines.append(f"  {name:<7} overlap  median {overlap[name]['median']:.0%}, least {overlap[name]['min']:.0%}")
    if gsd:
        lines.append(f"  GSD           {gsd['min'] * 100:.1f} – {gsd['median'] * 100:.1f} – {gsd['max'] * 100:.1f} cm")
    for name, count in [*report["without_place"].items(), *report["refused"].items(), *report["cannot_judge"].items()]:
        lines.append(f"  {count} × {show.sentence(name)}")
    lines += [f"  ! {show.say(note['code'], note['values'], 'en')}" for note in report["notes"]]
    for doubt in report["contradictions"]:
        lines.append(f"  {doubt['count']} × {show.say(doubt['code'], doubt['values'], 'en')} ({doubt['code']})")
    for found in report["findings"]:
        eyes = "" if found["detector"] else "   [no detector looks for it: a person must]"
        lines.append(f"  {found['label']:<12}{show.say(found['reason'], found['values'], 'en')}{eyes}")
    lines += [f"  {name}: {text}" for name, text in (report["papers"] or {}).items() if text and name in dict(PAPERS)]
    return lines


def _papers(store: Store, flight: str) -> dict[str, Any] | None:
    from pipelines.store.read import derived

    said = derived.papers(store, flight)
    if not said:
        return None
    latest = said[-1]
    return {**{name: getattr(latest, name) for name, _ in PAPERS}, "by": latest.by, "at": latest.at.isoformat()}


def flights_mosaic(args: argparse.Namespace) -> int:
    """`flights mosaic`."""
    from pipelines.casework.people import permitted
    from pipelines.engine.made import make_mosaic
    from pipelines.engine.stage import Context
    from pipelines.settings import load
    from pipelines.store import Store

    if args.gsd is not None and not 0.001 <= args.gsd <= 100:
        raise Refusal("--gsd", "bad_usage", "metres a cell, from 0.001 to 100")
    home = home_of(args)
    with Store.open(home, create=False) as store, show.progress(quiet=wants_json(args)) as progress:
        permitted(store, user_of(args), "run_request")
        context = Context.at(clock.now(), load(home, os.environ))
        made = make_mosaic(store, args.flight, context, cell_m=args.gsd, progress=progress)
        if args.output:
            shutil.copyfile(home / made.file.path, args.output)
    facts, path = made.file.facts, args.output or str(home / made.file.path)
    if wants_json(args):
        show.document({"flight": args.flight, "file": path, **facts, "unchanged": made.unchanged})
        return 0
    seams = facts["seams"]
    apart = "no seam could be measured" if seams["median_m"] is None else f"seams {seams['median_m']} m apart (median)"
    said = "unchanged" if made.unchanged else f"{facts['pictures_used']} of {facts['pictures']} pictures used"
    show.text([f"{path}", f"  {said}, {facts['gsd_m'] * 100:.1f} cm a cell, {facts['crs']}, {apart}"])
    return 0


def flights_about(args: argparse.Namespace) -> int:
    """`flights about`: without options it shows what was said so far."""
    from pipelines.casework.flight_papers import known_flight, say_papers
    from pipelines.store import Store

    given = papers_of(args)
    with Store.open(home_of(args), create=False) as store:
        if given:
            act = say_papers(store, args.flight, by=user_of(args), at=clock.now(), **given)
            answer: dict[str, Any] = {"id": act.id, "state": act.state, "journal_entry": act.journal_entry}
        else:
            known_flight(store, args.flight, clock.now())
            answer = {}
        answer |= {"flight": args.flight, "papers": _papers(store, args.flight)}
    if wants_json(args):
        show.document(answer)
    else:
        said = answer["papers"] or {}
        show.text([f"flight {args.flight}", *(f"  {name}: {text}" for name, text in said.items() if text)])
    return 0


def basemap_set(args: argparse.Namespace) -> int:
    """`basemap set`."""
    from pipelines.casework.basemap import set_basemap
    from pipelines.store import Store

    with Store.open(home_of(args)) as store:
        act = set_basemap(store, Path(args.file), by=user_of(args), at=clock.now())
    if wants_json(args):
        show.document({"id": act.id, "state": act.state, "journal_entry": act.journal_entry})
    else:
        show.text([f"basemap {act.id} {act.state}   journal entry {act.journal_entry}"])
    return 0
