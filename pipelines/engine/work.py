"""`yaoxun run` and the worker: waiting jobs first, then every stage that still has something to do."""

from __future__ import annotations

import os
import socket
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipelines import clock
from pipelines.draft_week import week_of
from pipelines.engine import stages
from pipelines.engine.execute import Progress, StageReport, execute, pool_of, silent
from pipelines.engine.flights import FlightAdded, add_flight
from pipelines.engine.lock import only_run
from pipelines.engine.made import MOSAIC, REPORT, make_mosaic, make_report
from pipelines.engine.stage import Context
from pipelines.errors import Refusal
from pipelines.records import Job
from pipelines.settings import Settings
from pipelines.store import Store
from pipelines.store.read import weekly
from pipelines.store.write import jobs as write_jobs

MADE = (REPORT, MOSAIC)
"""Kinds of jobs that make a file of a flight."""


def run_stages(store: Store, context: Context, *, progress: Progress = silent, processes: int = 1) -> list[StageReport]:
    """Every stage that pictures go through, in order; then each alert's link to its source is brought up to date."""
    reports: list[StageReport] = []
    with pool_of(processes) as pool:
        for stage in stages.IN_ORDER:
            reports.append(execute(store, stage, context, progress=progress, pool=pool))
    ran = [report.run_id for report in reports if report.run_id is not None]
    if ran:
        with only_run(store):
            stages.refresh_alert_sources(store, context, ran[-1])
    return reports


def draft(store: Store, context: Context, week: str, *, targets: int, seed: int) -> StageReport:
    """Draft one week. The same facts give the same draft, and nothing new is written."""
    return execute(store, stages.DRAFT_WEEK, replace(context, week=week, targets=targets, seed=seed))


def run_everything(
    store: Store, as_of: datetime, settings: Settings, *, progress: Progress = silent, processes: int = 1
) -> list[StageReport]:
    """What `yaoxun run` does: deliveries that wait, all stages, and the draft of the week that `as_of` lies in."""
    context = Context.at(as_of, settings)
    with ExitStack() as leases:
        intake_report, fulfilled = _waiting_deliveries(store, context, progress, leases)
        reports = _run_and_draft(store, context, progress, processes, intake_report)
    for job in fulfilled:
        write_jobs.finish(store, job.id, _owner(), now=clock.now())
    return reports


def _run_and_draft(
    store: Store, context: Context, progress: Progress, processes: int, intake_report: StageReport
) -> list[StageReport]:
    reports = [intake_report, *run_stages(store, context, progress=progress, processes=processes)]
    reports.append(_first_draft(store, context, week_of_instant(context.as_of)))
    return reports


def _first_draft(store: Store, context: Context, week: str) -> StageReport:
    """The week's first draft. Once there is one, only a person's wish makes another: `weekly plan`, or the page."""
    if weekly.latest(store, week) is not None:
        return StageReport(stages.DRAFT_WEEK.name, 0, 1, 0, 0, 0.0, None)
    chosen = context.settings.draft_week
    return draft(store, context, week, targets=chosen.targets, seed=chosen.seed)


def week_of_instant(as_of: datetime) -> str:
    """The ISO week of an instant, by the Beijing day."""
    return week_of(as_of.astimezone(clock.BEIJING).date())


def _waiting_deliveries(
    store: Store, context: Context, progress: Progress, leases: ExitStack
) -> tuple[StageReport, list[Job]]:
    """Take the deliveries that pages asked for; the `run` jobs met on the way are fulfilled by this very run.

    Their leases are kept alive in `leases` until the run is through.
    """
    fulfilled: list[Job] = []
    started, owner, done, refused, failed = clock.seconds(), _owner(), 0, 0, 0
    while (job := _leased(store, owner, context.settings)) is not None:
        if job.kind == "run":
            leases.enter_context(_alive(store, job, owner, context.settings.engine.lease_s))
            fulfilled.append(job)
            continue
        with _alive(store, job, owner, context.settings.engine.lease_s):
            if job.kind == "draft_week":
                _try_draft(store, job, owner, context)
                continue
            if job.kind in MADE:
                _try_made(store, job, owner, context, progress)
                continue
            added = _try(store, job, owner, context, progress)
        done += added.images + added.tracks - added.unchanged if added else 0
        refused += len(added.refused) if added else 0
        failed += added is None
    seconds = round(clock.seconds() - started, 3)
    return StageReport("intake", max(0, done), 0, refused + failed, failed, seconds, None), fulfilled


def work_one(store: Store, settings: Settings, *, progress: Progress = silent) -> Job | None:
    """Take one waiting job and see it through: what the worker does again and again.

    Returns:
        The job that was taken, or None where none was waiting.
    """
    owner = _owner()
    job = _leased(store, owner, settings)
    if job is None:
        return None
    context = Context.at(clock.now(), settings)
    with _alive(store, job, owner, settings.engine.lease_s):
        if job.kind == "run":
            _try_run(store, job, owner, settings, progress)
        elif job.kind == "draft_week":
            _try_draft(store, job, owner, context)
        elif job.kind in MADE:
            _try_made(store, job, owner, context, progress)
        else:
            _try(store, job, owner, context, progress, judge=True)
    return job


def _leased(store: Store, owner: str, settings: Settings) -> Job | None:
    engine = settings.engine
    return write_jobs.lease(store, owner, now=clock.now(), seconds=engine.lease_s, max_attempts=engine.max_attempts)


def _owner() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


@contextmanager
def _alive(store: Store, job: Job, owner: str, lease_s: float) -> Iterator[None]:
    """Renew the lease while the work goes on, from a thread with a store of its own."""
    over = threading.Event()

    def renew() -> None:
        with Store.open(store.home, create=False) as own:
            while not over.wait(lease_s / 3.0):
                write_jobs.heartbeat(own, job.id, owner, now=clock.now(), seconds=lease_s)

    thread = threading.Thread(target=renew, name=f"lease-{job.id}")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _try(
    store: Store, job: Job, owner: str, context: Context, progress: Progress, *, judge: bool = False
) -> FlightAdded | None:
    """Take the delivery of a job in, run the stages on it where `judge`, and write down how the job ended."""
    try:
        added = add_flight(
            store,
            [Path(p) for p in job.payload["paths"]],
            context,
            by=job.asked_by,
            name=job.payload.get("name"),
            track=_path(job.payload, "track"),
            camera=_path(job.payload, "camera"),
            progress=progress,
        )
        if added.flight and added.images + added.tracks > added.unchanged:
            _report_at_once(store, added.flight, context, progress)
        if judge and added.flight:
            run_stages(store, context, progress=progress, processes=context.settings.engine.processes)
    except Refusal as error:
        write_jobs.finish(
            store, job.id, owner, now=clock.now(), state="refused", reason=error.reason, detail=str(error)
        )
        return None
    except Exception:  # noqa: BLE001  a defect must not stop the worker; it stands with the job, traceback and all
        _fail(store, job, owner, context.settings)
        return None
    first = added.refused[0] if added.refused else None
    state, reason = ("done", None) if added.flight else ("refused", first.reason if first else "nothing_usable")
    detail = added.flight or (f"{first.item} {first.detail}" if first else "")
    write_jobs.finish(store, job.id, owner, now=clock.now(), state=state, reason=reason, detail=detail.strip())
    return added


def _report_at_once(store: Store, flight_id: str, context: Context, progress: Progress) -> None:
    """The operator hears of a bad flight before the slow stages begin; a report that fails stops no delivery."""
    try:
        make_report(store, flight_id, replace(context, as_of=clock.now()), progress=progress)
    except Refusal:
        return  # its reason stands with the stage, and the page shows that there is no report


def _try_made(store: Store, job: Job, owner: str, context: Context, progress: Progress) -> None:
    """Make the report or the mosaic that a page asked for."""
    wish = job.payload
    try:
        if job.kind == REPORT:
            make_report(store, str(wish["flight"]), context, progress=progress)
        else:
            make_mosaic(store, str(wish["flight"]), context, cell_m=wish.get("cell_m"), progress=progress)
    except Refusal as error:
        write_jobs.finish(
            store, job.id, owner, now=clock.now(), state="refused", reason=error.reason, detail=str(error)
        )
        return
    except Exception:  # noqa: BLE001  as above
        _fail(store, job, owner, context.settings)
        return
    write_jobs.finish(store, job.id, owner, now=clock.now(), detail=str(wish["flight"]))


def _path(payload: Mapping[str, object], name: str) -> Path | None:
    value = payload.get(name)
    return Path(str(value)) if value else None


def _try_run(store: Store, job: Job, owner: str, settings: Settings, progress: Progress) -> None:
    try:
        run_everything(store, clock.now(), settings, progress=progress, processes=settings.engine.processes)
    except Exception:  # noqa: BLE001  as above
        _fail(store, job, owner, settings)
        return
    write_jobs.finish(store, job.id, owner, now=clock.now())


def _try_draft(store: Store, job: Job, owner: str, context: Context) -> None:
    wish = job.payload
    try:
        report = draft(store, context, str(wish["week"]), targets=int(wish["targets"]), seed=int(wish["seed"]))
    except Exception:  # noqa: BLE001  as above
        _fail(store, job, owner, context.settings)
        return
    state, reason = ("refused", "not_an_iso_week") if report.refused_count else ("done", None)
    write_jobs.finish(store, job.id, owner, now=clock.now(), state=state, reason=reason)


def _fail(store: Store, job: Job, owner: str, settings: Settings) -> None:
    write_jobs.fail(
        store, job.id, owner, now=clock.now(), reason="defect", detail=traceback.format_exc(limit=-4),
        max_attempts=settings.engine.max_attempts,
    )  # fmt: skip
