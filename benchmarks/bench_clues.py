"""Clues on the hourly Beijing sites: how often clean weeks give one, and how often injected faults are found.

    python -m benchmarks.bench_clues ../shared/data/stations [--sites fix|report] [--rounds 10]

A round takes 200 series-weeks at random (PM10 of a site and week with the eight weeks before it as its past), spoils
ten of them with one fault each, and keeps what `worth_a_look` lets through at a false discovery rate of 0.1. `fix` are
the three sites that detectors were written on, `report` the other three. Printed: power of each fault, clues a round,
share of false ones. Nothing says that the given weeks are clean: what they hold counts as false.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from models.clues.clue import INNOCENT, Clue, worth_a_look
from models.clues.pairs import gaps_at_work, impossible_ratio, same_values
from models.clues.series import flat_line, little_variance, pressed_under_limit

FIX = ("Aotizhongxin", "Changping", "Dingling")
REPORT = ("Dongsi", "Guanyuan", "Gucheng")
WEEK, PAST = 168, 8 * 168
LIMIT = 150.0
WORK = np.isin(np.arange(24), range(8, 18))
Week = dict[str, np.ndarray]
Rng = np.random.Generator


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stations", type=Path)
    parser.add_argument("--sites", choices=("fix", "report"), default="report")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    sites = [_site(args.stations, name) for name in (FIX if args.sites == "fix" else REPORT)]
    rng = np.random.default_rng(args.seed)
    found: Counter[str] = Counter()
    spoilt: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for _ in range(args.rounds):
        _round(sites, rng, found, spoilt, false)
    print(f"sites {args.sites}, {args.rounds} rounds of 200 series-weeks, ten spoilt in each")
    for fault in FAULTS:
        print(f"  {fault:34s} power {found[fault] / max(spoilt[fault], 1):.2f}  ({found[fault]} of {spoilt[fault]})")
    told = sum(found.values()) + sum(false.values())
    print(f"clues a round {told / args.rounds:.1f}, false {sum(false.values())} of {told}: {dict(false)}")


def _site(folder: Path, name: str) -> Week:
    frame = pd.read_csv(next(folder.glob(f"PRSA_Data_{name}_*.csv")))
    return {code: pd.to_numeric(frame[code], errors="coerce").to_numpy(float) for code in ("PM2.5", "PM10")}


def _round(sites: list[Week], rng: Rng, found: Counter[str], spoilt: Counter[str], false: Counter[str]) -> None:
    faults = dict(zip(rng.choice(200, 10, replace=False).tolist(), rng.choice(list(FAULTS), 10).tolist(), strict=True))
    clues: list[tuple[int, Clue]] = []
    for number in range(200):
        which = int(rng.integers(len(sites)))
        start = int(rng.integers(PAST // 24, len(sites[which]["PM10"]) // 24 - 7)) * 24
        week = _week(sites, which, start)
        if number in faults:
            spoilt[faults[number]] += 1
            FAULTS[faults[number]](week, rng)
        clues += [(number, clue) for clue in _looked(week)]
    kept = {id(c) for c in worth_a_look([c for _, c in clues], dict.fromkeys(INNOCENT, 200), false_share=0.1)}
    for number, clue in clues:
        if id(clue) in kept:
            if number in faults and faults[number].startswith(clue.kind):
                found[faults[number]] += 1
            elif number not in faults:
                false[clue.kind] += 1


def _week(sites: list[Week], which: int, start: int) -> Week:
    own, other = sites[which], sites[(which + 1) % len(sites)]
    now, before = slice(start, start + WEEK), slice(start - PAST, start)
    return {
        "value": own["PM10"][now].copy(), "past": own["PM10"][before], "part": own["PM2.5"][now].copy(),
        "part_past": own["PM2.5"][before], "other": other["PM10"][now].copy(),
    }  # fmt: skip


def _looked(week: Week) -> list[Clue]:
    value, past = week["value"], week["past"]
    found = [
        flat_line(value, past), little_variance(value, past, a_day=24), pressed_under_limit(value, past, LIMIT),
        impossible_ratio(week["part"], value, week["part_past"], past, a_day=24), same_values(value, week["other"]),
        gaps_at_work(np.isnan(value).reshape(7, 24), WORK),
    ]  # fmt: skip
    return [clue for clue in found if clue is not None]


def _stuck(hours: int) -> Callable[[Week, Rng], None]:
    def spoil(week: Week, rng: Rng) -> None:
        first = int(rng.integers(0, WEEK - hours))
        known = week["value"][np.isfinite(week["value"])]
        week["value"][first : first + hours] = known[0] if len(known) else 50.0

    return spoil


def _smoothed(week: Week, rng: Rng) -> None:
    filled = pd.Series(week["value"]).interpolate(limit_direction="both").fillna(50.0)
    week["value"][:] = filled.rolling(24, min_periods=1, center=True).mean().round(1)


def _pressed(week: Week, rng: Rng) -> None:
    value = week["value"]
    lifted = value + (LIMIT - np.nanmedian(value)) + rng.normal(0, 10, WEEK)
    week["past"] = week["past"] + (LIMIT - np.nanmedian(week["past"]))
    value[:] = np.where(lifted > LIMIT, LIMIT - rng.uniform(0, 0.08, WEEK) * LIMIT, lifted).round()


def _swapped(week: Week, rng: Rng) -> None:
    half = slice(0, WEEK // 2)
    week["part"][half] = week["value"][half] * rng.uniform(1.1, 1.4)


def _copied(week: Week, rng: Rng) -> None:
    which = rng.uniform(size=WEEK) < 0.7
    week["value"][which] = week["other"][which]


def _hidden(week: Week, rng: Rng) -> None:
    days = week["value"].reshape(7, 24)
    for day in days:
        first = int(rng.integers(8, 15))
        day[first : first + 3] = np.nan


FAULTS: dict[str, Callable[[Week, Rng], None]] = {
    "flat_line 24 h": _stuck(24),
    "flat_line 12 h": _stuck(12),
    "little_variance, a day's mean": _smoothed,
    "pressed_under_limit, all above it": _pressed,
    "impossible_ratio, half a week": _swapped,
    "same_values, 70 % of a neighbour": _copied,
    "gaps_at_work, 3 h each day": _hidden,
}

if __name__ == "__main__":
    main()
