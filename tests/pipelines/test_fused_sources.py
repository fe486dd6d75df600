"""An alert of several sights is attributed at the one place that they give together, and says which they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geo.crs import unproject
from pipelines.alert import fused_sights
from pipelines.attribute import SourceShape
from pipelines.engine.fused_sources import best_of, fused_attribution
from pipelines.engine.stage import Context
from pipelines.records import FusedSight, Observation
from pipelines.settings import Settings
from tests.pipelines.test_alert import NOON, place, seen

CONTEXT = Context.at(datetime(2026, 11, 24, tzinfo=UTC), Settings())
OWN_M, SHARED_M = 12.0, 4.0


class Registry:
    """Two firms 60 m apart; remembers around which place it was asked."""

    def __init__(self) -> None:
        self.asked: list[Observation] = []

    def near(self, observation: Observation, as_of: datetime) -> tuple[SourceShape, ...]:
        self.asked.append(observation)
        places = unproject(np.array([[633000.0, 3459000.0], [633060.0, 3459000.0]]), "EPSG:4549")
        return tuple(
            SourceShape("enterprise", f"E{k}", f"E{k}", f"firm {k}", shapely.to_wkb(shapely.Point(*lonlat)))
            for k, lonlat in enumerate(places)
        )

    def unplaced(self, observation: Observation, as_of: datetime) -> float:
        return 0.0


def sights(xs: list[float]) -> list[Observation]:
    """Sights of one thing, 12 m each of its own and 4 m in common."""
    sigma = float(np.hypot(OWN_M, SHARED_M))
    shared = tuple(tuple(SHARED_M if k == axis else 0.0 for k in range(11)) for axis in range(2))
    return [
        replace(seen(str(k), place(x, sigma_m=sigma)).observation, shared=shared, observed_at=NOON)
        for k, x in enumerate(xs)
    ]


def test_the_place_that_is_attributed_is_the_fused_one_and_its_ellipse_keeps_the_shared_part() -> None:
    registry, members = Registry(), sights([8.0, -6.0, 10.0, -9.0, 2.0, -5.0])
    row, kept = fused_attribution("A-1", members, ["at-1"], registry, CONTEXT)
    assert (row.observation_id, kept.id, kept.alert_id) == ("A-1", row.id, "A-1")
    ground = registry.asked[0].ground
    assert ground is not None and ground == fused_sights(members, best_of(members))[0]
    assert ground.x_m == pytest.approx(633000.0, abs=0.1)
    assert ground.sigma_minor_m >= SHARED_M
    assert ground.sigma_major_m == pytest.approx(np.hypot(SHARED_M, OWN_M / 6**0.5), rel=0.01)
    assert kept.ground == ground


def test_the_sights_weights_give_the_place_again_by_hand_and_the_one_left_out_has_none() -> None:
    members = sights([3.0, -4.0, 1.0, 0.0, 400.0])
    _, kept = fused_attribution("A-1", members, [], Registry(), CONTEXT)
    by_id = {o.id: o.ground for o in members}
    assert {s.observation_id for s in kept.sights} == set(by_id)
    weights = {s.observation_id: np.array(s.weight).reshape(2, 2) for s in kept.sights}
    left_out = [s.observation_id for s in kept.sights if not s.kept]
    assert left_out == [members[4].id] and not weights[members[4].id].any()
    assert sum(weights.values()) == pytest.approx(np.eye(2), abs=1e-5)
    near = sum(w @ (by_id[i].x_m - 633000.0, by_id[i].y_m - 3459000.0) for i, w in weights.items())
    assert near == pytest.approx((kept.ground.x_m - 633000.0, kept.ground.y_m - 3459000.0), abs=0.01)


def test_the_fused_place_tells_two_firms_apart_better_than_the_best_single_sight() -> None:
    members = sights([30.0, -6.0, 10.0, -9.0, -12.0, -13.0])
    row, _ = fused_attribution("A-1", members, [], Registry(), CONTEXT)
    one, alone = fused_attribution("A-1", members[:1], [], Registry(), CONTEXT)
    assert alone.sights == (FusedSight(members[0].id, True, (1.0, 0.0, 0.0, 1.0)),)
    odds = [
        {c.id: c.probability for c in answer.attribution.candidates}
        for answer in (row, one)
    ]  # fmt: skip
    assert odds[0]["E0"] > odds[1]["E0"] and odds[0]["E0"] > 2 * odds[0]["E1"]


def test_the_id_is_that_of_the_sights_whatever_their_order_and_changes_with_them() -> None:
    members = sights([3.0, -4.0, 1.0])
    ids = [
        fused_attribution("A-1", some, answers, Registry(), CONTEXT)[0].id
        for some, answers in (
            (members, ["a", "b"]), (members[::-1], ["b", "a"]), (members[:2], ["a", "b"]), (members, ["a", "c"]),
        )
    ]  # fmt: skip
    assert ids[0] == ids[1] and len(set(ids)) == 3


def test_in_simulated_flights_the_fused_ellipse_holds_the_truth() -> None:
    """Errors of the thing's sights drawn as they are stated, 2 to 8 of them: 95 % hold, and no ellipse is too small."""
    rng, held, trials = np.random.default_rng(12), 0, 400
    for _ in range(trials):
        common = rng.normal(0, SHARED_M, 2)
        members = [
            replace(o, ground=place(*(common + rng.normal(0, OWN_M, 2)), sigma_m=float(np.hypot(OWN_M, SHARED_M))))
            for o in sights([0.0] * int(rng.integers(2, 9)))
        ]
        ground, _ = fused_sights(members, best_of(members))
        assert ground.sigma_minor_m >= SHARED_M - 1e-3
        miss = np.array([ground.x_m - 633000.0, ground.y_m - 3459000.0])
        cover = np.array([[ground.cov_xx_m2, ground.cov_xy_m2], [ground.cov_xy_m2, ground.cov_yy_m2]])
        held += bool(miss @ np.linalg.solve(cover, miss) <= 5.9915)
    assert 0.92 <= held / trials <= 0.985
