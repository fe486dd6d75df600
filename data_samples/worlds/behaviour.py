"""How firms behave over 52 weeks: they keep to the law, offend, cheat, mend, stop. What is known of it is in `seen`.

Four worlds with one machine and other constants:

- `signal`: what can be known of a firm says much of whether it offends.
- `weak`: it says little.
- `drifted`: as `signal` for half a year; then other trades offend, and what was learnt misleads.
- `none`: every firm offends or not anew each week, whatever it is and whatever happened. No method can beat chance
  there, and one that says that it does is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

WORLDS = ("signal", "weak", "drifted", "none")
WEEKS = 52
FIRST_MONDAY = date(2025, 11, 24)
"""52 weeks later is the Monday before the sample's last instant."""
LAWFUL, OFFENDS, CHEATS, STOPPED = range(4)
TRADES = ("plating", "dyeing", "concrete", "building", "food", "repair", "printing", "other")
BASE_SHARE = 0.12
"""About so many firms offend in any week, in every world."""
CLASSES = ("green", "blue", "yellow", "red")
STRENGTH = {"signal": 1.0, "weak": 0.25, "drifted": 1.0, "none": 0.0}
PERSISTENT = {"signal": 0.86, "weak": 0.6, "drifted": 0.86, "none": 0.0}
"""Share of offenders that go on next week if nobody comes; in `none` each week is drawn anew."""
MENDS_WHEN_FOUND = 0.8
CHEAT_SHARE = 0.25
"""Of the offenders that have a monitor or fear a visit, so many hide it: visits and monitors then see less."""
STOPS_A_WEEK = 0.0008


@dataclass(frozen=True)
class Firms:
    """What firms are, (n,) each: trade, size 0 to 2, credit class 0 green to 3 red, whether they have a monitor."""

    trade: IntArray
    size: IntArray
    credit: IntArray
    monitored: Mask
    hidden: FloatArray

    def __len__(self) -> int:
        """How many."""
        return len(self.trade)


@dataclass(frozen=True)
class World:
    """Everything, known or not. Arrays over weeks and firms are (52, n).

    Attributes:
        name: one of `WORLDS`.
        seed: what it is a function of.
        firms: what they are.
        state: `LAWFUL`, `OFFENDS`, `CHEATS` or `STOPPED`, at the beginning of each week.
        visited: whether an inspector came in that week.
        by_chance: whether because of the random arm, where every firm had the same propensity.
        found: whether the visit found it.
        complaints: how many came.
        alerts: how many drone alerts about it were confirmed.
        exceeded: how many days its monitor reported over a limit.
        propensity: of the random arm in each week.
    """

    name: str
    seed: int
    firms: Firms
    state: IntArray
    visited: Mask
    by_chance: Mask
    found: Mask
    complaints: IntArray
    alerts: IntArray
    exceeded: IntArray
    propensity: float

    @property
    def offending(self) -> Mask:
        """What is true: it breaks the law in that week, hidden or not."""
        return (self.state == OFFENDS) | (self.state == CHEATS)


def monday(week: int) -> date:
    """The Monday of a week, 0 to 51."""
    return FIRST_MONDAY + timedelta(weeks=week)


def world(name: str, seed: int, firms: int = 400, visits: int = 24, by_chance: int = 8) -> World:
    """Play 52 weeks.

    Args:
        name: one of `WORLDS`.
        seed: the same seed gives the same firms in every world.
        firms: how many.
        visits: a week; all but `by_chance` go where most was found and complained of in the last 26 weeks.
        by_chance: visits a week drawn from all firms that still run.

    Raises:
        ValueError: no such world.
    """
    if name not in WORLDS:
        raise ValueError(f"{name!r} is none of {', '.join(WORLDS)}")
    who = _firms(np.random.default_rng([seed, 51]), firms)
    rng = np.random.default_rng([seed, 52, WORLDS.index(name)])
    held = _Held(np.zeros((WEEKS, firms), np.int64))
    state = np.where(rng.uniform(size=firms) < _share(name, who, 0), OFFENDS, LAWFUL)
    for week in range(WEEKS):
        held.state[week] = state
        _seen_in(held, week, who, name, rng)
        _visits(held, week, visits, by_chance, rng)
        state = _next(held, week, who, name, rng)
    return World(
        name, seed, who, held.state, held.visited, held.by_chance, held.found, held.complaints, held.alerts,
        held.exceeded, by_chance / firms,
    )  # fmt: skip


class _Held:
    """What is being filled week by week."""

    def __init__(self, blank: IntArray) -> None:
        self.state, self.complaints, self.alerts, self.exceeded = (blank.copy() for _ in range(4))
        self.visited, self.by_chance, self.found = (blank.astype(bool) for _ in range(3))


def _firms(rng: np.random.Generator, n: int) -> Firms:
    trade = rng.integers(len(TRADES), size=n)
    hidden = rng.normal(size=n)
    credit = np.clip(np.round(1.1 + 0.7 * hidden + 0.5 * rng.normal(size=n)), 0, 3).astype(np.int64)
    return Firms(trade, rng.integers(3, size=n), credit, rng.uniform(size=n) < 0.35, hidden)


def _share(name: str, who: Firms, week: int) -> FloatArray:
    """The chance (n,) that a firm offends in the long run; the mean over firms is about `BASE_SHARE` in every world."""
    if name == "none":
        return np.full(len(who), BASE_SHARE)
    trade = who.trade if name != "drifted" or week < WEEKS // 2 else (len(TRADES) - 1 - who.trade)
    sign = -1.0 if name == "drifted" and week >= WEEKS // 2 else 1.0
    pull = STRENGTH[name] * (1.1 * sign * who.hidden + 0.35 * (3.5 - trade))
    low, high = -12.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(middle + pull)))).mean() < BASE_SHARE else (low, middle)
    return np.asarray(1 / (1 + np.exp(-(low + pull))), float)


def _next(held: _Held, week: int, who: Firms, name: str, rng: np.random.Generator) -> IntArray:
    state, n = held.state[week], len(who)
    share = _share(name, who, min(week + 1, WEEKS - 1))
    stays = PERSISTENT[name]
    offending = (state == OFFENDS) | (state == CHEATS)
    begins = rng.uniform(size=n) < (share if name == "none" else share * (1 - stays) / np.maximum(1 - share, 0.05))
    goes_on = rng.uniform(size=n) < (share if name == "none" else np.full(n, stays))
    mended = held.found[week] & (rng.uniform(size=n) < MENDS_WHEN_FOUND) & (name != "none")
    offends = np.where(offending, goes_on & ~mended, begins)
    fears = who.monitored | (held.visited[max(0, week - 8) : week + 1].any(axis=0) if name != "none" else False)
    hides = offends & fears & (rng.uniform(size=n) < CHEAT_SHARE)
    hides |= offends & (state == CHEATS)
    found = np.where(hides, CHEATS, np.where(offends, OFFENDS, LAWFUL))
    return np.where((state == STOPPED) | (rng.uniform(size=n) < STOPS_A_WEEK), STOPPED, found)


def _seen_in(held: _Held, week: int, who: Firms, name: str, rng: np.random.Generator) -> None:
    """Complaints, alerts, exceedances of a week. In `none` they come from anywhere, and say nothing."""
    state, n = held.state[week], len(who)
    open_, hidden = (state == OFFENDS).astype(float), (state == CHEATS).astype(float)
    rates = {"complaints": (0.02, 0.30, 0.22), "alerts": (0.004, 0.12, 0.06), "exceeded": (0.02, 0.60, 0.03)}
    for word, (always, when_open, when_hidden) in rates.items():
        told = STRENGTH[name] * (when_open * open_ + when_hidden * hidden)
        usual = always + (1 - STRENGTH[name]) * BASE_SHARE * when_open
        count = rng.poisson((usual + told) * (state != STOPPED), n)
        getattr(held, word)[week] = count if word != "exceeded" else count * who.monitored


def _visits(held: _Held, week: int, visits: int, by_chance: int, rng: np.random.Generator) -> None:
    running = held.state[week] != STOPPED
    since = max(0, week - 26)
    known = 3 * held.found[since:week].sum(axis=0) + held.complaints[since:week].sum(axis=0)
    order = np.lexsort((rng.uniform(size=len(running)), -known * running, ~running))
    chosen = order[: visits - by_chance]
    left = np.flatnonzero(running)
    drawn = rng.choice(left, by_chance, replace=False)
    held.visited[week, chosen] = held.visited[week, drawn] = True
    held.by_chance[week, drawn] = True
    sees = np.select([held.state[week] == OFFENDS, held.state[week] == CHEATS], [0.9, 0.45], 0.0)
    held.found[week] = held.visited[week] & (rng.uniform(size=len(running)) < sees)
