"""Judged answers counted, by hand and against scipy."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from data_samples.tally import SIGMAS_SQUARED_95, Judged, Share, by_group, height_band, lines, tally

ROW = Judged({"class": "dust_plume"}, True, "S", "E", 10.0, 1.0, "named", "S", "E")


@pytest.mark.parametrize(("count", "of"), [(0, 5), (3, 7), (560, 704), (20, 20)])
def test_the_interval_is_wilsons(count: int, of: int) -> None:
    low, high = stats.binomtest(count, of).proportion_ci(0.95, "wilson")
    assert Share(count, of).interval == pytest.approx((low, high), abs=1e-6)


def test_of_nothing_there_is_no_share() -> None:
    assert math.isnan(Share(0, 0).value)
    assert str(Share(0, 0)) == "-"


def test_the_ellipse_is_that_of_two_variables() -> None:
    assert pytest.approx(stats.chi2.ppf(0.95, 2)) == SIGMAS_SQUARED_95


@pytest.mark.parametrize(
    ("row", "right", "accuses"),
    [
        (ROW, True, False),
        (replace(ROW, named="E", named_enterprise="E"), True, False),
        (replace(ROW, named="S2", named_enterprise="E"), True, False),
        (replace(ROW, named="S2", named_enterprise="E2"), False, True),
        (replace(ROW, enterprise=None, named="S2", named_enterprise=None), False, True),
        (replace(ROW, source=None, enterprise=None), False, True),
        (replace(ROW, source=None, enterprise=None, answer="none_registered", named=None), True, False),
        (replace(ROW, answer="none_registered", named=None), False, False),
        (replace(ROW, answer="cannot_tell", named=None), False, False),
        (replace(ROW, is_true=False, source=None, enterprise=None), False, True),
        (replace(ROW, is_true=False, source=None, answer="none_registered", named=None), False, False),
    ],
)
def test_what_is_right_and_what_accuses_wrongly(row: Judged, right: bool, accuses: bool) -> None:
    assert (row.right, row.accuses_wrongly) == (right, accuses)


def test_shares_by_hand() -> None:
    """Five alerts about true things: three answered, one name of two right; one false alert names somebody."""
    none = replace(ROW, source=None, enterprise=None, answer="none_registered", named=None)
    silent = replace(ROW, answer="cannot_tell", named=None, apart_m=30.0)
    wrong = replace(ROW, named="X", named_enterprise=None, apart_m=20.0, sigmas_squared=9.0)
    rows = [ROW, none, silent, silent, wrong, replace(ROW, is_true=False, source=None, enterprise=None)]
    told = tally(rows)
    assert told.ellipse_holds == Share(4, 5)
    assert told.answered == Share(3, 5)
    assert told.right_named == Share(1, 3)
    assert told.right_none == Share(1, 1)
    assert told.wrong == Share(2, 4)
    assert told.wrong_of_true == Share(1, 3)
    assert told.median_m == 20.0


def test_the_interval_of_the_median_holds_it_in_95_of_100() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        rows = [replace(ROW, apart_m=float(m)) for m in rng.exponential(size=41)]
        low, high = tally(rows).median_interval_m
        held += low <= math.log(2) <= high
    assert 0.92 <= held / 400 <= 0.995


def test_groups_and_lines() -> None:
    rows = [replace(ROW, group={"class": word}) for word in ("b", "a", "b")]
    assert {word: len(part) for word, part in by_group(rows, "class").items()} == {"a": 1, "b": 2}
    assert [line.split("  ")[0] for line in lines(rows, ("class",))[1:]] == ["all", "class: a", "class: b"]
    assert [height_band(m) for m in (55.0, 70.0, 99.9, 130.0)] == [
        "000 to 70 m", "070 to 100 m", "070 to 100 m", "100 m and more",
    ]  # fmt: skip
