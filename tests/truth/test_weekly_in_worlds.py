"""The weekly list in the four worlds: better than chance where something can be known, no claim where not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from data_samples.worlds.behaviour import CLASSES, WEEKS, World, monday, world
from data_samples.worlds.seen import FINDING_LAG, known, lift, running
from enforcement import policy as law
from enforcement.weekly import plan_week
from enforcement.weekly_score import FirmFacts, score_of

TARGETS = 24
JUDGED = range(16, WEEKS, 2)


def facts_of(one: World, week: int) -> list[FirmFacts]:
    """What the list is made of, cut before the week."""
    table, on = known(one, week), monday(week)
    found = []
    for k, row in enumerate(table):
        visits = np.flatnonzero(one.visited[: max(0, week - FINDING_LAG), k])
        last = monday(int(visits[-1])) + timedelta(days=2) if len(visits) else None
        found.append(
            FirmFacts(f"firm-{k:04d}", f"示例 {k}", CLASSES[one.firms.credit[k]], False, last_inspection_on=last,
                      violations=int(row[3]), complaints=int(row[4]), confirmed=int(row[5]))
        )  # fmt: skip
        assert last is None or last < on
    return found


def lifts(name: str, seed: int) -> np.ndarray:
    rules, one, found = law.load(), world(name, seed), []
    for week in JUDGED:
        scores = np.array([score_of(f, policy=rules, on=monday(week))[0] for f in facts_of(one, week)])
        runs = running(one, week)
        found.append(lift(scores[runs], one.offending[week][runs], TARGETS))
    return np.array(found)


@pytest.mark.parametrize(("name", "low", "high"), [("signal", 1.8, 6.0), ("weak", 0.9, 2.2), ("none", 0.75, 1.25)])
def test_lift_of_the_list_over_chance(name: str, low: float, high: float) -> None:
    """Of 24 targets a week in 18 weeks and two years: chance gives 1, with a standard error of about 0.09."""
    mean = float(np.mean([lifts(name, seed) for seed in (11, 12)]))
    print(f"\n{name}: lift {mean:.2f}")
    assert low < mean < high


def test_the_list_claims_no_probability_where_nothing_stands_behind_it() -> None:
    one = world("none", 13, firms=80, visits=10, by_chance=3)
    facts = facts_of(one, 40)
    targets, _ = plan_week(facts, targets=10, seed=3, policy=law.load(), on=monday(40))
    assert len(targets) == 10
    assert all(target.probability is None for target in targets)
    assert sum(target.propensity is not None for target in targets) >= 1
