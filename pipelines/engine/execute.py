"""Running one stage to its end: chunk, run (here or in other processes), store whole, go on.

The store gets outcome, provenance and "done" in one transaction a chunk; killed anywhere, a chunk is done or it is
not. The order of chunks and the outcomes in them do not depend on where they ran: `run_chunk` is the seam for a pool
of processes today and a cluster later.
"""

from __future__ import annotations

import traceback
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing import get_context
from typing import Any

from pipelines import clock
from pipelines.engine.lock import only_run
from pipelines.engine.stage import Context, Stage, Work, refusals, work_done
from pipelines.records import Outcome, Refused, Run, Status
from pipelines.settings import digest
from pipelines.store import Store, journal
from pipelines.store.read import runs as read_runs
from pipelines.store.write import runs as write_runs
from pipelines.store.write.runs import WorkDone
from pipelines.version import code_identity

Progress = Callable[[str, int, int], None]
DEFECT = "defect"
AHEAD = 4
"""Chunks handed to the pool beyond those running: enough to keep it busy, few enough to keep memory flat."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """How a stage went: the numbers of `yaoxun run --json`."""

    stage: str
    done: int
    skipped: int
    refused_count: int
    failed: int
    seconds: float
    run_id: str | None


def silent(stage: str, done: int, total: int) -> None:
    """A progress that shows nothing."""


def execute(
    store: Store,
    stage: Stage,
    context: Context,
    *,
    progress: Progress = silent,
    pool: ProcessPoolExecutor | None = None,
) -> StageReport:
    """Run what a stage still has to do.

    Nothing to do writes nothing, not even a run row, so that a second run leaves the home as it was.
    """
    with only_run(store):
        return _executed(store, stage, context, progress, pool)


def _executed(
    store: Store, stage: Stage, context: Context, progress: Progress, pool: ProcessPoolExecutor | None
) -> StageReport:
    started = clock.seconds()
    stage.ready(context.settings)
    everything = list(stage.pending(store, context))
    ready = read_runs.done_keys(store, stage.name)
    todo = [work for work in everything if work.key not in ready]
    skipped = len(everything) - len(todo)
    if not todo:
        return StageReport(stage.name, 0, skipped, 0, 0, round(clock.seconds() - started, 3), None)
    run = _started(store, stage, context)
    done = refused = failed = 0
    for works, outcomes, defects in _outcomes(stage, todo, context, run.id, pool):
        _save(store, stage, context, run, works, outcomes, defects)
        done += len(works) - len(refusals(outcomes)) if stage.one_to_one else len(works)
        refused += len(refusals(outcomes)) - len(defects)
        failed += len(defects)
        progress(stage.name, done + refused + failed, len(todo))
    ended = replace(run, ended_at=clock.now(), done=done, skipped=skipped, refused=refused, failed=failed)
    with store.transaction() as tx:
        write_runs.end_run(tx, ended)
    return StageReport(stage.name, done, skipped, refused + failed, failed, round(clock.seconds() - started, 3), run.id)


def _started(store: Store, stage: Stage, context: Context) -> Run:
    run = Run(
        id=f"run-{stage.name}-{uuid.uuid4().hex[:12]}", stage=stage.name, as_of=context.as_of, started_at=clock.now(),
        ended_at=None, code_version=code_identity(), settings_sha256=digest(stage.settings(context.settings)),
        model_sha256=stage.model(context.settings), policy_version=context.policy_version if stage.lawful else None,
        seed=context.seed, done=0, skipped=0, refused=0, failed=0,
    )  # fmt: skip
    with store.transaction() as tx:
        write_runs.start_run(tx, run)
    return run


def _save(
    store: Store,
    stage: Stage,
    context: Context,
    run: Run,
    works: Sequence[Work],
    outcomes: Sequence[Outcome],
    defects: Sequence[Refused],
) -> None:
    at = clock.now()
    with store.transaction() as tx:
        stage.save(tx, works, outcomes, stage.provenance(context, run.id), context)
        write_runs.refuse(tx, refusals(outcomes), run_id=run.id, stage=stage.name, at=at)
        write_runs.done(tx, _marks(stage, works, outcomes), run_id=run.id, at=at)
        counts = {"items": len(works), "refused": len(refusals(outcomes)), "failed": len(defects)}
        journal.append_chunk(tx, at=at, run_id=run.id, stage=stage.name, counts=counts)


def _marks(stage: Stage, works: Sequence[Work], outcomes: Sequence[Outcome]) -> list[WorkDone]:
    if stage.one_to_one:
        pairs = zip(works, outcomes, strict=True)
        return [work_done(stage.name, work, outcome) for work, outcome in pairs if not is_defect(outcome)]
    if any(is_defect(outcome) for outcome in outcomes):
        return []
    return [WorkDone(work.key, stage.name, work.item, Status.OK, None, "") for work in works]


def is_defect(outcome: Outcome) -> bool:
    """Whether an item met a defect of ours: it is not done, and is tried again by the next run."""
    return isinstance(outcome, Refused) and outcome.reason == DEFECT


Chunk = tuple[Sequence[Work], list[Outcome], list[Refused]]


def _outcomes(
    stage: Stage, todo: Sequence[Work], context: Context, run_id: str, pool: ProcessPoolExecutor | None
) -> Iterator[Chunk]:
    size = context.settings.engine.chunk if stage.spread else len(todo)
    chunks = [todo[i : i + size] for i in range(0, len(todo), size)]
    arguments = (context.as_of, run_id, stage.settings(context.settings))
    if pool is None or not stage.spread:
        for works in chunks:
            yield works, *run_chunk(stage.run, [w.payload for w in works], [w.item for w in works], *arguments)
        return
    waiting: deque[tuple[Sequence[Work], Future[tuple[list[Outcome], list[Refused]]]]] = deque()
    for works in chunks:
        waiting.append(
            (works, pool.submit(run_chunk, stage.run, [w.payload for w in works], [w.item for w in works], *arguments))
        )
        if len(waiting) > AHEAD:
            first, future = waiting.popleft()
            yield first, *future.result()
    for works, future in waiting:
        yield works, *future.result()


def run_chunk(
    run: Callable[..., Iterator[Outcome]],
    payloads: list[Any],
    items: list[str],
    as_of: datetime,
    run_id: str,
    settings: object,
) -> tuple[list[Outcome], list[Refused]]:
    """Run a stage on one chunk; a defect of ours costs the item it met, not the chunk.

    Returns:
        The outcomes in order, and those among them that stand for a defect (reason `defect`, with the traceback).
    """
    try:
        return list(run(payloads, as_of=as_of, run_id=run_id, settings=settings)), []
    except Exception:  # noqa: BLE001  the one place that may: each item is tried alone, and the traceback is kept with it
        outcomes: list[Outcome] = []
        defects: list[Refused] = []
        for payload, item in zip(payloads, items, strict=True):
            try:
                outcomes += run([payload], as_of=as_of, run_id=run_id, settings=settings)
            except Exception:  # noqa: BLE001  as above
                defects.append(Refused(item, DEFECT, traceback.format_exc(limit=-4)))
                outcomes.append(defects[-1])
        return outcomes, defects


@contextmanager
def pool_of(processes: int) -> Iterator[ProcessPoolExecutor | None]:
    """A pool of so many fresh processes; none where one is enough."""
    if processes <= 1:
        yield None
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield pool
