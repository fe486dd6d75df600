"""The worker: takes what pages asked for, says how it ended, and leaves nothing waiting."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines import clock
from pipelines.casework.freeze_week import freeze_week
from pipelines.casework.requests import request_draft, request_flight, request_run
from pipelines.engine import registry as engine_registry
from pipelines.engine.work import run_everything, week_of_instant, work_one
from pipelines.settings import DetectSettings, Settings
from pipelines.store import Store
from pipelines.store.read import flights, jobs, weekly

AT = datetime(2026, 11, 24, tzinfo=UTC)
QUICK = Settings(detect=DetectSettings(detectors=("haze_baseline",)))
WEEK = "2026-W48"


@pytest.fixture()
def store(home: Path, root: Path) -> Store:
    with Store.open(home) as opened:
        engine_registry.import_file(
            opened, root / "data_samples/registry/enterprises.csv", by=None, at=AT, crs="GCJ-02"
        )
        yield opened


@pytest.fixture()
def picture(tmp_path: Path) -> Path:
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(data, "JPEG")
    path = tmp_path / "a.jpg"
    path.write_bytes(data.getvalue())
    return path


def test_nothing_waiting_is_nothing_taken(store: Store) -> None:
    assert work_one(store, QUICK) is None


def test_a_delivery_that_was_asked_for_is_taken_in_and_judged(store: Store, picture: Path) -> None:
    request_flight(store, [picture], by=None, at=AT, name="morning")
    job = work_one(store, QUICK)
    assert job is not None and job.kind == "add_flight"
    (flight,) = flights.all(store)
    detail = flights.detail(store, flight.flight.id)
    assert flight.flight.name == "morning"
    assert {"detect", "locate"} <= set(detail.frames[0].stages)
    assert jobs.all(store)[0].state == "done"


def test_a_delivery_of_nothing_usable_ends_refused_with_its_reason(store: Store, tmp_path: Path) -> None:
    (tmp_path / "none.jpg").write_bytes(b"no picture")
    request_flight(store, [tmp_path / "none.jpg"], by=None, at=AT)
    work_one(store, QUICK)
    (job,) = jobs.all(store)
    assert (job.state, job.reason) == ("refused", "not_an_image")


def test_a_draft_is_made_with_the_figures_that_were_asked_for(store: Store) -> None:
    request_draft(store, WEEK, targets=3, seed=11, by=None, at=AT)
    work_one(store, QUICK)
    plan = weekly.latest(store, WEEK)
    assert plan is not None
    assert (len(plan.targets), plan.seed) == (3, 11)
    assert jobs.all(store)[0].state == "done"


def test_a_draft_with_firms_that_have_no_points_can_be_frozen_as_it_was_hashed(store: Store) -> None:
    request_draft(store, WEEK, targets=50, seed=11, by=None, at=AT)
    work_one(store, QUICK)
    plan = weekly.latest(store, WEEK)
    assert plan is not None and min(target.score or 0 for target in plan.targets) == 0
    frozen = freeze_week(store, WEEK, by=None, at=clock.now(), sha256=plan.sha256)
    assert frozen.state == "frozen"


def test_a_draft_of_no_week_ends_refused(store: Store) -> None:
    request_draft(store, "2026-W60", targets=3, seed=11, by=None, at=AT)
    work_one(store, QUICK)
    assert (jobs.all(store)[0].state, jobs.all(store)[0].reason) == ("refused", "not_an_iso_week")


def test_a_run_takes_every_waiting_job_and_drafts_the_week_once(store: Store, picture: Path) -> None:
    request_run(store, by=None, at=AT)
    request_flight(store, [picture], by=None, at=AT)
    reports = {r.stage: r for r in run_everything(store, AT, QUICK)}
    assert reports["intake"].done == 1
    assert {job.state for job in jobs.all(store)} == {"done"}
    assert week_of_instant(AT) == WEEK
    again = run_everything(store, AT, QUICK)
    assert not any(r.done for r in again)


def test_a_run_never_drafts_over_what_a_person_asked_for_or_froze(store: Store) -> None:
    request_draft(store, WEEK, targets=3, seed=11, by=None, at=AT)
    work_one(store, QUICK)
    freeze_week(store, WEEK, by=None, at=clock.now())
    run_everything(store, clock.now(), QUICK)
    plan = weekly.latest(store, WEEK)
    assert plan is not None and (plan.state, plan.seed) == ("frozen", 11)


def test_a_defect_in_a_job_stands_with_the_job_and_the_worker_lives(
    store: Store, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("a defect of ours")

    monkeypatch.setattr("pipelines.engine.work.add_flight", broken)
    request_flight(store, [picture], by=None, at=AT)
    for _ in range(QUICK.engine.max_attempts):
        work_one(store, QUICK)
    (job,) = jobs.all(store)
    assert (job.state, job.reason, job.attempts) == ("failed", "defect", QUICK.engine.max_attempts)
