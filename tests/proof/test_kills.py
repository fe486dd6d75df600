"""Killed at any moment, the chain goes on where it stopped and ends where it would have ended. Run by `make proof`."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines import clock
from pipelines.store import Store, journal
from pipelines.store.read import alerts, attributions, detections, observations

pytestmark = pytest.mark.proof
SEED, KILLS = 20261124, 12


def yaoxun(home: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipelines.cli", *words, "--home", str(home), "--json"]
    return subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def held(home: Path) -> str:
    """What the machine found, without what differs from run to run (run ids, instants of running)."""
    with Store.open(home, create=False) as store:
        assert journal.verify(store).ok
        found = {
            "detections": sorted(d.id for boxes in detections.current(store).values() for d in boxes),
            "observations": sorted(repr(o) for o in observations.current(store)),
            "attributions": sorted(repr(a) for a in attributions.current(store).values()),
            "alerts": sorted(repr(v.alert) for v in alerts.views(store, clock.now())),
        }
    return json.dumps(found, indent=1)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("untouched") / "home"
    assert yaoxun(home, "demo").wait() == 0
    return held(home)


def test_killed_again_and_again_it_ends_where_it_would_have_ended(tmp_path: Path, untouched: str) -> None:
    draw = random.Random(SEED)
    home = tmp_path / "home"
    killed = 0
    for _ in range(KILLS):
        process = yaoxun(home, "demo", YAOXUN_ENGINE_CHUNK="1")
        try:
            process.wait(timeout=draw.uniform(0.5, 12.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        if (home / "yaoxun.sqlite").exists():
            with Store.open(home) as store:
                assert journal.verify(store).ok
    assert killed > 0
    assert yaoxun(home, "demo").wait() == 0
    assert held(home) == untouched


def test_a_pool_of_processes_ends_where_one_process_ends(tmp_path: Path, untouched: str) -> None:
    home = tmp_path / "home"
    assert yaoxun(home, "demo", YAOXUN_ENGINE_PROCESSES="2", YAOXUN_ENGINE_CHUNK="2").wait() == 0
    assert held(home) == untouched


def test_the_worker_killed_in_a_job_leaves_it_to_the_next(tmp_path: Path) -> None:
    """A job whose worker died is taken again once its lease is over, and ends done."""
    from pipelines.casework.requests import request_run
    from pipelines.store.read import jobs

    home = tmp_path / "home"
    assert yaoxun(home, "demo").wait() == 0
    with Store.open(home) as store:
        request_run(store, by="operator", at=clock.now())
    quick = {"YAOXUN_ENGINE_LEASE_S": "3"}
    first = yaoxun(home, "worker", **quick)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with Store.open(home) as store:
            if jobs.all(store)[0].state == "leased":
                break
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = yaoxun(home, "worker", **quick)
    state = ""
    until = time.monotonic() + 60
    while time.monotonic() < until and state not in {"done", "failed"}:
        time.sleep(0.5)
        with Store.open(home) as store:
            state = jobs.all(store)[0].state
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0
    assert state == "done"
