"""How a flight is corrected: rows are added, one holds, each instant sees its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipelines.records import FrameCorrection
from pipelines.store import journal
from pipelines.store.read import geometry as read
from pipelines.store.records import FlightGeometry
from pipelines.store.write.geometry import set_geometry
from tests.store import making
from tests.store.making import NOW

LATER = NOW + timedelta(hours=1)
GROUND = "a" * 64


@pytest.fixture
def flown(store):
    making.start_run(store)
    flight_id, (frame, _) = making.add_flight(store)
    return flight_id, frame.id


def said(flight_id, *, at=NOW, kind="adjusted", terrain=None):
    return FlightGeometry(0, flight_id, kind, f"key {at}", True, ({"row": 2},), None, terrain, {"frames": 1}, "code",
                          "owner", "owner", at, False)  # fmt: skip


def put(store, geometry, *corrections):
    with store.transaction() as tx:
        number = set_geometry(tx, geometry, corrections)
        journal.append(tx, at=geometry.at, actor="owner", role="owner", kind="t", subject="t", payload={})
    return number


def test_what_was_said_comes_back_and_the_earlier_word_stays_for_its_instant(store, flown):
    flight_id, frame_id = flown
    first, second = (FrameCorrection(frame_id, {"fx_px": n}, {"x_m": float(n)}, str(n) * 64) for n in (1, 2))
    a = put(store, said(flight_id), first)
    b = put(store, said(flight_id, at=LATER, kind="controlled"), second)
    assert read.current(store, flight_id) == replace(said(flight_id, at=LATER, kind="controlled"), id=b)
    assert read.current(store, flight_id, as_of=NOW).id == a
    assert read.current(store, flight_id, as_of=NOW - timedelta(seconds=1)) is None
    assert read.corrections(store, None) == {frame_id: second}
    assert read.corrections(store, None, as_of=NOW) == {frame_id: first}
    assert [g.kind for g in read.history(store, flight_id)] == ["adjusted", "controlled"]


def test_an_undone_flight_has_no_corrections_and_keeps_its_history(store, flown):
    flight_id, frame_id = flown
    put(store, said(flight_id), FrameCorrection(frame_id, {}, {}, "1" * 64))
    put(store, said(flight_id, at=LATER, kind="undone"))
    assert read.corrections(store, None) == {}
    assert len(read.history(store, flight_id)) == 2


def test_a_correction_holds_on_the_ground_it_was_computed_with_only(store, flown):
    flight_id, frame_id = flown
    put(store, said(flight_id, terrain=GROUND), FrameCorrection(frame_id, {}, {}, "1" * 64))
    assert read.corrections(store, None) == {}
    assert set(read.corrections(store, GROUND)) == {frame_id}


def test_what_an_observation_shares_comes_back(store, flown):
    from pipelines.store.read import observations
    from pipelines.store.write import results

    flight_id, frame_id = flown
    detection = making.detection_of("de-1", frame_id)
    shared = ((1.0, -0.5), (0.25, 2.0))
    seen = replace(making.observation_of(detection, flight_id), shared=shared)
    with store.transaction() as tx:
        results.replace_detections(tx, [frame_id], [detection], making.provenance_of(), at=NOW)
        results.replace_observations(tx, [frame_id], [seen], making.provenance_of(), at=NOW)
        journal.append_chunk(tx, at=NOW, run_id="run-1", stage="t")
    assert observations.current(store)[0].shared == shared
