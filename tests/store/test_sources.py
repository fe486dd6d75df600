"""Which original and which model stand behind each row that the machine wrote: nobody has to tell the store."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.engine.execute import execute
from pipelines.engine.flights import add_flight
from pipelines.engine.stage import Context
from pipelines.engine.stages import IN_ORDER, refresh_alert_sources
from pipelines.records import Refused
from pipelines.settings import DetectSettings, LocateSettings, Settings
from pipelines.store import journal
from pipelines.store.read import alerts, attributions, observations
from pipelines.store.write import alerts as write_alerts
from pipelines.store.write import runs
from tests.store import making
from tests.store.making import NOW, changed

WITH_SOURCE = ("detection", "frame_footprint", "observation", "attribution", "alert")
WITH_MODEL = ("detection", "observation", "attribution", "alert")


def _said(store, column: str, table: str) -> set[str | None]:
    return {row[0] for row in store.rows(f"SELECT {column} FROM {table}")}


def test_each_row_names_its_own_original_and_model(store):
    provenance = making.provenance_of()
    assert provenance.source_sha256 is None and provenance.model_sha256 is None
    making.add_whole(store)
    both = {hashlib.sha256(f"picture {name}".encode()).hexdigest() for name in ("a.jpg", "b.jpg")}
    for table in ("detection", "frame_footprint", "observation", "attribution"):
        assert _said(store, "source_sha256", table) == both, table
    for table in WITH_MODEL:
        assert _said(store, "model_sha256", table) == {making.sha("model")}, table
    pairs = store.rows(
        "SELECT o.source_sha256, f.file_sha256 FROM observation AS o JOIN frame AS f ON f.id = o.frame_id"
    )
    assert all(pair[0] == pair[1] for pair in pairs)
    (first, *_) = store.rows("SELECT observation_id FROM alert_observation ORDER BY id")
    of_first = store.row("SELECT source_sha256 FROM observation WHERE id = ?", (first[0],))[0]
    assert _said(store, "source_sha256", "alert") == {of_first}
    assert journal.verify(store).ok


def test_an_alert_that_the_journal_answers_for_is_not_filled_in_later(store):
    making.start_run(store)
    flight_id, everything = making.add_flight(store)
    found = making.add_results(store, flight_id, everything)
    with store.transaction() as tx:
        write_alerts.insert_alerts(tx, [making.alert_of("A-1")], making.provenance_of())
        journal.append_chunk(tx, at=NOW, run_id="run-1", stage="alert")
    with store.transaction() as tx:
        write_alerts.link_observations(tx, [("A-1", found[0].id)], run_id="run-1", at=NOW)
        assert [table for table, _ in tx.touched()] == ["alert_observation"]
        journal.append_chunk(tx, at=NOW, run_id="run-1", stage="alert")
    assert _said(store, "source_sha256", "alert") == {None}


def test_a_refusal_names_the_original_where_the_item_has_one(store):
    making.add_whole(store)
    (one, _) = observations.current(store)
    items = [one.frame_id, one.id, "unread.jpg"]
    with store.transaction() as tx:
        runs.refuse(tx, [Refused(i, "no_attitude", "") for i in items], run_id="run-1", stage="locate", at=NOW)
        journal.append_chunk(tx, at=NOW, run_id="run-1", stage="locate")
    told = store.rows("SELECT source_sha256 FROM refusal ORDER BY id")
    of_frame = store.row("SELECT file_sha256 FROM frame WHERE id = ?", (one.frame_id,))[0]
    assert [row[0] for row in told] == [of_frame, of_frame, None]


@pytest.fixture()
def rendered(root: Path) -> Path:
    return root / "data_samples" / "flight" / "DJI_0003.JPG"


def _run_chain(store, settings: Settings, at) -> None:
    context = Context.at(at, settings)
    ran = [execute(store, stage, context).run_id for stage in IN_ORDER]
    refresh_alert_sources(store, context, next(run_id for run_id in reversed(ran) if run_id is not None))


def test_the_real_chain_leaves_no_row_without_its_original_and_model_and_can_be_looked_back_at(store, rendered):
    settings = Settings(detect=DetectSettings(detectors=("haze_baseline",)))
    add_flight(store, [rendered], Context.at(NOW, settings), by=None)
    _run_chain(store, settings, NOW)
    original = hashlib.sha256(rendered.read_bytes()).hexdigest()
    for table in WITH_SOURCE:
        assert _said(store, "source_sha256", table) == {original}, table
    for table in WITH_MODEL:
        models = _said(store, "model_sha256", table)
        assert len(models) == 1 and None not in models, table
    assert journal.verify(store).ok

    then = (alerts.views(store, NOW), observations.current(store, as_of=NOW), attributions.current(store, as_of=NOW))
    assert then[1] == observations.current(store) and then[0] and then[2]
    strict = LocateSettings(max_sigma_major_m=1.0)  # nothing is placed as well as that
    later = NOW + timedelta(days=1)
    _run_chain(store, changed(settings, locate=strict), later)
    assert [o.ground for o in observations.current(store)] == [None]
    assert [view.observations for view in alerts.views(store, later)] == [0], "its link ended"
    assert then == (
        alerts.views(store, NOW), observations.current(store, as_of=NOW), attributions.current(store, as_of=NOW)
    )  # fmt: skip
    assert journal.verify(store).ok
