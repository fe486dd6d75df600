"""Alerts: the same thing seen again joins, a new thing is raised, and each says why and what else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import numpy as np
import pytest

from geo.crs import unproject
from pipelines.alert import AlertWork, Gathered, ObservationToAlert, OpenAlert, mahalanobis_squared, run
from pipelines.records import Done, FrameDetection, GroundEllipse, Observation, Refused, Status
from pipelines.settings import AlertSettings
from pipelines.wording import say

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def place(x_m: float, y_m: float = 0.0, sigma_m: float = 5.0) -> GroundEllipse:
    x, y = 633000.0 + x_m, 3459000.0 + y_m
    lon, lat = unproject(np.array([[x, y]]), "EPSG:4549")[0]
    s2 = sigma_m**2
    return GroundEllipse(float(lon), float(lat), 0.0, "EPSG:4549", x, y, s2, 0.0, s2, sigma_m, sigma_m, 0.0)


def seen(
    name: str,
    ground: GroundEllipse | None,
    *,
    label: str = "dust_plume",
    hours: float = 0.0,
    vehicles: Sequence[GroundEllipse] = (),
) -> ObservationToAlert:
    observation = Observation(
        f"ob-{name}", f"de-{name}", f"fr-{name}", "F", label, 0.6, None, Status.OK if ground else Status.REFUSED,
        None if ground else "above_horizon", ground, 0.03, NOON + timedelta(hours=hours), AS_OF,
    )  # fmt: skip
    detection = FrameDetection(f"de-{name}", f"fr-{name}", label, (0, 0, 9, 9), 0.6, None, {}, "m", "0" * 64)
    return ObservationToAlert(observation, detection, tuple(vehicles))


def gathered(*observations: ObservationToAlert, open_alerts: Sequence[OpenAlert] = ()) -> list[Gathered]:
    work = AlertWork(tuple(observations), tuple(open_alerts))
    return [o.result for o in run([work], as_of=AS_OF, run_id="r", settings=AlertSettings()) if isinstance(o, Done)]


def test_the_same_plume_in_three_frames_is_one_alert_at_the_fused_place() -> None:
    """Weights 1/25, 1/9, 1/25 by hand: x = (0/25 + 8/9 − 6/25) / (1/25 + 1/9 + 1/25)."""
    (thing,) = gathered(seen("a", place(0)), seen("b", place(8, sigma_m=3.0)), seen("c", place(-6)))
    assert thing.raised is not None
    assert set(thing.observation_ids) == {"ob-a", "ob-b", "ob-c"}
    assert thing.raised.ground.x_m - 633000.0 == pytest.approx((8 / 9 - 6 / 25) / (2 / 25 + 1 / 9), abs=1e-3)
    why = {r.code: dict(r.values) for r in thing.raised.why}
    assert why["seen_in_frames"] == {"frames": 3}
    assert why["placed_from_sights"] == {"frames": 3, "left_out": 0}
    assert why["placed_within"]["sigma_major_m"] == round(thing.raised.ground.sigma_major_m, 1)


def test_sights_that_do_not_say_what_they_share_count_as_wholly_alike() -> None:
    """Five such sights of 5 m are no better than one of 5 m."""
    (thing,) = gathered(*(seen(name, place(0)) for name in "abcde"))
    assert thing.raised is not None
    assert thing.raised.ground.sigma_major_m == pytest.approx(5.0, rel=1e-3)


def test_sights_with_errors_of_their_own_place_a_thing_better_than_one_but_not_beyond_what_they_share() -> None:
    """Own variance 9 of 25, shared 16: five sights leave 16 + 9/5."""
    shared = tuple(tuple(4.0 if k == axis else 0.0 for k in range(11)) for axis in range(2))
    many = [seen(name, place(0)) for name in "abcde"]
    told = [replace(m, observation=replace(m.observation, shared=shared)) for m in many]
    (thing,) = gathered(*told)
    assert thing.raised is not None
    assert thing.raised.ground.sigma_major_m == pytest.approx((16 + 9 / 5) ** 0.5, rel=1e-3)


def test_one_sight_alone_is_its_own_place_and_claims_no_fusion() -> None:
    (thing,) = gathered(seen("a", place(3)))
    assert thing.raised is not None
    assert thing.raised.ground == place(3)
    assert "placed_from_sights" not in {r.code for r in thing.raised.why}


def test_order_of_arrival_changes_nothing() -> None:
    three = [seen("a", place(0)), seen("b", place(8), hours=1), seen("c", place(300), hours=2)]
    answers = {tuple(sorted(g.observation_ids for g in gathered(*order))) for order in permutations(three)}
    assert answers == {(("ob-a", "ob-b"), ("ob-c",))}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (seen("b", place(400)), "far away"),
        (seen("b", place(0), label="discharge"), "another kind"),
        (seen("b", place(0), hours=73.0), "too long after"),
    ],
)
def test_what_is_not_the_same_thing_raises_its_own_alert(other: ObservationToAlert, why: str) -> None:
    assert len(gathered(seen("a", place(0)), other)) == 2, why


def test_an_observation_joins_the_alert_that_is_there_and_raises_none() -> None:
    there = OpenAlert("A-old", "dust_plume", place(0), NOON)
    (thing,) = gathered(seen("a", place(5)), open_alerts=[there])
    assert (thing.alert_id, thing.raised) == ("A-old", None)


def test_an_observation_without_a_place_is_refused_and_the_others_go_on() -> None:
    work = AlertWork((seen("a", None), seen("b", place(0))), ())
    outcomes = list(run([work], as_of=AS_OF, run_id="r", settings=AlertSettings()))
    assert [type(o) for o in outcomes] == [Refused, Done]


def test_a_vehicle_near_the_plume_is_named_as_another_cause_and_a_far_one_is_not() -> None:
    (near,) = gathered(seen("a", place(0), vehicles=[place(10)]))
    (far,) = gathered(seen("a", place(0), vehicles=[place(90)]))
    assert near.raised is not None and far.raised is not None
    assert "could_be_passing_vehicle" in {r.code for r in near.raised.alternatives}
    assert "could_be_passing_vehicle" not in {r.code for r in far.raised.alternatives}


def test_every_reason_of_an_alert_has_its_sentence_in_both_languages() -> None:
    for label in AlertSettings().labels:
        (thing,) = gathered(seen("a", place(0), label=label, vehicles=[place(1)]))
        assert thing.raised is not None
        for reason in (*thing.raised.why, *thing.raised.alternatives):
            assert say(reason.code, reason.values, "zh") and say(reason.code, reason.values, "en")


def test_distance_in_units_of_the_ellipses_agrees_with_a_hand_calculation() -> None:
    """10 m apart along x; variances 25 + 25 + 2·100 = 250 m²: 100 / 250."""
    assert mahalanobis_squared(place(0), place(10), 10.0) == pytest.approx(0.4, rel=1e-9)


def test_places_in_two_coordinate_systems_are_compared_on_the_ground() -> None:
    here = place(0)
    lon, lat = here.lon, here.lat
    from geo.crs import project

    x, y = project(np.array([[lon, lat]]), "EPSG:32651")[0]
    there = GroundEllipse(lon, lat, 0.0, "EPSG:32651", float(x), float(y), 25.0, 0.0, 25.0, 5.0, 5.0, 0.0)
    assert mahalanobis_squared(here, there, 10.0) == pytest.approx(0.0, abs=1e-6)
