"""`flights add` killed between its transactions, again and again, ends where an uninterrupted one ends."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from pipelines.store import Store, journal
from pipelines.store.read import flights, frames
from tests.geo.pictures import BRIGHTON_LIKE, gps_at, jpeg, xmp_packet

pytestmark = pytest.mark.proof
SEED, KILLS, PICTURES, ZIPPED = 20261125, 8, 24, 4


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A folder with pictures, one of them cut short, no picture, a track; and a zip with more pictures."""
    root = tmp_path_factory.mktemp("delivery")
    folder, packed = root / "folder", root / "more.zip"
    folder.mkdir()
    for k in range(PICTURES):
        data = _picture(k)
        (folder / f"DJI_{k:04d}.JPG").write_bytes(data[: len(data) // 2] if k == 5 else data)
    (folder / "none.JPG").write_bytes(b"nothing")
    (folder / "clip.SRT").write_text("1\n00:00:00,000 --> 00:00:01,000\nGPS(121.4005,31.2405,17) BAROMETER:1.9\n\n")
    with zipfile.ZipFile(packed, "w") as archive:
        for k in range(ZIPPED):
            archive.writestr(f"DJI_9{k:03d}.JPG", _picture(100 + k))
    return [folder, packed]


def _picture(k: int) -> bytes:
    yaw = f"{180 * (k % 2) - 90:+d}"
    xmp = xmp_packet({**BRIGHTON_LIKE, "GimbalYawDegree": yaw, "FlightYawDegree": yaw})
    details: dict[int, object] = {0x9003: f"2026:11:20 10:{k // 60:02d}:{k % 60:02d}", 0xA405: 20}
    return jpeg(xmp, size=(320, 240), exif={0x0110: "FC300S"}, details=details, gps=gps_at(121.4 + k * 1e-4, 31.25))


def add(home: Path, paths: list[Path]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipelines.cli", "flights", "add", *map(str, paths), "--home", str(home), "--json"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=os.environ | {"YAOXUN_ENGINE_CHUNK": "1"}, **quiet)


def count(home: Path) -> int:
    """Frames that are stored so far."""
    if not (home / "yaoxun.sqlite").exists():
        return 0
    with Store.open(home, create=False) as store:
        return sum(one.frames for one in flights.all(store))


def held(home: Path) -> str:
    """Flights, frames and originals, without the instants of running."""
    with Store.open(home, create=False) as store:
        assert journal.verify(store).ok
        summaries = flights.all(store)
        found = {
            "flights": [(s.flight.name, s.frames, s.tracks, s.refused) for s in summaries],
            "frames": sorted(
                (f.name, f.file_sha256, json.dumps(f.tags, sort_keys=True), str(f.observed_at), str(f.warnings))
                for s in summaries
                for f in frames.all(store, flight_id=s.flight.id)
            ),
        }
    originals = sorted(str(file.relative_to(home)) for file in (home / "evidence").rglob("*") if len(file.name) == 64)
    return json.dumps({**found, "originals": originals}, indent=1)


def test_killed_between_its_transactions_it_ends_where_it_would_have_ended(
    tmp_path: Path, delivery: list[Path]
) -> None:
    assert add(tmp_path / "untouched", delivery).wait() == 0
    home, draw, seen = tmp_path / "home", random.Random(SEED), []
    targets = sorted(draw.sample(range(1, PICTURES + ZIPPED - 1), KILLS))
    for target in targets:
        process = add(home, delivery)
        while process.poll() is None and count(home) < target:
            time.sleep(0.01)
        time.sleep(draw.uniform(0.0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen.append(count(home))
        with Store.open(home) as store:
            assert journal.verify(store).ok
            assert len(flights.all(store)) <= 1
    assert len(set(seen)) > KILLS // 2, f"killed while it stored: {seen}"
    assert add(home, delivery).wait() == 0
    assert held(home) == held(tmp_path / "untouched")
    assert not list((home / "tmp").glob("delivery-*"))
