"""The four worlds: in three something can be known, in one nothing; what is known of a week is from before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from data_samples.worlds.behaviour import BASE_SHARE, CHEATS, OFFENDS, STOPPED, WEEKS, WORLDS, World, monday, world
from data_samples.worlds.seen import NAMES, auc, known, lift, running

SEEDS = (1, 2, 3)
HALF = WEEKS // 2


@pytest.fixture(scope="module")
def held() -> dict[str, list[World]]:
    return {name: [world(name, seed) for seed in SEEDS] for name in WORLDS}


def table(one: World, weeks: range) -> tuple[np.ndarray, np.ndarray]:
    rows = [(known(one, k)[running(one, k)], one.offending[k][running(one, k)]) for k in weeks]
    return np.vstack([x for x, _ in rows]), np.concatenate([y for _, y in rows])


def learnt(one: World, learn: range, judge: range) -> float:
    """AUC of a logistic regression (ridge 0.003) learnt on some weeks and judged on later ones."""
    x, y = table(one, learn)
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z, sign = (x - middle) / spread, np.where(y, 1.0, -1.0)

    def loss(w: np.ndarray) -> float:
        return float(np.logaddexp(0, -sign * (z @ w[1:] + w[0])).mean() + 0.003 * w[1:] @ w[1:])

    weights = optimize.minimize(loss, np.zeros(z.shape[1] + 1), method="BFGS").x
    x, y = table(one, judge)
    return auc((x - middle) / spread @ weights[1:], y)


def test_auc_equals_that_of_another_library_and_lift_is_by_hand() -> None:
    rng = np.random.default_rng(1)
    score, truth = rng.integers(0, 5, 300).astype(float), rng.uniform(size=300) < 0.3
    u = stats.mannwhitneyu(score[truth], score[~truth]).statistic
    assert auc(score, truth) == pytest.approx(u / truth.sum() / (~truth).sum())
    assert lift(np.array([3.0, 2.0, 1.0, 0.0]), np.array([True, False, False, False]), 1) == pytest.approx(4.0)
    assert lift(np.zeros(10), np.arange(10) < 2, 5) == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_every_world_has_offenders_cheats_and_firms_that_stop(name: str, held: dict[str, list[World]]) -> None:
    for one in held[name]:
        assert one.offending.mean() == pytest.approx(BASE_SHARE, abs=0.03)
        assert {OFFENDS, CHEATS, STOPPED} <= set(np.unique(one.state))
        assert (one.visited.sum(axis=1) >= 16).all()
        assert (one.by_chance.sum(axis=1) == 8).all()
        assert not (one.found & ~one.offending).any()
        assert not (one.exceeded[:, ~one.firms.monitored]).any()
        stopped = one.state == STOPPED
        assert (stopped[1:] >= stopped[:-1]).all()
        assert not one.complaints[stopped].any()
    assert monday(0).isoformat() == "2025-11-24"
    assert monday(51).isoformat() == "2026-11-16"


def test_who_is_found_mends_more_often_than_who_is_not(held: dict[str, list[World]]) -> None:
    stops: dict[bool, list[bool]] = {True: [], False: []}
    for one in held["signal"]:
        for week in range(WEEKS - 1):
            for firm in np.flatnonzero(one.offending[week]):
                stops[bool(one.found[week, firm])].append(not one.offending[week + 1, firm])
    assert np.mean(stops[True]) > np.mean(stops[False]) + 0.4


def test_with_a_signal_something_can_be_learnt_and_with_a_weak_one_less(held: dict[str, list[World]]) -> None:
    learn, judge = range(10, HALF), range(HALF + 3, WEEKS)
    signal, weak = (np.mean([learnt(one, learn, judge) for one in held[name]]) for name in ("signal", "weak"))
    assert signal > 0.75
    assert 0.53 < weak < signal - 0.1


def test_what_was_learnt_misleads_after_the_drift(held: dict[str, list[World]]) -> None:
    same = [learnt(one, range(6, 16), range(19, HALF)) for one in held["drifted"]]
    after = [learnt(one, range(6, HALF), range(HALF + 3, WEEKS)) for one in held["drifted"]]
    assert np.mean(same) > 0.72
    assert np.mean(after) < np.mean(same) - 0.08
    credit = [np.mean([auc(one.firms.credit.astype(float), one.offending[k]) for k in range(30, WEEKS)])
              for one in held["drifted"]]  # fmt: skip
    assert max(credit) < 0.4


def test_where_there_is_nothing_no_method_beats_chance(held: dict[str, list[World]]) -> None:
    """Each thing that is known alone, and all of it together, within three standard errors of one half."""
    for one in held["none"]:
        x, y = table(one, range(HALF, WEEKS))
        error = np.sqrt((1 / y.sum() + 1 / (~y).sum()) / 12)
        for k, name in enumerate(NAMES):
            assert abs(auc(x[:, k], y) - 0.5) < 3.3 * error, name
        assert abs(learnt(one, range(4, HALF - 3), range(HALF, WEEKS)) - 0.5) < 3.3 * error


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_what_happens_later_changes_nothing_that_is_known(name: str) -> None:
    one, week = world(name, 4, firms=80, visits=10, by_chance=3), 20
    later = {field: getattr(one, field).copy() for field in ("visited", "found", "complaints", "alerts", "exceeded")}
    for values in later.values():
        values[week:] = 1
    assert np.array_equal(known(replace(one, **later), week), known(one, week))


def test_a_world_is_a_function_of_its_name_and_seed() -> None:
    once, again, other = (world("signal", seed, firms=60, visits=8, by_chance=3) for seed in (5, 5, 6))
    assert np.array_equal(once.state, again.state)
    assert not np.array_equal(once.state, other.state)
    twin = world("none", 5, firms=60, visits=8, by_chance=3)
    assert np.array_equal(once.firms.credit, twin.firms.credit)
    with pytest.raises(ValueError, match="none of signal"):
        world("calm", 1)
