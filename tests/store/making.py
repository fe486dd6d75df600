"""Rows for tests of the store and of the acts: a small home, written through the store's own functions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from enforcement.attribution import Attribution, Candidate
from enforcement.place import point
from enforcement.registry import Complaint, Enterprise, Inspection, PositiveListing
from enforcement.weekly import ExemptFirm, WeeklyReason, WeeklyTarget
from pipelines.records import (
    Alert,
    Flight,
    Frame,
    FrameDetection,
    FrameFootprint,
    GroundEllipse,
    Observation,
    Provenance,
    Reason,
    Run,
    Status,
    StoredFile,
    WeeklyPlan,
)
from pipelines.store import Store, files, journal
from pipelines.store.records import AttributionRow, WorkDone
from pipelines.store.write import alerts, flights, registry, results, runs, weekly

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FIRM = "91310107MA1G00001A"
OTHER_FIRM = "91310107MA1G00002B"
PLACE = GroundEllipse(121.395, 31.25, 4.0, "EPSG:4549", 37634.5, 3459000.25, 4.0, 0.5, 3.0, 2.1, 1.6, 33.0)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def run_of(run_id: str = "run-1", stage: str = "detect", at: datetime = NOW) -> Run:
    return Run(run_id, stage, at, at, None, "0.1.0+abc", sha("settings"), sha("model"), "policy-1", 7, 0, 0, 0, 0)


def provenance_of(run_id: str = "run-1") -> Provenance:
    return Provenance(run_id, "0.1.0+abc", sha("settings"), None, None, "policy-1")


def start_run(store: Store, run_id: str = "run-1", stage: str = "detect", at: datetime = NOW) -> None:
    with store.transaction() as tx:
        runs.start_run(tx, run_of(run_id, stage, at))


def file_of(name: str, content: bytes, at: datetime = NOW) -> StoredFile:
    return StoredFile(hashlib.sha256(content).hexdigest(), len(content), name, "image/jpeg", at)


def frame_of(
    frame_id: str, flight_id: str, file: StoredFile, *, at: datetime = NOW, time_s: float | None = None
) -> Frame:
    return Frame(
        frame_id, flight_id, file.sha256, file.name, "picture" if time_s is None else "video_frame", time_s,
        at - timedelta(hours=1), at, 4000, 3000, {"make": "大疆", "focal_mm": 8.8}, (Reason("no_position_in_tags"),),
    )  # fmt: skip


def detection_of(name: str, frame_id: str, *, confidence: float = 0.5, label: str = "dust_plume") -> FrameDetection:
    return FrameDetection(
        name, frame_id, label, (10.0, 20.5, 110.25, 90.0), confidence, None, {"haze": 0.25}, "haze-1", sha("model")
    )


def observation_of(
    detection: FrameDetection, flight_id: str, *, at: datetime = NOW, ground: GroundEllipse | None = PLACE
) -> Observation:
    placed = ground is not None
    return Observation(
        "ob-" + detection.id, detection.id, detection.frame_id, flight_id, detection.label, detection.confidence, None,
        Status.OK if placed else Status.REFUSED, None if placed else "above_horizon", ground, 0.03 if placed else None,
        at - timedelta(hours=1), at,
    )  # fmt: skip


def footprint_of(frame_id: str) -> FrameFootprint:
    import shapely

    polygon = shapely.box(121.39, 31.24, 121.40, 31.26)
    return FrameFootprint(frame_id, Status.OK, None, shapely.to_wkb(polygon), 0.031, 121.395, 31.25)


def attribution_of(*, named: str | None = FIRM) -> Attribution:
    candidate = Candidate("site", "S-1", named, "工地一", 12.5, 0.002, 0.8, ("within_ellipse",))
    other = Candidate("enterprise", OTHER_FIRM, OTHER_FIRM, "二厂", 80.0, 0.0001, 0.1, ())
    if named is None:
        return Attribution(
            (), 0.7, 0.3, "none_registered", None, "no_source_registered_here", ("attribution_decision@1",)
        )
    return Attribution(
        (candidate, other), 0.06, 0.04, "named", "S-1", "one_source_stands_out", ("attribution_decision@1",)
    )


def alert_of(name: str, *, kind: str = "dust_plume", at: datetime = NOW) -> Alert:
    return Alert(
        name, kind, None, 0.5, PLACE, at - timedelta(hours=1), at, (Reason("fired_by_model", {"confidence": 0.5}),),
        (Reason("could_be_steam_or_mist"),),
    )  # fmt: skip


def add_flight(
    store: Store, names: Sequence[str] = ("a.jpg", "b.jpg"), *, at: datetime = NOW, run_id: str = "run-1"
) -> tuple[str, list[Frame]]:
    """A delivery with its originals, a frame each."""
    contents = [f"picture {name}".encode() for name in names]
    held = [file_of(name, content, at) for name, content in zip(names, contents, strict=True)]
    for file, content in zip(held, contents, strict=True):
        files.hold(store, content, file.sha256)
    with store.transaction() as tx:
        flight_id = flights.next_id(tx, at)
        flights.insert_flight(tx, Flight(flight_id, "飞行一", "owner", at))
        flights.insert_files(tx, flight_id, held)
        frames = [frame_of(f"fr-{f.sha256[:8]}", flight_id, f, at=at) for f in held]
        flights.insert_frames(tx, frames, run_id=run_id)
        journal.append_chunk(tx, at=at, run_id=run_id, stage="intake", counts={"done": len(held)})
    return flight_id, frames


def add_results(
    store: Store, flight_id: str, frames: Sequence[Frame], *, run_id: str = "run-1", at: datetime = NOW,
    label: str = "dust_plume", named: str | None = FIRM, confidence: float = 0.5,
) -> list[Observation]:  # fmt: skip
    """One detection a frame, put on the ground and attributed."""
    detections = [detection_of(f"de-{f.id}", f.id, label=label, confidence=confidence) for f in frames]
    observations = [observation_of(d, flight_id, at=at) for d in detections]
    ids = [f.id for f in frames]
    with store.transaction() as tx:
        results.replace_detections(tx, ids, detections, provenance_of(run_id), at=at)
        results.replace_observations(tx, ids, observations, provenance_of(run_id), at=at)
        results.replace_footprints(tx, [footprint_of(i) for i in ids], provenance_of(run_id), at=at)
        weighed = [AttributionRow(f"at-{run_id}-{o.id}", o.id, attribution_of(named=named)) for o in observations]
        results.replace_attributions(tx, weighed, provenance_of(run_id), at=at)
        done = [WorkDone(f"{run_id} {i}", "detect", i) for i in ids]
        runs.done(tx, done, run_id=run_id, at=at)
        journal.append_chunk(tx, at=at, run_id=run_id, stage="detect", counts={"done": len(ids)})
    return observations


def add_alert(
    store: Store, name: str, observations: Sequence[Observation], *, run_id: str = "run-1", at: datetime = NOW,
    kind: str = "dust_plume", attribution_id: str | None = None,
) -> Alert:  # fmt: skip
    """An alert that holds these observations."""
    alert = alert_of(name, kind=kind, at=at)
    with store.transaction() as tx:
        alerts.insert_alerts(tx, [alert], provenance_of(run_id))
        alerts.link_observations(tx, [(name, o.id) for o in observations], run_id=run_id, at=at)
        held = attribution_id or f"at-{run_id}-{observations[0].id}"
        alerts.set_attribution(tx, [(name, held)], run_id=run_id, at=at)
        journal.append_chunk(tx, at=at, run_id=run_id, stage="alert", counts={"done": 1})
    return alert


def add_whole(store: Store, *, alert: str = "A-1", label: str = "dust_plume", named: str | None = FIRM) -> str:
    """A home with one flight and one alert on it; gives the flight's id."""
    start_run(store)
    flight_id, frames = add_flight(store)
    observations = add_results(store, flight_id, frames, label=label, named=named)
    add_alert(store, alert, observations, kind=label)
    return flight_id


def plan_of(week: str = "2026-W48", *, seed: int = 7, at: datetime = NOW, firms: Sequence[str] = (FIRM,)) -> WeeklyPlan:
    targets = tuple(
        WeeklyTarget(
            i, firm, f"企业{i}", "risk", 12.5, None, (WeeklyReason("score_confirmed", {"count": i, "points": 5}),), None
        )
        for i, firm in enumerate(firms, start=1)
    )
    exempt = (ExemptFirm(OTHER_FIRM, "二厂", "positive_listed", date(2027, 1, 1)),)
    return WeeklyPlan(week, 0, "draft", at, seed, targets, exempt, "", at)


def add_draft(store: Store, plan: WeeklyPlan | None = None, *, run_id: str = "run-1") -> WeeklyPlan:
    with store.transaction() as tx:
        drafted = weekly.insert_draft(tx, plan or plan_of(), provenance_of(run_id))
        journal.append_chunk(tx, at=NOW, run_id=run_id, stage="draft_week")
    return drafted


def enterprise_of(
    uscc: str = FIRM, *, row: int = 1, at: datetime = NOW, source: str | None = None, **changes
) -> Enterprise:
    said = {"name": f"企业 {uscc[-2:]}", "place": point(121.395, 31.25), **changes}
    return Enterprise(uscc=uscc, received_at=at, source_sha256=source or sha("registry"), source_row=str(row), **said)


def inspection_of(name: str, on: date, *, found: bool, uscc: str = FIRM, at: datetime = NOW) -> Inspection:
    return Inspection(
        inspection_id=name,
        enterprise=uscc,
        on=on,
        found=found,
        received_at=at,
        source_sha256=sha("visits"),
        source_row="1",
    )


def complaint_of(name: str, on: date, *, uscc: str = FIRM, at: datetime = NOW) -> Complaint:
    return Complaint(
        complaint_id=name, enterprise=uscc, on=on, received_at=at, source_sha256=sha("calls"), source_row="1"
    )


def listing_of(listed_on: date, *, until: date | None = None, uscc: str = FIRM, at: datetime = NOW) -> PositiveListing:
    return PositiveListing(
        enterprise=uscc, listed_on=listed_on, until=until, received_at=at, source_sha256=sha("list"), source_row="1"
    )


def tell(store: Store, facts: Sequence, *, at: datetime = NOW):
    """Let the registry know facts, with a bare journal entry."""
    with store.transaction() as tx:
        told = registry.import_facts(tx, facts)
        if tx.touched():
            journal.append(tx, at=at, actor="t", role="owner", kind="registry_imported", subject="t", payload={})
    return told


def original(store: Store, sha256: str) -> Path:
    return files.place_of(store.home, sha256)


def changed(record, **changes):
    return replace(record, **changes)
