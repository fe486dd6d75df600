"""Fusion: never better than what the sights share, robust against a wrong one, and true to simulated flights."""

from __future__ import annotations

import numpy as np
import pytest

from geo.camera import Camera
from geo.errors import ShapeError
from geo.fuse import fuse, shared_of
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import flat
from geo.uncertainty import ERRORS, ellipse_of, root_of
from tests.geo.simulated import FOCAL, World, pose_of_view, view_with

CAMERA = Camera(4000, 3000, FOCAL, FOCAL, 2000.0, 1500.0, (), 0.03, "sensor")
GROUND = flat(0.0, 2.0)
REACH = -2.0 * np.log(0.05)


def sights_of(rng, n):
    """n views of the origin, with the covariance and the shared factors that geo states."""
    views, covers, factors = [], [], []
    while len(views) < n:
        uv = (rng.uniform(300, 3700), rng.uniform(300, 2700))
        view = view_with(uv, 120 * rng.uniform(0.7, 1.3), rng.uniform(0, 360), rng.choice([-90, -60, -45]), 0.0)
        points = pixel_to_ground(np.array([uv]), CAMERA, pose_of_view(view), GROUND)
        if points.ok[0]:
            views.append(view)
            covers.append(points.covariance_m2[0])
            factors.append(shared_of(points, CAMERA, pose_of_view(view), GROUND)[0])
    return views, covers, factors


def held(n, flights, shared, trials, seed=3):
    """Share of simulated flights in which the fused 95 % ellipse holds the truth."""
    rng = np.random.default_rng(seed)
    sets = [sights_of(rng, n) for _ in range(flights)]
    covers = np.array([c for _, cs, _ in sets for c in cs])
    factors = np.array([f for _, _, fs in sets for f in fs])
    names = [f"F{k}" for k in range(flights) for _ in range(n)]
    world = World(np.random.default_rng(seed + 1), trials, shared=shared)
    ground = world.ground()
    places = np.concatenate([world.located(views, ground, world.camera()) for views, _, _ in sets], axis=1)
    inside = 0
    for xy in places:
        found = fuse(xy, covers, factors, names)
        inside += found.xy_m @ np.linalg.solve(found.covariance_m2, found.xy_m) <= REACH
    return inside / trials


@pytest.mark.parametrize(("n", "flights"), [(2, 1), (5, 1), (20, 1), (2, 2), (8, 2)])
@pytest.mark.parametrize("shared", [0.5, 0.8, 0.95])
def test_the_fused_95_percent_ellipse_holds_the_truth_in_90_to_99_percent(n, flights, shared):
    """Student-t errors, a barometer that always overstates, unknown lens, rough ground; 2 to 20 frames a flight."""
    assert 0.90 <= held(n, flights, shared, 600 if n * flights < 16 else 300) <= 0.99


def test_equal_sights_of_one_flight_keep_what_they_share_by_hand():
    """Shared variance 4, own 1: ten sights leave 4 + 1/10; of ten flights (4 + 1)/10."""
    covers, factors = np.tile(5.0 * np.eye(2), (10, 1, 1)), np.tile(2.0 * np.eye(2), (10, 1, 1))
    one = fuse(np.zeros((10, 2)), covers, factors, ["F"] * 10)
    many = fuse(np.zeros((10, 2)), covers, factors, [f"F{k}" for k in range(10)])
    assert one.covariance_m2 == pytest.approx(4.1 * np.eye(2))
    assert many.covariance_m2 == pytest.approx(0.5 * np.eye(2))


def test_what_is_common_to_all_flights_does_not_average_out_over_them():
    covers, factors = np.tile(5.0 * np.eye(2), (10, 1, 1)), np.tile(2.0 * np.eye(2), (10, 1, 1))
    found = fuse(np.zeros((10, 2)), covers, factors, [f"F{k}" for k in range(10)], everywhere=[True, True])
    assert found.covariance_m2 == pytest.approx(4.1 * np.eye(2))


def test_one_sight_is_its_own_answer():
    cover = np.array([[[9.0, 1.0], [1.0, 4.0]]])
    found = fuse(np.array([[3.0, 4.0]]), cover, root_of(cover), ["F"])
    assert found.xy_m == pytest.approx([3.0, 4.0])
    assert found.covariance_m2 == pytest.approx(cover[0])


def test_the_sight_that_contradicts_the_others_is_left_out_and_named():
    rng = np.random.default_rng(7)
    xy = rng.normal(0.0, 1.0, (7, 2))
    xy[2], xy[5] = (60.0, -40.0), (61.0, -40.0)
    found = fuse(xy, np.tile(5.0 * np.eye(2), (7, 1, 1)), np.tile(2.0 * np.eye(2), (7, 1, 1)), ["F"] * 7)
    assert found.rejected == [2, 5]
    assert np.hypot(*found.xy_m) < 2.0


def test_two_sights_that_contradict_each_other_are_both_kept_and_the_ellipse_reaches_both():
    xy = np.array([[0.0, 0.0], [40.0, 0.0]])
    found = fuse(xy, np.tile(5.0 * np.eye(2), (2, 1, 1)), np.tile(2.0 * np.eye(2), (2, 1, 1)), ["F", "F"])
    assert found.rejected == []
    assert found.misfit > 10
    assert ellipse_of(found.covariance_m2[None])[0, 0] * np.sqrt(REACH) > 20.0


def test_order_of_the_sights_changes_nothing():
    rng = np.random.default_rng(5)
    _, covers, factors = sights_of(rng, 6)
    xy, order = rng.normal(0, 3, (6, 2)), rng.permutation(6)
    a = fuse(xy, np.array(covers), np.array(factors), ["F"] * 6)
    b = fuse(xy[order], np.array(covers)[order], np.array(factors)[order], ["F"] * 6)
    assert a.xy_m == pytest.approx(b.xy_m)
    assert a.covariance_m2 == pytest.approx(b.covariance_m2)


def test_the_shared_part_is_never_larger_than_the_whole():
    _, covers, factors = sights_of(np.random.default_rng(2), 12)
    for cover, factor in zip(covers, factors, strict=True):
        assert factor.shape == (2, len(ERRORS))
        assert np.linalg.eigvalsh(cover - factor @ factor.T).min() > 0


def test_refused_pixels_stay_nan_and_lengths_must_agree():
    up = CameraPose("EPSG:4549", 0.0, 0.0, 100.0, 0.0, 10.0, 0.0)
    points = pixel_to_ground(np.array([[2000.0, 100.0]]), CAMERA, up, GROUND)
    assert np.isnan(shared_of(points, CAMERA, up, GROUND)).all()
    with pytest.raises(ShapeError):
        fuse(np.empty((0, 2)), np.empty((0, 2, 2)), np.empty((0, 2, 1)), [])
    with pytest.raises(ShapeError):
        fuse(np.zeros((1, 2)), np.eye(2)[None], np.zeros((1, 2, 3)), ["F"], everywhere=[True])


def test_a_sight_that_says_hardly_anything_does_not_hold_contradictions_together():
    """Four of 2 m agree, one of 2 m lies 60 m off, and one of 80 m agrees with all: the one far off is left out."""
    xy = np.array([[0.0, 0.0], [2.0, 1.0], [-1.0, 2.0], [1.0, -2.0], [60.0, 0.0], [30.0, 10.0]])
    covers = np.array([4.0 * np.eye(2)] * 5 + [6400.0 * np.eye(2)])
    found = fuse(xy, covers, np.sqrt(0.5) * root_of(covers), ["F"] * 6)
    assert found.rejected == [4]
    assert np.hypot(*found.xy_m) < 2.0
