"""The engine: each chunk whole or not at all, the same work once, the same outcomes wherever they are made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.engine.execute import execute, pool_of
from pipelines.engine.stage import Context, Stage, Work
from pipelines.errors import Refusal
from pipelines.records import Done, Outcome, Refused
from pipelines.settings import EngineSettings, Settings
from pipelines.store import Store, journal
from pipelines.store.read import runs

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
SMALL_CHUNKS = Settings(engine=EngineSettings(chunk=3))


def squares(work: Iterable[int], *, as_of: datetime, run_id: str, settings: object) -> Iterator[Outcome]:
    """A stage of its own: odd numbers are refused, 13 meets a defect of ours."""
    for number in work:
        if number == 13:
            raise ZeroDivisionError("a defect")
        yield Refused(str(number), "odd", "not even") if number % 2 else Done(str(number), number**2)


def stage_on(numbers: Sequence[int], saved: list[Outcome], **changes: object) -> Stage:
    def save(
        tx: object, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: object, context: Context
    ) -> None:
        saved.extend(outcomes)

    def pending(store: Store, context: Context) -> list[Work]:
        return [Work(str(n), stage.key(context, str(n)), n) for n in numbers]

    stage = Stage("squares", pending, squares, lambda s: s.engine, save, **changes)  # type: ignore[arg-type]
    return stage


def context(settings: Settings = SMALL_CHUNKS) -> Context:
    return Context(AS_OF, settings, "p" * 64)


def test_done_refused_and_failed_are_counted_and_nothing_stops_the_rest(home: Path) -> None:
    saved: list[Outcome] = []
    with Store.open(home) as store:
        report = execute(store, stage_on([2, 3, 13, 4, 6], saved), context())
        (run,) = [r for r in [runs.latest(store)["squares"]]]
    assert (report.done, report.refused_count, report.failed, report.skipped) == (3, 2, 1, 0)
    assert (run.done, run.refused, run.failed) == (3, 1, 1)
    assert [o.item for o in saved] == ["2", "3", "13", "4", "6"]
    defect = saved[2]
    assert isinstance(defect, Refused)
    assert defect.reason == "defect" and "ZeroDivisionError" in defect.detail


def test_a_second_run_does_nothing_and_writes_nothing(home: Path) -> None:
    saved: list[Outcome] = []
    with Store.open(home) as store:
        execute(store, stage_on([2, 3, 4], saved), context())
        entries = journal.verify(store).entries
        again = execute(store, stage_on([2, 3, 4], saved), context())
        assert (again.done, again.skipped, again.run_id) == (0, 3, None)
        assert journal.verify(store).entries == entries
    assert len(saved) == 3


def test_a_defect_is_no_answer_and_the_item_is_tried_again(home: Path) -> None:
    saved: list[Outcome] = []
    with Store.open(home) as store:
        execute(store, stage_on([2, 13], saved), context())
        again = execute(store, stage_on([2, 13], saved), context())
    assert (again.skipped, again.failed, again.done) == (1, 1, 0)


def test_a_stage_that_is_not_ready_refuses_the_run_and_blames_no_item(home: Path) -> None:
    def missing(settings: Settings) -> None:
        raise Refusal("weights.onnx", "weights_missing")

    saved: list[Outcome] = []
    with Store.open(home) as store:
        with pytest.raises(Refusal):
            execute(store, stage_on([2], saved, ready=missing), context())
        assert runs.latest(store) == {}
        assert execute(store, stage_on([2], saved), context()).done == 1


def test_another_setting_is_other_work(home: Path) -> None:
    saved: list[Outcome] = []
    with Store.open(home) as store:
        execute(store, stage_on([2], saved), context())
        execute(store, stage_on([2], saved), context(Settings(engine=EngineSettings(chunk=4))))
    assert len(saved) == 2


def test_a_pool_gives_the_same_outcomes_in_the_same_order(home: Path, tmp_path: Path) -> None:
    numbers = list(range(2, 40))
    here: list[Outcome] = []
    there: list[Outcome] = []
    with Store.open(home) as store:
        execute(store, stage_on(numbers, here), context())
    with Store.open(tmp_path / "other") as store, pool_of(2) as pool:
        execute(store, stage_on(numbers, there), context(), pool=pool)
    strip = [(o.item, o.reason if isinstance(o, Refused) else o.result) for o in here]
    assert strip == [(o.item, o.reason if isinstance(o, Refused) else o.result) for o in there]
    assert len(strip) == len(numbers)


def test_a_chunk_that_cannot_be_stored_leaves_no_trace_of_itself(home: Path) -> None:
    def broken(
        tx: object, works: Sequence[Work], outcomes: Sequence[Outcome], provenance: object, ctx: Context
    ) -> None:
        if works[0].item == "8":
            raise OSError("disk full")

    stage = Stage(
        "squares",
        lambda store, ctx: [Work(str(n), f"{n:064d}", n) for n in (2, 4, 6, 8, 10)],
        squares,
        lambda s: s.engine,
        broken,
    )
    with Store.open(home) as store:
        with pytest.raises(OSError, match="disk full"):
            execute(store, stage, context())
        assert runs.done_keys(store, "squares") == {f"{n:064d}" for n in (2, 4, 6)}
        assert journal.verify(store).ok


KILLED = """
    import sys, time
    from pathlib import Path
    from tests.pipelines.test_execute import stage_on, context, squares
    from pipelines.engine.execute import execute
    from pipelines.store import Store

    def slow(*arguments, **options):
        for outcome in squares(*arguments, **options):
            time.sleep(0.05)
            yield outcome

    import dataclasses
    with Store.open(Path(sys.argv[1])) as store:
        execute(store, dataclasses.replace(stage_on(range(0, 400, 2), []), run=slow), context())
"""


def test_killed_in_the_middle_it_goes_on_where_it_stopped(home: Path, root: Path) -> None:
    with Store.open(home):
        pass
    script = textwrap.dedent(KILLED)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(home)], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )
    until = time.monotonic() + 30
    kept: set[str] = set()
    while not kept and time.monotonic() < until:
        time.sleep(0.2)
        with Store.open(home) as store:
            kept = runs.done_keys(store, "squares")
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Store.open(home) as store:
        kept = runs.done_keys(store, "squares")
        assert 0 < len(kept) < 200
        assert len(kept) % SMALL_CHUNKS.engine.chunk == 0
        assert journal.verify(store).ok
        report = execute(store, stage_on(range(0, 400, 2), []), context())
        assert (report.skipped, report.done) == (len(kept), 200 - len(kept))
