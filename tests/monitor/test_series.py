"""Means by arrays are those of the law's plain reference, and those of pandas."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.validity import Minute, begin_of_day, day_mean
from enforcement.validity import means as reference
from pipelines.monitor.series import day_means, means, minutes_of
from tests.monitor.making import DAY

COUNTING = frozenset({"N", ""})
VALUE = st.floats(0, 99, allow_nan=False).map(lambda x: round(x, 4)) | st.just(float("nan"))
SAID = st.tuples(st.integers(0, 2), st.integers(-20, 1460), VALUE, st.sampled_from(["N", "", "M", "D"]))


def both(rows: list[tuple[int, int, float, str]], long: int, length: int, least: int):  # type: ignore[no-untyped-def]
    series, minute, value, flag = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    grid, bare = minutes_of(
        np.array(series, np.int64), np.array(minute, np.int64), np.array(value, float), np.array(flag, object), count=3,
        long=np.full(len(rows), long), counting=COUNTING,
    )  # fmt: skip
    plain = [
        reference(
            [Minute(begin_of_day(DAY) + timedelta(minutes=m), v, f, long) for s, m, v, f in rows if s == k],
            DAY, length, least=least, counting=COUNTING,
        )
        for k in range(3)
    ]  # fmt: skip
    return means(grid, bare, length, least), plain


@settings(max_examples=60)
@given(rows=st.lists(SAID, max_size=300), shape=st.sampled_from([(1, 15, 12), (1, 60, 45), (15, 15, 12), (5, 60, 1)]))
def test_arrays_and_reference_agree(rows: list[tuple[int, int, float, str]], shape: tuple[int, int, int]) -> None:
    found, plain = both(rows, *shape)
    for k, held in enumerate(plain):
        wanted = [np.nan if mean.value is None else mean.value for mean in held]
        assert np.allclose(found.value[k], wanted, rtol=0, atol=1.1e-9, equal_nan=True)
        assert found.valid[k].tolist() == [mean.valid for mean in held]
        assert found.without_flag[k].tolist() == [mean.without_flag for mean in held]
    days = day_means(found, 2)
    for k, held in enumerate(plain):
        day = day_mean(held, least=2)
        assert np.isclose(days.value[k, 0], np.nan if day.value is None else day.value, atol=1.1e-9, equal_nan=True)
        assert days.valid[k, 0] == day.valid


def test_a_year_of_minutes_gives_what_pandas_gives() -> None:
    rng = np.random.default_rng(3)
    start = pd.Timestamp("2026-11-24")
    index = pd.date_range(start, periods=1440, freq="min")
    value = rng.gamma(2, 0.3, 1440).round(4)
    value[rng.uniform(size=1440) < 0.15] = np.nan
    frame = pd.Series(value, index)
    grouped = frame.resample("15min")
    wanted = grouped.mean().where(grouped.count() >= 12)
    grid = value[None]
    found = means(grid, np.zeros(grid.shape, bool), 15, 12)
    assert np.allclose(found.value[0], wanted.to_numpy(), atol=1.1e-9, equal_nan=True)
    assert 20 < np.isnan(wanted).sum() < 96


@pytest.mark.parametrize("value", [0.1, 1.0, 2.0, 1.005, 0.07])
def test_a_mean_of_equal_values_is_that_value(value: float) -> None:
    grid = np.full((1, 1440), value)
    assert (means(grid, np.zeros(grid.shape, bool), 15, 12).value == value).all()


def test_periods_that_do_not_fill_a_day_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fill a day"):
        means(np.zeros((1, 1440)), np.zeros((1, 1440), bool), 7, 1)
