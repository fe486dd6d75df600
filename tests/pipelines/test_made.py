"""What the worker makes of a flight: the report at once, the mosaic when it is asked for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipelines import clock
from pipelines.casework.requests import request_flight, request_mosaic, request_report
from pipelines.engine.work import work_one
from pipelines.settings import DetectSettings, Settings
from pipelines.store import Store, journal
from pipelines.store.read import derived, flights, jobs
from tests.cli.small_flight import write_flight

SETTINGS = replace(Settings(), detect=DetectSettings(detectors=("haze_baseline",)))


@pytest.fixture()
def worked(home, tmp_path):
    write_flight(tmp_path / "flight")
    with Store.open(home) as store:
        request_flight(store, [tmp_path / "flight"], by=None, at=clock.now())
        assert work_one(store, SETTINGS) is not None
        yield store


def ended(store: Store) -> tuple[str, str | None]:
    job = jobs.all(store, limit=1)[0]
    return job.state, job.reason


def test_a_delivery_has_its_report_before_anybody_asks(worked):
    (flight,) = flights.all(worked)
    file = derived.current(worked, "flight_report", flight.flight.id)
    report = json.loads((worked.home / file.path).read_text("utf-8"))
    assert (report["flight"], report["frames"], report["placed"]) == (flight.flight.id, 8, 8)
    assert journal.verify(worked).ok
    request_report(worked, flight.flight.id, by=None, at=clock.now())
    work_one(worked, SETTINGS)
    assert ended(worked) == ("done", None)
    assert derived.current(worked, "flight_report", flight.flight.id) == file, "the same flight: the same file"


def test_a_mosaic_that_is_asked_for_replaces_the_one_before_it(worked):
    flight = flights.all(worked)[0].flight.id
    paths = []
    for cell_m in (0.5, 1.0):
        request_mosaic(worked, flight, by=None, at=clock.now(), cell_m=cell_m)
        work_one(worked, SETTINGS)
        assert ended(worked) == ("done", None)
        found = derived.current(worked, "mosaic", flight)
        assert found.facts["gsd_m"] == cell_m
        paths.append(worked.home / found.path)
    assert [path.is_file() for path in paths] == [False, True]
    assert [row.id for row in derived.all_current(worked, "mosaic")] == [derived.current(worked, "mosaic", flight).id]
    assert journal.verify(worked).ok
