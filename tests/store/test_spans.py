"""What was shown at an instant is what a look back at that instant shows, whatever the machine says since."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest

from pipelines.casework.freeze_week import freeze_week
from pipelines.casework.lead import open_lead
from pipelines.casework.verdict import record_verdict
from pipelines.records import Observation
from pipelines.store import Store, journal, migrate
from pipelines.store.canonical import instant
from pipelines.store.home import DATABASE
from pipelines.store.read import alerts, attributions, detections, firms, frames, observations, weekly
from pipelines.store.records import AttributionRow
from pipelines.store.write import alerts as write_alerts
from pipelines.store.write import results
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM

LATER = NOW + timedelta(days=1)
WEEK = "2026-W48"


def _shown(store: Store, at) -> dict[str, object]:
    """Every read that takes an instant, asked for that instant."""
    return {
        "frames": frames.all(store, as_of=at),
        "footprints": frames.footprints(store, as_of=at),
        "detections": detections.current(store, as_of=at),
        "observations": observations.current(store, as_of=at),
        "without_alert": observations.without_alert(store, as_of=at),
        "stale_links": observations.stale_links(store, as_of=at),
        "attributions": attributions.current(store, as_of=at),
        "known": alerts.known(store, at),
        "views": alerts.views(store, at),
        "of_alert": {a.id: observations.of_alert(store, a.id, as_of=at) for a in alerts.open(store, at)},
        "verdicts": alerts.verdicts(store, "A-1", as_of=at),
        "leads": alerts.leads(store, at),
        "week": weekly.latest(store, WEEK, as_of=at),
        "firms": firms.facts(store, at),
    }


def _shown_now(store: Store) -> dict[str, object]:
    """The same questions where they can be asked without an instant."""
    return {
        "frames": frames.all(store),
        "footprints": frames.footprints(store),
        "detections": detections.current(store),
        "observations": observations.current(store),
        "without_alert": observations.without_alert(store),
        "stale_links": observations.stale_links(store),
        "attributions": attributions.current(store),
        "verdicts": alerts.verdicts(store, "A-1"),
        "week": weekly.latest(store, WEEK),
    }


def _write(store: Store, change: Callable, *, at, run_id: str) -> None:
    with store.transaction() as tx:
        change(tx)
        if tx.touched():
            journal.append_chunk(tx, at=at, run_id=run_id, stage="t")


class _Brigade:
    """A home to which one thing or another happens, each at its own instant."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.chance = store, random.Random(seed)
        making.tell(store, [making.enterprise_of(FIRM), making.enterprise_of(OTHER_FIRM, row=2)])
        self.flight_id = making.add_whole(store)
        making.add_draft(store, making.plan_of(WEEK))

    def rerun(self, at, run_id: str) -> None:
        """Other results under the same names, for some of the frames."""
        some = [f for f in frames.all(self.store) if self.chance.random() < 0.7] or frames.all(self.store)
        making.add_results(
            self.store, self.flight_id, some, run_id=run_id, at=at, confidence=round(self.chance.random(), 3),
            named=self.chance.choice((FIRM, OTHER_FIRM, None)),
        )  # fmt: skip

    def find_nothing(self, at, run_id: str) -> None:
        """A run that finds nothing in one frame, and the link that ends."""
        frame = self.chance.choice(frames.all(self.store))

        def change(tx) -> None:
            results.replace_detections(tx, [frame.id], [], making.provenance_of(run_id), at=at)

        _write(self.store, change, at=at, run_id=run_id)
        if self.chance.random() < 0.5:
            gone = observations.stale_links(self.store)
            _write(self.store, lambda tx: write_alerts.unlink_observations(tx, gone, at=at), at=at, run_id=run_id)

    def weigh_again(self, at, run_id: str) -> None:
        """The same attribution id with another answer: coming back to an earlier key writes it once more."""
        current = observations.current(self.store)
        if not current:
            return
        one: Observation = self.chance.choice(current)
        weighed = AttributionRow(f"at-run-1-{one.id}", one.id, making.attribution_of(named=OTHER_FIRM))

        def change(tx) -> None:
            results.replace_attributions(tx, [weighed], making.provenance_of(run_id), at=at)
            write_alerts.set_attribution(tx, [("A-1", weighed.id)], run_id=run_id, at=at)

        _write(self.store, change, at=at, run_id=run_id)

    def join(self, at, run_id: str) -> None:
        """What no alert holds joins the alert."""
        loose = [("A-1", o.id) for o in observations.without_alert(self.store)]
        _write(
            self.store, lambda tx: write_alerts.link_observations(tx, loose, run_id=run_id, at=at), at=at, run_id=run_id
        )

    def judge(self, at, run_id: str) -> None:
        """A person's word."""
        record_verdict(self.store, "A-1", self.chance.choice(("confirmed", "lawful")), by=None, at=at)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_shown_then_is_shown_when_one_looks_back(store, seed):
    brigade = _Brigade(store, seed)
    happenings = [brigade.rerun, brigade.find_nothing, brigade.weigh_again, brigade.join, brigade.judge] * 2
    brigade.chance.shuffle(happenings)
    seen = {NOW: _shown(store, NOW)}
    for step, happening in enumerate(happenings, start=1):
        at, run_id = NOW + timedelta(hours=step), f"run-x{step}"
        making.start_run(store, run_id, at=at)
        happening(at, run_id)
        seen[at] = _shown(store, at)
        today = _shown_now(store)
        assert {name: seen[at][name] for name in today} == today, happening.__name__
    freeze_week(store, WEEK, by=None, at=LATER)
    record_verdict(store, "A-1", "confirmed", by=None, at=LATER)
    open_lead(store, ["A-1"], by=None, at=LATER, next_step="site_visit", reason="r")
    assert len({repr(shown) for shown in seen.values()}) > 5, "things did happen"
    for at, shown in seen.items():
        assert _shown(store, at) == shown, f"{at}"
        assert _shown(store, at + timedelta(minutes=59)) == shown | {
            "firms": firms.facts(store, at + timedelta(minutes=59))
        }
    assert journal.verify(store).ok


def test_a_rerun_shows_its_rows_from_its_instant_on_and_none_before_the_first(store):
    flight_id = making.add_whole(store)
    making.start_run(store, "run-2", at=LATER)
    making.add_results(store, flight_id, frames.all(store), run_id="run-2", at=LATER, confidence=0.75, named=None)
    just_before = LATER - timedelta(microseconds=1)
    for at, confidence, answer in ((NOW, 0.5, "named"), (just_before, 0.5, "named"), (LATER, 0.75, "none_registered")):
        assert {d.confidence for found in detections.current(store, as_of=at).values() for d in found} == {confidence}
        assert {o.confidence for o in observations.current(store, as_of=at)} == {confidence}
        assert {a.attribution.answer for a in attributions.current(store, as_of=at).values()} == {answer}
        assert alerts.view(store, "A-1", at).detection.confidence == confidence
    spans = "SELECT received_at, superseded_at FROM {} ORDER BY 1"
    for table in ("detection", "frame_footprint", "observation", "attribution"):
        found = [tuple(row) for row in store.rows(spans.format(table))]
        assert found == [(instant(NOW), instant(LATER))] * 2 + [(instant(LATER), None)] * 2
    before = NOW - timedelta(microseconds=1)
    nothing = (detections.current, observations.current, attributions.current, frames.footprints)
    assert not any(read(store, as_of=before) for read in nothing)


def test_a_rerun_at_the_same_instant_leaves_one_answer(store):
    flight_id = making.add_whole(store)
    making.start_run(store, "run-2")
    making.add_results(store, flight_id, frames.all(store), run_id="run-2", confidence=0.75)
    assert observations.current(store, as_of=NOW) == observations.current(store)
    assert detections.current(store, as_of=NOW) == detections.current(store)
    assert len(observations.current(store, as_of=NOW)) == 2


def test_a_footprint_of_a_later_run_is_not_seen_before_it(store):
    making.add_whole(store)
    making.start_run(store, "run-2", at=LATER)
    first, _ = frames.all(store)
    other = making.changed(making.footprint_of(first.id), gsd_m=0.5)
    _write(
        store, lambda tx: results.replace_footprints(tx, [other], making.provenance_of("run-2"), at=LATER),
        at=LATER, run_id="run-2",
    )  # fmt: skip
    assert frames.footprints(store, as_of=NOW)[first.id].gsd_m == 0.031
    assert frames.footprints(store, as_of=LATER)[first.id].gsd_m == 0.5
    assert frames.footprints(store) == frames.footprints(store, as_of=LATER)


def test_stale_links_are_those_of_the_instant(store):
    making.add_whole(store)
    making.start_run(store, "run-2", at=LATER)
    first, _ = frames.all(store)

    def find_nothing(tx) -> None:
        results.replace_detections(tx, [first.id], [], making.provenance_of("run-2"), at=LATER)

    _write(store, find_nothing, at=LATER, run_id="run-2")
    stale = [("A-1", f"ob-de-{first.id}")]
    assert (observations.stale_links(store, as_of=NOW), observations.stale_links(store, as_of=LATER)) == ([], stale)
    much_later = LATER + timedelta(days=1)
    _write(store, lambda tx: write_alerts.unlink_observations(tx, stale, at=much_later), at=much_later, run_id="run-2")
    assert observations.stale_links(store) == observations.stale_links(store, as_of=much_later) == []
    assert observations.stale_links(store, as_of=LATER) == stale


def test_a_plan_that_was_frozen_later_was_a_draft_then(store):
    making.start_run(store)
    drafted = making.add_draft(store)
    freeze_week(store, WEEK, by=None, at=LATER)
    assert weekly.latest(store, WEEK, as_of=NOW) == drafted
    frozen = weekly.latest(store, WEEK, as_of=LATER)
    assert (frozen.state, frozen.frozen_at) == ("frozen", LATER)
    assert frozen == weekly.latest(store, WEEK)


def test_a_home_of_form_1_is_looked_back_at_by_the_instants_of_its_runs(old_home):
    """A result that a run superseded in form 1 is shown between the two runs, though its row has no instants."""
    raw = sqlite3.connect(old_home / DATABASE, isolation_level=None)
    raw.execute(
        "INSERT INTO run SELECT 'run-2', stage, ?, ?, ended_at, code_version, settings_sha256, model_sha256,"
        " policy_version, seed, done, skipped, refused, failed FROM run WHERE id = 'run-1'",
        (instant(LATER), instant(LATER + timedelta(minutes=5))),
    )
    for table in ("detection", "frame_footprint"):
        raw.execute(f"UPDATE {table} SET superseded_by_run = 'run-2'")
        columns = [c[1] for c in raw.execute(f"PRAGMA table_info({table})")][1:]
        copied = ["'run-2'" if c == "run_id" else "NULL" if c == "superseded_by_run" else c for c in columns]
        raw.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(copied)} FROM {table}")
    raw.close()
    with Store.open(old_home) as store:
        for read in (detections.current, frames.footprints):
            assert read(store, as_of=NOW - timedelta(microseconds=1)) == {}
            assert len(read(store, as_of=NOW)) == len(read(store, as_of=LATER)) == len(read(store)) == 2
        known = store.rows("SELECT run_id, known_from, known_until FROM detection_span ORDER BY row")
        old, new = ("run-1", instant(NOW), instant(LATER)), ("run-2", instant(LATER), None)
        assert [tuple(row) for row in known] == [old, old, new, new]


def test_an_old_home_takes_a_rerun_and_its_journal_still_answers(old_home):
    with Store.open(old_home) as store:
        assert store.row("SELECT max(number) FROM schema_migration")[0] == len(migrate.known())
        before = _shown(store, NOW)
        making.start_run(store, "run-2", at=LATER)
        (flight_id,) = {f.flight_id for f in frames.all(store)}
        making.add_results(store, flight_id, frames.all(store), run_id="run-2", at=LATER, confidence=0.75)
        assert _shown(store, NOW) == before
        assert {o.confidence for o in observations.current(store)} == {0.75}
        assert {b.reason for b in journal.verify(store).breaks} == {"evidence_missing"}
