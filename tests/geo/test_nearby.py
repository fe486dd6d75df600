"""Likelihoods at sources: against closed forms and against throwing darts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geo.errors import ShapeError
from geo.nearby import distances_m, gaussian_density, source_likelihoods

PLACE = np.array([633000.0, 3459400.0])
COVARIANCE = np.array([[16.0, 6.0], [6.0, 9.0]])


def around(*corners):
    return Polygon(np.array(corners) + PLACE)


def upper(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def test_density_at_the_mean_and_one_sigma_off():
    found = gaussian_density(np.array([(0.0, 0.0), (3.0, 0.0)]), np.diag([9.0, 4.0]))
    assert found[0] == pytest.approx(1 / (2 * math.pi * 6))
    assert found[1] == pytest.approx(found[0] * math.exp(-0.5))


def test_density_adds_up_to_one():
    x, y = np.meshgrid(np.arange(-40, 40, 0.25), np.arange(-40, 40, 0.25))
    total = gaussian_density(np.column_stack([x.ravel(), y.ravel()]), COVARIANCE).sum() * 0.25**2
    assert total == pytest.approx(1.0, abs=1e-6)


def test_a_covariance_that_is_none_has_no_density():
    assert np.isnan(gaussian_density(np.zeros((1, 2)), np.array([[[1.0, 2.0], [2.0, 1.0]]])))[0]


def test_a_point_source_has_the_density_widened_by_its_spread():
    point = Point(PLACE + np.array([2.0, 1.0]))
    expected = gaussian_density(np.array([(2.0, 1.0)]), COVARIANCE + 25.0 * np.eye(2))[0]
    assert source_likelihoods(PLACE, COVARIANCE, [point], 5.0)[0] == pytest.approx(expected)


def test_a_rectangle_agrees_with_the_closed_form():
    covariance = np.diag([16.0, 9.0])
    rectangle = around((-2, -5), (10, -5), (10, 1), (-2, 1))
    inside = (upper(10 / 4) - upper(-2 / 4)) * (upper(1 / 3) - upper(-5 / 3))
    assert source_likelihoods(PLACE, covariance, [rectangle], 0.0)[0] == pytest.approx(inside / 72.0, rel=1e-9)


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(2, 60), st.floats(0, 3.0))
@settings(max_examples=30, deadline=None)
def test_a_polygon_agrees_with_darts(x, y, size, turn):
    angles = turn + np.linspace(0, 2 * np.pi, 5, endpoint=False)
    star = np.column_stack([np.cos(2 * angles), np.sin(2 * angles)])[np.argsort(np.mod(2 * angles, 2 * np.pi))]
    polygon = Polygon(star * size + (x, y) + PLACE)
    darts = np.random.default_rng(11).multivariate_normal((0.0, 0.0), COVARIANCE, 40_000) + PLACE
    from shapely import contains_xy

    share = contains_xy(polygon, darts[:, 0], darts[:, 1]).mean()
    found = source_likelihoods(PLACE, COVARIANCE, [polygon], 0.0)[0] * polygon.area
    assert found == pytest.approx(share, abs=0.012)


def test_a_hole_and_the_rest_make_the_whole():
    whole, hole = around((-20, -20), (20, -20), (20, 20), (-20, 20)), around((-5, -5), (5, -5), (5, 5), (-5, 5))
    ring = whole.difference(hole)
    inside = source_likelihoods(PLACE, COVARIANCE, [whole, hole, ring], 0.0) * [whole.area, hole.area, ring.area]
    assert inside[1] + inside[2] == pytest.approx(inside[0], abs=1e-12)


def test_two_halves_make_the_whole():
    left, right = around((-9, -9), (0, -9), (0, 9), (-9, 9)), around((0, -9), (9, -9), (9, 9), (0, 9))
    both, whole = MultiPolygon([left, right]), around((-9, -9), (9, -9), (9, 9), (-9, 9))
    found = source_likelihoods(PLACE, COVARIANCE, [both, whole], 3.0)
    assert found[0] == pytest.approx(found[1])


def test_a_large_site_is_not_more_likely_for_being_large():
    small, large = (box(*(PLACE - h), *(PLACE + h)) for h in (10.0, 200.0))
    found = source_likelihoods(PLACE, COVARIANCE, [small, large], 0.0)
    assert found[0] > 100 * found[1]
    assert found[1] == pytest.approx(1 / large.area, rel=1e-6)


def test_a_far_source_and_an_empty_one_have_nothing():
    far = box(*(PLACE + 5000), *(PLACE + 5100))
    assert source_likelihoods(PLACE, COVARIANCE, [far, Polygon(), Point()], 2.0).tolist() == [0.0, 0.0, 0.0]


def test_a_line_is_the_mean_of_its_points():
    line = LineString([PLACE - np.array([30, 0]), PLACE + np.array([30, 0])])
    covariance = np.diag([9.0, 9.0])
    expected = gaussian_density(np.column_stack([np.linspace(-30, 30, 6001), np.zeros(6001)]), covariance).mean()
    assert source_likelihoods(PLACE, covariance, [line], 0.0)[0] == pytest.approx(expected, rel=0.02)


def test_distances_are_metres_and_0_within():
    found = distances_m(
        PLACE, [Point(PLACE + np.array([3, 4])), box(*(PLACE - 5), *(PLACE + 5)), box(*(PLACE + 5), *(PLACE + 9))]
    )
    assert found == pytest.approx([5.0, 0.0, math.hypot(5, 5)])


def test_wrong_shapes_are_refused():
    with pytest.raises(ShapeError):
        source_likelihoods(np.zeros(3), COVARIANCE, [], 1.0)
    with pytest.raises(ShapeError):
        source_likelihoods(PLACE, np.array([[1.0, 2.0], [2.0, 1.0]]), [Point(PLACE)], 0.0)
