"""Two programs at one home: the second waits, and finds the work done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pipelines.store import Store, journal
from pipelines.store.read import counts


def together(home: Path, root: Path, *words: str) -> list[int]:
    command = [sys.executable, "-m", "pipelines.cli", *words, "--home", str(home), "--json"]
    environment = os.environ | {"YAOXUN_DETECT_DETECTORS": "haze_baseline", "PYTHONPATH": str(root)}
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, cwd=root) for _ in range(3)]
    return [process.wait(timeout=120) for process in running]


def test_three_deliveries_and_three_runs_at_once_end_well_and_once(home: Path, root: Path) -> None:
    with Store.open(home):
        pass
    flight = root / "data_samples" / "flight"
    pictures = [str(flight / f"DJI_000{n}.JPG") for n in (1, 2, 3)]
    assert together(home, root, "flights", "add", *pictures) == [0, 0, 0]
    assert together(home, root, "run") == [0, 0, 0]
    with Store.open(home) as store:
        assert counts.totals(store)["images"] == 3
        assert counts.totals(store)["flights"] == 1
        assert journal.verify(store).ok
