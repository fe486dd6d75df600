"""`yaoxun serve`: says its address once it answers there, does the jobs that wait, and ends as a whole."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from pipelines import clock
from pipelines.casework.requests import request_run
from pipelines.cli import show
from pipelines.gateway.serve import caught_up
from pipelines.store import Store
from pipelines.store.read import jobs
from tests.hj212.wire import minute, packet


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def test_serve_answers_works_and_ends(home: Path, root: Path) -> None:
    with Store.open(home) as store:
        request_run(store, by=None, at=clock.now())
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--home", str(home)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    assert found is not None
    address = found[0]
    assert answers(address)
    until, state = time.monotonic() + 30, ""
    while state != "done" and time.monotonic() < until:
        time.sleep(0.2)
        with Store.open(home) as store:
            state = jobs.all(store)[0].state
    assert state == "done"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    process.stdout.close()
    assert not answers(address), "the dashboard outlived the command"


def test_serve_with_a_gateway_says_both_addresses_and_ends_both(home: Path, root: Path) -> None:
    with Store.open(home):
        pass
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--home", str(home), "--gateway", "0"]
    environment = os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"gateway +127\.0\.0\.1:(\d+)", process.stdout.readline())
    assert found is not None
    assert "dashboard" in process.stdout.readline()
    with socket.create_connection(("127.0.0.1", int(found[1])), timeout=5) as device:
        device.sendall(packet(minute()))
        assert b"CN=9014" in device.recv(1000)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    process.stdout.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(found[1])), timeout=5)
    with Store.open(home) as store, caught_up(store) as index:
        assert [row.answer for row in index.packets()] == ["9014"]


def test_without_a_terminal_progress_is_a_line_in_ten_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("pipelines.clock.seconds", lambda: now[0])
    with show.progress() as progress:
        for done in range(1, 31):
            now[0] += 1.0
            progress("detect", done, 30)
    assert capsys.readouterr().err.splitlines() == ["detect: 10 of 30", "detect: 20 of 30", "detect: 30 of 30"]


def test_quiet_progress_says_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("pipelines.clock.seconds", lambda: now[0])
    with show.progress(quiet=True) as progress:
        now[0] = 100.0
        progress("detect", 1, 2)
    assert capsys.readouterr().err == ""


def test_killed_outright_it_leaves_no_dashboard_behind(home: Path, root: Path) -> None:
    with Store.open(home):
        pass
    command = [sys.executable, "-m", "pipelines.cli", "serve", "--home", str(home), "--json"]
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(root)}, cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["dashboard"]
    assert answers(address)
    process.kill()
    process.wait(timeout=10)
    process.stdout.close()
    until = time.monotonic() + 15
    while answers(address) and time.monotonic() < until:
        time.sleep(0.1)
    assert not answers(address)
