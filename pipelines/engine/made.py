"""What is made of a flight on request: its quality report and its mosaic. The same flight again makes nothing new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from enforcement import policy as law
from enforcement.attribution import search_radius_m
from enforcement.errors import NoRuleInForce
from geo.errors import GeoError
from geo.positioning import Positioning
from models.vision import zoo
from pipelines import detect, flight_report, locate, mosaic
from pipelines.casework.flight_papers import known_flight
from pipelines.clock import BEIJING
from pipelines.engine.execute import Progress, execute, silent
from pipelines.engine.stage import Context, Stage, Work, results
from pipelines.errors import Refusal
from pipelines.flight_report.findings import LABELS
from pipelines.records import Outcome, Provenance, Status
from pipelines.store import Store, derived, files
from pipelines.store.canonical import to_json
from pipelines.store.read import derived as read_derived
from pipelines.store.read import flights, geometry, registry, runs
from pipelines.store.records import DerivedFile, FlightDetail
from pipelines.store.transaction import Tx
from pipelines.store.write.derived import NewDerived, set_current

REPORT, MOSAIC = "flight_report", "mosaic"
DECISION, SIGMA_FRACTION = "attribution_decision", "sigma_at_most_fraction_of_radius"


@dataclass(frozen=True, slots=True)
class Made:
    """The current file of its kind for a flight, and whether it was there already."""

    file: DerivedFile
    unchanged: bool


def make_report(store: Store, flight_id: str, context: Context, *, progress: Progress = silent) -> Made:
    """The quality report of a flight.

    Args:
        store: the home.
        flight_id: a flight of it.
        context: instant, settings, law.
        progress: told when it is through.

    Raises:
        Refusal: `unknown_flight`, or why no report can be made.
    """
    return _made(store, _report_stage(store), flight_id, context, progress)


def make_mosaic(
    store: Store, flight_id: str, context: Context, *, cell_m: float | None = None, progress: Progress = silent
) -> Made:
    """The pictures of a flight side by side, as a Cloud Optimized GeoTIFF.

    Args:
        store: the home.
        flight_id: a flight of it.
        context: instant and settings.
        cell_m: size of a cell on the ground; None leaves it to the pictures.
        progress: told when it is through.

    Raises:
        Refusal: `unknown_flight`, or why none can be made.
    """
    return _made(store, _mosaic_stage(store), flight_id, replace(context, cell_m=cell_m), progress)


def _made(store: Store, stage: Stage, flight_id: str, context: Context, progress: Progress) -> Made:
    known_flight(store, flight_id, context.as_of)
    before = read_derived.current(store, stage.name, flight_id)
    ended = execute(store, stage, replace(context, flight=flight_id), progress=progress)
    if ended.failed:
        raise Refusal(flight_id, "defect", _last_refusal(store, ended.run_id))
    state = runs.states(store, stage.name).get(flight_id)
    if state is not None and state.status is Status.REFUSED:
        raise Refusal(flight_id, state.reason or "", state.detail)
    file = read_derived.current(store, stage.name, flight_id)
    if file is None:
        raise LookupError(f"{stage.name} of {flight_id} is done and not there")
    if before is not None and before.path != file.path:
        derived.drop(store.home, before.path)
    return Made(file, unchanged=not ended.done)


def _last_refusal(store: Store, run_id: str | None) -> str:
    found = [refusal.detail for refusal in runs.refusals(store, run_id=run_id)]
    return found[-1] if found else ""


@dataclass(frozen=True, slots=True)
class _Stood:
    """Where the frames of a flight stood, in one CRS, as they are located; and what that rests on, for the key."""

    frames: tuple[flight_report.FrameToReport, ...]
    key: tuple[str, ...]


def _stood(store: Store, detail: FlightDetail, context: Context) -> _Stood:
    settings = context.settings.locate
    terrain = locate.terrain_of(settings.terrain)
    frames = [state.frame for state in detail.frames]
    doubts = locate.doubts_in(frames, settings)
    corrected = geometry.corrections(store, locate.terrain_digest(settings), as_of=context.as_of)
    trust = locate.trust_of(settings)
    found, key, crs = [], [] if trust == Positioning() else [repr(trust)], None
    for frame in frames:
        doubt, correction = doubts[frame.id], corrected.get(frame.id)
        path = files.path_of(store, frame.file_sha256)
        key += [
            frame.id,
            repr(doubt.doubts),
            repr((doubt.height, doubt.takeoff_m)),
            correction.sha256 if correction else "",
        ]
        said = tuple((one.word, one.figure) for one in doubt.doubts)
        try:
            if doubt.refused and correction is None:
                raise Refusal(frame.name, doubt.refused)
            camera, pose = locate.view_of(frame, terrain, doubt, correction, crs=crs, trust=trust)
        except (GeoError, Refusal) as error:
            found.append(flight_report.FrameToReport(frame, path, None, None, error.reason, said))
            continue
        crs = crs or pose.crs
        found.append(flight_report.FrameToReport(frame, path, camera, pose, None, said))
    return _Stood(tuple(found), tuple(key))


def _ground_key(context: Context) -> str:
    return locate.terrain_digest(context.settings.locate) or ""


def _lost(store: Store, kind: str, flight_id: str) -> str:
    """A word that differs where the file that should be there is gone, so that it is made again."""
    file = read_derived.current(store, kind, flight_id)
    return "" if file is None or (store.home / file.path).is_file() else f"lost {file.id}"


# ---- report ---------------------------------------------------------------------------------------------------------


def _report_stage(store: Store) -> Stage:
    return Stage(
        REPORT, _flight_to_report, flight_report.run, lambda s: s.flight_report, partial(_save_report, store),
        ready=lambda s: locate.require_terrain(s.locate), lawful=True, spread=False,
    )  # fmt: skip


def _flight_to_report(store: Store, context: Context) -> list[Work]:
    if context.flight is None:
        return []
    detail = flights.detail(store, context.flight)
    district = registry.district(store)
    try:
        radii, fraction = _asked_by_law(_day_of(detail, context.as_of))
    except NoRuleInForce:  # a dead clock: its pictures have no lawful day
        radii, fraction = _asked_by_law(context.as_of.astimezone(BEIJING).date())
    refused = tuple((r.item, r.reason) for r in detail.refused if r.stage == "intake")
    stood = _stood(store, detail, context)
    item = flight_report.FlightToReport(
        flight=detail.flight, frames=stood.frames, refused=refused,
        district_wkb=district.outline_wkb if district else None, terrain=context.settings.locate.terrain,
        radius_m=radii, sigma_fraction=fraction, looked_for=_looked_for(context),
    )  # fmt: skip
    key = (
        detail.flight.id, *stood.key, repr(refused),
        district.source_sha256 if district else "", _ground_key(context), repr(sorted(radii.items())), str(fraction),
        *sorted(item.looked_for), _lost(store, REPORT, detail.flight.id),
    )  # fmt: skip
    return [Work(detail.flight.id, _report_stage(store).key(context, *key), item)]


def _day_of(detail: FlightDetail, as_of: datetime) -> date:
    """The Beijing day of the first picture; of the report where no clock was set."""
    instants = [state.frame.observed_at for state in detail.frames if state.frame.observed_at is not None]
    return min(instants, default=as_of).astimezone(BEIJING).date()


def _asked_by_law(on: date) -> tuple[Mapping[str, float], float]:
    """How far sources are looked for around a place of each label, and which share of that an ellipse may take."""
    rules = law.load()
    radii = {label: search_radius_m(label, policy=rules, on=on) for label in LABELS}
    return radii, float(rules.at(DECISION, on).value[SIGMA_FRACTION])


def _looked_for(context: Context) -> frozenset[str]:
    names = detect.names_of(context.settings.detect)
    return frozenset(word for name in names for word in zoo.entry(name).words)


def _save_report(
    store: Store, tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    by_flight = {work.item: work for work in works}
    for report in results(outcomes):
        work = by_flight[report.flight_id]
        kept = derived.keep(
            store, to_json(report.document).encode(), REPORT, f"{report.flight_id}-{work.key[:12]}.json"
        )
        facts = {"frames": report.document["frames"]}
        new = NewDerived(REPORT, report.flight_id, work.key, f"{report.flight_id}.json", *kept, facts=facts)
        set_current(tx, new, made_by="system", run_id=provenance.run_id, at=context.as_of)


# ---- mosaic ---------------------------------------------------------------------------------------------------------


def _mosaic_stage(store: Store) -> Stage:
    return Stage(
        MOSAIC, _flight_to_mosaic, mosaic.run, lambda s: s.mosaic, partial(_save_mosaic, store),
        ready=lambda s: locate.require_terrain(s.locate), spread=False,
    )  # fmt: skip


def _flight_to_mosaic(store: Store, context: Context) -> list[Work]:
    if context.flight is None:
        return []
    detail = flights.detail(store, context.flight)
    flight, stood = detail.flight, _stood(store, detail, context)
    pictures = tuple(
        mosaic.PictureToMosaic(one.frame, one.path, one.camera, one.pose)
        for one in stood.frames
        if one.camera and one.pose and one.frame.time_s is None and not one.frame.tags.get("thermal")
    )
    item = mosaic.FlightToMosaic(
        flight, pictures, len(stood.frames) - len(pictures), context.settings.locate.terrain, context.cell_m,
        derived.scratch(store, f"mosaic-{flight.id}.tif"),
    )  # fmt: skip
    key = (flight.id, *stood.key, str(context.cell_m), _ground_key(context), _lost(store, MOSAIC, flight.id))
    return [Work(flight.id, _mosaic_stage(store).key(context, *key), item)]


def _save_mosaic(
    store: Store, tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    by_flight = {work.item: work for work in works}
    for made in results(outcomes):
        work = by_flight[made.flight_id]
        kept = derived.keep(store, made.path, MOSAIC, f"{made.flight_id}-{work.key[:12]}.tif")
        new = NewDerived(MOSAIC, made.flight_id, work.key, f"{made.flight_id}.tif", *kept, facts=made.facts)
        set_current(tx, new, made_by="system", run_id=provenance.run_id, at=context.as_of)
