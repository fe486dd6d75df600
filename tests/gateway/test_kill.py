"""Killed under load, the gateway has lost nothing that it acknowledged."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pipelines.gateway.serve import caught_up
from pipelines.store import Store, journal
from tests.gateway.making import dialled
from tests.hj212.wire import minute, packet


def started(home: Path) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, "-m", "pipelines.cli", "--home", str(home), "monitor", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
    line = process.stdout.readline() if process.stdout else ""
    return process, int(json.loads(line)["gateway"].rpartition(":")[2])


async def _device(port: int, mn: str, answered: set[tuple[str, str]]) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        async with dialled(port) as (reader, writer):
            await _speak(reader, writer, mn, answered)


async def _speak(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mn: str, answered: set[tuple[str, str]]
) -> None:
    for number in range(100_000):
        qn = f"202611010800{number:05d}"
        writer.write(packet(minute(mn, qn=qn)))
        while f"QN={qn}".encode() not in (await reader.readuntil(b"\r\n")):
            pass
        answered.add((mn, qn))


async def _load_then_kill(port: int, process: subprocess.Popen[str], answered: set[tuple[str, str]]) -> None:
    devices = [asyncio.create_task(_device(port, f"310107A10{k:05d}", answered)) for k in range(20)]
    await asyncio.sleep(1.5)
    process.kill()
    await asyncio.gather(*devices, return_exceptions=True)


def test_kill_under_load_loses_nothing_acknowledged_and_the_next_run_goes_on(home: Path) -> None:
    answered: set[tuple[str, str]] = set()
    for _ in range(2):
        process, port = started(home)
        asyncio.run(_load_then_kill(port, process, answered))
        process.communicate()
    process, _ = started(home)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0
    with Store.open(home) as store, caught_up(store) as index:
        kept = {(row.mn, row.qn) for row in index.packets() if row.status == "ok"}
        assert len(answered) > 100
        assert answered <= kept
        assert journal.verify(store).ok


def test_a_second_gateway_on_a_home_is_refused_and_the_first_goes_on(home: Path) -> None:
    process, port = started(home)
    command = [sys.executable, "-m", "pipelines.cli", "--home", str(home), "monitor", "serve", "--port", "0"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 2
    assert "gateway_runs_already" in second.stderr
    answered: set[tuple[str, str]] = set()

    async def one() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(_device(port, "310107A1000001", answered), 0.5)

    asyncio.run(one())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert answered
