"""A frame that is matched starts from where the settings and its flight say that it stood, as one that is located."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data_samples.renderer.flight import START, Shot, exact_claim
from data_samples.renderer.tags import write_picture
from geo.errors import NoAttitude
from geo.pose import Stand
from pipelines import clock
from pipelines.engine import attitude
from pipelines.engine.flights import add_flight
from pipelines.engine.stage import Context
from pipelines.errors import Refusal
from pipelines.settings import LocateSettings, Settings
from pipelines.store import Store
from tests.cli.small_flight import HEIGHT_M, LENS, picture

OFF_M = 400.0


def with_rtk_and_no_angles(path: Path) -> None:
    """The pitch's attribute gives way to a fixed RtkFlag, at the same length."""
    data = path.read_bytes()
    for old, new in (
        (rb'drone-dji:RtkFlag="0"', b""),
        (rb'drone-dji:GimbalPitchDegree="[^"]*"', b'drone-dji:RtkFlag="50"'),
    ):
        data, count = re.subn(old, lambda found, new=new: new.ljust(len(found[0])), data)
        assert count == 1
    path.write_bytes(data)


@pytest.fixture()
def flown(tmp_path: Path) -> Iterator[tuple[Store, str]]:
    """Six pictures along a line, 3 s and 10 m apart, the third 400 m aside of it."""
    folder = tmp_path / "flight"
    folder.mkdir()
    for k in range(6):
        east = OFF_M if k == 2 else 0.0
        shot = Shot("", START + timedelta(seconds=3 * k), east, 10.0 * k, HEIGHT_M, 0.0, -90.0, 0.0)
        path = folder / f"DJI_{k:04d}.JPG"
        write_picture(path, picture(k), exact_claim(shot), LENS, quality=90)
        with_rtk_and_no_angles(path)
    with Store.open(tmp_path / "home") as store:
        yield store, str(add_flight(store, [folder], Context.at(clock.now(), Settings()), by=None).flight)


def stands(
    flown: tuple[Store, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings
) -> list[Stand]:
    seen: list[Stand] = []

    def nothing_matches(grey: object, camera: object, stand: Stand, *_: object, **__: Any) -> None:
        seen.append(stand)
        raise NoAttitude("picture", "nothing matches")

    monkeypatch.setattr(attitude, "attitude_by_ortho", nothing_matches)
    chart = tmp_path / "chart.tif"
    chart.write_bytes(b"never opened here")
    store, flight = flown
    with pytest.raises(Refusal, match="no_attitude"):
        attitude.match_flight(store, flight, Context.at(clock.now(), settings), ortho=chart, by=None)
    return seen


def test_a_position_that_its_flight_doubts_is_searched_as_widely(flown, monkeypatch, tmp_path):
    sigmas = [stand.sigma_xy_m for stand in stands(flown, monkeypatch, tmp_path, Settings())]
    assert sigmas[2] > 0.5 * OFF_M
    assert max(sigmas[:2] + sigmas[3:]) < 3.0


def test_a_base_that_the_settings_vouch_for_narrows_it(flown, monkeypatch, tmp_path):
    known = replace(Settings(), locate=LocateSettings(rtk_base_known=True))
    doubted = stands(flown, monkeypatch, tmp_path, Settings())[0]
    vouched = stands(flown, monkeypatch, tmp_path, known)[0]
    assert doubted.sigma_xy_m == pytest.approx((1.0**2 + 1.5**2) ** 0.5, abs=0.01)
    assert vouched.sigma_xy_m == pytest.approx(1.0, abs=0.01)
