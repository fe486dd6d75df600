"""Windows cover everything, overlap enough, and say which boxes they cut."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BadShape
from models.vision.windows import Window, cut_by, windows_over


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(1, 900), st.integers(1, 900), st.integers(16, 400), st.floats(0, 0.9))
def test_windows_cover_every_pixel_stay_inside_and_overlap_as_asked(width, height, side, overlap):
    windows = windows_over(width, height, side, overlap)
    seen = np.zeros((height, width), bool)
    for w in windows:
        assert 0 <= w.u0 < w.u1 <= width and 0 <= w.v0 < w.v1 <= height
        assert (w.u1 - w.u0, w.v1 - w.v0) == (min(side, width), min(side, height))
        seen[w.v0 : w.v1, w.u0 : w.u1] = True
    assert seen.all()
    columns = sorted({w.u0 for w in windows})
    assert all(b - a <= max(1, side * (1 - overlap)) + 1 for a, b in itertools.pairwise(columns))


def test_a_picture_smaller_than_a_window_is_one_window():
    assert windows_over(300, 200, 640, 0.2) == [Window(0, 0, 300, 200)]


def test_only_inner_edges_cut():
    window = Window(0, 100, 640, 740)  # left edge is the picture's own
    box = np.array([[0, 200, 50, 250], [600, 200, 639, 250], [100, 101, 150, 150], [100, 200, 150, 250]], float)
    assert cut_by(window, box, 2000, 2000).tolist() == [False, True, True, False]


def test_nonsense_is_refused():
    with pytest.raises(BadShape):
        windows_over(100, 100, 50, 0.95)
    with pytest.raises(BadShape):
        windows_over(0, 100, 50, 0.2)
