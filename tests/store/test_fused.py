"""An alert of several sights: its attribution's place is kept with them, and ends when one sight is left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enforcement.attribution import Attribution
from pipelines.engine.stage import Context
from pipelines.engine.stages import refresh_alert_sources
from pipelines.settings import Settings
from pipelines.store import journal
from pipelines.store.read import attributions, fused, observations
from pipelines.store.write import results
from tests.store import making
from tests.store.making import NOW

LATER = NOW + timedelta(days=1)


def refreshed(store, at) -> int:
    return refresh_alert_sources(store, Context.at(at, Settings()), "run-1")


def test_sights_and_weights_of_an_alerts_place_are_kept_and_can_be_looked_back_at(store):
    making.add_whole(store)
    sights = sorted(o.id for o in observations.current(store))
    assert len(sights) == 2 and fused.of_alert(store, "A-1") is None
    assert refreshed(store, NOW) == 1
    told = fused.of_alert(store, "A-1")
    assert told is not None and [s["observation"] for s in told["sights"]] == sights
    assert all(s["kept"] for s in told["sights"])
    for row, column in ((0, 0), (1, 1), (0, 1)):
        total = sum(s["weight"][row][column] for s in told["sights"])
        assert total == pytest.approx(float(row == column), abs=1e-5)
    held = attributions.current(store)["A-1"]
    assert isinstance(held.attribution, Attribution) and held.id == told["attribution"]
    assert refreshed(store, NOW) == 0, "the same sights at the same place write nothing"
    assert store.row("SELECT count(*) FROM fused_place")[0] == 1
    assert journal.verify(store).ok


def test_where_one_sight_is_left_the_fused_place_holds_no_longer(store):
    making.add_whole(store)
    refreshed(store, NOW)
    before = fused.of_alert(store, "A-1")
    gone, stays = sorted(observations.current(store), key=lambda o: o.id)
    with store.transaction() as tx:
        results.replace_observations(tx, [gone.frame_id], [], making.provenance_of(), at=LATER)
        journal.append_chunk(tx, at=LATER, run_id="run-1", stage="locate")
    assert refreshed(store, LATER) == 1
    assert fused.of_alert(store, "A-1") is None
    assert "A-1" not in attributions.current(store)
    assert stays.id in attributions.current(store)
    assert fused.of_alert(store, "A-1", as_of=NOW) == before
    assert refreshed(store, LATER) == 0
    assert journal.verify(store).ok


def test_a_place_is_never_deleted(store):
    making.add_whole(store)
    refreshed(store, NOW)
    for table in ("fused_place", "fused_sight"):
        with pytest.raises(Exception, match="never deleted"), store.transaction() as tx:
            tx.execute(f"DELETE FROM {table}", ())
