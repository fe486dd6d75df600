"""Shares with their intervals, against scipy's and against what the formula promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from enforcement.errors import ShareImpossible
from enforcement.intervals import share


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_the_interval_is_that_of_scipy(pair, level):
    count, of = pair
    seen = share(count, of, level=level)
    told = binomtest(count, of).proportion_ci(confidence_level=level, method="wilson")
    assert (seen.low, seen.high) == pytest.approx((told.low, told.high), abs=1e-9)
    assert seen.low <= seen.value <= seen.high


def test_a_published_interval():
    """Newcombe, Statistics in Medicine 17 (1998) 857, table I: 81 of 263, Wilson without correction."""
    seen = share(81, 263, level=0.95)
    assert (round(seen.low, 4), round(seen.high, 4)) == (0.2553, 0.3662)


def test_of_nothing_there_is_no_share():
    assert (share(0, 0, level=0.95).value, share(0, 0, level=0.95).low) == (None, None)


@pytest.mark.parametrize(("count", "of", "level"), [(2, 1, 0.95), (-1, 1, 0.95), (0, 1, 1.0), (0, 1, 0.0)])
def test_more_than_there_are_is_refused(count, of, level):
    with pytest.raises(ShareImpossible):
        share(count, of, level=level)
