"""What stages store, and what is read back: equal, current, and as of an instant."""

from __future__ import annotations

import sqlite3
from datetime import UTC, timedelta

import pytest

from pipelines.records import Refused, Status, TrackSummary
from pipelines.store import journal
from pipelines.store.canonical import BEIJING, NaiveInstant, from_instant, instant
from pipelines.store.errors import UnknownRow
from pipelines.store.read import alerts, attributions, counts, detections, flights, frames, observations, runs
from pipelines.store.records import WorkDone
from pipelines.store.write import alerts as write_alerts
from pipelines.store.write import flights as write_flights
from pipelines.store.write import results
from pipelines.store.write import runs as write_runs
from tests.store import making
from tests.store.making import NOW

LATER = NOW + timedelta(days=1)


def _write(store, change, *, at=NOW, run_id="run-1", stage="t"):
    with store.transaction() as tx:
        given = change(tx)
        if tx.touched():
            journal.append_chunk(tx, at=at, run_id=run_id, stage=stage)
    return given


def test_instants_keep_their_microseconds_and_their_order_as_text():
    moments = [NOW + timedelta(microseconds=step) for step in (0, 1, 999_999, 1_000_000)]
    texts = [instant(m.astimezone(zone)) for m, zone in zip(moments, (UTC, BEIJING, UTC, BEIJING), strict=True)]
    assert texts == sorted(texts)
    assert [from_instant(t) for t in texts] == moments
    assert len({len(t) for t in texts}) == 1
    with pytest.raises(NaiveInstant):
        instant(NOW.replace(tzinfo=None))


def test_every_record_comes_back_equal(store):
    flight_id = making.add_whole(store)
    assert flight_id == "F-2026-1124-01"
    held = [making.file_of(n, f"picture {n}".encode()) for n in ("a.jpg", "b.jpg")]
    expected = [making.frame_of(f"fr-{f.sha256[:8]}", flight_id, f) for f in held]
    assert frames.all(store) == expected
    assert frames.get(store, expected[0].id) == expected[0]
    assert frames.by_file(store, [held[1].sha256, "nothing"]) == {held[1].sha256: [expected[1]]}
    boxes = {f.id: [making.detection_of(f"de-{f.id}", f.id)] for f in expected}
    assert detections.current(store) == boxes
    assert detections.current_of(store, expected[0].id) == boxes[expected[0].id]
    assert detections.get(store, f"de-{expected[0].id}") == boxes[expected[0].id][0]
    placed = sorted((making.observation_of(b[0], flight_id) for b in boxes.values()), key=lambda o: o.id)
    assert observations.current(store) == placed
    assert frames.footprints(store) == {f.id: making.footprint_of(f.id) for f in expected}
    weighed = attributions.current(store)
    assert {i: w.attribution for i, w in weighed.items()} == {o.id: making.attribution_of() for o in placed}
    assert alerts.get(store, "A-1") == making.alert_of("A-1")
    assert runs.run(store, "run-1") == making.run_of()


def test_what_has_no_place_keeps_its_reason(store):
    making.start_run(store)
    flight_id, (frame, _) = making.add_flight(store)
    detection = making.detection_of("de-1", frame.id)
    lost = making.observation_of(detection, flight_id, ground=None)
    _write(store, lambda tx: results.replace_detections(tx, [frame.id], [detection], making.provenance_of(), at=NOW))
    _write(store, lambda tx: results.replace_observations(tx, [frame.id], [lost], making.provenance_of(), at=NOW))
    assert observations.current(store) == [lost]
    assert (lost.status, lost.reason, lost.ground) == (Status.REFUSED, "above_horizon", None)


def test_a_run_under_another_key_writes_beside_the_old_rows(store):
    flight_id = making.add_whole(store)
    making.start_run(store, "run-2")
    everything = frames.all(store)
    making.add_results(store, flight_id, everything, run_id="run-2", confidence=0.75)
    assert {d.confidence for found in detections.current(store).values() for d in found} == {0.75}
    assert {o.confidence for o in observations.current(store)} == {0.75}
    for table in ("detection", "observation", "attribution", "frame_footprint"):
        old = store.rows(f"SELECT run_id, superseded_by_run FROM {table} ORDER BY 1")
        assert [tuple(r) for r in old] == [("run-1", "run-2")] * 2 + [("run-2", None)] * 2
    view = alerts.view(store, "A-1", NOW)
    assert view.observations == 2, "the same findings under the same names: the alert still holds them"
    assert view.detection.confidence == 0.75


def test_new_detections_end_what_was_made_of_the_old_ones_at_once(store):
    making.add_whole(store)
    making.start_run(store, "run-2")
    first, second = frames.all(store)
    _write(
        store,
        lambda tx: results.replace_detections(tx, [first.id], [], making.provenance_of("run-2"), at=LATER),
        run_id="run-2",
    )
    assert [o.frame_id for o in observations.current(store)] == [second.id]
    assert list(detections.current(store)) == [second.id]
    assert len(attributions.current(store)) == 1
    assert observations.stale_links(store) == [("A-1", f"ob-de-{first.id}")]
    _write(store, lambda tx: write_alerts.unlink_observations(tx, observations.stale_links(store), at=LATER))
    assert observations.stale_links(store) == []
    assert [o.frame_id for o in observations.of_alert(store, "A-1")] == [second.id]
    assert len(observations.of_alert(store, "A-1", as_of=NOW)) == 2


def test_an_alert_all_of_whose_links_ended_still_shows_what_raised_it(store):
    making.add_whole(store)
    gone = [("A-1", o.id) for o in observations.current(store)]
    _write(store, lambda tx: write_alerts.unlink_observations(tx, gone, at=NOW))
    view = alerts.view(store, "A-1", LATER)
    assert (view.observations, view.detection.label) == (0, "dust_plume")


def test_done_keys_are_the_current_ones_and_going_back_is_work_again(store):
    making.start_run(store)

    def done(key):
        mark = WorkDone(key, "detect", "fr-1")
        _write(store, lambda tx: write_runs.done(tx, [mark], run_id="run-1", at=NOW))

    done("A")
    done("B")
    assert runs.done_keys(store, "detect") == {"B"}
    assert runs.ever_done_keys(store, "detect") == {"A", "B"}
    done("A")
    assert runs.done_keys(store, "detect") == {"A"}
    with pytest.raises(sqlite3.IntegrityError):
        done("A")
    assert runs.done_keys(store, "locate") == set()
    assert runs.states(store, "detect")["fr-1"].status is Status.OK


def test_a_run_starts_ends_and_is_the_latest_of_its_stage(store):
    making.start_run(store, "run-1")
    making.start_run(store, "run-2", at=LATER)
    ended = making.changed(making.run_of("run-2", at=LATER), ended_at=LATER, done=3, refused=1)
    with store.transaction() as tx:
        write_runs.end_run(tx, ended)
    assert runs.latest(store) == {"detect": ended}
    assert [r.id for r in runs.all_runs(store)] == ["run-2", "run-1"]
    with pytest.raises(ValueError, match="not ended"), store.transaction() as tx:
        write_runs.end_run(tx, making.run_of())
    with pytest.raises(LookupError), store.transaction() as tx:
        write_runs.end_run(tx, making.changed(ended, id="nobody"))


def test_one_instant_of_one_file_is_one_frame(store):
    making.start_run(store)
    _, (frame, _) = making.add_flight(store)
    again = making.changed(frame, id="fr-other")
    with pytest.raises(sqlite3.IntegrityError):
        _write(store, lambda tx: write_flights.insert_frames(tx, [again], run_id="run-1"))


def test_flights_of_one_day_are_counted_by_the_day_of_beijing(store):
    making.start_run(store)
    at = NOW.replace(hour=15, minute=59)
    first, _ = making.add_flight(store, ["1.jpg"], at=at)
    second, _ = making.add_flight(store, ["2.jpg"], at=at)
    third, _ = making.add_flight(store, ["3.jpg"], at=at + timedelta(minutes=1))
    assert (first, second, third) == ("F-2026-1124-01", "F-2026-1124-02", "F-2026-1125-01")
    assert [s.flight.id for s in flights.all(store)] == [third, second, first]


def test_a_flights_page_shows_each_frame_at_each_stage(store):
    flight_id = making.add_whole(store)
    track_file = making.file_of("a.srt", b"track")
    track = TrackSummary(track_file.sha256, flight_id, "a.srt", "srt", 10, 1, {"lon": 121.4}, None)
    first, second = frames.all(store)

    def more(tx):
        write_flights.insert_files(tx, flight_id, [track_file])
        write_flights.insert_tracks(tx, [track], run_id="run-1", at=NOW)
        write_runs.refuse(
            tx, [Refused("c.jpg", "truncated", "no end")], run_id="run-1", stage="intake", at=NOW, flight_id=flight_id
        )
        marks = [
            WorkDone("l1", "locate", first.id, Status.REFUSED, "no_attitude", "no gimbal"),
            WorkDone("l2", "locate", second.id),
        ]
        write_runs.done(tx, marks, run_id="run-1", at=NOW)

    _write(store, more)
    seen = flights.detail(store, flight_id)
    assert [f.name for f in seen.files] == ["a.jpg", "a.srt", "b.jpg"]
    assert seen.tracks == (track,)
    assert [(r.item, r.reason) for r in seen.refused] == [("c.jpg", "truncated")]
    states = {f.frame.id: {s: (state.status, state.reason) for s, state in f.stages.items()} for f in seen.frames}
    assert states == {
        first.id: {"detect": (Status.OK, None), "locate": (Status.REFUSED, "no_attitude")},
        second.id: {"detect": (Status.OK, None), "locate": (Status.OK, None)},
    }
    assert all((f.detections, f.observations, f.footprint is not None) == (1, 1, True) for f in seen.frames)
    (summary,) = flights.all(store)
    assert (summary.frames, summary.tracks, summary.refused, summary.detections, summary.alerts) == (2, 1, 1, 2, 1)
    assert summary.stages == {"detect": {Status.OK: 2}, "locate": {Status.OK: 1, Status.REFUSED: 1}}
    assert flights.of_files(store, [track_file.sha256, "x"]) == {track_file.sha256: flight_id}
    with pytest.raises(UnknownRow):
        flights.detail(store, "F-0")


def test_totals_count_what_is_current(store):
    making.add_whole(store)
    making.start_run(store, "run-2")
    making.add_results(store, "F-2026-1124-01", frames.all(store), run_id="run-2")
    seen = counts.totals(store)
    assert {k: seen[k] for k in ("files", "flights", "frames", "detections", "located", "alerts", "open_alerts")} == {
        "files": 2, "flights": 1, "frames": 2, "detections": 2, "located": 2, "alerts": 1, "open_alerts": 1,
    }  # fmt: skip


# ---- alerts ---------------------------------------------------------------------------------------------------------


def test_an_alerts_source_can_change_and_both_can_be_read(store):
    making.add_whole(store)
    making.start_run(store, "run-2")
    (first, _) = observations.current(store)
    other = making.attribution_of(named=None)
    row = results.AttributionRow("at-new", first.id, other)
    _write(store, lambda tx: results.replace_attributions(tx, [row], making.provenance_of("run-2"), at=LATER))
    _write(store, lambda tx: write_alerts.set_attribution(tx, [("A-1", "at-new")], run_id="run-2", at=LATER))
    _write(store, lambda tx: write_alerts.set_attribution(tx, [("A-1", "at-new")], run_id="run-2", at=LATER))
    assert alerts.view(store, "A-1", LATER).attribution == other
    assert alerts.view(store, "A-1", NOW).attribution == making.attribution_of()
    assert store.row("SELECT count(*) FROM alert_attribution")[0] == 2


def test_an_alert_whose_sources_were_not_weighed_says_so(store):
    making.start_run(store)
    flight_id, everything = making.add_flight(store)
    found = making.add_results(store, flight_id, everything)

    def raise_alert(tx):
        write_alerts.insert_alerts(tx, [making.alert_of("A-1")], making.provenance_of())
        write_alerts.link_observations(tx, [("A-1", found[0].id)], run_id="run-1", at=NOW)

    _write(store, raise_alert)
    seen = alerts.view(store, "A-1", NOW).attribution
    assert (seen.answer, seen.reason, seen.cannot_tell) == ("cannot_tell", "not_attributed_yet", 1.0)
    assert alerts.known(store, NOW)[0].attribution_id is None


def test_known_alerts_tell_what_they_hold_and_when_it_was_seen_last(store):
    making.start_run(store)
    flight_id, everything = making.add_flight(store)
    found = making.add_results(store, flight_id, everything)
    making.add_alert(store, "A-1", found[:1])
    second, more = making.add_flight(store, ["c.jpg"], at=LATER)
    (newer,) = making.add_results(store, second, more, run_id="run-1", at=LATER)
    assert {o.id for o in observations.without_alert(store)} == {found[1].id, newer.id}
    _write(store, lambda tx: write_alerts.link_observations(tx, [("A-1", newer.id)], run_id="run-1", at=LATER))
    (now,), (then,) = alerts.known(store, LATER), alerts.known(store, NOW)
    assert (then.observation_ids, then.last_observed_at) == ((found[0].id,), NOW - timedelta(hours=1))
    assert (now.observation_ids, now.last_observed_at) == ((found[0].id, newer.id), LATER - timedelta(hours=1))


def test_the_frame_that_shows_an_alert_best_is_the_most_confident_one(store):
    making.start_run(store)
    flight_id, everything = making.add_flight(store)
    sure = making.add_results(store, flight_id, everything[:1], confidence=0.9)
    unsure = making.add_results(store, flight_id, everything[1:], confidence=0.2)
    making.add_alert(store, "A-1", [*unsure, *sure], attribution_id="at-run-1-" + sure[0].id)
    view = alerts.view(store, "A-1", NOW)
    assert (view.frame_id, view.flight_id, view.detection.confidence) == (everything[0].id, flight_id, 0.9)


def test_an_alert_that_is_not_there_is_refused(store):
    with pytest.raises(UnknownRow):
        alerts.view(store, "A-0", NOW)
    making.add_whole(store)
    with pytest.raises(UnknownRow):
        alerts.view(store, "A-1", NOW - timedelta(microseconds=1))


def test_what_was_received_later_changes_nothing_that_looks_back(store):
    making.add_whole(store)
    before = _looked_back(store)
    making.start_run(store, "run-2", at=LATER)
    flight_id, everything = making.add_flight(store, ["late.jpg"], at=LATER, run_id="run-2")
    late = making.add_results(store, flight_id, everything, run_id="run-2", at=LATER)
    making.add_alert(store, "A-2", late, run_id="run-2", at=LATER)
    _write(store, lambda tx: write_alerts.link_observations(tx, [("A-1", late[0].id)], run_id="run-2", at=LATER))
    assert _looked_back(store) == before
    assert len(alerts.views(store, LATER)) == 2


def _looked_back(store):
    return (
        frames.all(store, as_of=NOW), frames.footprints(store, as_of=NOW), detections.current(store, as_of=NOW),
        observations.current(store, as_of=NOW), attributions.current(store, as_of=NOW), alerts.known(store, NOW),
        alerts.views(store, NOW), alerts.open(store, NOW), observations.of_alert(store, "A-1", as_of=NOW),
        observations.without_alert(store, as_of=NOW),
    )  # fmt: skip


def test_bulk_reads_ask_a_fixed_number_of_questions(store, monkeypatch):
    asked = []
    plain = type(store).rows
    monkeypatch.setattr(type(store), "rows", lambda self, sql, values=(): asked.append(sql) or plain(self, sql, values))
    making.start_run(store)
    numbers = []
    for round_ in range(2):
        flight_id, everything = making.add_flight(store, [f"{round_}-{i}.jpg" for i in range(5)])
        for observation in making.add_results(store, flight_id, everything):
            making.add_alert(store, f"A-{observation.id}", [observation])
        asked.clear()
        alerts.views(store, NOW)
        alerts.known(store, NOW)
        detections.current(store)
        observations.by_frame(store)
        attributions.current(store)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]
