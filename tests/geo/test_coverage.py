"""What a flight saw of the ground, against areas worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import rotate

from geo.coverage import coverage_of, gaps_in_space, gaps_in_time, lines_of, overlaps_of
from geo.errors import ShapeError


def test_two_squares_that_share_a_quarter():
    seen = coverage_of([box(0, 0, 10, 10), box(5, 5, 15, 15)])
    assert seen.area_m2 == pytest.approx(175.0)
    assert seen.twice.area == pytest.approx(25.0)
    assert seen.twice_fraction == pytest.approx(25 / 175)
    assert (seen.holes, seen.parts) == ((), 1)


def test_what_four_pictures_leave_out_in_their_middle_is_a_hole():
    ring = [box(0, 0, 30, 10), box(0, 20, 30, 30), box(0, 0, 10, 30), box(20, 0, 30, 30)]
    seen = coverage_of(ring)
    assert [hole.area for hole in seen.holes] == pytest.approx([100.0])
    assert coverage_of(ring, least_hole_m2=101).holes == ()


def test_pieces_apart_are_counted_and_nothing_is_nothing():
    assert coverage_of([box(0, 0, 1, 1), box(5, 5, 6, 6)]).parts == 2
    empty = coverage_of([])
    assert (empty.area_m2, empty.twice_fraction, empty.parts) == (0.0, 0.0, 0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12)), min_size=1, max_size=8))
def test_areas_agree_with_counting_cells(squares):
    cells = np.zeros((48, 48), int)
    for x, y, side in squares:
        cells[y : y + side, x : x + side] += 1
    seen = coverage_of([box(x, y, x + side, y + side) for x, y, side in squares])
    assert seen.area_m2 == pytest.approx((cells > 0).sum())
    assert seen.twice.area == pytest.approx((cells > 1).sum())


def lawnmower(turn_deg: float = 0.0):
    """Two lines of five pictures, 40 by 30 m: 75 % forward, 60 % side; the second is flown back, half a step off."""
    places = [(0.0, 7.5 * i) for i in range(5)] + [(16.0, 30.0 - 7.5 * i + 3.75) for i in range(5)]
    shapes = [box(x - 20, y - 15, x + 20, y + 15) for x, y in places]
    turned = [rotate(shape, turn_deg, origin=(0, 0)) for shape in shapes]
    at = np.radians(turn_deg)
    turn = np.array([[np.cos(at), -np.sin(at)], [np.sin(at), np.cos(at)]])
    return turned, np.array(places) @ turn.T, np.arange(10) * 2.0


@pytest.mark.parametrize("turn_deg", [0.0, 37.0])
def test_forward_and_side_overlap_of_two_lines_whatever_their_direction(turn_deg):
    found = overlaps_of(*lawnmower(turn_deg))
    assert found.line.tolist() == [0] * 5 + [1] * 5
    assert found.forward[[0, 3, 5]] == pytest.approx([0.75] * 3)
    assert np.isnan(found.forward[[4, 9]]).all()
    assert found.side == pytest.approx(np.full(10, 0.6))


def test_a_single_line_has_no_side_overlap_and_columns_must_match():
    shapes, places, at = lawnmower()
    assert np.isnan(overlaps_of(shapes[:5], places[:5], at[:5]).side).all()
    with pytest.raises(ShapeError):
        overlaps_of(shapes, places[:3], at)


def test_a_long_pause_ends_a_line_and_is_told():
    at = np.array([0.0, 2, 4, 6, 60, 62])
    assert [(gap.before, gap.after, gap.size) for gap in gaps_in_time(at)] == [(3, 4, 54.0)]
    assert lines_of(np.column_stack([np.arange(6) * 10.0, np.zeros(6)]), at).tolist() == [0, 0, 0, 0, 1, 1]
    assert gaps_in_time(np.array([np.nan, 5.0])) == []


def test_pictures_that_do_not_touch_are_a_gap_in_space():
    shapes = [box(0, 0, 10, 10), box(8, 0, 18, 10), box(25, 0, 35, 10)]
    places = np.array([[5.0, 5], [13, 5], [30, 5]])
    found = gaps_in_space(shapes, overlaps_of(shapes, places, np.arange(3.0)))
    assert [(gap.before, gap.after, gap.size) for gap in found] == [(1, 2, 7.0)]


def test_a_footprint_that_crosses_itself_counts_with_both_its_halves():
    """Two triangles of 25 m² that meet at (5, 5); the square at the corner adds the half that lies outside: 2 m²."""
    bowtie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    seen = coverage_of([bowtie, box(0, 0, 2, 2)])
    assert (seen.area_m2, seen.twice.area) == pytest.approx((52.0, 2.0))
