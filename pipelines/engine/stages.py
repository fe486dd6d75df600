"""The stages in their order: what each still has to do, and where its outcomes go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines import alert, attribute, detect, draft_week, locate
from pipelines.engine import nearby_sources
from pipelines.engine.fused_sources import best_of, fused_attribution
from pipelines.engine.monitor_stages import CLUES, MONITOR
from pipelines.engine.stage import Context, Stage, Work, results
from pipelines.records import Done, FusedPlace, GroundEllipse, Observation, Outcome, Provenance, Status, WeeklyPlan
from pipelines.store import Store, files, journal
from pipelines.store.read import alerts as read_alerts
from pipelines.store.read import attributions, detections, firms, frames, geometry, observations
from pipelines.store.records import AttributionRow, KnownAlert
from pipelines.store.transaction import Tx
from pipelines.store.write import alerts as write_alerts
from pipelines.store.write import fused as write_fused
from pipelines.store.write import results as write_results
from pipelines.store.write import weekly as write_weekly

# ---- detect ---------------------------------------------------------------------------------------------------------


def _frames_to_see(store: Store, context: Context) -> list[Work]:
    work = []
    for frame in frames.all(store, as_of=context.as_of):
        key = DETECT.key(context, frame.id)
        work.append(Work(frame.id, key, detect.FrameToSee(frame, files.path_of(store, frame.file_sha256), key)))
    return work


def _save_detections(
    tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    seen = [w.payload.frame.id for w in works]
    write_results.replace_detections(
        tx, seen, [row for found in results(outcomes) for row in found], provenance, at=context.as_of
    )


DETECT = Stage(
    "detect",
    _frames_to_see,
    detect.run,
    lambda s: s.detect,
    _save_detections,
    model=lambda s: detect.models_digest(s.detect),
    ready=lambda s: detect.require_models(s.detect),
)


# ---- locate ---------------------------------------------------------------------------------------------------------


def _frames_to_locate(store: Store, context: Context) -> list[Work]:
    found = detections.current(store, as_of=context.as_of)
    known = frames.all(store, as_of=context.as_of)
    doubts = locate.doubts_in(known, context.settings.locate)
    corrected = geometry.corrections(store, LOCATE.model(context.settings), as_of=context.as_of)
    work = []
    for frame in known:
        boxes, doubt = tuple(found.get(frame.id, ())), doubts[frame.id]
        said = [repr(doubt)] if doubt.doubts or doubt.takeoff_m else []  # what the neighbours' tags come to
        correction = corrected.get(frame.id)
        by_hand = [] if correction is None else [correction.sha256]
        key = LOCATE.key(context, frame.id, *(box.id for box in boxes), *said, *by_hand)
        work.append(Work(frame.id, key, locate.FrameToLocate(frame, boxes, key, doubt, correction)))
    return work


def _save_observations(
    tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    located = results(outcomes)
    rows = [row for frame in located for row in frame.observations]
    write_results.replace_observations(tx, [w.payload.frame.id for w in works], rows, provenance, at=context.as_of)
    write_results.replace_footprints(tx, [frame.footprint for frame in located], provenance, at=context.as_of)


LOCATE = Stage(
    "locate",
    _frames_to_locate,
    locate.run,
    lambda s: s.locate,
    _save_observations,
    model=lambda s: locate.terrain_digest(s.locate),
    ready=lambda s: locate.require_terrain(s.locate),
)


# ---- attribute ------------------------------------------------------------------------------------------------------


def _observations_to_attribute(store: Store, context: Context) -> list[Work]:
    sources = nearby_sources.Sources.of(store, context.as_of)
    work = []
    for observation in _located(store, context):
        near = sources.near(observation, context.as_of)
        shown = [f"{s.kind} {s.id} {s.enterprise} {hashlib.sha256(s.shape_wkb).hexdigest()}" for s in near]
        unplaced = sources.unplaced(observation, context.as_of)
        key = ATTRIBUTE.key(context, observation.id, *shown, *([f"unplaced {unplaced}"] if unplaced else []))
        work.append(Work(observation.id, key, attribute.ObservationToAttribute(observation, near, unplaced)))
    return work


def _located(store: Store, context: Context) -> list[Observation]:
    wanted = set(context.settings.alert.labels)
    current = observations.current(store, as_of=context.as_of)
    return [o for o in current if o.status is Status.OK and o.label in wanted]


def _save_attributions(
    tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    rows = [
        AttributionRow(f"at-{work.key[:16]}", outcome.result.observation_id, outcome.result.attribution)
        for work, outcome in zip(works, outcomes, strict=True)
        if isinstance(outcome, Done)
    ]
    write_results.replace_attributions(tx, rows, provenance, at=context.as_of)


ATTRIBUTE = Stage(
    "attribute", _observations_to_attribute, attribute.run, lambda s: s.attribute, _save_attributions, lawful=True
)


# ---- alert ----------------------------------------------------------------------------------------------------------


def _observations_to_alert(store: Store, context: Context) -> list[Work]:
    """One piece of work for all that is new: which alert an observation joins depends on the others."""
    known = read_alerts.known(store, context.as_of)
    held = {observation_id for entry in known for observation_id in entry.observation_ids}
    boxes = {box.id: box for found in detections.current(store, as_of=context.as_of).values() for box in found}
    current = observations.current(store, as_of=context.as_of)
    vehicles = _vehicles_by_frame(current)
    new = [
        alert.ObservationToAlert(o, boxes[o.detection_id], tuple(vehicles.get(o.frame_id, ())))
        for o in _located(store, context)
        if o.id not in held
    ]
    if not new:
        return []
    dismissed = _dismissed(store, context)
    open_alerts = tuple(
        alert.OpenAlert(k.alert.id, k.alert.kind, k.alert.ground, k.last_observed_at)
        for k in known
        if k.alert.id not in dismissed
    )
    key = ALERT.key(context, *sorted(n.observation.id for n in new))
    return [Work(f"{len(new)} observations", key, alert.AlertWork(tuple(new), open_alerts))]


def _dismissed(store: Store, context: Context) -> set[str]:
    """Alerts that a person called wrong or lawful: what is seen there anew is a new alert, or nobody would see it."""
    views = read_alerts.views(store, context.as_of)
    return {v.alert.id for v in views if v.verdict is not None and v.verdict.value in {"machine_wrong", "lawful"}}


def _vehicles_by_frame(current: Sequence[Observation]) -> dict[str, list[GroundEllipse]]:
    by_frame: dict[str, list[GroundEllipse]] = {}
    for o in current:
        if o.label == "vehicle" and o.ground is not None:
            by_frame.setdefault(o.frame_id, []).append(o.ground)
    return by_frame


def _save_alerts(
    tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    gathered = results(outcomes)
    write_alerts.insert_alerts(tx, [g.raised for g in gathered if g.raised is not None], provenance)
    links = [(g.alert_id, observation_id) for g in gathered for observation_id in g.observation_ids]
    write_alerts.link_observations(tx, links, run_id=provenance.run_id, at=context.as_of)


ALERT = Stage(
    "alert", _observations_to_alert, alert.run, lambda s: s.alert, _save_alerts, spread=False, one_to_one=False
)


# ---- sources of alerts ----------------------------------------------------------------------------------------------


def refresh_alert_sources(store: Store, context: Context, run_id: str) -> int:
    """Let each alert point at the attribution that holds now: that of its only sight, or that of all sights together.

    An alert never changes; the link to its attribution ends and a new one begins, so that both can be read.

    Returns:
        How many alerts got another attribution.
    """
    answers = attributions.current(store, as_of=context.as_of)
    placed = {o.id: o for o in _located(store, context)}
    found = _AlertSources()
    sources: nearby_sources.Sources | None = None
    for known in read_alerts.known(store, context.as_of):
        members = [placed[i] for i in known.observation_ids if i in placed and i in answers]
        if not members:
            continue
        row, fused = answers[best_of(members).id], None
        if len(members) > 1:
            sources = sources or nearby_sources.Sources.of(store, context.as_of)
            own = [answers[o.id].id for o in members]
            fused = fused_attribution(known.alert.id, members, own, sources, context)
        found.add(known, row, fused, was_fused=known.alert.id in answers)
    found.gone = observations.stale_links(store, as_of=context.as_of)
    if found.changes or found.gone or found.alone:
        _store_sources(store, context, run_id, found)
    return len(found.changes)


@dataclass
class _AlertSources:
    """Links to begin, attributions of fused places, alerts left with one sight, links to sights to end."""

    changes: list[tuple[str, str]] = field(default_factory=list)
    fused: list[tuple[AttributionRow, FusedPlace]] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)

    def add(
        self,
        known: KnownAlert,
        row: AttributionRow,
        fused: tuple[AttributionRow, FusedPlace] | None,
        *,
        was_fused: bool,
    ) -> None:
        """What holds for an alert: the attribution of its best sight, or that of all of them at their fused place."""
        if fused is not None:
            row = fused[0]
            if row.id != known.attribution_id:
                self.fused.append(fused)
        elif was_fused:
            self.alone.append(known.alert.id)
        if row.id != known.attribution_id:
            self.changes.append((known.alert.id, row.id))


def _store_sources(store: Store, context: Context, run_id: str, found: _AlertSources) -> None:
    provenance = ATTRIBUTE.provenance(context, run_id)
    with store.transaction() as tx:
        write_results.replace_attributions(tx, [row for row, _ in found.fused], provenance, at=context.as_of)
        write_fused.insert_places(tx, [place for _, place in found.fused], run_id=run_id, at=context.as_of)
        write_results.end_attributions(tx, found.alone, run_id=run_id, at=context.as_of)
        write_alerts.set_attribution(tx, found.changes, run_id=run_id, at=context.as_of)
        write_alerts.unlink_observations(tx, found.gone, at=context.as_of)
        counts = {"attributions": len(found.changes), "fused": len(found.fused), "ended": len(found.gone)}
        journal.append_chunk(tx, at=context.as_of, run_id=run_id, stage="alert", counts=counts)


# ---- draft of the week ----------------------------------------------------------------------------------------------


def _week_to_draft(store: Store, context: Context) -> list[Work]:
    if context.week is None or context.targets is None or context.seed is None:
        return []
    facts = tuple(firms.facts(store, context.as_of))
    key = DRAFT_WEEK.key(context, context.week, str(context.targets), str(context.seed), *(repr(f) for f in facts))
    return [Work(context.week, key, draft_week.WeekToDraft(context.week, facts, context.targets, context.seed))]


def _save_draft(
    tx: Tx, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: Provenance, context: Context
) -> None:
    for draft in results(outcomes):
        plan = WeeklyPlan(
            week=draft.week, version=0, state="draft", as_of=context.as_of, seed=context.seed or 0,
            targets=draft.targets, exempt=draft.exempt, sha256="", drafted_at=context.as_of,
        )  # fmt: skip
        write_weekly.insert_draft(tx, plan, provenance)


DRAFT_WEEK = Stage(
    "draft_week", _week_to_draft, draft_week.run, lambda s: s.draft_week, _save_draft, lawful=True, spread=False
)

IN_ORDER = (MONITOR, CLUES, DETECT, LOCATE, ATTRIBUTE, ALERT)
"""What `yaoxun run` does after the waiting deliveries are taken in; the draft of the week has its own day."""
