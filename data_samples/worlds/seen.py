"""What an office knows of a world at the beginning of a week, and whether a ranking beats chance there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_samples.worlds.behaviour import STOPPED, World

FloatArray = NDArray[np.float64]
LOOK_BACK = 26
NAMES = ("credit", "monitored", "visits", "found", "complaints", "alerts", "exceeded", "weeks_since_found")
FINDING_LAG = 2
"""Weeks until a visit's finding is in the books; everything else is there in the week after."""


def known(world: World, week: int) -> FloatArray:
    """What is known of each firm before a week begins: (n, 8), columns as in `NAMES`. Nothing of that week or later."""
    since, until, booked = max(0, week - LOOK_BACK), week, max(0, week - FINDING_LAG)
    found = world.found[:booked]
    ago = np.full(len(world.firms), float(LOOK_BACK))
    for k in range(since, booked):
        ago[found[k]] = week - k
    return np.column_stack(
        [
            world.firms.credit, world.firms.monitored, world.visited[since:booked].sum(axis=0),
            found[since:].sum(axis=0), world.complaints[since:until].sum(axis=0), world.alerts[since:until].sum(axis=0),
            world.exceeded[since:until].sum(axis=0), ago,
        ]
    ).astype(float)  # fmt: skip


def running(world: World, week: int) -> NDArray[np.bool_]:
    """Which firms have not stopped by then, (n,): the registry says so, and only these can be visited."""
    return np.asarray(world.state[week] != STOPPED)


def auc(score: FloatArray, truth: NDArray[np.bool_]) -> float:
    """The chance that one that is true stands above one that is not; ties count half. NaN where there is only one kind.

    Source: Mann and Whitney 1947.
    """
    ranks = _ranks(score)
    yes, no = int(truth.sum()), int((~truth).sum())
    if not yes or not no:
        return float("nan")
    return float((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * no))


def lift(score: FloatArray, truth: NDArray[np.bool_], count: int) -> float:
    """How many times more of the first `count` are true than of all; ties are taken by their mean."""
    ranks = _ranks(-score)
    edge = np.sort(ranks)[count - 1]
    sure, tied = ranks < edge, ranks == edge
    hits = truth[sure].sum() + truth[tied].mean() * (count - int(sure.sum()))
    return float(hits / count / truth.mean()) if truth.any() else float("nan")


def _ranks(score: FloatArray) -> FloatArray:
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    _, which, counts = np.unique(score, return_inverse=True, return_counts=True)
    sums = np.bincount(which, ranks)
    return np.asarray((sums / counts)[which], float)
