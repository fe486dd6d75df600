"""Made sightings through the chain, three seeds that nothing was set on; the whole score is `make truth`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import truth_chain
from benchmarks.bench_truth import FIXED_SEEDS
from benchmarks.truth_floors import Floor, below, floors
from benchmarks.worlds import sightings
from data_samples.district.plan import district
from data_samples.renderer.camera import project
from data_samples.renderer.flight import LENS
from data_samples.tally import Judged, Share, lines, tally

EACH = 50


@pytest.fixture(scope="module")
def rows() -> list[Judged]:
    made = [sortie for seed in FIXED_SEEDS for sortie in sightings.sorties(seed, EACH)]
    found = list(truth_chain.answers(made))
    print("\n" + "\n".join(lines(found, ("class",))))
    return found


def test_no_figure_is_surely_below_its_floor(rows: list[Judged]) -> None:
    assert [line for line in below(tally(rows)) if line.startswith("FLOOR")] == []


def test_nearly_every_sortie_gives_an_alert_and_all_classes_occur(rows: list[Judged]) -> None:
    assert 0.95 * 3 * EACH <= len(rows) <= 1.1 * 3 * EACH
    assert {row.group["class"] for row in rows} == set(sightings.LABELS)


def test_a_floor_is_broken_only_by_a_whole_interval() -> None:
    floor = Floor("right_named", 0.95, 0.82, False, "")
    assert not floor.broken(Share(78, 100))
    assert floor.broken(Share(650, 1000))
    assert floor.misses_demand(Share(94, 100))
    assert not floor.misses_demand(Share(96, 100))
    ceiling = Floor("wrong", 0.02, 0.13, True, "")
    assert ceiling.broken(Share(250, 1000))
    assert not ceiling.broken(Share(14, 100))
    assert ceiling.misses_demand(Share(14, 100))


def test_the_demands_are_those_of_the_district_and_no_floor_asks_for_less_than_a_demand_that_is_reached() -> None:
    demanded = {floor.name: floor.demanded for floor in floors()}
    assert demanded == {
        "ellipse_holds": 0.9, "answered": 0.5, "right_named": 0.95, "right_none": 0.8, "wrong": 0.02,
        "wrong_of_true": 0.02,
    }  # fmt: skip
    assert all(f.floor >= f.demanded for f in floors() if f.name in ("ellipse_holds", "answered", "right_none"))


def test_sightings_are_a_function_of_the_seed_and_false_ones_have_no_source() -> None:
    once, again = (list(sightings.sorties(5, 40)) for _ in range(2))
    assert [(s.event, s.boxes, s.claims) for s in once] == [(s.event, s.boxes, s.claims) for s in again]
    assert once != list(sightings.sorties(6, 40))
    false = [s.event for s in once if not s.event.is_true]
    assert false
    assert all(event.source is None and event.enterprise is None for event in false)
    assert not any(not s.event.is_true for s in sightings.sorties(5, 20, false_share=0.0))


def test_a_true_source_is_registered_and_its_thing_stands_on_its_ground_or_at_its_wall() -> None:
    plan = district()
    mouths = {mouth.code: mouth for mouth in plan.mouths if mouth.code}
    sites = {site.code: site for site in plan.sites}
    firms = {firm.uscc for firm in plan.firms}
    seen = set()
    for event in (s.event for s in sightings.sorties(7, 150, false_share=0.0) if s.event.source):
        assert event.source is not None
        seen.add(event.source in sites)
        if event.source in mouths and event.label != "foam":
            assert event.xy == mouths[event.source].xy
        elif event.source in sites:
            low, high = (f(sites[event.source].outline, axis=0) for f in (np.min, np.max))
            assert (low <= event.xy).all()
            assert (high >= event.xy).all()
        elif event.source not in mouths:
            assert event.source in firms
    assert seen == {True, False}


def test_a_box_lies_around_what_is_true_as_the_true_pose_sees_it() -> None:
    checked = 0
    for sortie in sightings.sorties(8, 120):
        if sortie.event.label != "outfall" or not sortie.event.is_true:
            continue
        for shot, box in zip(sortie.shots, sortie.boxes, strict=True):
            if box is not None:
                u, v = project([[*sortie.event.xy, -1.0]], LENS, shot.pose)[0]
                assert box[0] - 8 <= u <= box[2] + 8
                assert box[1] - 8 <= v <= box[3] + 8
                checked += 1
    assert checked >= 10
