"""Tie points on a picture whose second view is made by a known warp."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from geo.errors import NotAnImage, ShapeError
from geo.tie_points import NO_TIES, TiePoints, features_of, grey_picture, match, thinned, tie_points_of


@pytest.fixture(scope="module")
def views():
    """A rough picture, the same seen turned by 25° and shrunk, and one that shows something else."""
    rng = np.random.default_rng(4)
    field = cv2.GaussianBlur(rng.normal(0, 1, (900, 1200)).astype(np.float32), (0, 0), 3)
    first = cv2.normalize(field, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    warp = cv2.getRotationMatrix2D((600, 450), 25.0, 0.85)
    second = cv2.warpAffine(first, warp, (1200, 900))
    other = cv2.GaussianBlur(rng.normal(0, 1, (900, 1200)).astype(np.float32), (0, 0), 3)
    other = cv2.normalize(other, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    return first, second, other, warp


@pytest.fixture(scope="module")
def features(views):
    """Of the first two views."""
    return features_of(views[0]), features_of(views[1])


@pytest.fixture(scope="module")
def ties(features):
    return tie_points_of(features)


def test_matches_follow_the_known_warp(views, features):
    (_, _, _, warp), (a, b) = views, features
    rows = match(a, b)
    assert len(rows) > 100
    there = (a.uv[rows[:, 0]] - 0.5) @ warp[:, :2].T + warp[:, 2] + 0.5
    miss = np.hypot(*(there - b.uv[rows[:, 1]]).T)
    assert float(np.median(miss)) < 0.5
    assert float(np.quantile(miss, 0.95)) < 2.5


def test_a_reduced_search_gives_pixels_of_the_picture_as_stored(views):
    first, second, _, warp = views
    a, b = features_of(first, long_side_px=600), features_of(second, long_side_px=600)
    rows = match(a, b)
    assert a.scale == 2.0
    there = (a.uv[rows[:, 0]] - 0.5) @ warp[:, :2].T + warp[:, 2] + 0.5
    assert float(np.median(np.hypot(*(there - b.uv[rows[:, 1]]).T))) < 1.0


def test_pictures_of_different_things_share_nothing(views, features):
    both = [features[0], features_of(views[2])]
    assert len(match(*both)) == 0
    assert tie_points_of(both) is NO_TIES


def test_an_empty_picture_has_no_features_and_no_matches(features):
    blank = features_of(np.zeros((400, 500), np.uint8))
    assert len(blank.uv) == 0
    assert len(match(blank, features[0])) == 0


def test_a_spot_is_seen_at_most_once_in_a_picture_and_at_least_twice(views, features):
    ties = tie_points_of([*features, features_of(cv2.flip(views[0], -1))])
    counts = np.bincount(ties.track)
    assert counts.min() >= 2
    assert len(np.unique(np.column_stack([ties.track, ties.frame]), axis=0)) == len(ties)
    assert (counts == 3).sum() > 50
    a, b = ties.sightings_of(0, 2)
    miss = np.hypot(*(a + b - [1200.0, 900.0]).T)
    assert float(np.quantile(miss, 0.99)) < 1.0
    assert miss.max() < 5.0


def test_halves_are_disjoint_and_whole_and_the_same_each_time(ties):
    one, two = ties.halves()
    assert one.tracks + two.tracks == ties.tracks
    assert set(map(tuple, one.uv)) & set(map(tuple, two.uv)) == set()
    assert np.array_equal(one.uv, ties.halves()[0].uv)


def test_thinning_keeps_the_number_and_spreads_over_the_picture(ties):
    few = thinned(ties, 60, [(1200, 900), (1200, 900)])
    assert 40 <= few.tracks <= 60
    assert np.ptp(few.uv[few.frame == 0], axis=0).min() > 400
    assert thinned(ties, 10**6, [(1200, 900), (1200, 900)]) is ties


def test_columns_of_different_lengths_and_files_that_are_no_pictures_are_refused(tmp_path):
    with pytest.raises(ShapeError):
        TiePoints(np.zeros(2, np.intp), np.zeros(1, np.intp), np.zeros((2, 2)), np.zeros(2))
    (tmp_path / "x.jpg").write_bytes(b"no picture")
    with pytest.raises(NotAnImage):
        grey_picture(tmp_path / "x.jpg")
